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
  /** With a teacher's row for each: the persona in words as the system message, as `e2p evaluate` has it in `text`. */
  readonly withTeacher?: boolean;
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
  { model, slot, tokens, maxLength, withTeacher = false }: PrepareOptions,
): PreparedRows {
  const vectors = Array.from({ length: tokens }, () => new Float32Array(0));
  const end = model.config.eosTokenIds[0];
  const rows: ProjectorExample[] = [];
  const tooLong: number[] = [];
  for (const { messages, target, user, line, persona } of examples) {
    const { ids, soft } = buildInput(model, messages, { vectors, slot });
    const answer = [...model.codec.encode(target), ...(end === undefined ? [] : [end])];
    const all = [...ids, ...answer];
    if (withTeacher && persona === undefined) {
      throw new E2PError(
        'invalid-data',
        `line ${line}: field persona is missing, expected text to distil from`,
      );
    }
    const told = withTeacher
      ? buildInput(model, [{ role: 'system', content: persona! }, ...messages], { vectors: [], slot }).ids
      : [];
    const teacher = { ids: [...told, ...answer], targetFrom: told.length, softPositions: [-1] };
    if (soft?.size !== tokens) {
      throw new E2PError(
        'invalid-data',
        `line ${line}: its prompt has ${(soft?.size ?? 0) / tokens} slots for soft tokens, expected 1`,
      );
    }
    if (Math.max(all.length, teacher.ids.length) > maxLength) tooLong.push(line);
    else {
      rows.push({
        ...{ ids: all, targetFrom: ids.length, softPositions: [...soft.keys()] },
        ...{ user: userRow(user), line },
        ...(withTeacher && { teacher }),
      });
    }
  }
  return { rows, tooLong };
}
