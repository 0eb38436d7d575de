/**
 * Examples as token rows in a file, for trainers elsewhere (`examples/pytorch/train.py`): made by the tokenizer, chat template and slot
 * of the model that will be deployed, so that nothing has to be rebuilt there. JSON Lines: first `{"contract": …}` of the projector to
 * be, then `{"user", "ids", "targetFrom", "softPositions", "softIndices"}` for each example, and for distillation its `"teacher"`, a row as well.
 */
import { checkWhole, E2PError } from '../error.ts';
import type { BaseModel } from '../model/base-model.ts';
import type { Anchors } from '../projector/anchors.ts';
import {
  CONTRACT_VERSION,
  LIMITS,
  type ProjectorContract,
  type SentenceEncoderContract,
} from '../projector/contract.ts';
import { fingerprintOf } from '../projector/model-fingerprint.ts';
import { vectorsOf } from '../projector/projector.ts';
import { type NamedTensor, writeSafetensors } from '../projector/safetensors.ts';
import type { Slot } from '../projector/slot.ts';
import type { Runtime } from '../runtime/runtime.ts';
import { defaultSlot } from './default-slot.ts';
import { type FindTarget, oneToken, wordTargets } from './prepare-alignment.ts';
import { prepareRows } from './prepare-rows.ts';
import { standardisation } from './standardise.ts';
import type { AlignmentText } from './train-options.ts';
import type { Example, Users } from './training-data.ts';

export interface RowsFileOptions {
  readonly model: BaseModel;
  readonly runtime: Runtime;
  readonly users: Users;
  readonly examples: readonly Example[];
  readonly modelId: string;
  /** Id of the embedding space. */
  readonly space: string;
  /** What the vectors were made with, for the contract. */
  readonly encoder?: SentenceEncoderContract | undefined;
  /** Of a projector to go on from: taken over, so that space, K and slot are its own. Default: a new one. */
  readonly contract?: ProjectorContract | undefined;
  /** K; default 1. */
  readonly tokens?: number;
  /** Vectors of a user at most; default: what the users have. */
  readonly vectors?: number;
  /** Default after BOS. */
  readonly slot?: Slot;
  /** With a teacher's row for each example: its `teacher`, else its persona in words. Default false. */
  readonly withTeacher?: boolean;
  /** As in `train`: the contract recognises the model by its norms alone. */
  readonly requantised?: boolean;
  /** Longer rows are left out; default 512 tokens. */
  readonly maxLength?: number;
  /** Told the line of each example that is left out. */
  readonly onTooLong?: (line: number) => void;
}

/**
 * The lines of the file, each with its newline, made as they are asked for.
 * @throws E2PError `invalid-data`, `invalid-argument`, `contract-mismatch` (of `contract`)
 */
export async function* rowLines(options: RowsFileOptions): AsyncGenerator<string, void> {
  const { model, users, examples, maxLength = 512, withTeacher = false, onTooLong } = options;
  checkWhole('maxLength', maxLength, 1, 2 ** 31);
  const ids = [...new Set(examples.map((e) => e.user))];
  const sets = ids.map((id) => vectorsOf(users.rows.get(id)!, users.dim));
  const contract = options.contract ?? (await newContract(options, sets));
  const { tokens, slot, space, vectors } = contract;
  if (users.dim !== space.dim) {
    const found = `the users have ${users.dim} numbers each`;
    throw new E2PError('contract-mismatch', `${found}, the projector to begin with expects ${space.dim}`);
  }
  checkWhole('vectors', vectors, mostOf(sets), LIMITS.vectors);
  yield `${JSON.stringify({ contract })}\n`;
  const places = new Map(ids.map((id, row) => [id, { row, softTokens: sets[row]!.length * tokens }]));
  for (const example of examples) {
    const prepared = prepareRows([example], (id) => places.get(id)!, { model, slot, maxLength, withTeacher });
    if (prepared.rows.length === 0) onTooLong?.(example.line);
    for (const { ids, targetFrom, softPositions, softIndices, teacher } of prepared.rows) {
      const told = teacher && { ids: teacher.ids, targetFrom: teacher.targetFrom };
      const row = { user: example.user, ids, targetFrom, softPositions, softIndices, teacher: told };
      yield `${JSON.stringify(row)}\n`;
    }
  }
}

/** Users with their vectors as numbers, in the form of a users file, for those who have lines of text in theirs. */
export function* userLines({ rows, dim }: Users): Generator<string, void> {
  for (const [user, flat] of rows) {
    // Nine digits are what a float32 needs to be found again.
    const embeddings = vectorsOf(flat, dim).map((row) => Array.from(row, (v) => Number(v.toPrecision(9))));
    yield `${JSON.stringify({ user, embeddings })}\n`;
  }
}

/**
 * Texts to align with, as safetensors: `vectors` [texts, dim] (float16), and the token ids of each one's `words`, those that are one token each,
 * [texts, M], -1 where there are fewer. The b-th phrase of the anchors has the id V + b.
 */
export function alignmentFile(
  texts: readonly AlignmentText[],
  { codec, facts }: Pick<BaseModel, 'codec' | 'facts'>,
  phrases: Anchors['phrases'] = [],
): Uint8Array {
  const places = new Map(phrases.map((tokens, b) => [tokens.join(), facts.vocabularySize + b]));
  const find: FindTarget = (tokens) => places.get(tokens.join()) ?? oneToken(tokens);
  const words = texts.map(({ words }) => wordTargets(codec, words, find));
  const [width, dim] = [words.reduce((most, ids) => Math.max(most, ids.length), 1), texts[0]!.vector.length];
  const [vectors, ids] = [
    new Float32Array(texts.length * dim),
    new Float32Array(texts.length * width).fill(-1),
  ];
  for (const [i, { vector }] of texts.entries()) {
    vectors.set(vector, i * dim);
    ids.set(words[i]!, i * width);
  }
  return writeSafetensors({
    tensors: new Map<string, NamedTensor>([
      ['vectors', { shape: [texts.length, dim], data: vectors, dtype: 'F16' }],
      ['words', { shape: [texts.length, width], data: ids }],
    ]),
    metadata: { format: 'pt' },
  });
}

const mostOf = (sets: readonly (readonly Float32Array[])[]): number =>
  sets.reduce((most, set) => Math.max(most, set.length), 1);

async function newContract(
  options: RowsFileOptions,
  sets: readonly (readonly Float32Array[])[],
): Promise<ProjectorContract> {
  const { model, runtime, users, modelId, space, encoder, requantised = false } = options;
  const { tokens = 1, slot = defaultSlot(model), vectors = mostOf(sets) } = options;
  checkWhole('tokens', tokens, 1, LIMITS.tokens);
  const { hiddenSize, vocabularySize } = model.facts;
  const { mean, scale } = standardisation(sets.flat(), users.dim);
  return {
    version: CONTRACT_VERSION,
    model: {
      ...{ id: modelId, hiddenSize, vocabularySize, dtype: model.dtype },
      tableSha256: await model.tableSha256(),
    },
    space: { id: space, dim: users.dim, mean, scale, ...(encoder && { encoder }) },
    ...{ tokens, vectors, slot, scaleSide: 'postScale', outputRms: await model.embeddingRms(runtime) },
    fingerprint: await fingerprintOf(model, runtime, { requantised }),
  };
}
