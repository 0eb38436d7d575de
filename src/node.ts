/**
 * `e2p-web/node`: the same API on onnxruntime-node, for servers, scripts and tests. Model and projector are paths
 * (or URLs) instead of URLs.
 */
import { readFile } from 'node:fs/promises';
import { basename } from 'node:path';
import { E2PError } from './error.ts';
import type { BatchOptions, BatchRequest } from './generate/batch-requests.ts';
import { checkCreateOptions } from './generate/create-options.ts';
import { Engine } from './generate/engine.ts';
import type { BatchOutcome } from './generate/generate-batch.ts';
import {
  type DescribableUserHandle,
  LocalPersonalizer,
  type Personalizer as PersonalizerInterface,
} from './generate/personalizer.ts';
import { UNSEALED, type UnsealedReport } from './generate/unsealed.ts';
import { connectVault } from './generate/vaulted-personalizer.ts';
import { type BaseModel, loadBaseModel } from './model/base-model.ts';
import type { HubOptions } from './model/hub.ts';
import type { Dtype } from './model/model-config.ts';
import { withNodeSource } from './model/node-source.ts';
import { planModel } from './model/plan-files.ts';
import { type ProjectorFile, readyProjector } from './projector/ready-projector.ts';
import { createNodeRuntime } from './runtime/node-runtime.ts';
import type { FetchProgress } from './storage/file-source.ts';
import type { ModelFiles } from './storage/handed-files.ts';
import type { BytesProgress, LoadProgress } from './storage/load-progress.ts';
import { createProgressMeter } from './storage/total-progress.ts';
import type { OpenEncoder, SentenceEncoder } from './user/sentence-encoder.ts';
import { loadSentenceEncoder } from './user/transformers-encoder.ts';
import type { User } from './user/user.ts';

export { E2PError, type E2PErrorCode } from './error.ts';
export type { GenerateOptions, GenerationResult } from './generate/answer.ts';
export type { BatchOptions, BatchRequest } from './generate/batch-requests.ts';
export type {
  ChoicesConstraint,
  Constraint,
  JsonSchemaConstraint,
  RegExpConstraint,
} from './generate/constraint/constraint.ts';
export type { BatchOutcome } from './generate/generate-batch.ts';
export type {
  DescribableUserHandle,
  ModelInfo,
  SessionOptions,
  UserHandle,
} from './generate/personalizer.ts';
export type { PromptInput, PromptMessage, TextPart } from './generate/prompt-input.ts';
export type { RankedCandidate, RankOptions } from './generate/rank.ts';
export type { InputOptions, Session } from './generate/session.ts';
export type { UnsealedReport } from './generate/unsealed.ts';
export type { BaseModel } from './model/base-model.ts';
export type { JsonValue, TemplateVariables } from './model/chat-template.ts';
export type { HubOptions } from './model/hub.ts';
export type { Dtype } from './model/model-config.ts';
export type { ChatMessage } from './model/text-codec.ts';
export {
  createNodeRuntime as createRuntime,
  type NodeDevice,
  type NodeRuntimeOptions,
} from './runtime/node-runtime.ts';
export type { Runtime } from './runtime/runtime.ts';
export type { ModelFiles } from './storage/handed-files.ts';
export type { LoadProgress } from './storage/load-progress.ts';
export type { TotalProgress } from './storage/total-progress.ts';
export { type FoldInOptions, foldIn } from './user/als.ts';
export type { ForgottenItem, UserAttachment, UserChange } from './user/attachment.ts';
export {
  type AuditAction,
  type AuditEntry,
  type AuditLog,
  type AuditUse,
  type ChainReport,
  verifyAuditLog,
} from './user/audit-chain.ts';
export type { UserAudit } from './user/audit-log.ts';
export type { ConsentDecision, ConsentState, UserConsent } from './user/consent.ts';
export type { StoredEvent, UserEvent, UserEvents } from './user/events.ts';
export type { ForgetReport } from './user/forget-report.ts';
export {
  forgetFileUser as forgetUser,
  type OpenFileUserOptions,
  openFileUser as openUser,
  type VaultFolder,
} from './user/open-file-user.ts';
export type { Purpose } from './user/purpose.ts';
export type { SentenceEncoder } from './user/sentence-encoder.ts';
export type { StoredEmbedding, UserEmbeddings } from './user/stored-embeddings.ts';
export type { StoredTranscript, Transcript, UserTranscripts } from './user/transcripts.ts';
export { type EncoderOptions, loadSentenceEncoder } from './user/transformers-encoder.ts';
export type { User } from './user/user.ts';
export type { EmbeddingInput, UserEmbedding } from './user/user-embedding.ts';
export type { UserExport } from './user/user-export.ts';
export type { RetentionPolicy } from './user/vault/record-kind.ts';
export type { LockKind, LockSecret } from './user/vault/second-lock.ts';

/** What `Personalizer.create` takes in Node. */
export interface NodePersonalizerOptions {
  /**
   * A folder, the URL of one, or a Hub id (`owner/name`) where no such folder exists: from the cache of `hf download` where it is there, else
   * fetched, into memory; or the files of a folder.
   */
  readonly model: string | ModelFiles;
  /** Which `onnx/model*.onnx`; default q4, else fp32. */
  readonly dtype?: Dtype;
  /** Host, path and revision of a Hub id; default `main` of huggingface.co. */
  readonly hub?: HubOptions;
  /** Path of a projector file, or the file. Without one, sessions are not personalised. */
  readonly projector?: string | Blob;
  /**
   * Hub id or folder of the sentence encoder for `user.describe`; default: the one that the projector's contract names. Needs the
   * package @huggingface/transformers.
   */
  readonly encoder?: string;
  /**
   * The person's vault (`openUser`). Sessions are personalised by the embedding in it, as long as `personalise` is granted; withdrawing,
   * locking and forgetting reach the engine at once, what another process does before its next session.
   */
  readonly user?: User;
  /** What a session does where `personalise` is not granted: fail with `consent-required` (default) or run unpersonalised. */
  readonly withoutConsent?: 'fail' | 'unpersonalised';
  /** Threads of one operator; default 1. */
  readonly threads?: number;
  /** As in a browser: files by bytes, with a total over all of them, then the device and the graph. */
  readonly onProgress?: (progress: LoadProgress) => void;
  readonly signal?: AbortSignal;
}

export interface WithProjectorOptions extends Pick<NodePersonalizerOptions, 'encoder'> {
  readonly signal?: AbortSignal;
}

/** A model with its projector, and the one person it writes for. `destroy` it. */
export interface Personalizer extends PersonalizerInterface {
  readonly user: DescribableUserHandle;
  /**
   * Another personalizer on the same model in memory, with this projector and a user of its own. Each is destroyed by itself; the model is
   * freed with the last of them.
   * @throws E2PError naming the file and what is wrong with it
   */
  withProjector(projector: string | Blob, options?: WithProjectorOptions): Promise<Personalizer>;
  /**
   * Answers many requests at once, each for a user of its own, who is let go of with the answer.
   * @returns what became of each, in their order: what is wrong with one is not the others' failure
   * @throws E2PError `invalid-argument` for the options; `destroyed`; the signal's reason on an abort
   */
  generateBatch(requests: readonly BatchRequest[], options?: BatchOptions): Promise<readonly BatchOutcome[]>;
  /** That nothing is sealed here, in words. */
  readonly privacy: UnsealedReport;
}

/** What is looked for unless the caller says: the smallest that computes well, then what there is. */
const BY_SIZE = ['q4', 'fp32', 'q4f16', 'fp16', 'q8', 'int8', 'uint8'] as const;

const OPTIONS = [
  ...(['model', 'dtype', 'hub', 'projector', 'encoder', 'threads', 'onProgress', 'signal'] as const),
  ...(['user', 'withoutConsent'] as const),
];

/** The one way to a personalizer: `create`. */
export const Personalizer = {
  /** @throws E2PError naming the file and what is wrong with it. */
  async create(given: NodePersonalizerOptions): Promise<Personalizer> {
    const options = checkCreateOptions(given, OPTIONS);
    const { signal } = options;
    // Whether onnxruntime is there is known before a model is downloaded.
    const runtime = createNodeRuntime(options.threads ? { threads: options.threads } : {});
    const model = await loadModel(options);
    options.onProgress?.({ stage: 'device' });
    const file = options.projector === undefined ? undefined : await loadProjector(options.projector);
    const projector = file && (await readyProjector(file, model, runtime));
    options.onProgress?.({ stage: 'graph' });
    const engine = await Engine.create({ model, runtime, signal });
    return handOut(new LocalPersonalizer(engine, projector, openOnce(options.encoder)), options);
  },
};

/** Connected to the vault, where there is one, and with what is Node's own. */
async function handOut(
  local: LocalPersonalizer,
  options: Pick<NodePersonalizerOptions, 'user' | 'withoutConsent' | 'projector'>,
): Promise<Personalizer> {
  const more: Pick<Personalizer, 'privacy' | 'withProjector'> = {
    privacy: UNSEALED,
    withProjector: async (projector, given = {}) => {
      const { encoder, signal } = checkCreateOptions(given, ['encoder', 'signal']);
      const file = await loadProjector(projector);
      const other = await local.share(file, openOnce(encoder));
      if (signal?.aborted) await other.destroy();
      signal?.throwIfAborted();
      // One person, one vault: who may not be known to one of them is not known to any.
      return handOut(other, { ...options, projector });
    },
  };
  const { user, withoutConsent, projector = '' } = options;
  if (user === undefined) return Object.assign(local, more);
  try {
    const name = basename(projectorName(projector));
    const vaulted = await connectVault(local, { user, withoutConsent, projector: name });
    const generateBatch: Personalizer['generateBatch'] = (...asked) => local.generateBatch(...asked);
    return Object.assign(vaulted, { ...more, generateBatch });
  } catch (error) {
    await local.destroy();
    throw error;
  }
}

/**
 * A base model for `train` and `evaluate`; a personalizer loads its own.
 * @throws E2PError naming the file and what is wrong with it
 */
export const loadModel = ({
  dtype,
  signal,
  onProgress,
  ...where
}: Pick<
  NodePersonalizerOptions,
  'model' | 'dtype' | 'hub' | 'signal' | 'onProgress'
>): Promise<BaseModel> => {
  const dtypes = dtype ? [dtype] : BY_SIZE;
  const meter = createProgressMeter<BytesProgress>(['model'], (progress) => onProgress?.(progress));
  const read = { signal, onProgress: (file: FetchProgress) => meter.add({ stage: 'file', ...file }) };
  return withNodeSource({ ...where, signal }, async (source) => {
    const planned = planModel(source, dtypes, read).then((plan) => meter.plan('model', plan?.files));
    const [model] = await Promise.all([loadBaseModel({ source, dtypes, ...read }), planned]);
    return model;
  });
};

/** The encoder is loaded when somebody is first described, and kept. */
function openOnce(id: string | undefined): OpenEncoder {
  let loading: Promise<SentenceEncoder> | undefined;
  return async ({ id: wanted, pooling, normalize }) => {
    const name = id ?? wanted;
    loading ??= loadSentenceEncoder({ id: name, pooling, normalize });
    const encoder = await loading.catch((error) => {
      loading = undefined;
      throw error;
    });
    return { name, encoder };
  };
}

const projectorName = (given: string | Blob) => (typeof given === 'string' ? given : 'the projector');

async function loadProjector(given: string | Blob): Promise<ProjectorFile> {
  const path = projectorName(given);
  let bytes: Uint8Array;
  try {
    bytes = typeof given === 'string' ? await readFile(path) : new Uint8Array(await given.arrayBuffer());
  } catch (cause) {
    const { code } = cause as NodeJS.ErrnoException;
    throw new E2PError('invalid-projector', `${path} could not be read: ${code}`, { cause });
  }
  return { name: path, bytes };
}
