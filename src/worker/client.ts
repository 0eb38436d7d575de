/**
 * The browser's `Personalizer`: the same interface as the engine itself, with the engine in a dedicated worker, so
 * that neither shader compilation nor WASM ever blocks the page.
 */
import { E2PError, readArgument } from '../error.ts';
import { connectUser, type UserConnection } from '../generate/connect-user.ts';
import { checkCreateOptions, WITH_AUTO } from '../generate/create-options.ts';
import type {
  ModelInfo,
  Personalizer as PersonalizerInterface,
  SessionOptions,
} from '../generate/personalizer.ts';
import { type Session, SessionHandle, type SessionPort } from '../generate/session.ts';
import { createUnpersonalisedWarning } from '../generate/warn-unpersonalised.ts';
import { absoluteUrl, folderUrl, type HubOptions } from '../model/hub.ts';
import type { Dtype } from '../model/model-config.ts';
import type { DeviceRequest } from '../runtime/device-choice.ts';
import type { DeviceChoice } from '../runtime/runtime.ts';
import { checkModelFiles, type ModelFiles } from '../storage/handed-files.ts';
import { createPersistence } from '../storage/persistence.ts';
import { recheckLater } from '../storage/weights.ts';
import type { User } from '../user/user.ts';
import type { EmbeddingInput, EmbeddingSpace } from '../user/user-embedding.ts';
import { anyRevision, createDescriber, type PrepareDescription, type UserHandle } from './load-encoder.ts';
import { openEngine, openLoader, type SealedFiles, wasmUrls } from './open-workers.ts';
import type { PrivacyReport } from './privacy.ts';
import type { LoadProgress, Operations, StoragePlace, WorkerMessage } from './protocol.ts';
import { createUserHandle } from './user-handle.ts';
import { PATIENCE_MS, type WorkerLink } from './worker-link.ts';

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
  /** Which stored folders may be deleted, the least recently used first, if there is no room. Default none. */
  readonly evict?: readonly string[] | 'any';
  /** Asks the browser not to evict the weights, once a download begins. Default true. Some browsers ask the person. */
  readonly persist?: boolean;
  /** Compares what is stored with its digests afterwards, once a day. Default true. */
  readonly recheck?: boolean;
  readonly onProgress?: (progress: LoadProgress) => void;
  readonly signal?: AbortSignal;
}

/** Where the weights are, as seen from the page. */
export interface StorageInfo extends StoragePlace {
  /** The browser will not evict them by itself; may become true later, where a browser asks the person. */
  readonly persisted: boolean;
}

/** Without what else may hang on it and can't be posted. */
const copyOf = (embedding: EmbeddingInput): EmbeddingInput =>
  readArgument('the embedding', () => ({ space: embedding.space, values: embedding.values }));

/** For the audit log. */
const nameOf = (projector: string | Blob | undefined): string =>
  typeof projector === 'string'
    ? projector
    : projector instanceof File
      ? projector.name
      : 'a file of the app';

/** The worker's sessions, seen from the page. */
function workerSessions(link: WorkerLink, onDevice: (device: DeviceChoice) => void): SessionPort {
  return {
    generate: async (session, said, { signal, onText, onReasoning, onOverflow, ...options }) => {
      const onMessage = (message: WorkerMessage) => {
        // What was on its way when the page said stop.
        if (message.type === 'text' && !signal?.aborted) onText?.(message.text);
        if (message.type === 'reasoning' && !signal?.aborted) onReasoning?.(message.text);
        if (message.type === 'overflow') onOverflow?.();
      };
      const params = { session, said, options };
      const { device, ...answered } = await link.call('generate', params, { signal, onMessage });
      onDevice(device);
      return answered;
    },
    rank: async (session, said, candidates, { signal }) => {
      const { ranked, device } = await link.call('rank', { session, said, candidates }, { signal });
      onDevice(device);
      return ranked;
    },
    append: (session, said, { signal, onOverflow }) => {
      const onMessage = ({ type }: WorkerMessage) => type === 'overflow' && onOverflow?.();
      return link.call('append', { session, said }, { signal, onMessage });
    },
    measure: (session, said) => link.call('measure', { session, said }),
    clone: (session) => link.call('cloneSession', session),
    destroy: (session) =>
      link.call('destroySession', session, {
        deadline: new E2PError(
          'runtime-failed',
          `the engine worker was busy for ${PATIENCE_MS / 1000} s; it lets go of the session when it answers again`,
        ),
      }),
  };
}

class WorkerPersonalizer implements Personalizer {
  readonly model: ModelInfo;
  readonly storage: StorageInfo;
  readonly privacy: PrivacyReport;
  readonly space: EmbeddingSpace | undefined;
  user: UserHandle;
  readonly #link: WorkerLink;
  /** Holds the stored files as long as the engine may read them. */
  readonly #loader: WorkerLink;
  readonly #prepare: PrepareDescription;
  readonly #sessions: SessionPort;
  readonly #warn: ReturnType<typeof createUnpersonalisedWarning>;
  #connection: UserConnection | undefined;
  #device: DeviceChoice;

  constructor(
    link: WorkerLink,
    loader: WorkerLink,
    prepare: PrepareDescription,
    storage: StoragePlace,
    created: Operations['create']['result'],
    persistence: { readonly persisted: boolean },
  ) {
    const { device, model, space, privacy } = created;
    this.#loader = loader;
    this.#prepare = prepare;
    this.privacy = privacy;
    this.#link = link;
    this.storage = {
      ...storage,
      get persisted() {
        return persistence.persisted;
      },
    };
    this.#device = device;
    this.model = model;
    this.space = space;
    this.#warn = createUnpersonalisedWarning(space !== undefined);
    this.#sessions = workerSessions(link, (now) => {
      this.#device = now;
    });
    this.user = createUserHandle(prepare, {
      set: (embedding) => link.callInTime('setUser', copyOf(embedding)),
      clear: async () => void (await link.endUser('cleared')),
      describe: async (words, signal) => link.call('describeUser', await words(), { signal }),
    });
  }

  get device(): DeviceChoice {
    return this.#device;
  }

  /** Personalises by what is in the vault from now on. */
  async connect(user: User, options: PersonalizerOptions): Promise<void> {
    const { space } = this;
    if (space === undefined) {
      throw new E2PError('invalid-argument', 'a user was given, but no projector that reads an embedding');
    }
    const link = this.#link;
    this.#connection = await connectUser({
      user,
      space: space.id,
      engine: {
        set: (embedding) => link.callInTime('setUser', copyOf(embedding)),
        end: (reason) => link.endUser(reason),
      },
      use: { projector: nameOf(options.projector), model: this.model.name },
      withoutConsent: options.withoutConsent,
    });
    // One door: what is set goes through the vault, and from there into the engine.
    this.user = createUserHandle(this.#prepare, {
      set: (embedding) => user.embedding.set(embedding),
      clear: async () => void (await user.embedding.delete(space.id)),
      describe: (words, signal, checkLatest) =>
        user.embedding.setMade(space.id, async () => {
          const vectors = await link.call('encode', await words(), { signal });
          try {
            signal?.throwIfAborted();
            checkLatest();
            return vectors;
          } catch (error) {
            vectors.fill(0);
            throw error;
          }
        }),
    });
  }

  async createSession(given?: SessionOptions): Promise<Session> {
    const options = readArgument('the options of a session', () => ({ ...given }));
    const plain = options.personalise === false || this.#connection === undefined;
    const admitted = plain || (await this.#connection?.admit());
    const opened = await this.#link.call(
      'createSession',
      admitted ? options : { ...options, personalise: false },
    );
    this.#warn(opened.status, options);
    return new SessionHandle(this.#sessions, opened);
  }

  async destroy(): Promise<void> {
    await this.#link.callInTime('destroy', undefined).catch(() => undefined);
    for (const link of [this.#link, this.#loader]) {
      link.close(new E2PError('destroyed', 'the personalizer was destroyed'));
    }
    // Until here whatever revokes reaches the engine.
    this.#connection?.disconnect();
  }

  [Symbol.asyncDispose](): Promise<void> {
    return this.destroy();
  }
}

export interface Personalizer extends PersonalizerInterface {
  readonly user: UserHandle;
  readonly storage: StorageInfo;
  /** Which ways out of the engine worker are shut, by which means, and what is not sealed. */
  readonly privacy: PrivacyReport;
}

const OPTIONS = [
  ...([
    'model',
    'dtype',
    'device',
    'projector',
    'encoder',
    'hub',
    'manifestSha256',
    'user',
    'onProgress',
  ] as const),
  ...(['withoutConsent', 'evict', 'persist', 'recheck', 'engine', 'loader', 'wasm', 'signal'] as const),
];
const DEVICES = ['auto', 'webgpu', 'wasm'];

export const Personalizer = {
  /**
   * Downloads what is not yet on the device, chooses the device and brings the model up.
   * @throws E2PError naming the file and what is wrong with it; the signal's reason on abort.
   */
  async create(given: PersonalizerOptions): Promise<Personalizer> {
    const options = checkCreateOptions(given, OPTIONS, { dtypes: WITH_AUTO, devices: DEVICES });
    const { signal, onProgress, recheck = true } = options;
    const encoder =
      options.encoder === undefined
        ? undefined
        : folderUrl('the encoder', options.encoder, anyRevision(options.hub));
    const params = {
      model:
        typeof options.model === 'string'
          ? folderUrl('the model', options.model, options.hub)
          : checkModelFiles(options.model),
      dtype: options.dtype ?? 'auto',
      device: options.device ?? 'auto',
      projector:
        typeof options.projector === 'string'
          ? absoluteUrl('the projector', options.projector)
          : options.projector,
      manifestSha256: options.manifestSha256,
      evict: options.evict === 'any' ? 'any' : options.evict?.map((url) => absoluteUrl('evict', url)),
      isTraining: false,
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
      const loaded = await loader.call('load', params, { signal, onMessage });
      const link = await openEngine(loaded.place, options.engine);
      links.push(link);
      const transfer = Object.values(loaded.binaries);
      const created = await link.call('create', loaded, { signal, onMessage, transfer });
      if (recheck && typeof params.model === 'string') recheckLater(params.model);
      await persistence.look();
      const prepare = createDescriber(loader, created.space, {
        ...{ encoder, hub: options.hub, evict: params.evict, recheck },
        onProgress: persistence.onProgress,
      });
      const personalizer = new WorkerPersonalizer(
        ...([link, loader, prepare, loaded.storage, created, persistence] as const),
      );
      if (options.user !== undefined) await personalizer.connect(options.user, options);
      return personalizer;
    } catch (error) {
      for (const link of links)
        link.close(new E2PError('destroyed', 'the personalizer could not be created'));
      throw error;
    }
  },
};
