/**
 * Everything together on one thread: a model, a projector, at most one user, and sessions. The browser's
 * `Personalizer` runs one of these in a worker; `e2p-web/node` hands it out as it is.
 */
import { E2PError } from '../error.ts';
import type { Projector } from '../projector/projector.ts';
import { type ProjectorFile, readyProjector } from '../projector/ready-projector.ts';
import type { DeviceChoice } from '../runtime/runtime.ts';
import type { ForgottenItem } from '../user/attachment.ts';
import {
  createTextReader,
  type OpenEncoder,
  readDescribeOptions,
  type TextReader,
} from '../user/sentence-encoder.ts';
import {
  checkEmbedding,
  type EmbeddingInput,
  type EmbeddingSpace,
  type UserEmbedding,
} from '../user/user-embedding.ts';
import { fitOf, type UserFit } from '../user/user-fit.ts';
import { answerBatch } from './answer-batch.ts';
import type { BatchOptions, BatchRequest, SoftOf } from './batch-requests.ts';
import { droppedError, type EndReason } from './ending.ts';
import type { Engine } from './engine.ts';
import { questionIn } from './for-question.ts';
import type { BatchOutcome } from './generate-batch.ts';
import { type ModelInfo, modelInfo } from './model-info.ts';
import type { SoftTokens } from './prompt.ts';
import { type OpenedSession, type Session, SessionHandle } from './session.ts';
import { readSessionOptions, type SessionOptions } from './session-options.ts';
import { Sessions } from './sessions.ts';
import { checkTemplateReads } from './template-variables.ts';
import type { DescribableUserHandle, DriftWatch, SetUserOptions, UserHandle } from './user-handles.ts';
import { checkStrength, spaceOf, userSoftTokens } from './user-soft-tokens.ts';
import { createUnpersonalisedWarning } from './warn-unpersonalised.ts';

export type { SessionOptions } from './session-options.ts';

export interface Personalizer {
  /** Where the model runs, and why there. */
  readonly device: DeviceChoice;
  readonly model: ModelInfo;
  /** The embedding space that the projector reads; undefined without a projector. */
  readonly space: EmbeddingSpace | undefined;
  readonly user: UserHandle;
  /** A conversation for the person who is set now. @throws E2PError `invalid-argument`, `context-overflow`, `consent-required`, `destroyed` */
  createSession(options?: SessionOptions): Promise<Session>;
  /** Frees model, sessions and user. */
  destroy(): Promise<void>;
  /** As `destroy`, for `await using`. */
  [Symbol.asyncDispose](): Promise<void>;
}

export class LocalPersonalizer implements Personalizer {
  readonly user: DescribableUserHandle;
  /** By number, for a worker that hands the numbers out. */
  readonly sessions: Sessions;
  readonly #engine: Engine;
  readonly #projector: Projector | undefined;
  readonly #reader: TextReader | undefined;
  readonly #warn: ReturnType<typeof createUnpersonalisedWarning>;
  readonly #watch: DriftWatch;
  #embedding: UserEmbedding | undefined;
  #fit: UserFit | undefined;
  /** Changes of the user, one after the other. */
  #changes: Promise<unknown> = Promise.resolve();
  #released: Promise<void> | undefined;
  /** How often a user was asked to be let go of, and why the last time. */
  #endings = 0;
  #lastEnding: EndReason = 'cleared';

  /**
   * @param openEncoder absent where nobody is described in words
   * @param sessions of the engine, where it has others
   * @param watch absent: drift is not looked at
   */
  constructor(
    engine: Engine,
    projector: Projector | undefined,
    openEncoder?: OpenEncoder,
    sessions = new Sessions(engine),
    watch: DriftWatch = {},
  ) {
    this.#watch = watch;
    const current = () => this.#fit;
    this.#engine = engine;
    this.#projector = projector;
    this.sessions = sessions;
    // Where each question is read it stays up, until nobody is there who could ask one.
    this.#reader = openEncoder && createTextReader(openEncoder, !!projector?.contract.byQuestion);
    this.#warn = createUnpersonalisedWarning(projector !== undefined);
    this.user = {
      set: async (embedding) => void (await this.setUser(embedding)),
      update: async (embedding) => void (await this.setUser(embedding, { isUpdate: true })),
      get fit() {
        return current();
      },
      clear: async () => void (await this.endUser('cleared')),
      describe: async (text, options) => void (await this.describeUser(text, readDescribeOptions(options))),
    };
  }

  get device(): DeviceChoice {
    const {
      reason,
      runtime: { device },
    } = this.#engine.decoder;
    return { device, reason };
  }

  get model(): ModelInfo {
    return modelInfo(this.#engine);
  }

  get space(): EmbeddingSpace | undefined {
    return this.#projector && spaceOf(this.#projector.contract);
  }

  /**
   * Another personalizer on the same model, with a projector and a user of its own; each ends by itself, the model with the last.
   * @throws E2PError `invalid-projector`, `contract-mismatch`
   */
  async share(file: ProjectorFile, openEncoder?: OpenEncoder): Promise<LocalPersonalizer> {
    this.#check();
    const engine = this.#engine;
    const projector = await readyProjector(file, engine.model, engine.decoder.runtime);
    this.#check();
    return new LocalPersonalizer(engine.retain(), projector, openEncoder, this.sessions, this.#watch);
  }

  /** @returns how it fits; what `user.set` and `user.update` do */
  async setUser(embedding: EmbeddingInput, options: SetUserOptions = {}): Promise<UserFit> {
    this.#check();
    const projector = this.#checkProjector();
    const checked = checkEmbedding(embedding, this.space!);
    const { isUpdate = false, drift = this.#watch.drift, earlier } = options;
    this.#note('replaced');
    return this.#inTurn(async () => {
      this.#check();
      const before = isUpdate ? this.#embedding : undefined;
      const fit = fitOf(projector, checked.values, drift, before?.values, earlier);
      if (before === undefined) await this.#end('replaced');
      // Where a soft token would overflow, the version before stays.
      else
        this.sessions.renew(this, (strength) =>
          this.#softTokens({ strength, personalise: true }, checked, fit),
        );
      this.#check();
      before?.values.fill(0);
      this.#embedding = checked;
      this.#fit = fit;
      this.#watch.onDrift?.(fit);
      return fit;
    });
  }

  /** What `user.describe` does. */
  async describeUser(
    text: string | readonly string[],
    { signal, ...options }: SetUserOptions & { readonly signal?: AbortSignal | undefined },
  ): Promise<UserFit> {
    this.#check();
    const isLatest = this.#note('replaced');
    const values = await this.encode(text, signal);
    try {
      // Whoever revoked while the words were read meant these too.
      if (!isLatest()) throw droppedError(this.#lastEnding);
      return await this.setUser({ space: this.space!.id, values }, options);
    } finally {
      values.fill(0);
    }
  }

  /** The vectors [lines, dim] that `user.describe` would set, for whoever keeps them first. */
  async encode(text: string | readonly string[], signal?: AbortSignal): Promise<Float32Array> {
    this.#check();
    const { contract } = this.#checkProjector();
    if (this.#reader === undefined)
      throw new E2PError('invalid-argument', 'there is no sentence encoder here');
    return this.#reader.encode(text, contract, signal);
  }

  /** @throws E2PError `no-user` if personalisation is asked for and no user is set; `invalid-argument`. */
  async createSession(options: SessionOptions = {}): Promise<Session> {
    const opened = await this.openSession(options);
    this.#warn(opened.status, options);
    return new SessionHandle(this.sessions, opened);
  }

  /** As {@link createSession}, in turn with changes of the user. @returns its number in {@link sessions}, and how it stands */
  async openSession(given: SessionOptions): Promise<OpenedSession> {
    this.#check();
    await this.#changes;
    this.#check();
    const { strength, personalise, messages, ...how } = readSessionOptions(given);
    if (how.variables) checkTemplateReads(this.#engine.model.codec, how.variables);
    const soft = this.#softTokens({ strength, personalise });
    // The person's, also while their embedding is not made use of.
    const isPersons = this.#embedding !== undefined && personalise !== false;
    const asked = isPersons ? (strength ?? 1) : undefined;
    return this.sessions.create(soft, messages, { ...how, owner: this, strength: asked });
  }

  /**
   * Answers many requests at once, each for a user of its own, who is nobody's session and is let go of with the answer.
   * @returns what became of each, in their order: what is wrong with one is not the others' failure. @throws E2PError
   *   `invalid-argument` for the options; `destroyed`; the signal's reason on an abort
   */
  async generateBatch(
    requests: readonly BatchRequest[],
    options?: BatchOptions,
  ): Promise<readonly BatchOutcome[]> {
    const softOf: SoftOf = async ({ user, strength }, messages) => {
      const asked = user && this.#projector?.contract.byQuestion ? questionIn(messages) : undefined;
      const question = asked === undefined ? asked : await this.encode([asked], options?.signal);
      return this.#softTokensOf(user, strength, question);
    };
    const { sessions } = this;
    const check = () => this.#check();
    return answerBatch({ engine: this.#engine, sessions, owner: this, softOf, check }, requests, options);
  }

  /**
   * Drops the embedding and ends the sessions that carry its soft tokens, running ones too; `forgotten` ends all of them, since what
   * was said in any is the person's.
   * @returns what it held, once nothing of it is left
   */
  endUser(reason: Exclude<EndReason, 'destroyed'>): Promise<readonly ForgottenItem[]> {
    this.#note(reason);
    return this.#inTurn(() => {
      this.#check();
      return this.#end(reason);
    });
  }

  destroy(): Promise<void> {
    this.#note('destroyed');
    this.#released ??= this.#inTurn(async () => {
      try {
        await this.#end('destroyed');
      } finally {
        await this.#engine.release();
      }
    });
    return this.#released;
  }

  [Symbol.asyncDispose](): Promise<void> {
    return this.destroy();
  }

  #softTokensOf(
    user: EmbeddingInput | undefined,
    strength: number | undefined,
    question: Float32Array | undefined,
  ): SoftTokens | undefined {
    if (user === undefined) return this.#softTokens({ strength, personalise: false });
    const projector = this.#checkProjector();
    const embedding = checkEmbedding(user, this.space!);
    try {
      const fit = fitOf(projector, embedding.values, this.#watch.drift, undefined);
      this.#watch.onDrift?.(fit);
      return this.#softTokens({ strength, personalise: undefined }, embedding, fit, question);
    } finally {
      embedding.values.fill(0);
    }
  }

  #softTokens(
    {
      strength = 1,
      personalise,
    }: { readonly strength: number | undefined; readonly personalise: boolean | undefined },
    embedding = this.#embedding,
    fit = this.#fit,
    question?: Float32Array,
  ): SoftTokens | undefined {
    checkStrength(strength);
    // A slot that stands in the messages has to be closed where nobody fills it.
    const nobody = this.#projector && { vectors: [], slot: this.#projector.contract.slot };
    if (!(personalise ?? embedding !== undefined)) return nobody;
    const projector = this.#checkProjector();
    if (embedding === undefined)
      throw new E2PError('no-user', 'no user is set; call user.set() first, or pass personalise: false');
    const applied = strength * (fit?.strength ?? 1);
    if (fit?.strength === 0) return nobody;
    const how = { strength: applied, question };
    const made = userSoftTokens(projector, embedding.values, how, this.#engine.model.facts);
    if (projector.contract.byQuestion === undefined) return made;
    return { ...made, forQuestion: (text, signal) => this.#ask(strength, text, signal) };
  }

  /** The soft tokens of whoever is set by then, for what is asked. */
  async #ask(strength: number, asked: string, signal: AbortSignal | undefined): Promise<SoftTokens> {
    const question = await this.encode([asked], signal);
    signal?.throwIfAborted();
    if (this.#embedding === undefined) throw droppedError(this.#lastEnding);
    return this.#softTokens({ strength, personalise: true }, this.#embedding, this.#fit, question)!;
  }

  #inTurn<T>(change: () => Promise<T>): Promise<T> {
    const done = this.#changes.then(change);
    this.#changes = done.catch(() => {});
    return done;
  }
  /** A change of the user was asked for. @returns whether it is still the latest */
  #note(reason: EndReason): () => boolean {
    const own = ++this.#endings;
    this.#lastEnding = reason;
    return () => own === this.#endings;
  }

  async #end(reason: EndReason): Promise<readonly ForgottenItem[]> {
    const embeddings = Number(this.#embedding !== undefined);
    this.#embedding?.values.fill(0);
    this.#embedding = undefined;
    this.#fit = undefined;
    const { sessions, caches } = await this.sessions.end(this, reason);
    if (reason !== 'replaced') await this.#reader?.release();
    const where = this.#engine.decoder.runtime.backend === 'webgpu' ? 'gpu' : 'memory';
    const items: readonly ForgottenItem[] = [
      { what: 'embedding in the engine', where: 'memory', count: embeddings },
      { what: 'session', where: 'memory', count: sessions },
      { what: 'KV cache', where, count: caches },
    ];
    return items.filter(({ count }) => count > 0);
  }

  #checkProjector(): Projector {
    if (this.#projector !== undefined) return this.#projector;
    throw new E2PError('invalid-argument', 'the personalizer was created without a projector');
  }

  #check(): void {
    if (this.#released !== undefined) throw new E2PError('destroyed', 'the personalizer was destroyed');
  }
}
