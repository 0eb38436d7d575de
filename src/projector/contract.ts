/**
 * What a projector file declares about the model and the embedding space it was trained for
 * (`__metadata__.e2p`, JSON). A projector is used only where all of it holds.
 */
import { E2PError } from '../error.ts';
import { type ModelFingerprint, parseFingerprint } from './model-fingerprint.ts';
import { parseSlot, type Slot } from './slot.ts';

/** 2: a user may be a set of vectors, slots lie in the conversation, the space may name its encoder, and the model has a fingerprint. 1 is still read. */
export const CONTRACT_VERSION = 2;

/** Largest numbers a contract may ask for; they bound what is allocated for an untrusted file (CWE-789). */
export const LIMITS = {
  dim: 65_536,
  hidden: 65_536,
  tokens: 64,
  vectors: 64,
  anchors: 65_536,
  phrase: 8,
} as const;

export interface ProjectorContract {
  readonly version: 1 | 2;
  readonly model: {
    readonly id: string;
    readonly hiddenSize: number;
    readonly vocabularySize: number;
    /** Variant that the projector was trained against. */
    readonly dtype: string;
    /** SHA-256 (hex) of the embedding table's bytes in that variant. */
    readonly tableSha256: string;
  };
  readonly space: {
    readonly id: string;
    readonly dim: number;
    /** Of the training users; inputs become (embedding − mean) / scale. Length `dim` each. */
    readonly mean: readonly number[];
    readonly scale: readonly number[];
    /** What makes a vector of this space from a text; absent where the embeddings are not about words. */
    readonly encoder?: SentenceEncoderContract;
  };
  /** K, soft tokens per vector; a vector that is a phrase's has as many as the phrase. */
  readonly tokens: number;
  /** A user is a set of up to so many vectors, each with K soft tokens; 1 = one vector. */
  readonly vectors: number;
  readonly slot: Slot;
  /**
   * Where the model multiplies its token embeddings by a factor (√H in Gemma): whether soft tokens are meant to go
   * in behind it (default) or in front of it, and so be multiplied too.
   */
  readonly scaleSide: 'postScale' | 'preScale';
  /** Each soft token is scaled to this root mean square, times the learned gain. */
  readonly outputRms: number;
  /** Tells the model in another precision from another fine-tune; older files have none. */
  readonly fingerprint?: ModelFingerprint;
  readonly training?: Readonly<Record<string, string | number>>;
}

export interface SentenceEncoderContract {
  /** Hub id of a `feature-extraction` model. */
  readonly id: string;
  readonly pooling: 'mean' | 'cls';
  /** Vectors are scaled to length 1. */
  readonly normalize: boolean;
  /** Its vector [dim] of `PROBE_TEXT` (`user/sentence-encoder.ts`): another encoder gives another one. */
  readonly probe: readonly number[];
}

/** @throws E2PError `invalid-projector` naming the field. */
export function parseContract(json: string | undefined, fileName: string): ProjectorContract {
  if (json === undefined) {
    throw new E2PError(
      'invalid-projector',
      `${fileName}: the metadata entry "e2p" (the contract) is missing`,
    );
  }
  let root: unknown;
  try {
    root = JSON.parse(json);
  } catch (cause) {
    throw new E2PError('invalid-projector', `${fileName}: the contract is not JSON`, { cause });
  }
  const read = reader(root, fileName);
  const version = read.whole('version', 1, 1_000);
  if (version !== 1 && version !== CONTRACT_VERSION) {
    throw new E2PError(
      'invalid-projector',
      `${fileName}: contract version ${version}, expected 1 or ${CONTRACT_VERSION}; a newer e2p-web may read it`,
    );
  }
  const dim = read.whole('space.dim', 1, LIMITS.dim);
  return {
    version,
    model: {
      id: read.text('model.id'),
      hiddenSize: read.whole('model.hiddenSize', 1, LIMITS.hidden),
      vocabularySize: read.whole('model.vocabularySize', 1, 2 ** 31),
      dtype: read.text('model.dtype'),
      tableSha256: read.text('model.tableSha256'),
    },
    space: {
      id: read.text('space.id'),
      dim,
      mean: read.numbers('space.mean', dim),
      scale: read.numbers('space.scale', dim, (v) => v > 0),
      ...read.encoder(dim),
    },
    tokens: read.whole('tokens', 1, LIMITS.tokens),
    vectors: version === 1 ? 1 : read.whole('vectors', 1, LIMITS.vectors),
    slot: read.slot(),
    scaleSide: read.scaleSide(),
    outputRms: read.positive('outputRms'),
    ...read.fingerprint(),
    ...read.training(),
  };
}

function reader(root: unknown, fileName: string) {
  const at = (path: string): unknown =>
    path.split('.').reduce<unknown>((value, key) => (value as Record<string, unknown> | null)?.[key], root);
  const refuse = (path: string, expected: string): never => {
    const found = JSON.stringify(at(path))?.slice(0, 60) ?? 'nothing';
    throw new E2PError(
      'invalid-projector',
      `${fileName}: contract field ${path} is ${found}, expected ${expected}`,
    );
  };
  const read = {
    text: (path: string): string => {
      const value = at(path);
      return typeof value === 'string' ? value : refuse(path, 'text');
    },
    whole: (path: string, min: number, max: number): number => {
      const value = at(path);
      const right = typeof value === 'number' && Number.isInteger(value) && value >= min && value <= max;
      return right ? value : refuse(path, `a whole number from ${min} to ${max}`);
    },
    positive: (path: string): number => {
      const value = at(path);
      return typeof value === 'number' && value > 0 && Number.isFinite(value)
        ? value
        : refuse(path, 'a positive number');
    },
    numbers: (path: string, length: number, valid = (_: number) => true): number[] => {
      const value = at(path);
      const right =
        Array.isArray(value) &&
        value.length === length &&
        value.every((v) => typeof v === 'number' && Number.isFinite(v) && valid(v));
      return right ? (value as number[]) : refuse(path, `${length} valid numbers`);
    },
    slot: (): Slot =>
      parseSlot(at('slot')) ??
      refuse('slot', '"after-bos", {"placeholder": "…"} or {"places": [{"at", "text"}…]}'),
    scaleSide: (): ProjectorContract['scaleSide'] => {
      const value = at('scaleSide') ?? 'postScale';
      return value === 'postScale' || value === 'preScale'
        ? value
        : refuse('scaleSide', '"postScale" or "preScale"');
    },
    encoder: (dim: number): Pick<ProjectorContract['space'], 'encoder'> => {
      if (at('space.encoder') === undefined) return {};
      const pooling = at('space.encoder.pooling');
      const normalize = at('space.encoder.normalize');
      if (pooling !== 'mean' && pooling !== 'cls') return refuse('space.encoder.pooling', '"mean" or "cls"');
      if (typeof normalize !== 'boolean') return refuse('space.encoder.normalize', 'true or false');
      const id = read.text('space.encoder.id');
      return { encoder: { id, pooling, normalize, probe: read.numbers('space.encoder.probe', dim) } };
    },
    fingerprint: (): Pick<ProjectorContract, 'fingerprint'> => {
      const value = at('fingerprint');
      if (value === undefined) return {};
      const [hiddenSize, vocabularySize] = [
        read.whole('model.hiddenSize', 1, LIMITS.hidden),
        read.whole('model.vocabularySize', 1, 2 ** 31),
      ];
      return { fingerprint: parseFingerprint(value, { hiddenSize, vocabularySize }, fileName) };
    },
    training: (): Pick<ProjectorContract, 'training'> => {
      const value = at('training');
      if (typeof value !== 'object' || value === null) return {};
      return { training: value as Record<string, string | number> };
    },
  };
  return read;
}
