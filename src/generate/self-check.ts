/**
 * Does a decoder compute what it should? Where structure does not show that attention is causal, or activations are quantised, a few tokens
 * tell: read at once, and in two pieces with a cache and a soft token that is a token's own embedding.
 */
import { E2PError } from '../error.ts';
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
 * A warning, where an ordinary sentence is less likely than by chance, or rounding alone sets the two ways to read apart.
 * @throws E2PError `unsupported-graph` where they differ otherwise
 */
export async function selfCheck(decoder: Decoder): Promise<string | undefined> {
  const { model, runtime } = decoder;
  const { columns } = model.facts.head;
  const text = model.codec.encode(SENTENCE).filter((id) => id < columns);
  if (text.length < ALL) return undefined;
  const ids = text.slice(0, ALL);
  const own = await model.tokenEmbeddings(runtime, [ids[CUT]!]);
  const whole = await decoder.readAll({ ids });
  const first = await decoder.readAll({ ids: ids.slice(0, CUT) });
  const second = await decoder.readAll(
    { ids: [0, ...ids.slice(CUT + 1)], soft: new Map([[0, own]]) },
    first.cache,
  );
  for (const { cache } of [whole, first, second]) cache.release();
  const row = (logits: Float32Array, at: number) => logits.subarray(at * columns, (at + 1) * columns);
  const pieces = ids.map((_, at) => (at < CUT ? row(first.logits, at) : row(second.logits, at - CUT)));
  for (const [at, found] of pieces.entries()) {
    const expected = row(whole.logits, at);
    const apart = distance(found, expected) / distance(expected);
    if (apart <= TOLERANCE) continue;
    const percent = `${(100 * apart).toFixed()} % apart, expected at most ${100 * TOLERANCE} %`;
    if (isQuantised(model)) {
      return `the logits depend on how a text is cut (${percent}): activations are quantised by the largest of a run; take another precision`;
    }
    const where =
      at < CUT ? 'without what stands behind it' : 'behind a cache, with a token given as its own embedding,';
    throw new E2PError(
      'unsupported-graph',
      `${model.name}: token ${at} of ${ALL} has other logits ${where} than in the whole (${percent}): attention that looks ahead, or a cache that is not read as such`,
    );
  }
  const surprise =
    ids.slice(1).reduce((sum, id, at) => sum - logProbability(row(whole.logits, at), id), 0) / (ALL - 1);
  const chance = Math.log(columns);
  return surprise <= chance
    ? undefined
    : `an ordinary sentence is less likely than by chance (${surprise.toFixed(1)} nats a token, chance ${chance.toFixed(1)}): these weights compute nonsense on ${runtime.device}; take another precision`;
}

/** ‖a − b‖ */
function distance(a: Float32Array, b?: Float32Array): number {
  return Math.sqrt(a.reduce((sum, v, i) => sum + (v - (b?.[i] ?? 0)) ** 2, 0));
}
