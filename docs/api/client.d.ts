/// <reference lib="esnext.disposable" />
import { Bt as CpuWeights, Ut as UserHandle$1, Vt as Personalizer$1, d as User, in as DriftOptions, on as UserFit, zt as HubOptions } from "./common-surface.js";
import { b as Dtype } from "./fuse-embeddings.js";
import { i as DeviceRequest, r as PrivacyReport, t as SealedFiles } from "./open-workers.js";
import { t as ModelFiles } from "./handed-files.js";
import { i as StoragePlace, n as LoadProgress, t as InterruptedLoad } from "./load-progress.js";
import "./user-embedding.js";
/** Of `user.describe`. */
interface DescribeOptions {
  /** Of the encoder's files, where they are loaded first. */
  readonly onProgress?: (progress: LoadProgress) => void;
  readonly signal?: AbortSignal;
}
interface UserHandle extends UserHandle$1 {
  /**
   * Sets the user from what a person says about themselves: lines, or a text of several sentences, each of which becomes a vector in
   * the sealed engine. The text itself is dropped there: it enters no prompt and is kept nowhere. With a vault the vectors are kept in
   * it, as `user.embedding.set` keeps them.
   * @throws E2PError `invalid-argument` for no words or more lines than the projector reads; `contract-mismatch` where the encoder is not
   *   the projector's; `consent-required`; those of loading files; what revokes the user meanwhile; the signal's reason on an abort
   */
  describe(text: string | readonly string[], options?: DescribeOptions): Promise<void>;
}
interface PersonalizerOptions extends SealedFiles {
  /**
   * Hub id (`owner/name`), or URL of a folder in the same layout, relative to the page or absolute; or the files of one, which are then
   * not kept on the device by this library.
   */
  readonly model: string | ModelFiles;
  /** Which `onnx/model*.onnx`. Default `auto`: the smallest variant that the device computes well. */
  readonly dtype?: Dtype | 'auto';
  /** Default `auto`: WebGPU where it works, else WASM; `personalizer.device` says which and why. */
  readonly device?: DeviceRequest;
  /**
   * What WASM computes with, where the file has weights of 4 or 8 bits: `int8` turns them into int8 once and keeps them beside the file, and every further
   * token then comes several times sooner; texts may differ from the file's own (`docs/results/int8.md`). Default `auto`: `int8` for models of 16 MiB
   * of weights or more. On a GPU weights are used as they are.
   */
  readonly cpuWeights?: CpuWeights;
  /** URL of a projector file, or the file. Without one, sessions are not personalised. */
  readonly projector?: string | Blob;
  /**
   * Hub id of the sentence encoder for `user.describe`, or URL of its folder; default: the one that the projector's contract names. Its
   * files are loaded and kept like the model's when somebody is first described.
   */
  readonly encoder?: string;
  /** Host, path and revision of a Hub id; default `main` of huggingface.co. The revision is the model's alone. */
  readonly hub?: HubOptions;
  /**
   * Hex SHA-256 of the model folder's `e2p-manifest.json` (`e2p manifest` prints it). With it, no file of the folder is
   * used that was not known when the app was built.
   */
  readonly manifestSha256?: string;
  /**
   * The person's vault (`openUser`). Sessions are personalised by the embedding in it, as long as `personalise` is granted;
   * withdrawing, locking and forgetting reach the engine at once.
   */
  readonly user?: User;
  /** What a session does where `personalise` is not granted: fail with `consent-required` (default) or run unpersonalised. */
  readonly withoutConsent?: 'fail' | 'unpersonalised';
  /**
   * When an embedding counts as unlike those that the projector was trained on, where its file tells of them: unusual ones are
   * told, and personalise less where that is asked for, alien ones not at all (`personalizer.user.fit`, docs/user-data.md). false: every embedding personalises as asked.
   */
  readonly drift?: DriftOptions | false;
  /** Told of each embedding that is unusual or alien, or a leap from the version before. Where it is absent, the console is, once. */
  readonly onDrift?: (fit: UserFit) => void;
  /** Which stored folders may be deleted, the least recently used first, if there is no room. Default none. */
  readonly evict?: readonly string[] | 'any';
  /** Asks the browser not to evict the weights, once a download begins. Default true. Some browsers ask the person. */
  readonly persist?: boolean;
  /** Compares what is stored with its digests afterwards, once a day. Default true. */
  readonly recheck?: boolean;
  /** Stages of the load, with bytes while files come. */
  readonly onProgress?: (progress: LoadProgress) => void;
  readonly signal?: AbortSignal;
}
/** Where the weights are, as seen from the page. */
interface StorageInfo extends StoragePlace {
  /** The browser will not evict them by itself; may become true later, where a browser asks the person. */
  readonly persisted: boolean;
}
/** A model with its projector in a sealed worker, and the one person it writes for. `destroy` it. */
interface Personalizer extends Personalizer$1 {
  readonly user: UserHandle;
  readonly storage: StorageInfo;
  /** That an earlier load of this model ended with its tab, and which precisions are smaller; told once, also as `stage: 'interrupted'`. */
  readonly interrupted: InterruptedLoad | undefined;
  /** Which ways out of the engine worker are shut, by which means, and what is not sealed. */
  readonly privacy: PrivacyReport;
  /**
   * Another personalizer on the same model in memory, with this projector and a user of its own, or connected to a vault: the one of its options,
   * else this personalizer's. Each is destroyed by itself; the workers end with the last of them.
   * @throws E2PError naming the file and what is wrong with it; the signal's reason on abort
   */
  withProjector(projector: string | Blob, options?: WithProjectorOptions): Promise<Personalizer>;
}
/** Of a further projector: its encoder, how its download goes, and whose vault it is connected to, where that is not the first one's. */
interface WithProjectorOptions extends Pick<PersonalizerOptions, 'encoder' | 'onProgress' | 'signal' | 'user' | 'withoutConsent'> {}
/** The one way to a personalizer: `create`. */
declare const Personalizer: {
  /**
   * Downloads what is not yet on the device, chooses the device and brings the model up.
   * @throws E2PError naming the file and what is wrong with it; the signal's reason on abort.
   */
  create(given: PersonalizerOptions): Promise<Personalizer>;
};
export { DescribeOptions as a, WithProjectorOptions as i, PersonalizerOptions as n, UserHandle as o, StorageInfo as r, Personalizer as t };