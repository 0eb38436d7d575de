/**
 * Examples as token rows in a file, for trainers elsewhere (`examples/pytorch/train.py`): made by the tokenizer, chat template and slot
 * of the model that will be deployed, so that nothing has to be rebuilt there. JSON Lines: first `{"contract": …}` of the projector to
 * be, then `{"user", "ids", "targetFrom", "softPositions"}` for each example.
 */
import { checkWhole } from '../error.ts';
import type { BaseModel } from '../model/base-model.ts';
import { CONTRACT_VERSION, type ProjectorContract } from '../projector/contract.ts';
import { fingerprintOf } from '../projector/model-fingerprint.ts';
import { vectorsOf } from '../projector/projector.ts';
import type { Slot } from '../projector/slot.ts';
import type { Runtime } from '../runtime/runtime.ts';
import { prepareRows } from './prepare-rows.ts';
import { standardisation } from './standardise.ts';
import type { Example, Users } from './training-data.ts';

export interface RowsFileOptions {
  readonly model: BaseModel;
  readonly runtime: Runtime;
  readonly users: Users;
  readonly examples: readonly Example[];
  readonly modelId: string;
  /** Id of the embedding space. */
  readonly space: string;
  /** K; default 1. */
  readonly tokens?: number;
  /** Default after BOS. */
  readonly slot?: Slot;
  /** Longer rows are left out; default 512 tokens. */
  readonly maxLength?: number;
  /** Told the line of each example that is left out. */
  readonly onTooLong?: (line: number) => void;
}

/**
 * The lines of the file, each with its newline, made as they are asked for.
 * @throws E2PError `invalid-data`, `invalid-argument`
 */
export async function* rowLines(options: RowsFileOptions): AsyncGenerator<string, void> {
  const { model, runtime, users, examples, modelId, space, onTooLong } = options;
  const { tokens = 1, slot = 'after-bos', maxLength = 512 } = options;
  checkWhole('tokens', tokens, 1, 64);
  checkWhole('maxLength', maxLength, 1, 2 ** 31);
  const ids = [...new Set(examples.map((e) => e.user))];
  const sets = ids.map((id) => vectorsOf(users.rows.get(id)!, users.dim));
  const { mean, scale } = standardisation(sets.flat(), users.dim);
  const vectors = sets.reduce((most, set) => Math.max(most, set.length), 1);
  const { hiddenSize, vocabularySize } = model.facts;
  const contract: ProjectorContract = {
    version: CONTRACT_VERSION,
    model: {
      ...{ id: modelId, hiddenSize, vocabularySize, dtype: model.dtype },
      tableSha256: await model.tableSha256(),
    },
    space: { id: space, dim: users.dim, mean, scale },
    ...{ tokens, vectors, slot, scaleSide: 'postScale', outputRms: await model.embeddingRms(runtime) },
    fingerprint: await fingerprintOf(model, runtime),
  };
  yield `${JSON.stringify({ contract })}\n`;
  const places = new Map(ids.map((id, row) => [id, { row, softTokens: sets[row]!.length * tokens }]));
  for (const example of examples) {
    const { rows } = prepareRows([example], (id) => places.get(id)!, { model, slot, maxLength });
    if (rows.length === 0) onTooLong?.(example.line);
    for (const { ids: row, targetFrom, softPositions, softIndices } of rows) {
      yield `${JSON.stringify({ user: example.user, ids: row, targetFrom, softPositions, softIndices })}\n`;
    }
  }
}
