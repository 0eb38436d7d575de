/**
 * A personalizer as the page has it: its user and its sessions are in the engine worker. Several may share one, each with a projector of
 * its own; the workers end with the last of them.
 */
import { E2PError, readArgument } from '../error.ts';
import {
  type ConnectUserOptions,
  connectUser,
  type UserConnection,
  type UserEndReason,
} from '../generate/connect-user.ts';
import { checkCreateOptions } from '../generate/create-options.ts';
import type { ModelInfo } from '../generate/model-info.ts';
import type { SessionOptions } from '../generate/personalizer.ts';
import { type Session, SessionHandle, type SessionPort } from '../generate/session.ts';
import type { SetUserOptions } from '../generate/user-handles.ts';
import { createDriftNotice, createUnpersonalisedWarning } from '../generate/warn-unpersonalised.ts';
import { absoluteUrl, folderUrl, type HubOptions } from '../model/hub.ts';
import type { DeviceChoice } from '../runtime/runtime.ts';
import type { InterruptedLoad, LoadProgress } from '../storage/load-progress.ts';
import type { ForgottenItem } from '../user/attachment.ts';
import type { User } from '../user/user.ts';
import type { EmbeddingInput, EmbeddingSpace } from '../user/user-embedding.ts';
import { readDriftOptions, type UserFit } from '../user/user-fit.ts';
import type { Personalizer, PersonalizerOptions, StorageInfo, WithProjectorOptions } from './client.ts';
import { anyRevision, createDescriber, type PrepareDescription, type UserHandle } from './load-encoder.ts';
import type { EncoderFiles } from './load-files.ts';
import type { PrivacyReport } from './privacy.ts';
import type { LoadParams, OpenedPersonalizer, WorkerMessage } from './protocol.ts';
import { createUserHandle } from './user-handle.ts';
import { PATIENCE_MS, type WorkerLink } from './worker-link.ts';

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
export function workerSessions(link: WorkerLink, onDevice: (device: DeviceChoice) => void): SessionPort {
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
    destroy: async (session) => {
      const deadline = new E2PError(
        'runtime-failed',
        `the engine worker was busy for ${PATIENCE_MS / 1000} s; it lets go of the session when it answers again`,
      );
      await link.call('destroySession', session, { deadline }).catch((error) => {
        if (!link.isClosed) throw error;
      });
    },
  };
}

/** A model in its worker, and what the personalizers on it share. */
export interface SharedEngine {
  readonly link: WorkerLink;
  /** Holds the stored files as long as the engine may read them. */
  readonly loader: WorkerLink;
  readonly model: ModelInfo;
  readonly storage: StorageInfo;
  readonly interrupted: InterruptedLoad | undefined;
  readonly privacy: PrivacyReport;
  readonly sessions: SessionPort;
  readonly options: Pick<
    PersonalizerOptions,
    'hub' | 'user' | 'withoutConsent' | 'recheck' | 'drift' | 'onDrift'
  >;
  readonly params: LoadParams;
  readonly onProgress: (progress: LoadProgress) => void;
  device: DeviceChoice;
  holders: number;
}

/** Of a further projector. */
const MORE_OPTIONS = ['encoder', 'onProgress', 'signal', 'user', 'withoutConsent'] as const;

export class WorkerPersonalizer implements Personalizer {
  readonly space: EmbeddingSpace | undefined;
  user: UserHandle;
  readonly #engine: SharedEngine;
  readonly #of: number;
  readonly #prepare: PrepareDescription;
  readonly #warn: ReturnType<typeof createUnpersonalisedWarning>;
  readonly #setUser: (
    embedding: EmbeddingInput,
    how: Pick<SetUserOptions, 'isUpdate' | 'earlier'>,
  ) => Promise<void>;
  readonly #endUser: (reason: UserEndReason) => Promise<readonly ForgottenItem[]>;
  #fit: UserFit | undefined;
  #connection: UserConnection | undefined;
  #destroyed: Promise<void> | undefined;

  /** @param encoder absolute URL of its folder; default: the contract's */
  constructor(engine: SharedEngine, { of, space }: OpenedPersonalizer, encoder: string | undefined) {
    const { link, loader, params, onProgress } = engine;
    const { hub, recheck = true, drift: given, onDrift } = engine.options;
    const drift = readDriftOptions(given);
    const notice = createDriftNotice(onDrift);
    const told = (fit: UserFit) => {
      this.#fit = fit;
      notice(fit);
    };
    engine.holders++;
    this.#engine = engine;
    this.#of = of;
    this.space = space;
    this.#warn = createUnpersonalisedWarning(space !== undefined);
    this.#prepare = createDescriber(loader, space, {
      encoder,
      hub,
      evict: params.evict,
      recheck,
      onProgress,
    });
    this.#setUser = async (embedding, how) =>
      told(await link.callInTime('setUser', { of, embedding: copyOf(embedding), ...how, drift }));
    this.#endUser = (reason) =>
      link.endUser(of, reason).finally(() => {
        this.#fit = undefined;
      });
    this.user = createUserHandle(this.#prepare, {
      currentFit: () => this.#fit,
      set: (embedding) => this.#setUser(embedding, {}),
      update: (embedding) => this.#setUser(embedding, { isUpdate: true }),
      clear: async () => void (await this.#endUser('cleared')),
      describe: async (words, signal) =>
        told(await link.call('describeUser', { of, drift, ...(await words()) }, { signal })),
    });
  }

  get device(): DeviceChoice {
    return this.#engine.device;
  }

  get model(): ModelInfo {
    return this.#engine.model;
  }

  get storage(): StorageInfo {
    return this.#engine.storage;
  }

  get interrupted(): InterruptedLoad | undefined {
    return this.#engine.interrupted;
  }

  get privacy(): PrivacyReport {
    return this.#engine.privacy;
  }

  async withProjector(given: string | Blob, options: WithProjectorOptions = {}): Promise<WorkerPersonalizer> {
    const { signal, onProgress, ...own } = checkCreateOptions(options, MORE_OPTIONS);
    if (this.#destroyed !== undefined) throw new E2PError('destroyed', 'the personalizer was destroyed');
    const { loader, link, params, options: first } = this.#engine;
    const onMessage = (message: WorkerMessage) => {
      if (message.type === 'progress') onProgress?.(message.progress);
    };
    const { model, manifestSha256, evict } = params;
    const asked = { model, manifestSha256, evict, projector: projectorOf(given) };
    const projector = await loader.call('loadProjector', asked, { signal, onMessage });
    const opened = await link.call('addProjector', { of: this.#of, projector }, { signal });
    const other = new WorkerPersonalizer(this.#engine, opened, encoderUrl(own.encoder, first.hub));
    // Else one person, one vault: who may not be known to one of them is not known to any.
    const { user = first.user, withoutConsent = first.withoutConsent } = own;
    try {
      if (user !== undefined) await other.connect(user, { withoutConsent, projector: given });
      return other;
    } catch (error) {
      await other.destroy();
      throw error;
    }
  }

  /** Personalises by what is in the vault from now on. */
  async connect(
    user: User,
    options: Pick<PersonalizerOptions, 'projector'> & Pick<ConnectUserOptions, 'withoutConsent'>,
  ): Promise<void> {
    const { space } = this;
    if (space === undefined) {
      throw new E2PError('invalid-argument', 'a user was given, but no projector that reads an embedding');
    }
    const { link } = this.#engine;
    const of = this.#of;
    this.#connection = await connectUser({
      user,
      space: space.id,
      engine: {
        set: (embedding, earlier) => this.#setUser(embedding, { isUpdate: true, earlier }),
        end: this.#endUser,
      },
      use: { projector: nameOf(options.projector), model: this.model.name },
      withoutConsent: options.withoutConsent,
    });
    // One door: what is set goes through the vault, and from there into the engine.
    const set = (embedding: EmbeddingInput) => user.embedding.set(embedding);
    this.user = createUserHandle(this.#prepare, {
      currentFit: () => this.#fit,
      set,
      // One vault, one person.
      update: set,
      clear: async () => void (await user.embedding.delete(space.id)),
      describe: (words, signal, checkLatest) =>
        user.embedding.setMade(space.id, async () => {
          const vectors = await link.call('encode', { of, ...(await words()) }, { signal });
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
    const opened = await this.#engine.link.call('createSession', {
      of: this.#of,
      options: admitted ? options : { ...options, personalise: false },
      ...(admitted && this.space?.byQuestion && { encoder: await this.#questionReader() }),
    });
    this.#warn(opened.status, options);
    return new SessionHandle(this.#engine.sessions, opened);
  }

  /** Its files, loaded once. */
  async #questionReader(): Promise<EncoderFiles> {
    return (await this.#prepare('a question', {})).encoder;
  }

  destroy(): Promise<void> {
    this.#destroyed ??= this.#destroy();
    return this.#destroyed;
  }

  async #destroy(): Promise<void> {
    const { link, loader } = this.#engine;
    await link.callInTime('destroy', { of: this.#of }).catch(() => undefined);
    if (--this.#engine.holders === 0) {
      for (const each of [link, loader]) {
        each.close(new E2PError('destroyed', 'the personalizer was destroyed'));
      }
    }
    // Until here whatever revokes reaches the engine.
    this.#connection?.disconnect();
  }

  [Symbol.asyncDispose](): Promise<void> {
    return this.destroy();
  }
}

/** As the loader is asked for it. */
export const projectorOf = (given: string | Blob): string | Blob =>
  typeof given === 'string' ? absoluteUrl('the projector', given) : given;

export const encoderUrl = (given: string | undefined, hub: HubOptions | undefined): string | undefined =>
  given === undefined ? undefined : folderUrl('the encoder', given, anyRevision(hub));
