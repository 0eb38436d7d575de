/**
 * The files that a team brings: users as JSON Lines or as a safetensors matrix, examples as JSON Lines. Every line is checked
 * before training begins; a message names file, line and field, and never repeats what stands there: it is personal.
 */
import { E2PError } from '../error.ts';
import type { ChatMessage } from '../model/text-codec.ts';
import { readSafetensors } from '../projector/safetensors.ts';

export interface Users {
  /** Row of each user, by id. */
  readonly rows: ReadonlyMap<string, Float32Array>;
  readonly dim: number;
}

export interface Example {
  readonly user: string;
  readonly messages: readonly ChatMessage[];
  readonly target: string;
  /** What a text persona would say of the user: for controls and distillation. */
  readonly persona: string | undefined;
  /** Users of one group share something (sentences, friends): they are never split, and resampled together. */
  readonly group?: string;
  /** When it happened, ms since 1970: for training on what is new. */
  readonly time?: number;
  /** In its file, counted from 1. */
  readonly line: number;
}

type Json = Readonly<Record<string, unknown>>;

/**
 * `{"user": "u17", "embedding": [numbers]}` a line; or a safetensors file with the matrix `embeddings` [users, dim] and the
 * ids as a JSON list in its metadata under `users` (without it they are called "0", "1", …).
 * @throws E2PError `invalid-data`
 */
export function readUsers(bytes: Uint8Array, fileName: string): Users {
  const rows = fileName.endsWith('.safetensors') ? fromMatrix(bytes, fileName) : fromLines(bytes, fileName);
  const dim = rows.values().next().value?.length ?? 0;
  if (dim === 0) throw new E2PError('invalid-data', `${fileName}: no users, expected at least one`);
  return { rows, dim };
}

function fromLines(bytes: Uint8Array, fileName: string): Map<string, Float32Array> {
  const rows = new Map<string, Float32Array>();
  let dim: number | undefined;
  for (const { value, line, refuse } of jsonLines(bytes, fileName)) {
    const user = textField(value, 'user', refuse);
    const { embedding } = value;
    if (!Array.isArray(embedding) || embedding.length === 0) {
      return refuse('embedding', kind(embedding), 'a list of numbers');
    }
    const bad = embedding.findIndex((v) => typeof v !== 'number' || !Number.isFinite(Math.fround(v)));
    if (bad >= 0) return refuse(`embedding[${bad}]`, kind(embedding[bad]), 'a finite number');
    dim ??= embedding.length;
    if (embedding.length !== dim) {
      return refuse('embedding', `${embedding.length} numbers`, `${dim} as in the lines before`);
    }
    if (rows.has(user))
      return refuse('user', `the id of an earlier line again (line ${line})`, 'each user once');
    rows.set(user, Float32Array.from(embedding as number[]));
  }
  return rows;
}

function fromMatrix(bytes: Uint8Array, fileName: string): Map<string, Float32Array> {
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
  return new Map(
    Array.from({ length: count }, (_, row) => [idOf(row), matrix.data.slice(row * dim, (row + 1) * dim)]),
  );
}

/**
 * `{"user": id, "prompt": text or [{role, content}…], "target": text, "persona": text, "group": text, "time": ISO 8601}` a
 * line, the last three optional. A conversation ends before the assistant's turn, which is the target.
 * @param users where given, every example's user has to be one of them
 * @throws E2PError `invalid-data`
 */
export function readExamples(bytes: Uint8Array, fileName: string, users?: Users): Example[] {
  const examples = [...jsonLines(bytes, fileName)].map(({ value, line, refuse }): Example => {
    const user = textField(value, 'user', refuse);
    if (users && !users.rows.has(user)) refuse('user', 'an id that is not in the users file', 'one of them');
    const target = textField(value, 'target', refuse);
    const { persona, group, time } = value;
    const at = time === undefined ? undefined : typeof time === 'string' ? Date.parse(time) : Number.NaN;
    if (Number.isNaN(at))
      refuse('time', typeof time === 'string' ? 'no date' : kind(time), 'an ISO 8601 date');
    if (group !== undefined && typeof group !== 'string') refuse('group', kind(group), 'text');
    if (persona !== undefined && typeof persona !== 'string') refuse('persona', kind(persona), 'text');
    return {
      ...{ user, target, line },
      messages: messagesOf(value.prompt, refuse),
      persona: persona as string | undefined,
      ...(group !== undefined && { group: group as string }),
      ...(at !== undefined && { time: at }),
    };
  });
  if (examples.length === 0) throw new E2PError('invalid-data', `${fileName}: no examples`);
  return examples;
}

type Refuse = (field: string, found: string, expected: string) => never;

function messagesOf(prompt: unknown, refuse: Refuse): ChatMessage[] {
  if (typeof prompt === 'string') return [{ role: 'user', content: prompt }];
  if (!Array.isArray(prompt) || prompt.length === 0) {
    return refuse('prompt', kind(prompt), 'text, or a list of {role, content}');
  }
  const messages = prompt.map((message: unknown, i): ChatMessage => {
    const { role, content } = (message ?? {}) as Json;
    if (role !== 'system' && role !== 'user' && role !== 'assistant') {
      return refuse(`prompt[${i}].role`, kind(role), 'system, user or assistant');
    }
    if (typeof content !== 'string') return refuse(`prompt[${i}].content`, kind(content), 'text');
    return { role, content };
  });
  // Templates close that turn and open another: the target would be a second answer.
  if (messages.at(-1)?.role === 'assistant') {
    refuse('prompt', 'a conversation that ends with the assistant', 'a user message last');
  }
  return messages;
}

function textField(value: Json, field: string, refuse: Refuse): string {
  const text = value[field];
  return typeof text === 'string' && text !== '' ? text : refuse(field, kind(text), 'text');
}

/** What a value is, without saying it. */
function kind(value: unknown): string {
  if (value === undefined) return 'missing';
  if (value === '') return 'empty';
  if (Array.isArray(value)) return 'a list';
  return value === null ? 'null' : `a ${typeof value}`;
}

function* jsonLines(
  bytes: Uint8Array,
  fileName: string,
): Generator<{ value: Json; line: number; refuse: Refuse }> {
  let text: string;
  try {
    text = new TextDecoder('utf-8', { fatal: true }).decode(bytes);
  } catch (cause) {
    throw new E2PError('invalid-data', `${fileName} is not UTF-8 text`, { cause });
  }
  for (const [i, raw] of text.split('\n').entries()) {
    if (raw.trim() === '') continue;
    const line = i + 1;
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
