/**
 * Does a decoder compute what it should? Where structure does not show that attention is causal, a few tokens tell: read at once, and again behind
 * the cache of the first two, with a soft token that is a token's own embedding and another token behind it. Where activations are quantised, what it makes of a sentence tells.
 */
import { E2PError, throwIfAborted } from '../error.ts';
import type { BaseModel } from '../model/base-model.ts';
import { isQuantised } from './chunk-size.ts';
import type { Decoder, TokenRun } from './decoder.ts';
import type { KvCache } from './kv-cache.ts';
import { logProbability } from './sampling.ts';

const SENTENCE = 'The sun rises in the east and sets in the west.';
/** Tokens that are read: two, one to compare, one that it must not see. */
const [CUT, ALL] = [2, 4];
/** Of the length of the logits. Rounding reaches a hundredth; a cache that is misread, or a look ahead, changes them altogether. */
const TOLERANCE = 0.25;

export const needsCheck = (model: BaseModel): boolean => !model.facts.isCausal || isQuantised(model);

/**
 * A warning, where an ordinary sentence is less likely than by chance, or rounding depends on what else is read.
 * @throws E2PError `unsupported-graph` where structure left open whether it reads a text as it should, and it does not; the signal's reason
 */
export async function selfCheck(decoder: Decoder, signal?: AbortSignal): Promise<string | undefined> {
  const { model, runtime } = decoder;
  const { columns } = model.facts.head;
  const text = model.codec.encode(SENTENCE).filter((id) => id < columns);
  if (text.length < ALL) return undefined;
  const ids = text.slice(0, ALL);
  const { logits, cache } = await decoder.readAll({ ids });
  try {
    if (!model.facts.isCausal && !isQuantised(model)) await readAgain(decoder, ids, logits, cache, signal);
  } finally {
    cache.release();
  }
  const surprise =
    ids.slice(1).reduce((sum, id, at) => sum - logProbability(rowOf(logits, columns, at), id), 0) / (ALL - 1);
  const chance = Math.log(columns);
  if (surprise > chance) {
    return `an ordinary sentence is less likely than by chance (${surprise.toFixed(1)} nats a token, chance ${chance.toFixed(1)}): these weights compute nonsense on ${runtime.device}; take another precision`;
  }
  return isQuantised(model)
    ? 'activations are quantised by the largest of all that is read at once: the same text has other logits in other pieces; fp16 and q4 have not'
    : undefined;
}

/** The third token behind the cache of the first two, as its own embedding, and with another token behind it. */
async function readAgain(
  decoder: Decoder,
  ids: readonly number[],
  whole: Float32Array,
  cache: KvCache,
  signal: AbortSignal | undefined,
): Promise<void> {
  const { model, runtime } = decoder;
  const { columns } = model.facts.head;
  throwIfAborted(signal);
  const own = await model.tokenEmbeddings(runtime, [ids[CUT]!]);
  const begun = cache.beginning(CUT) ?? (await decoder.readAll({ ids: ids.slice(0, CUT) })).cache;
  throwIfAborted(signal);
  const again = await decoder.readAll({ ids: [0, ids[0]!], soft: new Map([[0, own]]) }, begun);
  for (const read of [begun, again.cache]) read.release();
  const expected = rowOf(whole, columns, CUT);
  const apart = distance(rowOf(again.logits, columns, 0), expected) / distance(expected);
  if (apart <= TOLERANCE) return;
  throw new E2PError(
    'unsupported-graph',
    `${model.name}: token ${CUT} of ${ALL} has other logits behind a cache, given as its own embedding and with another token behind it, than in the whole (${(100 * apart).toFixed()} % apart, expected at most ${100 * TOLERANCE} %): attention that looks ahead, or a cache that is not read as such`,
  );
}

/** Tokens that a GPU reads at once: kernels for long inputs begin at 32. Where those were found wrong and are not used, a few do. */
const [LONG, SHORT] = [40, 8];

/**
 * Does this device compute this model? A text is read at once, and its last token again, behind a cut of the cache and as a soft token that is its own
 * embedding: by the kernels for one token, which a text is written with.
 * @throws E2PError `backend-faulty`; the signal's reason
 */
export async function checkDevice(decoder: Decoder, signal?: AbortSignal): Promise<void> {
  const { model, runtime } = decoder;
  const text = model.codec.encode(SENTENCE).filter((id) => id < model.facts.head.columns);
  if (isQuantised(model) || text.length < ALL) return;
  const length = Math.min(runtime.prefillChunk < LONG ? SHORT : LONG, model.config.contextLength);
  const ids = Array.from({ length }, (_, i) => text[i % text.length]!);
  const cut = length - 1;
  const own = await model.tokenEmbeddings(runtime, [ids[cut]!]);
  const caches = [decoder.emptyCache()];
  const read = async (cache: KvCache, run: TokenRun): Promise<Float32Array> => {
    const result = await decoder.read(cache, run, { signal });
    caches.push(result.cache);
    return result.logits;
  };
  let apart: number;
  try {
    const whole = await read(caches[0]!, { ids });
    if (whole.every((value) => value === whole[0])) throw faulty('the same logit for every token');
    const begun = caches[1]!.beginning(cut);
    if (begun === undefined) await read(caches[0]!, { ids: ids.slice(0, cut) });
    else caches.push(begun);
    const again = await read(caches[2]!, { ids: [0], soft: new Map([[0, own]]) });
    apart = distance(again, whole) / distance(whole);
  } finally {
    for (const cache of caches) cache.release();
  }
  if (apart <= TOLERANCE) return;
  const found = `logits that are ${(100 * apart).toFixed()} % apart`;
  throw faulty(
    `${found} where ${length} tokens are read at once and where the last is a soft token behind a cache`,
  );
}

const faulty = (found: string) => new E2PError('backend-faulty', `${found}, expected those of one text`);

const rowOf = (logits: Float32Array, columns: number, at: number) =>
  logits.subarray(at * columns, (at + 1) * columns);

/** ‖a − b‖ */
function distance(a: Float32Array, b?: Float32Array): number {
  return Math.sqrt(a.reduce((sum, v, i) => sum + (v - (b?.[i] ?? 0)) ** 2, 0));
}
