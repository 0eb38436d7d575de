/**
 * The items' vectors as a file that an app ships: a safetensors file of int8 rows, read in slices where it lies (OPFS, a disk), so that a
 * million items need no memory. Which rows are read says what a person did; hence a catalogue is opened from a `Blob` on the device and never
 * from a URL, where a server would see the ranges.
 *
 * Tensors: `items` I8 [n, dim] and `scales` F32 [n] (row = scale · int8), `gram` F64 [dim, dim] of these rounded rows; with ids also `ids` U8,
 * the ids ascending by code point, each followed by a line feed, and `ids.blocks` U32, where each block of 256 begins. Without ids, an
 * item's id is its row as a number. Metadata `e2p_catalogue`: JSON of space, regularisation and alpha.
 */
import { E2PError } from '../error.ts';
import { headerEnd, numbersOf, readHeader, type TensorPlace } from '../projector/safetensors.ts';
import type { AlsWeights } from './als.ts';
import { createReader } from './read-untrusted.ts';
import { EMBEDDING_LIMITS } from './stored-embeddings.ts';

/** Key of the metadata, whose version is in it. */
export const CATALOGUE_KEY = 'e2p_catalogue';
export const CATALOGUE_VERSION = 1;
/** Ids that are read at once. */
export const ID_BLOCK = 256;
/** Bounds (CWE-770): bytes of a header, numbers of a row, characters of an id (as of an event's item). */
export const CATALOGUE_LIMITS = { header: 2 ** 20, dim: 4096, id: 256 } as const;

/** Items' vectors on the device. Nothing of it is personal; what is asked of it is. */
export interface Catalogue extends AlsWeights {
  /** The embedding space of the users that belong to it. */
  readonly space: string;
  /** Numbers of a row. */
  readonly dim: number;
  /** Items in it. */
  readonly size: number;
  /** ItemsᵀItems [dim, dim] of its rows. */
  readonly gram: Float64Array;
  /** Rows of ids, undefined where it has no such item. */
  find(ids: readonly string[]): Promise<readonly (number | undefined)[]>;
  /**
   * [rows, dim], in the order that is asked for.
   * @throws E2PError `invalid-argument` for what is no row; `invalid-data`; `storage-failed` where the file has changed or is gone
   */
  rows(rows: readonly number[]): Promise<Float32Array>;
}

/**
 * Reads what is in a catalogue; its rows stay where they are.
 * @param file on this device: a `File` of OPFS, in Node what `fs.openAsBlob` gives
 * @throws E2PError `invalid-argument`; `invalid-data` naming what is wrong; `storage-failed`
 */
export async function openCatalogue(file: Blob): Promise<Catalogue> {
  if (!(file instanceof Blob))
    throw new E2PError(
      'invalid-argument',
      'the catalogue must be a Blob or File on this device: from a URL, the server would see which rows are read',
    );
  const read = async (from: number, to: number): Promise<Uint8Array> => {
    try {
      return new Uint8Array(await file.slice(from, to).arrayBuffer());
    } catch (cause) {
      const message = 'the catalogue could not be read: its file has changed or is gone';
      throw new E2PError('storage-failed', message, { cause });
    }
  };
  const end = headerEnd(await read(0, 8), file.size, refuse, CATALOGUE_LIMITS.header);
  const dtypes = ['I8', 'F32', 'F64', 'U8', 'U32'] as const;
  const { places, metadata } = readHeader(await read(0, end), file.size, dtypes, refuse);
  const facts = readFacts(metadata[CATALOGUE_KEY]);
  const items = placeOf(places, 'items', 'I8', [undefined, undefined]);
  const [size, dim] = items.shape as [number, number];
  if (size < 1 || dim < 1 || dim > CATALOGUE_LIMITS.dim)
    refuse(`items is [${size}, ${dim}], expected rows of 1 to ${CATALOGUE_LIMITS.dim} numbers`);
  const scales = placeOf(places, 'scales', 'F32', [size]);
  const grams = placeOf(places, 'gram', 'F64', [dim, dim]);
  const gram = new Float64Array((await read(grams.from, grams.to)).buffer as ArrayBuffer);
  if (!gram.every(Number.isFinite)) refuse('gram has a number that is not finite');

  const row = async (index: number): Promise<Float32Array> => {
    if (!Number.isInteger(index) || index < 0 || index >= size)
      throw new E2PError('invalid-argument', `rows: one of them is no row, expected 0 to ${size - 1}`);
    const [bytes, scale] = await Promise.all([
      read(items.from + index * dim, items.from + (index + 1) * dim),
      read(scales.from + index * 4, scales.from + (index + 1) * 4),
    ]);
    const [factor] = numbersOf(scale, 'F32');
    if (!Number.isFinite(factor)) refuse('scales has a number that is not finite');
    return numbersOf(bytes, 'I8').map((value) => value * factor!);
  };
  return {
    ...{ ...facts, dim, size, gram },
    find: await finder(places, size, read),
    rows: async (rows) => {
      const all = new Float32Array(rows.length * dim);
      await Promise.all(rows.map(async (index, n) => all.set(await row(index), n * dim)));
      return all;
    },
  };
}

type Read = (from: number, to: number) => Promise<Uint8Array>;

async function finder(
  places: ReadonlyMap<string, TensorPlace>,
  size: number,
  read: Read,
): Promise<Catalogue['find']> {
  if (!places.has('ids')) {
    return async (ids) => ids.map((id) => (/^(0|[1-9]\d{0,15})$/.test(id) && +id < size ? +id : undefined));
  }
  const ids = placeOf(places, 'ids', 'U8', [undefined]);
  const count = Math.ceil(size / ID_BLOCK);
  const blocks = placeOf(places, 'ids.blocks', 'U32', [count]);
  const starts = new Uint32Array((await read(blocks.from, blocks.to)).buffer as ArrayBuffer);
  const startOf = (block: number) => starts[block] ?? ids.to - ids.from;
  const most = ID_BLOCK * (4 * CATALOGUE_LIMITS.id + 1);
  const namesIn = async (block: number, length = ID_BLOCK): Promise<string[]> => {
    const [from, to] = [startOf(block), startOf(block + 1)];
    if (to < from || to - from > most || ids.from + to > ids.to)
      refuse(`ids.blocks has a block of ${to - from} bytes, expected 0 to ${most}`);
    // The first id alone needs no more than it can be long.
    const bytes = await read(ids.from + from, ids.from + Math.min(to, from + (most / ID_BLOCK) * length));
    return new TextDecoder('utf-8', { ignoreBOM: true }).decode(bytes).split('\n', length);
  };
  /** What begins a block, as far as searches came by. */
  const firsts = new Map<number, string>();
  const firstOf = async (block: number): Promise<string> => {
    const first = firsts.get(block) ?? (await namesIn(block, 1))[0]!;
    firsts.set(block, first);
    return first;
  };
  const findOne = async (id: string): Promise<number | undefined> => {
    let [low, high] = [0, count - 1];
    while (low < high) {
      const middle = Math.ceil((low + high) / 2);
      if (compareIds(await firstOf(middle), id) <= 0) low = middle;
      else high = middle - 1;
    }
    const at = (await namesIn(low)).indexOf(id);
    const row = low * ID_BLOCK + at;
    return at < 0 || id === '' || row >= size ? undefined : row;
  };
  return (all) => Promise.all(all.map(findOne));
}

/** By code point, as UTF-8 and Python order texts; JavaScript's own order is by UTF-16 units. */
export function compareIds(a: string, b: string): number {
  const length = Math.min(a.length, b.length);
  for (let i = 0; i < length; i++) {
    const [x, y] = [a.charCodeAt(i), b.charCodeAt(i)];
    // Surrogates stand for what comes behind all others.
    if (x !== y) return rank(x) - rank(y);
  }
  return a.length - b.length;
}

const rank = (unit: number): number =>
  unit >= 0xe000 ? unit - 0x800 : unit >= 0xd800 ? unit + 0x2000 : unit;

function readFacts(text: string | undefined): Pick<Catalogue, 'space' | 'regularisation' | 'alpha'> {
  let json: unknown;
  try {
    json = JSON.parse(text ?? '');
  } catch {
    return refuse(`the metadata has no JSON under ${CATALOGUE_KEY}`);
  }
  const reader = createReader('invalid-data', `the catalogue's ${CATALOGUE_KEY}`);
  const fields = reader.fields(json, '', ['version', 'space', 'regularisation', 'alpha']);
  if (fields.version !== CATALOGUE_VERSION) reader.refuse('version', String(CATALOGUE_VERSION));
  const regularisation = reader.finite(fields.regularisation, 'regularisation');
  const alpha = reader.finite(fields.alpha, 'alpha');
  if (regularisation <= 0) reader.refuse('regularisation', 'above 0');
  if (alpha < 0) reader.refuse('alpha', '0 or more');
  return { space: reader.text(fields.space, 'space', EMBEDDING_LIMITS.space), regularisation, alpha };
}

function placeOf(
  places: ReadonlyMap<string, TensorPlace>,
  name: string,
  dtype: TensorPlace['dtype'],
  shape: readonly (number | undefined)[],
): TensorPlace {
  const place = places.get(name);
  const isRight =
    place?.dtype === dtype &&
    place.shape.length === shape.length &&
    shape.every((length, i) => length === undefined || length === place.shape[i]);
  if (isRight) return place;
  const found = place === undefined ? 'nothing' : `${place.dtype} [${place.shape.join(', ')}]`;
  return refuse(`${name} is ${found}, expected ${dtype} [${shape.map((n) => n ?? '*').join(', ')}]`);
}

function refuse(reason: string, cause?: unknown): never {
  throw new E2PError('invalid-data', `the catalogue: ${reason}`, { cause });
}
