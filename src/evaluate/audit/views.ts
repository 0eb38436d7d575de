/**
 * What somebody may get hold of that stands for a person, as numbers: the embedding, the soft tokens, keys and values at their places in the cache, and
 * text that was generated, of which nothing is known but how often each word occurs.
 */
import { throwIfAborted } from '../../error.ts';
import { Engine } from '../../generate/engine.ts';
import type { ReadState } from '../../generate/generate-text.ts';
import { generateText } from '../../generate/generate-text.ts';
import { buildInput } from '../../generate/prompt.ts';
import { seededRandom } from '../../generate/sampling.ts';
import type { BaseModel } from '../../model/base-model.ts';
import type { ChatMessage } from '../../model/text-codec.ts';
import { fromFloat16 } from '../../onnx/float16.ts';
import { type Projector, projectAtStrength } from '../../projector/projector.ts';
import type { Runtime } from '../../runtime/runtime.ts';
import { wordsOf } from '../text-metrics.ts';

export const VIEWS = ['embedding', 'soft-token', 'kv-cache', 'text'] as const;
export type View = (typeof VIEWS)[number];

export interface ViewOptions {
  readonly model: BaseModel;
  readonly runtime: Runtime;
  readonly projector: Projector;
  /** [n, dim] of each user. */
  readonly embeddings: readonly Float32Array[];
  readonly views: readonly View[];
  /** Conversations that are answered for everybody; soft tokens stand in the first. */
  readonly prompts: readonly (readonly ChatMessage[])[];
  /** Of a generated text. */
  readonly maxTokens: number;
  readonly signal?: AbortSignal | undefined;
  /** Users done, of all. */
  readonly onProgress?: ((done: number, all: number) => void) | undefined;
}

/** Longer rows are projected at random onto so many numbers, which keeps their distances (Johnson & Lindenstrauss 1984). */
const MOST = 512;
/** Columns that words are counted in. */
const WORDS = 512;

/** Of each user a row, for each view that was asked for. */
export async function viewsOf(options: ViewOptions): Promise<Map<View, Float32Array[]>> {
  const { model, runtime, projector, embeddings, views, prompts, maxTokens, signal, onProgress } = options;
  const { dim } = projector.contract.space;
  const rows = new Map(views.map((view): [View, Float32Array[]] => [view, []]));
  const isRead = views.some((view) => view === 'kv-cache' || view === 'text');
  const engine = isRead ? await Engine.create({ model, runtime }) : undefined;
  const shorten = shortener();
  try {
    for (const [done, values] of embeddings.entries()) {
      throwIfAborted(signal);
      const vectors = projectAtStrength(projector, values, 1, model.facts.embedding.scale);
      const soft = { vectors, slot: projector.contract.slot };
      rows.get('embedding')?.push(meanOf(split(values, dim)));
      rows.get('soft-token')?.push(shorten(meanOf(grouped(vectors, projector.contract.tokens))));
      for (const [n, messages] of engine ? prompts.entries() : []) {
        const prompt = buildInput(model, messages, soft);
        const isText = rows.has('text');
        if (n > 0 && !isText) break;
        const last = Math.max(...prompt.soft!.keys());
        // What stands behind the soft tokens changes nothing at their places.
        const run = isText ? prompt : { ids: prompt.ids.slice(0, last + 1), soft: prompt.soft };
        const given = { maxTokens, temperature: 0, ...(signal && { signal }) };
        const { result, state } = await generateText(engine!, run, given, { isSilent: !isText });
        if (n === 0) rows.get('kv-cache')?.push(shorten(cacheAt(state, [...prompt.soft!.keys()])));
        state.cache.release();
        if (!isText) continue;
        const counted = n === 0 ? new Float32Array(WORDS) : rows.get('text')!.pop()!;
        for (const word of wordsOf(result.text)) counted[hash(word)]! += 1;
        rows.get('text')!.push(counted);
      }
      onProgress?.(done + 1, embeddings.length);
    }
  } finally {
    await engine?.release();
  }
  return rows;
}

/** Keys and values of all layers, a mean over the positions. */
function cacheAt({ decoder, cache }: ReadState, positions: readonly number[]): Float32Array {
  const { feeds } = cache;
  const given = decoder.model.newRows(decoder.runtime)?.cache;
  const tensors = decoder.model.facts.cache.flatMap(({ past, lengthAxis }) => {
    const axis = given?.find((rows) => rows.past === past)?.lengthAxis ?? lengthAxis;
    // A state without positions is what all of them left.
    return axis === undefined ? [] : [{ tensor: feeds[past]!, axis }];
  });
  return meanOf(
    positions.map((position) =>
      joined(
        tensors.map(({ tensor: { dims, data }, axis }) => {
          const values = data instanceof Float32Array ? data : fromFloat16(data as Uint16Array);
          const inner = product(dims.slice(axis + 1));
          const outer = product(dims.slice(0, axis));
          return joined(
            Array.from({ length: outer }, (_, o) => {
              const start = (o * dims[axis]! + position) * inner;
              return values.subarray(start, start + inner);
            }),
          );
        }),
      ),
    ),
  );
}

/** The same projection for all rows of one length. */
function shortener(): (row: Float32Array) => Float32Array {
  const signsOf = new Map<number, Int8Array>();
  return (row) => {
    if (row.length <= MOST) return row;
    let signs = signsOf.get(row.length);
    if (signs === undefined) {
      const random = seededRandom(row.length);
      signs = new Int8Array(row.length * MOST).map(() => (random() < 0.5 ? -1 : 1));
      signsOf.set(row.length, signs);
    }
    const drawn = signs;
    return new Float32Array(MOST).map((_, k) => {
      let sum = 0;
      for (let i = 0; i < row.length; i++) sum += drawn[k * row.length + i]! * row[i]!;
      return sum / Math.sqrt(row.length);
    });
  };
}

/** FNV-1a, into the columns. */
function hash(word: string): number {
  let value = 0x811c9dc5;
  for (const unit of word) value = Math.imul(value ^ unit.codePointAt(0)!, 0x01000193);
  return (value >>> 0) % WORDS;
}

const split = (values: Float32Array, dim: number): Float32Array[] =>
  Array.from({ length: values.length / dim }, (_, n) => values.subarray(n * dim, (n + 1) * dim));

/** K vectors as one row, for each of a user's. */
const grouped = (vectors: readonly Float32Array[], tokens: number): Float32Array[] =>
  vectors.length % tokens === 0
    ? Array.from({ length: vectors.length / tokens }, (_, n) =>
        joined(vectors.slice(n * tokens, (n + 1) * tokens)),
      )
    : [...vectors];

function meanOf(rows: readonly Float32Array[]): Float32Array {
  return rows[0]!.map((_, i) => rows.reduce((sum, row) => sum + row[i]!, 0) / rows.length);
}

function joined(parts: readonly Float32Array[]): Float32Array {
  const all = new Float32Array(parts.reduce((sum, part) => sum + part.length, 0));
  let at = 0;
  for (const part of parts) {
    all.set(part, at);
    at += part.length;
  }
  return all;
}

const product = (sizes: readonly number[]): number => sizes.reduce((all, size) => all * size, 1);
