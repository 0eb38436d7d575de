/**
 * SHA-256 of training data, a piece at a time: as one text they may be longer than a string can be (512 MB). The hash is that of
 * the one text all the same.
 */
import { sha256 } from '@noble/hashes/sha2.js';
import { bytesToHex } from '@noble/hashes/utils.js';
import type { Words } from './train-options.ts';
import type { Example, Users } from './training-data.ts';

export interface HashedData {
  readonly examples: readonly Example[];
  readonly validation: readonly Example[] | undefined;
  readonly users: Users;
  readonly alignTo: readonly { readonly vector: Float32Array; readonly words: Words }[] | undefined;
}

/** In hex. */
export function sha256Of(pieces: Iterable<string | Uint8Array | Float32Array>): string {
  const hash = sha256.create();
  const encoder = new TextEncoder();
  for (const piece of pieces) {
    if (typeof piece === 'string') hash.update(encoder.encode(piece));
    else hash.update(new Uint8Array(piece.buffer, piece.byteOffset, piece.byteLength));
  }
  return bytesToHex(hash.digest());
}

/** The pieces of what JSON.stringify makes of a list: each item by itself; `null` where there is no list. */
export function* jsonList(items: Iterable<unknown> | undefined): Generator<string, void> {
  if (items === undefined) return yield 'null';
  let before = '[';
  for (const item of items) {
    yield before + JSON.stringify(item);
    before = ',';
  }
  yield before === '[' ? '[]' : ']';
}

/** Of everything that a training learns from, in the order in which it was given. */
export const hashData = (data: HashedData): string => sha256Of(dataJson(data));

function* dataJson({ examples, validation, users, alignTo }: HashedData): Generator<string, void> {
  yield '[';
  yield* jsonList(examples);
  yield ',';
  yield* jsonList(validation);
  yield ',';
  yield* jsonList(mapped(users.rows, ([id, row]) => [id, ...row]));
  yield ',';
  yield* jsonList(alignTo && mapped(alignTo, ({ vector, words }) => [words, ...vector]));
  yield ']';
}

/** One at a time: all of them at once would be the data once more. */
function* mapped<T>(items: Iterable<T>, change: (item: T) => unknown): Generator<unknown, void> {
  for (const item of items) yield change(item);
}
