/**
 * `e2p-web/prompt-api`: a `LanguageModel` in the shape of the web platform's Prompt API, on any browser and model, with soft tokens. An app
 * written for the browser's own swaps it in by one line: `const LanguageModel = createLanguageModel({ model, projector })`.
 */
/** Where graphs run: a GPU through WebGPU, the CPU through WebAssembly, the CPU through Node's native library. */
type Device = 'webgpu' | 'wasm' | 'node';
/** A device and, in one sentence for people, why it was chosen. */
interface DeviceChoice {
  readonly device: Device;
  readonly reason: string;
}
interface FetchProgress {
  /** Path inside the model folder. */
  readonly file: string;
  /** Bytes so far, over this file. */
  readonly loaded: number;
  /** Bytes in all; undefined where the server does not say. */
  readonly total: number | undefined;
  /** True where the bytes came from this device and not over the network. */
  readonly cached: boolean;
  /** Another tab downloads it, and this one waits. */
  readonly elsewhere?: true;
}
/** Precision variants, with the file suffixes that Hub exports use. */
declare const DTYPE_SUFFIX: {
  readonly fp32: '';
  readonly fp16: '_fp16';
  readonly q4: '_q4';
  readonly q4f16: '_q4f16';
  readonly int8: '_int8';
  readonly uint8: '_uint8';
  readonly q8: '_quantized';
};
type Dtype = keyof typeof DTYPE_SUFFIX;
interface ChatMessage {
  readonly role: 'system' | 'user' | 'assistant';
  readonly content: string;
}
/**
 * How something that works with a person's data (an engine, a cache) hears that it must let go. `withdraw()`, `forget()` and
 * `lock()` wait for it, so that they are done only when the data is gone there too.
 */
/**
 * What changed: a consent decision; an embedding was set, deleted or expired; the vault was locked or unlocked; everything was
 * forgotten.
 */
type UserChange = 'consent' | 'embedding' | 'lock' | 'forget';
/** One line of a forget report: so many of what, and where. No content. */
interface ForgottenItem {
  /** e.g. `embedding`, `session`, `KV cache`. */
  readonly what: string;
  readonly where: 'memory' | 'gpu' | 'storage';
  readonly count: number;
}
interface UserAttachment {
  /**
   * Look again: ask for consent and embedding anew, and drop what is no longer allowed. Never called with `forget`. From other
   * tabs it comes a message later.
   */
  onChange(change: UserChange): Promise<void>;
  /** Drop everything personal, overwrite buffers, and say what it was. */
  forget(): Promise<readonly ForgottenItem[]>;
}
interface UserEmbedding {
  /** Name of the embedding space, version included, e.g. `podcasts-v3`. */
  readonly space: string;
  /** [dim]; where a user is a set of vectors [n, dim], one row behind the other, their order without meaning. */
  readonly values: Float32Array;
}
/** As an app may give it. */
interface EmbeddingInput {
  readonly space: string;
  readonly values: Float32Array | readonly number[];
}
interface EmbeddingSpace {
  readonly id: string;
  readonly dim: number;
  /** Vectors that a user may be a set of, at most; 1 = one vector. */
  readonly vectors: number;
  /** Hub id of the sentence encoder that makes its vectors from words; absent where they are not about words. */
  readonly encoder?: string;
}
interface TextPart {
  readonly type: 'text';
  readonly value: string;
}
interface PromptMessage {
  readonly role: ChatMessage['role'];
  /** Parts are joined with nothing between them. */
  readonly content: string | readonly TextPart[];
  /** Of the last message, by the assistant: the answer's first words, which it goes on from. */
  readonly prefix?: boolean;
}
/** A text is what the user says. */
type PromptInput = string | readonly PromptMessage[];
/** The answer is one of these texts, character by character. A list of 1,000 texts or more is prepared once and then kept. */
interface ChoicesConstraint {
  readonly choices: readonly string[];
}
/** The answer as a whole matches, as if `^(?:…)$` stood there. A text is read with the flag u. */
interface RegExpConstraint {
  readonly regexp: RegExp | string;
}
/** The answer is JSON that this schema validates. docs/generation.md says which keywords there are; others are refused. */
interface JsonSchemaConstraint {
  readonly jsonSchema: object;
}
type Constraint = ChoicesConstraint | RegExpConstraint | JsonSchemaConstraint;
interface SamplingOptions {
  /** 0 = greedy: the most probable token, and top-k, top-p, min-p are without effect. */
  readonly temperature: number;
  /** Keep the k most probable tokens; 0 = all. */
  readonly topK: number;
  /** Keep the smallest set of tokens whose probability reaches p (Holtzman et al., arXiv 1904.09751); 1 = all. */
  readonly topP: number;
  /** Keep tokens at least this fraction of the most probable one (arXiv 2407.01082); 0 = all. */
  readonly minP: number;
  /** Divides positive and multiplies negative logits of tokens already there (CTRL, arXiv 1909.05858); 1 = off. */
  readonly repetitionPenalty: number;
}
interface GenerateOptions extends Partial<SamplingOptions> {
  /** Longest answer, in tokens; default 256. */
  readonly maxTokens?: number;
  /** Texts, or one, that end the answer; they are not part of it. */
  readonly stop?: string | readonly string[];
  /** What the answer has to be; where `maxTokens` cuts it, it is the beginning of that. Not together with `stop`. */
  readonly constraint?: Constraint;
  /** Makes sampling repeatable; without it every answer is another. */
  readonly seed?: number;
  readonly signal?: AbortSignal;
  /** Each piece of text as soon as it can be shown. */
  readonly onText?: (text: string) => void;
}
interface GenerationResult {
  readonly text: string;
  /** The generated ids, without the one that ended the answer. */
  readonly tokenIds: readonly number[];
  /**
   * `end`: the model ended, or the constraint has nothing more to come; `stop`: a stop string; `length`: maxTokens or the context was
   * used up.
   */
  readonly finishReason: 'end' | 'stop' | 'length';
  /** Tokens of the prompt, soft tokens included. */
  readonly promptTokens: number;
  readonly softTokens: number;
  /** Prompt tokens that a cache already held and that were not read again. */
  readonly cachedTokens: number;
  /** From the call to the first token, in ms. */
  readonly timeToFirstTokenMs: number;
  /** Tokens after the first, over the time they took; 0 if there was only one. */
  readonly tokensPerSecond: number;
}
interface RankOptions {
  readonly signal?: AbortSignal;
}
interface RankedCandidate {
  readonly text: string;
  /** Natural log of the probability of its tokens, one after the other, as the model has it: temperature 1, no filter, no penalty. */
  readonly logLikelihood: number;
  /**
   * Natural log of the probability that the model ends right behind it. `logLikelihood` + this is that of an answer which is this text and
   * no longer one. −∞ for a model without a token that ends.
   */
  readonly endLogLikelihood: number;
  /** `logLikelihood` / `tokens` compares texts of different lengths. */
  readonly tokens: number;
}
/** Also where a browser's streams can't be looped over yet. */
type TextReadable = ReadableStream<string> & AsyncIterable<string>;
interface InputOptions {
  readonly signal?: AbortSignal;
}
/** Event `contextoverflow`: the oldest turns were dropped, so that what was said last fits (option `overflow`). */
interface Session extends EventTarget {
  /** Whether soft tokens of a person stand in it. */
  readonly personalised: boolean;
  /** Tokens of the conversation so far, soft tokens included. */
  readonly contextUsage: number;
  /** Tokens that the model can read, prompt and answer together. */
  readonly contextWindow: number;
  oncontextoverflow: ((event: Event) => void) | null;
  /** The answer as one text; behind a `prefix`, what follows it. */
  prompt(input: PromptInput, options?: GenerateOptions): Promise<string>;
  /** The answer in pieces as they come. Cancelling, or leaving a loop early, aborts the generation. */
  promptStreaming(input: PromptInput, options?: GenerateOptions): TextReadable;
  /** The answer with token ids and timings. */
  generate(input: PromptInput, options?: GenerateOptions): Promise<GenerationResult>;
  /**
   * How probable each candidate is as the answer to `input`, behind the conversation so far and for this person; in the order of the
   * candidates. The session goes on as if it had not been asked.
   * @throws E2PError `invalid-argument` for an empty candidate or one that the tokenizer changes, `context-overflow`
   */
  rank(input: PromptInput, candidates: readonly string[], options?: RankOptions): Promise<readonly RankedCandidate[]>;
  /** Reads messages ahead, which belong to the conversation from then on, and answers nothing. */
  append(input: PromptInput, options?: InputOptions): Promise<void>;
  /** Tokens that the conversation would grow by, were this said next. */
  measureContextUsage(input: PromptInput, options?: InputOptions): Promise<number>;
  /** Another session that has heard the same so far; both go on independently. */
  clone(options?: InputOptions): Promise<Session>;
  /** Frees the KV cache and forgets the conversation. Later calls fail with `destroyed`. */
  destroy(): Promise<void>;
  [Symbol.asyncDispose](): Promise<void>;
}
/** What a session does where the conversation is longer than the model can read: fail, or drop its oldest turns. */
type Overflow = 'fail' | 'drop-oldest';
interface SessionOptions {
  /** What was said before the first prompt, e.g. a system message. */
  readonly initialPrompts?: readonly PromptMessage[];
  /** λ: 0 = the population's mean user, 1 = the user as trained, beyond 1 = exaggerated. Default 1. */
  readonly strength?: number;
  /** false: the bare model, no soft token. Default: personalised where a user is set. */
  readonly personalise?: boolean;
  /**
   * Where the conversation is longer than the model can read: `fail` with `context-overflow` (default), or `drop-oldest` turns, with the
   * event `contextoverflow`; `initialPrompts`, BOS and soft tokens stay.
   */
  readonly overflow?: Overflow;
}
/** The user of a personalizer. The embedding goes in and never comes out. */
interface UserHandle {
  /**
   * Sets the user for sessions created from now on; sessions of the user before end.
   * @throws E2PError `invalid-embedding`
   */
  set(embedding: EmbeddingInput): Promise<void>;
  /** Forgets the user and ends the sessions that carry its soft token. */
  clear(): Promise<void>;
}
interface ModelInfo {
  readonly name: string;
  readonly dtype: string;
  /** Tokens, prompt and answer together. */
  readonly contextLength: number;
  readonly hiddenSize: number;
  /** Why its texts are not to be trusted, where a check at load found so. */
  readonly warning?: string;
}
interface Personalizer {
  /** Where the model runs, and why there. */
  readonly device: DeviceChoice;
  readonly model: ModelInfo;
  /** The embedding space that the projector reads; undefined without a projector. */
  readonly space: EmbeddingSpace | undefined;
  readonly user: UserHandle;
  createSession(options?: SessionOptions): Promise<Session>;
  /** Frees model, sessions and user. */
  destroy(): Promise<void>;
  [Symbol.asyncDispose](): Promise<void>;
}
interface HubOptions {
  /** Default `https://huggingface.co`. */
  readonly host?: string;
  /** Path of a repository's files, with `{model}` and `{revision}`. Default `/{model}/resolve/{revision}/`. */
  readonly template?: string;
  /** Branch, tag or commit. Default `main`. */
  readonly revision?: string;
}
type DeviceRequest = 'auto' | 'webgpu' | 'wasm';
/** A model folder that the app has in its hands: of its own bundle, or chosen by the person. */
interface ModelFiles {
  /** For messages. */
  readonly name: string;
  /** By path inside the folder: `config.json`, `tokenizer.json`, `onnx/model_q4.onnx` … */
  readonly files: Readonly<Record<string, Blob>>;
}
/** What personal data may be used for. Each is granted, refused or withdrawn on its own. */
declare const PURPOSES: readonly ['personalise', 'learn-from-activity', 'share-aggregates'];
type Purpose = (typeof PURPOSES)[number];
/** The kinds of record in a vault, and how long each is kept. */
/** `consent`: of vaults of schema version 1. */
declare const RECORD_KINDS: readonly ['ledger', 'consent', 'embedding', 'event', 'transcript', 'audit'];
type RecordKind = (typeof RECORD_KINDS)[number];
interface Passkey {
  /** Makes a new credential. @returns its id. */
  create(): Promise<Uint8Array>;
  /** The 32 secret bytes for a salt; the same ones each time. */
  evaluate(credential: Uint8Array, salt: Uint8Array): Promise<Uint8Array>;
}
type LockSecret = {
  readonly passphrase: string;
} | {
  readonly passkey: Passkey;
};
type LockKind = 'none' | 'passphrase' | 'passkey';
declare const DECISIONS: readonly ['granted', 'refused', 'withdrawn'];
type Decision = (typeof DECISIONS)[number];
interface ConsentDecision {
  readonly state: Decision;
  /** Vault time, milliseconds since 1970. */
  readonly time: number;
  readonly policyVersion: string;
}
/** By purpose; `unset` where the person was never asked. */
type ConsentState = Readonly<Record<Purpose, ConsentDecision | {
  readonly state: 'unset';
}>>;
interface UserConsent {
  grant(purpose: Purpose, use?: AuditUse): Promise<void>;
  refuse(purpose: Purpose, use?: AuditUse): Promise<void>;
  /** Resolves when everything attached (see `attach`) has let go of what it is no longer allowed to use. */
  withdraw(purpose: Purpose, use?: AuditUse): Promise<void>;
  state(): Promise<ConsentState>;
  /**
   * Resolves where the purpose is granted under this policy version. A refusal is noted in the audit log.
   * @throws E2PError `consent-required`
   */
  require(purpose: Purpose, use?: AuditUse): Promise<void>;
  /** As {@link require}, and notes in the same transaction that it was used. */
  use(purpose: Purpose, use?: AuditUse): Promise<void>;
}
/** An audit entry's number and its hash; the chain can be checked from here on. */
interface ChainLink {
  readonly seq: number;
  readonly hash: string;
}
declare const AUDIT_ACTIONS: readonly ['consent-granted', 'consent-refused', 'consent-withdrawn', 'denied', 'used', 'embedding-set', 'embedding-read', 'embedding-deleted', 'events-read', 'events-deleted', 'transcript-saved', 'transcript-read', 'transcript-deleted', 'exported', 'imported', 'lock-changed'];
type AuditAction = (typeof AUDIT_ACTIONS)[number];
/** Who asks, and for what; given by the app, so not personal. */
interface AuditUse {
  /** The part of the app, at most 100 characters. Default `app`. */
  readonly actor?: string;
  readonly purpose?: Purpose;
  /** Name or digest. */
  readonly projector?: string;
  readonly model?: string;
}
interface AuditEntry extends AuditUse {
  /** From 1, without gaps. */
  readonly seq: number;
  /** Vault time, milliseconds since 1970. */
  readonly time: number;
  readonly actor: string;
  readonly action: AuditAction;
  /** Hash of the entry before, 64 hexadecimal digits; zeros before the first. */
  readonly previous: string;
  readonly hash: string;
}
/** A part of the log that can be checked on its own. */
interface AuditLog {
  readonly format: 'e2p-audit';
  readonly version: 1;
  /** The entry before the first one here. */
  readonly anchor: ChainLink;
  /** The last entry, as the vault remembers it. */
  readonly head: ChainLink;
  /** Ascending; those that could be read. */
  readonly entries: readonly AuditEntry[];
}
type ChainReport = {
  readonly valid: true;
  readonly entries: number;
} | {
  readonly valid: false;
  /** Number of the first entry that is wrong. */
  readonly firstBad: number;
  readonly reason: 'missing or unreadable' | 'changed' | 'behind the end';
};
interface UserAudit {
  /** Those that can be read, ascending. */
  entries(): Promise<readonly AuditEntry[]>;
  /** Follows the chain; a break is reported with the first bad entry. */
  verify(): Promise<ChainReport>;
  /** The log as JSON, to be checked elsewhere with `verifyAuditLog`. */
  export(): Promise<AuditLog>;
  /** For what works with the data outside of the vault: an engine, an app. */
  append(use: AuditUse & {
    readonly action: AuditAction;
  }): Promise<void>;
}
interface UserEvent {
  /** e.g. `click`. */
  readonly type: string;
  /** What it was about: the app's id of it. */
  readonly item: string;
  /** When it happened, milliseconds since 1970. Default: now. */
  readonly time?: number;
  readonly weight?: number;
}
interface StoredEvent extends UserEvent {
  readonly id: string;
  readonly time: number;
  /** Vault time, milliseconds since 1970. */
  readonly storedAt: number;
}
interface UserEvents {
  /** @returns its id. @throws E2PError `consent-required`, `invalid-argument` */
  add(event: UserEvent, use?: AuditUse): Promise<string>;
  /** In the order they were added. @throws E2PError `consent-required`, `vault-corrupt` */
  list(use?: AuditUse): Promise<readonly StoredEvent[]>;
  /** @returns whether there was one. */
  delete(id: string, use?: AuditUse): Promise<boolean>;
  /** Deletes all of them. @returns how many. */
  clear(use?: AuditUse): Promise<number>;
}
interface ForgetReport {
  /** Milliseconds since 1970. */
  readonly time: number;
  /** Keys, records, buffers, and what attachments let go of. */
  readonly removed: readonly ForgottenItem[];
  /** What the records still held when they were opened anew, and attachments that failed to forget. */
  readonly remaining: readonly ForgottenItem[];
  /** Nothing remains. Weights and other files that are not personal are not part of this. */
  readonly isComplete: boolean;
}
interface StoredEmbedding extends UserEmbedding {
  /** Vault time, milliseconds since 1970. */
  readonly storedAt: number;
}
interface UserEmbeddings {
  /** @throws E2PError `consent-required`, `invalid-embedding` */
  set(embedding: EmbeddingInput, use?: AuditUse): Promise<void>;
  /**
   * Sets values that take a while to make, and overwrites those. What comes first while they are made has the last word: a decision on
   * `personalise`, another embedding of the space, its deletion.
   * @throws E2PError `consent-required` before anything is made, and as `set`; `user-replaced`; what `make` throws
   */
  setMade(space: string, make: () => Promise<Float32Array>, use?: AuditUse): Promise<void>;
  /**
   * The current embedding of a space, or undefined. `forget()` overwrites the array that is returned.
   * @throws E2PError `consent-required`, `vault-corrupt`
   */
  get(space: string, use?: AuditUse): Promise<UserEmbedding | undefined>;
  /** Newest first, the current one included. @throws E2PError `consent-required`, `vault-corrupt` */
  history(space: string, use?: AuditUse): Promise<readonly StoredEmbedding[]>;
  /** Removes a space with its history. @returns how many embeddings that were. */
  delete(space: string, use?: AuditUse): Promise<number>;
}
interface Transcript {
  readonly title?: string;
  readonly messages: readonly ChatMessage[];
}
interface StoredTranscript extends Transcript {
  readonly id: string;
  /** Vault time of the last saving, milliseconds since 1970. */
  readonly storedAt: number;
}
interface UserTranscripts {
  /**
   * Saves a conversation, in place of another one where an id is given.
   * @returns its id.
   * @throws E2PError `consent-required`; `invalid-argument` for an id that does not exist, and where there are too many.
   */
  save(transcript: Transcript & {
    readonly id?: string;
  }, use?: AuditUse): Promise<string>;
  /** Oldest first, without the messages. @throws E2PError `consent-required`, `vault-corrupt` */
  list(use?: AuditUse): Promise<readonly Omit<StoredTranscript, 'messages'>[]>;
  /** @throws E2PError `consent-required`, `vault-corrupt` */
  read(id: string, use?: AuditUse): Promise<StoredTranscript | undefined>;
  /** @returns whether there was one. */
  delete(id: string, use?: AuditUse): Promise<boolean>;
}
declare const EXPORT_FORMAT = "e2p-user";
declare const EXPORT_VERSION = 1;
interface ExportedEmbedding {
  readonly space: string;
  /** [dim]; float32 numbers, which JSON carries exactly. */
  readonly values: readonly number[];
  /** All times: milliseconds since 1970. */
  readonly storedAt: number;
}
interface ExportedEvent extends UserEvent {
  readonly time: number;
  readonly storedAt: number;
}
interface ExportedTranscript extends Transcript {
  readonly storedAt: number;
}
interface UserExport {
  readonly format: typeof EXPORT_FORMAT;
  readonly version: typeof EXPORT_VERSION;
  readonly exportedAt: number;
  readonly consent: Readonly<Partial<Record<Purpose, ConsentDecision>>>;
  /** Of a space the oldest first. */
  readonly embeddings: readonly ExportedEmbedding[];
  readonly events: readonly ExportedEvent[];
  readonly transcripts: readonly ExportedTranscript[];
  readonly audit: AuditLog;
  /** Records that are damaged. */
  readonly unreadable: readonly {
    readonly kind: RecordKind;
    readonly count: number;
  }[];
}
/** Every call throws E2PError `vault-locked` while the vault is locked, and `destroyed` after `forget()` or `close()`. */
interface User {
  /** false: the browser refuses to store, and everything is gone with the page; `warning` says why. Show it. */
  readonly persistent: boolean;
  readonly warning: string | undefined;
  readonly consent: UserConsent;
  readonly embedding: UserEmbeddings;
  readonly events: UserEvents;
  readonly transcripts: UserTranscripts;
  readonly audit: UserAudit;
  /** The second lock that the vault has, beside the device itself. */
  readonly lockKind: LockKind;
  readonly isLocked: boolean;
  /** Drops the keys from memory, and resolves when everything attached has let go of the person's data. */
  lock(): Promise<void>;
  /** @throws E2PError `vault-locked` for the wrong secret or none. */
  unlock(secret?: LockSecret): Promise<void>;
  /** Puts the open vault behind another lock, or behind none. Only the key is wrapped anew. */
  setLock(secret: LockSecret | undefined, use?: AuditUse): Promise<void>;
  /** Everything, as portable JSON in clear. Needs no consent. */
  export(use?: AuditUse): Promise<UserExport>;
  /**
   * Replaces embeddings, events and transcripts by those of an export, all or nothing; see `import-user.ts` for consent.
   * @param json an export, or its text.
   * @throws E2PError `invalid-import` naming the field.
   */
  import(json: unknown, use?: AuditUse): Promise<void>;
  /**
   * Destroys the keys, then every record, and overwrites embeddings in memory, here and in what is attached; then looks again.
   * Needs no consent and no secret. This handle is of no more use: `openUser()` begins anew.
   */
  forget(): Promise<ForgetReport>;
  /** Told after a change, also of another tab. @returns how to stop it. */
  subscribe(listener: (change: UserChange) => void): () => void;
  /** For what keeps the person's data outside of the vault. @returns how to detach it. */
  attach(attachment: UserAttachment): () => void;
  /** Drops the keys and the connection, and tells what is attached as `lock()` does; everything stays stored. */
  close(): Promise<void>;
  [Symbol.asyncDispose](): Promise<void>;
}
interface TotalProgress {
  /** Bytes that are here, over all files seen so far. */
  readonly loaded: number;
  /** Bytes in all, over the files seen so far whose size is known. */
  readonly total: number;
  /** Bytes a second that came over the network lately; undefined before there is anything to go by. */
  readonly rate: number | undefined;
  /** Seconds until `total` at this rate. */
  readonly secondsLeft: number | undefined;
}
type StorageBackend = 'opfs' | 'cache' | 'memory';
/** Where weights are kept. */
interface StoragePlace {
  readonly backend: StorageBackend;
  /** Why nothing is kept, for the person in front of the page; undefined where all is well. */
  readonly warning: string | undefined;
}
/**
 * Progress of `create` and of `user.describe`: where weights are kept, files by bytes, then the device and the graph, which report only that they
 * began.
 */
type LoadProgress = ({
  readonly stage: 'storage';
} & StoragePlace) | ({
  readonly stage: 'file';
  readonly all: TotalProgress;
} & FetchProgress) | {
  readonly stage: 'device';
} | {
  readonly stage: 'graph';
};
/** Where a page serves files of the package's folder `sealed/` itself; whatever is absent the library finds by itself. */
interface SealedFiles {
  /**
   * URL of `engine.js`, served from the page's own origin with the Content-Security-Policy that `e2p csp` prints: for pages whose own
   * policy does not allow the frame that the engine is otherwise born in.
   */
  readonly engine?: string | undefined;
  /** URL of `loader.js`, of the page's own origin: for pages whose own policy allows no worker of a blob, or no request to where models are. */
  readonly loader?: string | undefined;
  /** URL of a folder with the three `.wasm` files: for bundlers that do not know `new URL('…', import.meta.url)`. */
  readonly wasm?: string | undefined;
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
/** Temperatures of our choice; `balanced` is the model's own. */
declare const TEMPERATURES: {
  readonly 'most-predictable': 0;
  readonly predictable: 0.3;
  readonly 'slightly-predictable': 0.5;
  readonly balanced: undefined;
  readonly 'slightly-creative': 0.9;
  readonly creative: 1.1;
  readonly 'most-creative': 1.4;
};
type SamplingMode = keyof typeof TEMPERATURES;
declare const PARAMS: {
  readonly defaultTopK: 0;
  readonly maxTopK: 256;
  readonly defaultTemperature: 1;
  readonly maxTemperature: 2;
};
interface SamplingChoice {
  readonly samplingMode?: SamplingMode;
  readonly temperature?: number;
  readonly topK?: number;
}
type Availability = 'unavailable' | 'downloadable' | 'downloading' | 'available';
interface Expected {
  readonly type: string;
  readonly languages?: readonly string[];
}
interface LanguageModelOptions extends SamplingChoice {
  readonly expectedInputs?: readonly Expected[];
  readonly expectedOutputs?: readonly Expected[];
  readonly tools?: readonly unknown[];
}
interface LanguageModelCreateOptions extends LanguageModelOptions {
  readonly initialPrompts?: readonly PromptMessage[];
  readonly signal?: AbortSignal;
  /** Gets a target of `downloadprogress` events, whose `loaded` goes from 0 to 1. */
  readonly monitor?: (monitor: EventTarget) => void;
  /** Ours: λ of the person's soft tokens, as of `createSession`. */
  readonly strength?: number;
}
type LanguageModelPrompt = string | readonly PromptMessage[];
interface LanguageModelCallOptions {
  readonly signal?: AbortSignal;
}
interface LanguageModelPromptOptions extends LanguageModelCallOptions {
  /** A regular expression that the whole answer matches, or a JSON Schema. It is never written into the prompt. */
  readonly responseConstraint?: object;
  readonly omitResponseConstraintInput?: boolean;
}
/** A session. Errors are the specification's, the library's own their `cause`. */
interface LanguageModel extends EventTarget {
  /** In tokens, soft tokens included. */
  readonly contextUsage: number;
  readonly contextWindow: number;
  /** null where it was made with `temperature` or `topK`. */
  readonly samplingMode: SamplingMode | null;
  readonly temperature: number;
  readonly topK: number;
  oncontextoverflow: ((event: Event) => void) | null;
  prompt(input: LanguageModelPrompt, options?: LanguageModelPromptOptions): Promise<string>;
  promptStreaming(input: LanguageModelPrompt, options?: LanguageModelPromptOptions): TextReadable;
  append(input: LanguageModelPrompt, options?: LanguageModelCallOptions): Promise<undefined>;
  measureContextUsage(input: LanguageModelPrompt, options?: LanguageModelPromptOptions): Promise<number>;
  clone(options?: LanguageModelCallOptions): Promise<LanguageModel>;
  destroy(): void;
}
/** What stands for the browser's global `LanguageModel`. */
interface LanguageModelClass {
  readonly prototype: LanguageModel;
  availability(options?: LanguageModelOptions): Promise<Availability>;
  params(): Promise<typeof PARAMS>;
  create(options?: LanguageModelCreateOptions): Promise<LanguageModel>;
}
/**
 * @param source a personalizer, whose user new sessions are for; or what one is made of, at the first `create()`, once for all sessions
 */
export declare function createLanguageModel(source: Personalizer | PersonalizerOptions): LanguageModelClass;
export type { Availability, LanguageModel, LanguageModelCallOptions, LanguageModelClass, LanguageModelCreateOptions, LanguageModelOptions, LanguageModelPrompt, LanguageModelPromptOptions, SamplingMode, TextReadable };