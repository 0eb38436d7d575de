/** Examples as token rows: the prompt through the model's template with places for soft tokens, the target, end of text. */
import { E2PError } from '../error.ts';
import { buildInput, encodeText } from '../generate/prompt.ts';
import type { BaseModel } from '../model/base-model.ts';
import type { ChatMessage } from '../model/text-codec.ts';
import type { Slot } from '../projector/slot.ts';
import type { TrainingRow } from './row-runner.ts';
import type { ProjectorExample } from './train-projector.ts';
import type { Example } from './training-data.ts';

export interface PrepareOptions {
  readonly model: BaseModel;
  readonly slot: Slot;
  /** Longer rows are left out whole: cutting them would change what is learned. */
  readonly maxLength: number;
  /**
   * With a teacher's row for each: its prompt for the teacher, else the persona in words as the system message, as `e2p evaluate` has
   * it in `text`.
   */
  readonly withTeacher?: boolean;
}

export interface PreparedRows {
  readonly rows: readonly ProjectorExample[];
  /** Lines of the examples that were too long. */
  readonly tooLong: readonly number[];
}

/** Of a user: the row among all users, and how many soft tokens it has. */
export interface UserPlace {
  readonly row: number;
  readonly softTokens: number;
}

/** @throws E2PError `invalid-data` where no example is short enough; `invalid-argument` for a prompt without its slot. */
export function prepareRows(
  examples: readonly Example[],
  placeOf: (user: string) => UserPlace,
  { model, slot, maxLength, withTeacher = false }: PrepareOptions,
): PreparedRows {
  const end = model.config.eosTokenIds[0];
  const rows: ProjectorExample[] = [];
  const tooLong: number[] = [];
  for (const example of examples) {
    const { messages, target, user, line, unfinished = false } = example;
    const { row, softTokens } = placeOf(user);
    // Only which stands where is of interest here.
    const vectors: Float32Array[] = Array.from({ length: softTokens }, () => new Float32Array(0));
    const { ids, soft = new Map<number, Float32Array>() } = buildInput(model, messages, { vectors, slot });
    if (softTokens > 0 && soft.size === 0) {
      throw new E2PError(
        'invalid-data',
        `line ${line}: its prompt has no slot for soft tokens, expected at least 1`,
      );
    }
    const answer = [...encodeText(model, target)];
    if (!unfinished && end !== undefined) answer.push(end);
    const told = withTeacher ? buildInput(model, teacherPrompt(example)).ids : [];
    const teacher = { ids: [...told, ...answer], targetFrom: told.length, softPositions: [-1] };
    if (Math.max(ids.length, told.length) + answer.length > maxLength) tooLong.push(line);
    else {
      rows.push({
        ...{ ids: [...ids, ...answer], targetFrom: ids.length, softPositions: [...soft.keys()] },
        softIndices: [...soft.values()].map((vector) => vectors.indexOf(vector)),
        ...{ user: row, line, nobody: without(model, example, slot, answer) },
        ...(withTeacher && { teacher }),
      });
    }
  }
  return { rows, tooLong };
}

/** The same with nobody set: a slot closed, the words around it gone. */
function without(
  model: BaseModel,
  { messages }: Example,
  slot: Slot,
  answer: readonly number[],
): TrainingRow {
  const { ids } = buildInput(model, messages, { vectors: [], slot });
  return { ids: [...ids, ...answer], targetFrom: ids.length, softPositions: [-1] };
}

function teacherPrompt({ messages, teacher, persona, line }: Example): readonly ChatMessage[] {
  if (teacher !== undefined) return teacher;
  if (persona !== undefined) return [{ role: 'system', content: persona }, ...messages];
  throw new E2PError(
    'invalid-data',
    `line ${line}: field persona is missing, expected text to distil from, or a prompt in teacher`,
  );
}
