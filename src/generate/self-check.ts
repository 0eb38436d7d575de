/**
 * Does a decoder compute what it should? Where structure does not show that attention is causal, a few tokens tell: read at once, and in two
 * pieces with a cache and a soft token that is a token's own embedding. Where activations are quantised, what it makes of a sentence tells.
 */
import { E2PError, throwIfAborted } from '../error.ts';
import type { BaseModel } from '../model/base-model.ts';
import { type Decoder, logProbability } from './decoder.ts';

const QUANTISED = ['DynamicQuantizeLinear', 'DynamicQuantizeMatMul', 'MatMulInteger'];

const SENTENCE = 'The sun rises in the east and sets in the west.';
/** Tokens that are read: two, and two behind them. */
const [CUT, ALL] = [2, 4];
/** Of the length of the logits. Rounding reaches a hundredth; a cache that is misread, or a look ahead, changes them altogether. */
const TOLERANCE = 0.25;

const isQuantised = ({ facts }: BaseModel): boolean =>
  QUANTISED.some((name) => facts.operators.includes(name));

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
  cache.release();
  if (!model.facts.isCausal && !isQuantised(model)) await comparePieces(decoder, ids, logits, signal);
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

/** The same tokens in two pieces, with a cache, and with a soft token that is a token's own embedding. */
async function comparePieces(
  decoder: Decoder,
  ids: readonly number[],
  whole: Float32Array,
  signal: AbortSignal | undefined,
): Promise<void> {
  const { model, runtime } = decoder;
  const { columns } = model.facts.head;
  throwIfAborted(signal);
  const own = await model.tokenEmbeddings(runtime, [ids[CUT]!]);
  const first = await decoder.readAll({ ids: ids.slice(0, CUT) });
  throwIfAborted(signal);
  const second = await decoder.readAll(
    { ids: [0, ...ids.slice(CUT + 1)], soft: new Map([[0, own]]) },
    first.cache,
  );
  for (const { cache } of [first, second]) cache.release();
  for (const at of ids.keys()) {
    const found = at < CUT ? rowOf(first.logits, columns, at) : rowOf(second.logits, columns, at - CUT);
    const expected = rowOf(whole, columns, at);
    const apart = distance(found, expected) / distance(expected);
    if (apart <= TOLERANCE) continue;
    const where =
      at < CUT ? 'without what stands behind it' : 'behind a cache, with a token given as its own embedding,';
    throw new E2PError(
      'unsupported-graph',
      `${model.name}: token ${at} of ${ALL} has other logits ${where} than in the whole (${(100 * apart).toFixed()} % apart, expected at most ${100 * TOLERANCE} %): attention that looks ahead, or a cache that is not read as such`,
    );
  }
}

const rowOf = (logits: Float32Array, columns: number, at: number) =>
  logits.subarray(at * columns, (at + 1) * columns);

/** ‖a − b‖ */
function distance(a: Float32Array, b?: Float32Array): number {
  return Math.sqrt(a.reduce((sum, v, i) => sum + (v - (b?.[i] ?? 0)) ** 2, 0));
}
