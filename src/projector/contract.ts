/**
 * What a projector file declares about the model and the embedding space it was trained for
 * (`__metadata__.e2p`, JSON). A projector is used only where all of it holds.
 */
import * as v from 'valibot';
import { E2PError } from '../error.ts';
import { checkJson, object, refusal, whole } from '../storage/check-json.ts';
import { fingerprintSchema, type ModelFingerprint } from './model-fingerprint.ts';
import { SLOT, type Slot } from './slot.ts';
import type { QuestionWeighting } from './weigh-by-question.ts';

/** 2: a user may be a set of vectors, slots lie in the conversation, the space may name its encoder, and the model has a fingerprint. 1 is still read. */
export const CONTRACT_VERSION = 2;

/** Written where a user is read in a way that version 2 knows nothing of: it would take a set that a question weighs for soft tokens of each. */
export const NEXT_VERSION = 3;

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
  readonly version: 1 | 2 | 3;
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
    /** Where it is fused of several sources (`fuseEmbeddings`). */
    readonly sources?: SourcesContract;
    /** What makes a vector of this space from a text; absent where the embeddings are not about words. */
    readonly encoder?: SentenceEncoderContract;
  };
  /** K, soft tokens per vector; a vector that is a phrase's has as many as the phrase. */
  readonly tokens: number;
  /** A user is a set of up to so many vectors, each with K soft tokens; 1 = one vector. */
  readonly vectors: number;
  /** A set becomes one vector by what is asked, as the space's encoder reads it; absent: each vector has soft tokens of its own. */
  readonly byQuestion?: QuestionWeighting;
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

/** A fused vector: a block for each source, whose last number is 1 where the source is known of, and all of which are 0 where it is not. */
export interface SourcesContract {
  /** Numbers of each block; they sum up to `dim`. */
  readonly widths: readonly number[];
  /** Blocks are weighted by gates, which look at all that is known. */
  readonly gated: boolean;
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

/** What the rest depends on. */
const HEAD = object({
  version: v.picklist(
    [1, CONTRACT_VERSION, NEXT_VERSION],
    `1 to ${NEXT_VERSION}; a newer e2p-web may read it`,
  ),
  model: object({ hiddenSize: whole(1, LIMITS.hidden), vocabularySize: whole(1, 2 ** 31) }),
  space: object({ dim: whole(1, LIMITS.dim) }),
});
const text = v.string('text');
const number = v.pipe(v.number('a number'), v.finite('a finite number'));
const positive = v.pipe(number, v.gtValue(0, 'a positive number'));
/** What is as small or large in an embedding still makes finite numbers, once it is standardised and squared. */
const LEAST_SCALE = 2 ** -126;
const MOST_MEAN = 2 ** 128;
const inFloat32 = v.pipe(
  number,
  v.minValue(-MOST_MEAN, 'a number of float32'),
  v.maxValue(MOST_MEAN, 'a number of float32'),
);
const spread = v.pipe(number, v.minValue(LEAST_SCALE, 'a positive number of float32'));

function contractOf({ version, model, space: { dim } }: v.InferOutput<typeof HEAD>) {
  const perDimension = (each: v.GenericSchema<number>) =>
    v.pipe(v.array(each, `${dim} numbers`), v.length(dim, `${dim} numbers`));
  return object({
    version: v.literal(version),
    model: object({
      id: text,
      hiddenSize: v.literal(model.hiddenSize),
      vocabularySize: v.literal(model.vocabularySize),
      dtype: text,
      tableSha256: text,
    }),
    space: object({
      id: text,
      dim: v.literal(dim),
      mean: perDimension(inFloat32),
      scale: perDimension(spread),
      sources: v.exactOptional(
        object({
          widths: v.pipe(
            v.array(whole(2, dim)),
            v.check((widths) => widths.reduce((sum, width) => sum + width, 0) === dim, `${dim} in sum`),
          ),
          gated: v.boolean('true or false'),
        }),
      ),
      encoder: v.exactOptional(
        object({
          id: text,
          pooling: v.picklist(['mean', 'cls'], '"mean" or "cls"'),
          normalize: v.boolean('true or false'),
          probe: perDimension(number),
        }),
      ),
    }),
    tokens: whole(1, LIMITS.tokens),
    // Version 1 knows no sets.
    vectors: version === 1 ? v.fallback(v.literal(1), 1) : whole(1, LIMITS.vectors),
    byQuestion: v.exactOptional(object({ temperature: positive })),
    slot: SLOT,
    scaleSide: v.nullish(v.picklist(['postScale', 'preScale'], '"postScale" or "preScale"'), 'postScale'),
    outputRms: positive,
    fingerprint: v.exactOptional(fingerprintSchema(model)),
    training: v.exactOptional(
      v.record(v.string(), v.union([v.string(), v.number()], 'text or a number'), 'an object'),
    ),
  });
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
  const origin = { code: 'invalid-projector', file: fileName, what: 'contract' } as const;
  const head = checkJson(HEAD, root, origin);
  const contract = checkJson(contractOf(head), root, origin);
  if (contract.byQuestion !== undefined && contract.space.encoder === undefined)
    throw refusal(
      origin,
      'contract field space.encoder',
      undefined,
      'what reads the question that byQuestion weighs by',
    );
  return contract;
}
