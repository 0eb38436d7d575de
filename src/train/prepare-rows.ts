/** Examples as token rows: the prompt through the model's template with places for soft tokens, the target, end of text. */
import { E2PError } from '../error.ts';
import { buildInput, type Slot } from '../generate/prompt.ts';
import type { BaseModel } from '../model/base-model.ts';
import type { ProjectorExample } from './train-projector.ts';
import type { Example } from './training-data.ts';

export interface PrepareOptions {
  readonly model: BaseModel;
  readonly slot: Slot;
  /** K */
  readonly tokens: number;
  /** Longer rows are left out whole: cutting them would change what is learned. */
  readonly maxLength: number;
}

export interface PreparedRows {
  readonly rows: readonly ProjectorExample[];
  /** Lines of the examples that were too long. */
  readonly tooLong: readonly number[];
}

/** @throws E2PError `invalid-data` where no example is short enough; `invalid-argument` for a prompt without its slot. */
export function prepareRows(
  examples: readonly Example[],
  userRow: (user: string) => number,
  { model, slot, tokens, maxLength }: PrepareOptions,
): PreparedRows {
  const vectors = Array.from({ length: tokens }, () => new Float32Array(0));
  const end = model.config.eosTokenIds[0];
  const rows: ProjectorExample[] = [];
  const tooLong: number[] = [];
  for (const { messages, target, user, line } of examples) {
    const { ids, soft } = buildInput(model, messages, { vectors, slot });
    const all = [...ids, ...model.codec.encode(target), ...(end === undefined ? [] : [end])];
    if (soft?.size !== tokens) {
      throw new E2PError(
        'invalid-data',
        `line ${line}: its prompt has ${(soft?.size ?? 0) / tokens} slots for soft tokens, expected 1`,
      );
    }
    if (all.length > maxLength) tooLong.push(line);
    else {
      rows.push({
        ...{ ids: all, targetFrom: ids.length, softPositions: [...soft.keys()] },
        ...{ user: userRow(user), line },
      });
    }
  }
  return { rows, tooLong };
}
