/**
 * The files that a team brings: users as JSON Lines or as a safetensors matrix, examples as JSON Lines. Every line is checked
 * before training begins; a message names file, line and field, and never repeats what stands there: it is personal.
 */
import { E2PError } from '../error.ts';
import type { ChatMessage } from '../model/text-codec.ts';
import { LIMITS } from '../projector/contract.ts';
import { readSafetensors } from '../projector/safetensors.ts';
import type { Words } from './train-options.ts';

/** Embeddings by user id. */
export interface Users {
  /** Vectors of each user, by id: [n, dim], one row behind the other; n = 1 where users are no sets. */
  readonly rows: ReadonlyMap<string, Float32Array>;
  readonly dim: number;
}

/** What users are as they stand in a file, where some have lines of text instead of numbers. */
export interface UserLines {
  readonly users: Users;
  /** Lines by user, to be encoded (`user/sentence-encoder.ts`). */
  readonly lines: ReadonlyMap<string, readonly string[]>;
}

/** A line of training data. */
export interface Example {
  readonly user: string;
  readonly messages: readonly ChatMessage[];
  readonly target: string;
  /** What a text persona would say of the user: for controls and distillation. */
  readonly persona: string | undefined;
  /** What a teacher reads instead, with the user told in words; default: the persona as system message before the prompt. */
  readonly teacher?: readonly ChatMessage[];
  /** The target is the beginning of an answer: no end of text behind it. */
  readonly unfinished?: boolean;
  /** Users of one group share something (sentences, friends): they are never split, and resampled together. */
  readonly group?: string;
  /** When it happened, ms since 1970: for training on what is new. */
  readonly time?: number;
  /** In its file, counted from 1. */
  readonly line: number;
}

export type Json = Readonly<Record<string, unknown>>;

/**
 * `{"user": "u17", "embedding": [numbers]}` a line, or a set of vectors `"embeddings": [[numbers]…]`, or `"lines": [texts]` for
 * a sentence encoder; or a safetensors file with the matrix `embeddings` [users, dim] and the ids as a JSON list in its
 * metadata under `users` (without it they are called "0", "1", …).
 * @throws E2PError `invalid-data`
 */
export function readUserLines(bytes: Uint8Array, fileName: string): UserLines {
  const lines = new Map<string, readonly string[]>();
  const rows = fileName.endsWith('.safetensors')
    ? fromMatrix(bytes, fileName)
    : fromLines(bytes, fileName, lines);
  const dim = rows.dim ?? 0;
  if (rows.rows.size === 0 && lines.size === 0)
    throw new E2PError('invalid-data', `${fileName}: no users, expected at least one`);
  return { users: { rows: rows.rows, dim }, lines };
}

/**
 * As `readUserLines`, for users who all have vectors.
 * @throws E2PError `invalid-data`
 */
export function readUsers(bytes: Uint8Array, fileName: string): Users {
  const { users, lines } = readUserLines(bytes, fileName);
  if (lines.size === 0) return users;
  throw new E2PError(
    'invalid-data',
    `${fileName}: ${lines.size} users have lines of text, expected embeddings, or a sentence encoder`,
  );
}

interface UserRows {
  readonly rows: Map<string, Float32Array>;
  readonly dim: number | undefined;
}

function fromLines(bytes: Uint8Array, fileName: string, texts: Map<string, readonly string[]>): UserRows {
  const rows = new Map<string, Float32Array>();
  let dim: number | undefined;
  for (const { value, line, refuse } of jsonLines(bytes, fileName)) {
    const user = textField(value, 'user', refuse);
    if (rows.has(user) || texts.has(user))
      return refuse('user', `the id of an earlier line again (line ${line})`, 'each user once');
    if (value.lines !== undefined) {
      const vector = value.embedding ?? value.embeddings;
      if (vector !== undefined) return refuse('lines', 'beside an embedding', 'one of them');
      texts.set(user, checkCount(textsField(value.lines, 'lines', refuse), 'lines', refuse));
      continue;
    }
    const isSet = value.embeddings !== undefined;
    const field = isSet ? 'embeddings' : 'embedding';
    const vectors: unknown = isSet ? value.embeddings : [value.embedding];
    if (!Array.isArray(vectors) || vectors.length === 0)
      return refuse(field, kind(vectors), 'a list of lists of numbers');
    const found = checkCount(vectors, field, refuse).map((vector: unknown, n) => {
      const name = isSet ? `embeddings[${n}]` : field;
      const numbers = numbersField(vector, name, refuse);
      dim ??= numbers.length;
      if (numbers.length !== dim) {
        return refuse(name, `${numbers.length} numbers`, `${dim} as in the lines before`);
      }
      return numbers;
    });
    rows.set(user, Float32Array.from(found.flat()));
  }
  return { rows, dim };
}

/** A projector reads no more vectors of a user. */
function checkCount<T>(list: readonly T[], field: string, refuse: Refuse): readonly T[] {
  return list.length <= LIMITS.vectors
    ? list
    : refuse(field, `a list of ${list.length}`, `at most ${LIMITS.vectors}`);
}

function numbersField(value: unknown, name: string, refuse: Refuse): number[] {
  if (!Array.isArray(value) || value.length === 0) return refuse(name, kind(value), 'a list of numbers');
  const bad = value.findIndex((v) => typeof v !== 'number' || !Number.isFinite(Math.fround(v)));
  return bad < 0 ? (value as number[]) : refuse(`${name}[${bad}]`, kind(value[bad]), 'a finite number');
}

function textsField(value: unknown, name: string, refuse: Refuse): readonly string[] {
  if (!Array.isArray(value) || value.length === 0) return refuse(name, kind(value), 'a list of texts');
  const bad = value.findIndex((text) => typeof text !== 'string' || text.trim() === '');
  return bad < 0 ? (value as string[]) : refuse(`${name}[${bad}]`, kind(value[bad]), 'text');
}

function fromMatrix(bytes: Uint8Array, fileName: string): UserRows {
  const { tensors, metadata } = readSafetensors(bytes, fileName);
  const matrix = tensors.get('embeddings');
  if (matrix?.shape.length !== 2) {
    const found = matrix === undefined ? 'no tensor of that name' : `[${matrix.shape.join(', ')}]`;
    throw new E2PError('invalid-data', `${fileName}: embeddings is ${found}, expected [users, dim]`);
  }
  const [count, dim] = matrix.shape as [number, number];
  let ids: unknown;
  try {
    ids = metadata.users === undefined ? undefined : JSON.parse(metadata.users);
  } catch (cause) {
    throw new E2PError('invalid-data', `${fileName}: the metadata entry users is not JSON`, { cause });
  }
  if (ids !== undefined && !(Array.isArray(ids) && ids.length === count && new Set(ids).size === count)) {
    throw new E2PError(
      'invalid-data',
      `${fileName}: the metadata entry users has ${Array.isArray(ids) ? `${new Set(ids).size} different` : 'no'} ids, expected ${count}, one for each row`,
    );
  }
  const idOf = (row: number) => String((ids as unknown[] | undefined)?.[row] ?? row);
  const rows = Array.from(
    { length: count },
    (_, row) => [idOf(row), matrix.data.slice(row * dim, (row + 1) * dim)] as const,
  );
  return { rows: new Map(rows), dim };
}

/**
 * `{"user": id, "prompt": text or [{role, content}…], "target": text, "persona": text, "group": text, "time": ISO 8601}` a
 * line, the last three optional. A conversation ends before the assistant's turn, which is the target. For distillation also `"teacher"`, a prompt that tells of the user in words; `"unfinished": true` for
 * a target that is only the beginning of an answer.
 * @param users where given, every example's user has to be one of them
 * @throws E2PError `invalid-data`
 */
export function readExamples(
  bytes: Uint8Array,
  fileName: string,
  users?: { readonly rows: ReadonlyMap<string, unknown> },
): Example[] {
  const examples = Array.from(jsonLines(bytes, fileName), ({ value, line, refuse }): Example => {
    const user = textField(value, 'user', refuse);
    if (users && !users.rows.has(user)) refuse('user', 'an id that is not in the users file', 'one of them');
    const target = textField(value, 'target', refuse);
    const { persona, group, time, teacher, unfinished } = value;
    if (unfinished !== undefined && typeof unfinished !== 'boolean')
      refuse('unfinished', kind(unfinished), 'true or false');
    const at = time === undefined ? undefined : typeof time === 'string' ? Date.parse(time) : Number.NaN;
    if (Number.isNaN(at))
      refuse('time', typeof time === 'string' ? 'no date' : kind(time), 'an ISO 8601 date');
    if (group !== undefined && typeof group !== 'string') refuse('group', kind(group), 'text');
    if (persona !== undefined && typeof persona !== 'string') refuse('persona', kind(persona), 'text');
    return {
      ...{ user, target, line },
      messages: messagesOf(value.prompt, 'prompt', refuse),
      persona: persona as string | undefined,
      ...(teacher !== undefined && { teacher: messagesOf(teacher, 'teacher', refuse) }),
      ...(unfinished === true && { unfinished: true }),
      ...(group !== undefined && { group: group as string }),
      ...(at !== undefined && { time: at }),
    };
  });
  if (examples.length === 0) throw new E2PError('invalid-data', `${fileName}: no examples`);
  return examples;
}

/** A text, or the vector that an encoder made of it, and the words in it that the vector should point at. */
export type AlignmentLine = { readonly words: Words } & (
  | { readonly text: string; readonly vector?: undefined }
  | { readonly text?: undefined; readonly vector: Float32Array }
);

/**
 * `{"text": "I love pottery.", "words": "pottery"}` a line, or `{"embedding": [numbers], "words": …}`; `words` may be a list of words
 * and phrases.
 * @throws E2PError `invalid-data`
 */
export function readAlignment(bytes: Uint8Array, fileName: string): AlignmentLine[] {
  const lines = Array.from(jsonLines(bytes, fileName), ({ value, refuse }): AlignmentLine => {
    const words = wordsField(value.words, refuse);
    if (value.embedding === undefined) return { words, text: textField(value, 'text', refuse) };
    return { words, vector: Float32Array.from(numbersField(value.embedding, 'embedding', refuse)) };
  });
  if (lines.length === 0) throw new E2PError('invalid-data', `${fileName}: no texts, expected at least one`);
  return lines;
}

function wordsField(words: unknown, refuse: Refuse): Words {
  const isText = (value: unknown) => typeof value === 'string' && value.trim() !== '';
  if (Array.isArray(words) ? words.length > 0 && words.every(isText) : isText(words)) return words as Words;
  return refuse('words', kind(words), 'text, or a list of texts');
}

export type Refuse = (field: string, found: string, expected: string) => never;

function messagesOf(prompt: unknown, field: string, refuse: Refuse): ChatMessage[] {
  if (typeof prompt === 'string') return [{ role: 'user', content: prompt }];
  if (!Array.isArray(prompt) || prompt.length === 0) {
    return refuse(field, kind(prompt), 'text, or a list of {role, content}');
  }
  const messages = prompt.map((message: unknown, i): ChatMessage => {
    const { role, content } = (message ?? {}) as Json;
    if (role !== 'system' && role !== 'user' && role !== 'assistant') {
      return refuse(`${field}[${i}].role`, kind(role), 'system, user or assistant');
    }
    if (typeof content !== 'string') return refuse(`${field}[${i}].content`, kind(content), 'text');
    return { role, content };
  });
  // Templates close that turn and open another: the target would be a second answer.
  if (messages.at(-1)?.role === 'assistant') {
    refuse('prompt', 'a conversation that ends with the assistant', 'a user message last');
  }
  return messages;
}

export function textField(value: Json, field: string, refuse: Refuse): string {
  const text = value[field];
  return typeof text === 'string' && text !== '' ? text : refuse(field, kind(text), 'text');
}

/** What a value is, without saying it. */
export function kind(value: unknown): string {
  if (value === undefined) return 'missing';
  if (typeof value === 'string' && value.trim() === '') return 'empty';
  if (Array.isArray(value)) return value.length === 0 ? 'an empty list' : 'a list';
  return value === null ? 'null' : `a ${typeof value}`;
}

const NEWLINE = 0x0a;

/** Decoded line by line: a file may be larger than a string can be (512 MB). */
export function* jsonLines(
  bytes: Uint8Array,
  fileName: string,
): Generator<{ value: Json; line: number; refuse: Refuse }> {
  const decoder = new TextDecoder('utf-8', { fatal: true });
  for (let from = 0, line = 1; from < bytes.length; line++) {
    const next = bytes.indexOf(NEWLINE, from);
    const to = next < 0 ? bytes.length : next;
    let raw: string;
    try {
      raw = decoder.decode(bytes.subarray(from, to));
    } catch (cause) {
      throw new E2PError('invalid-data', `${fileName} line ${line} is not UTF-8 text`, { cause });
    }
    from = to + 1;
    if (raw.trim() === '') continue;
    let value: unknown;
    try {
      value = JSON.parse(raw);
    } catch {
      // The parser's own message quotes the line.
      throw new E2PError('invalid-data', `${fileName} line ${line} is not JSON`);
    }
    if (typeof value !== 'object' || value === null || Array.isArray(value)) {
      throw new E2PError('invalid-data', `${fileName} line ${line} is ${kind(value)}, expected an object`);
    }
    const refuse: Refuse = (field, found, expected) => {
      throw new E2PError(
        'invalid-data',
        `${fileName} line ${line}: field ${field} is ${found}, expected ${expected}`,
      );
    };
    yield { value: value as Json, line, refuse };
  }
}
