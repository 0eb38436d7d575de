/**
 * The browser's `Personalizer`: the same interface as the engine itself, with the engine in a dedicated worker, so
 * that neither shader compilation nor WASM ever blocks the page.
 */
import { E2PError } from '../error.ts';
import { checkCreateOptions, WITH_AUTO } from '../generate/create-options.ts';
import type { Personalizer as PersonalizerInterface } from '../generate/personalizer.ts';
import type { CpuWeights } from '../model/cpu-weights.ts';
import { absoluteUrl, folderUrl, type HubOptions } from '../model/hub.ts';
import type { Dtype } from '../model/model-config.ts';
import type { DeviceRequest } from '../runtime/device-choice.ts';
import { checkModelFiles, type ModelFiles } from '../storage/handed-files.ts';
import type { InterruptedLoad, LoadProgress, StoragePlace } from '../storage/load-progress.ts';
import { createPersistence } from '../storage/persistence.ts';
import { recheckLater } from '../storage/weights.ts';
import type { User } from '../user/user.ts';
import { type DriftOptions, readDriftOptions, type UserFit } from '../user/user-fit.ts';
import { createEngine } from './create-engine.ts';
import type { UserHandle } from './load-encoder.ts';
import { openEngine, openLoader, type SealedFiles, wasmUrls } from './open-workers.ts';
import type { PrivacyReport } from './privacy.ts';
import type { WorkerMessage } from './protocol.ts';
import type { Place } from './sealed-frame.ts';
import type { WorkerLink } from './worker-link.ts';
import {
  encoderUrl,
  projectorOf,
  type SharedEngine,
  WorkerPersonalizer,
  workerSessions,
} from './worker-personalizer.ts';

export interface PersonalizerOptions extends SealedFiles {
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
export interface StorageInfo extends StoragePlace {
  /** The browser will not evict them by itself; may become true later, where a browser asks the person. */
  readonly persisted: boolean;
}

/** A model with its projector in a sealed worker, and the one person it writes for. `destroy` it. */
export interface Personalizer extends PersonalizerInterface {
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
export interface WithProjectorOptions
  extends Pick<PersonalizerOptions, 'encoder' | 'onProgress' | 'signal' | 'user' | 'withoutConsent'> {}

const OPTIONS = [
  ...([
    'model',
    'dtype',
    'cpuWeights',
    'device',
    'projector',
    'encoder',
    'hub',
    'manifestSha256',
    'user',
    'onProgress',
  ] as const),
  ...(['withoutConsent', 'evict', 'persist', 'recheck', 'engine', 'loader', 'wasm', 'signal'] as const),
  ...(['drift', 'onDrift'] as const),
];
const DEVICES = ['auto', 'webgpu', 'wasm'];

/** The one way to a personalizer: `create`. */
export const Personalizer = {
  /**
   * Downloads what is not yet on the device, chooses the device and brings the model up.
   * @throws E2PError naming the file and what is wrong with it; the signal's reason on abort.
   */
  async create(given: PersonalizerOptions): Promise<Personalizer> {
    const options = checkCreateOptions(given, OPTIONS, { dtypes: WITH_AUTO, devices: DEVICES });
    const { signal, onProgress, recheck = true } = options;
    // Before anything is downloaded.
    readDriftOptions(options.drift);
    const encoder = encoderUrl(options.encoder, options.hub);
    const params = {
      model:
        typeof options.model === 'string'
          ? folderUrl('the model', options.model, options.hub)
          : checkModelFiles(options.model),
      dtype: options.dtype ?? 'auto',
      device: options.device ?? 'auto',
      projector: options.projector && projectorOf(options.projector),
      manifestSha256: options.manifestSha256,
      evict: options.evict === 'any' ? 'any' : options.evict?.map((url) => absoluteUrl('evict', url)),
      isTraining: false,
      cpuWeights: options.cpuWeights ?? 'auto',
      wasm: wasmUrls(options.wasm),
    } as const;
    const persistence = createPersistence(options.persist ?? true);
    const onMessage = (message: WorkerMessage) => {
      if (message.type !== 'progress') return;
      persistence.onProgress(message.progress);
      onProgress?.(message.progress);
    };
    const links: WorkerLink[] = [];
    try {
      const loader = await openLoader(options.loader);
      links.push(loader);
      const open = (place: Place) => openEngine(place, options.engine);
      const { loaded, link, created } = await createEngine({
        ...{ loader, params, openEngine: open, signal, onMessage },
      });
      links.push(link);
      if (recheck && typeof params.model === 'string') recheckLater(params.model);
      await persistence.look();
      const engine: SharedEngine = {
        ...{ link, loader, params, options, device: created.device, holders: 0 },
        ...{ model: created.model, privacy: created.privacy, onProgress: persistence.onProgress },
        interrupted: loaded.interrupted,
        storage: {
          ...loaded.storage,
          get persisted() {
            return persistence.persisted;
          },
        },
        sessions: workerSessions(link, (now) => {
          engine.device = now;
        }),
      };
      const personalizer = new WorkerPersonalizer(engine, created, encoder);
      if (options.user !== undefined) await personalizer.connect(options.user, options);
      return personalizer;
    } catch (error) {
      for (const link of links)
        link.close(new E2PError('destroyed', 'the personalizer could not be created'));
      throw error;
    }
  },
};
