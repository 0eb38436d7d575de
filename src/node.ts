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
import { LocalPersonalizer, type Personalizer as PersonalizerInterface } from './generate/personalizer.ts';
import { UNSEALED, type UnsealedReport } from './generate/unsealed.ts';
import type { DescribableUserHandle } from './generate/user-handles.ts';
import { connectVault, type VaultOptions } from './generate/vaulted-personalizer.ts';
import { createDriftNotice } from './generate/warn-unpersonalised.ts';
import type { CpuWeights } from './model/cpu-weights.ts';
import { loadForNode, loadSaferModel, type NodeModelOptions } from './model/load-node-model.ts';
import { type ProjectorFile, readyProjector } from './projector/ready-projector.ts';
import { createNodeRuntime } from './runtime/node-runtime.ts';
import { hasWholeProducts } from './runtime/whole-products.ts';
import { createFolderStore } from './storage/folder-store.ts';
import type { LoadProgress, StoragePlace } from './storage/load-progress.ts';
import { createWeights, type StoredWeights } from './storage/weights.ts';
import type { OpenEncoder, SentenceEncoder } from './user/sentence-encoder.ts';
import { loadSentenceEncoder } from './user/transformers-encoder.ts';
import type { User } from './user/user.ts';
import { type DriftOptions, readDriftOptions, type UserFit } from './user/user-fit.ts';

export * from './common-surface.ts';
export type { BatchOptions, BatchRequest } from './generate/batch-requests.ts';
export type { BatchOutcome } from './generate/generate-batch.ts';
export type { UnsealedReport } from './generate/unsealed.ts';
export type { DescribableUserHandle, UserHandle } from './generate/user-handles.ts';
export type { BaseModel } from './model/base-model.ts';
export { loadNodeModel as loadModel, type NodeModelOptions } from './model/load-node-model.ts';
export {
  createNodeRuntime as createRuntime,
  type NodeDevice,
  type NodeRuntimeOptions,
} from './runtime/node-runtime.ts';
export type { Runtime } from './runtime/runtime.ts';
export type { InterruptedLoad, LoadProgress, SmallerVariant, StoragePlace } from './storage/load-progress.ts';
export type { CheckWeightsOptions, StoredWeights } from './storage/weights.ts';
export {
  forgetFileUser as forgetUser,
  type OpenFileUserOptions,
  openFileUser as openUser,
  type VaultFolder,
} from './user/open-file-user.ts';
export type { SentenceEncoder } from './user/sentence-encoder.ts';
export { type EncoderOptions, loadSentenceEncoder } from './user/transformers-encoder.ts';

/** What `Personalizer.create` takes in Node. */
export interface NodePersonalizerOptions extends NodeModelOptions {
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
  /**
   * `int8`: prompts are read with weights of 4 and 8 bits turned into int8, which takes about half the time; they are made at the first load, kept
   * beside the file or in `cache`, and in memory too. Texts may differ from the file's. Default: `as-stored`, and `auto` is the same.
   */
  readonly cpuWeights?: CpuWeights;
  /** As of e2p-web: when an embedding counts as unusual or alien; false: never. */
  readonly drift?: DriftOptions | false;
  /** As of e2p-web; in a batch for each of its users. */
  readonly onDrift?: (fit: UserFit) => void;
}

/** Of a further projector: its encoder, and whose vault it is connected to, where that is not the first one's. */
export interface WithProjectorOptions
  extends Pick<NodePersonalizerOptions, 'encoder' | 'user' | 'withoutConsent'> {
  /** Ends the adding; what was loaded is let go of. */
  readonly signal?: AbortSignal;
}

/** A model with its projector, and the one person it writes for. `destroy` it. */
export interface Personalizer extends PersonalizerInterface {
  readonly user: DescribableUserHandle;
  /**
   * Another personalizer on the same model in memory, with this projector and a user of its own, or connected to a vault: the one of its options,
   * else this personalizer's. Each is destroyed by itself; the model is freed with the last of them.
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
  /** Where a model that was fetched is kept; undefined for one that was here. */
  readonly storage: StoragePlace | undefined;
}

const OPTIONS = [
  ...(['model', 'dtype', 'hub', 'projector', 'encoder', 'threads', 'onProgress', 'signal'] as const),
  ...(['user', 'withoutConsent', 'cache', 'cpuWeights', 'drift', 'onDrift'] as const),
];

/** The one way to a personalizer: `create`. */
export const Personalizer = {
  /** @throws E2PError naming the file and what is wrong with it. */
  async create(given: NodePersonalizerOptions): Promise<Personalizer> {
    const options = checkCreateOptions(given, OPTIONS);
    const { signal } = options;
    const watch = { drift: readDriftOptions(options.drift), onDrift: createDriftNotice(options.onDrift) };
    // Whether onnxruntime is there is known before a model is downloaded.
    const runtime = createNodeRuntime(options.threads ? { threads: options.threads } : {});
    let storage: StoragePlace | undefined;
    const onProgress = (progress: LoadProgress) => {
      if (progress.stage === 'storage') {
        const { backend, warning } = progress;
        storage = { backend, warning };
      }
      options.onProgress?.(progress);
    };
    const { cpuWeights } = options;
    // Where products of bytes are cut off, the file's weights are the right ones.
    const int8 = cpuWeights === 'int8' ? () => hasWholeProducts(runtime) : undefined;
    const model = await loadForNode({ ...options, onProgress }, int8);
    options.onProgress?.({ stage: 'device' });
    const file = options.projector === undefined ? undefined : await loadProjector(options.projector);
    const projector = file && (await readyProjector(file, model, runtime));
    options.onProgress?.({ stage: 'graph' });
    const saferModel = () => loadSaferModel(options, model);
    const engine = await Engine.create({ model, runtime, saferModel, signal });
    const encoder = openOnce(options.encoder);
    return handOut(new LocalPersonalizer(engine, projector, encoder, undefined, watch), {
      ...options,
      storage,
    });
  },
};

/** Connected to the vault, where there is one, and with what is Node's own. */
async function handOut(
  local: LocalPersonalizer,
  options: Partial<Pick<VaultOptions, 'withoutConsent'>> &
    Pick<NodePersonalizerOptions, 'projector'> &
    Pick<Personalizer, 'storage'> & { readonly user?: User | undefined },
): Promise<Personalizer> {
  const more: Pick<Personalizer, 'privacy' | 'storage' | 'withProjector'> = {
    privacy: UNSEALED,
    storage: options.storage,
    withProjector: async (projector, given = {}) => {
      const { signal, ...own } = checkCreateOptions(given, ['encoder', 'signal', 'user', 'withoutConsent']);
      const file = await loadProjector(projector);
      const other = await local.share(file, openOnce(own.encoder));
      if (signal?.aborted) await other.destroy();
      signal?.throwIfAborted();
      // Else one person, one vault: who may not be known to one of them is not known to any.
      const { user = options.user, withoutConsent = options.withoutConsent } = own;
      return handOut(other, { ...options, projector, user, withoutConsent });
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

/** What the folder has that was given as `cache`. */
export const weightsIn = (cache: string): StoredWeights =>
  createWeights(async () => createFolderStore(cache));

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
