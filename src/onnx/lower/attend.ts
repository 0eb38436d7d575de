/**
 * Scaled dot-product attention in primitive operators, the core that all fused kinds share:
 * softmax(scale·q·kᵀ + bias + mask)·v, with query heads in groups that share a key head.
 */
import type { ValueName } from '../builder.ts';
import type { Shape } from '../shape.ts';
import type { Lowering } from './lowering.ts';
import { split } from './rotary.ts';

/** Out of sight: the exponential of it is 0 in float32, and no sum of two of them overflows. */
const UNSEEN = -1e30;

export interface AttendOptions {
  /** [B, heads, L, d] */
  readonly q: ValueName;
  /** [B, kvHeads, T, d], [B, kvHeads, T, dv] */
  readonly k: ValueName;
  readonly v: ValueName;
  readonly batch: number;
  readonly heads: number;
  readonly kvHeads: number;
  /** L and T */
  readonly length: number;
  readonly total: number;
  readonly headSize: number;
  readonly valueSize: number;
  /** 1/√d where 0. */
  readonly scale: number;
  /** c·tanh(scores/c), where not 0. */
  readonly softcap: number;
  /** Position i of the queries sees keys up to T − L + i. */
  readonly causal: boolean;
  /** And no more than this many of them; undefined for all. */
  readonly window?: number | undefined;
  /** Added to the scores; broadcast to [B, heads, L, T]. */
  readonly bias?: ValueName | undefined;
  /** One more logit for each head, of a key whose value is 0: [1, heads, 1, 1]. */
  readonly sink?: ValueName | undefined;
}

/**
 * Queries of a causal mask see nothing behind them: those of a part are multiplied with the keys up to its end. At least so many
 * positions, and so many parts at most, as each has nodes of its own.
 */
const PART = { least: 64, parts: 4 };

/** → [B, heads, L, dv] */
export function attend(at: Lowering, o: AttendOptions): ValueName {
  const { g } = at;
  const { length, total } = o;
  // Keys are fewer than queries, or as many.
  const scaled = g.mul(o.k, g.float(o.scale === 0 ? o.headSize ** -0.5 : o.scale));
  const k = g.transpose(scaled, [0, 1, 3, 2]);
  const isParted = o.causal && length === total && o.bias === undefined;
  const size = isParted ? Math.max(PART.least, Math.ceil(length / PART.parts)) : length;
  if (size >= length) return attendTo(at, { ...o, k });
  const ends = Array.from({ length: Math.ceil(length / size) }, (_, i) => Math.min((i + 1) * size, length));
  const sizes = ends.map((end, i) => end - i * size);
  const parts = split(g, o.q, 2, sizes).map((q, i) => {
    const end = ends[i]!;
    const seen = (x: ValueName, axis: number) => (end === total ? x : g.slice(x, axis, 0, end));
    return attendTo(at, { ...o, q, k: seen(k, 3), v: seen(o.v, 2), length: sizes[i]!, total: end });
  });
  return g.concat(parts, 2);
}

/** All queries to all keys, which are scaled and [B, kvHeads, d, T]. */
function attendTo(at: Lowering, o: AttendOptions): ValueName {
  const { g } = at;
  const { batch, heads, kvHeads, length, total } = o;
  const perGroup = (heads / kvHeads) * length;
  const q = heads === kvHeads ? o.q : g.reshape(o.q, [batch, kvHeads, perGroup, o.headSize]);
  let scores = g.matMul(q, o.k);
  if (heads !== kvHeads) scores = g.reshape(scores, [batch, heads, length, total]);
  if (o.softcap > 0) scores = g.mul(g.op('Tanh', [g.div(scores, g.float(o.softcap))]), g.float(o.softcap));
  if (o.bias !== undefined) scores = g.add(scores, o.bias);
  if (o.causal) scores = g.add(scores, causalMask(at, length, total, o.window));
  let weights: ValueName;
  if (o.sink === undefined) weights = g.softmax(scores);
  else {
    const sink = g.op('Expand', [o.sink, g.ints([batch, heads, length, 1])]);
    weights = g.slice(g.softmax(g.concat([scores, sink], 3)), 3, 0, total);
  }
  if (heads !== kvHeads) weights = g.reshape(weights, [batch, kvHeads, perGroup, total]);
  const mixed = g.matMul(weights, o.v);
  return heads === kvHeads ? mixed : g.reshape(mixed, [batch, heads, length, o.valueSize]);
}

function causalMask(at: Lowering, length: number, total: number, window = Infinity): ValueName {
  return at.shared(`causal ${length} ${total} ${window}`, () =>
    at.g.tensor(
      at.g.fresh('causal'),
      [length, total],
      Float32Array.from({ length: length * total }, (_, i) => {
        const last = total - length + Math.floor(i / total);
        const key = i % total;
        return key > last || key <= last - window ? UNSEEN : 0;
      }),
    ),
  );
}

/** [B, L, N·d] → [B, N, L, d] */
export function toHeads(
  at: Lowering,
  x: ValueName,
  [batch, length, heads, size]: readonly [number, number, number, number],
): ValueName {
  return at.g.transpose(at.g.reshape(x, [batch, length, heads, size]), [0, 2, 1, 3]);
}

/** [B, N, L, d] → [B, L, N·d] */
export function fromHeads(at: Lowering, x: ValueName, [batch, heads, length, size]: Shape): ValueName {
  return at.g.reshape(at.g.transpose(x, [0, 2, 1, 3]), [batch!, length!, heads! * size!]);
}

/** 0 where a mask of ones and zeros is 1, else `unseen`. */
export function maskBias(at: Lowering, mask: ValueName, unseen: number): ValueName {
  const { g } = at;
  return g.mul(g.sub(g.float(1), at.cast(mask, 1)), g.float(unseen));
}
