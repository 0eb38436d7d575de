/**
 * Does this backend compute attention rightly, and for how many new tokens at once? One GroupQueryAttention
 * with the model's own head layout is compared with the plain formula in JavaScript. Found necessary:
 * SwiftShader computes calls of 32 or more new tokens wrongly and shorter ones rightly, without any error.
 */

import { E2PError } from '../error.ts';
import { GraphBuilder } from '../onnx/builder.ts';
import { fromFloat16, toFloat16 } from '../onnx/float16.ts';
import { writeOnnx } from '../onnx/onnx-file.ts';
import type { Runtime } from './runtime.ts';

export interface AttentionLayout {
  readonly heads: number;
  readonly kvHeads: number;
  readonly headSize: number;
}

/** So many new tokens every device seen computes rightly; SwiftShader and Mesa's lavapipe 32 and more wrongly. */
export const SAFE_CHUNK = 31;
/** Chunk lengths tried, longest first. */
const CHUNKS = [128, SAFE_CHUNK] as const;
/** Largest error of a right backend is near 1e-5, in float16 1e-3; a wrong one is off by 1e-1 and more. */
const TOLERANCE = 1e-2;

export type FloatType = 'float32' | 'float16';

/**
 * The longest tried chunk that the runtime computes rightly, in tokens. The test's session is left open on
 * purpose: onnxruntime-web destroys its GPU device together with the last session on it.
 * @param known what was found before; asked when there is a device
 * @throws E2PError `backend-faulty` if none is right.
 */
export async function longestRightChunk(
  runtime: Runtime,
  layout: AttentionLayout,
  type: FloatType = 'float32',
  known?: () => Promise<number | undefined>,
): Promise<number> {
  const session = await runtime.createSession(writeOnnx(attentionModel(layout, type)));
  const before = await known?.();
  if (before) return before;
  let error = 0;
  for (const tokens of CHUNKS) {
    error = await attentionError(runtime, session, layout, tokens, type);
    if (error <= TOLERANCE) return tokens;
  }
  throw new E2PError(
    'backend-faulty',
    `${runtime.device} computes attention wrongly: error ${error.toPrecision(2)} with ${CHUNKS.at(-1)} tokens, expected at most ${TOLERANCE}`,
  );
}

function attentionModel({ heads, kvHeads, headSize }: AttentionLayout, type: FloatType) {
  const g = new GraphBuilder();
  const [q, k, v] = [
    g.input('q', type, [1, 'S', heads * headSize]),
    g.input('k', type, [1, 'S', kvHeads * headSize]),
    g.input('v', type, [1, 'S', kvHeads * headSize]),
  ];
  const pastKey = g.input('past_key', type, [1, kvHeads, 'P', headSize]);
  const pastValue = g.input('past_value', type, [1, kvHeads, 'P', headSize]);
  const last = g.input('last', 'int32', [1]);
  const total = g.input('total', 'int32', [1]);
  g.fused('GroupQueryAttention', [q, k, v, pastKey, pastValue, last, total], {
    outputs: ['out', 'present_key', 'present_value'],
    attributes: { num_heads: heads, kv_num_heads: kvHeads },
  });
  g.output('out', type, [1, 'S', heads * headSize]);
  g.output('present_key', type, [1, kvHeads, 'T', headSize]);
  g.output('present_value', type, [1, kvHeads, 'T', headSize]);
  return g.model();
}

async function attentionError(
  runtime: Runtime,
  session: Awaited<ReturnType<Runtime['createSession']>>,
  { heads, kvHeads, headSize }: AttentionLayout,
  tokens: number,
  type: FloatType,
): Promise<number> {
  // A fixed, aperiodic pattern: no randomness needed, and the same on every device.
  const pattern = (length: number, phase: number) =>
    Float32Array.from({ length }, (_, i) => Math.sin(i * 0.7548776 + phase) * 1.5);
  const q = pattern(tokens * heads * headSize, 0);
  const k = pattern(tokens * kvHeads * headSize, 1);
  const v = pattern(tokens * kvHeads * headSize, 2);
  const tensor = (values: Float32Array, dims: readonly number[]) =>
    runtime.tensor(type, type === 'float16' ? toFloat16(values) : values, dims);
  const empty = () => tensor(new Float32Array(0), [1, kvHeads, 0, headSize]);
  const result = await session.run({
    q: tensor(q, [1, tokens, heads * headSize]),
    k: tensor(k, [1, tokens, kvHeads * headSize]),
    v: tensor(v, [1, tokens, kvHeads * headSize]),
    past_key: empty(),
    past_value: empty(),
    last: runtime.tensor('int32', Int32Array.of(tokens - 1), [1]),
    total: runtime.tensor('int32', Int32Array.of(tokens), [1]),
  });
  const raw = result.out!.data as Float32Array | Uint16Array;
  const out = type === 'float16' ? fromFloat16(raw) : raw;
  let worst = 0;
  for (let head = 0; head < heads; head++) {
    const kvHead = Math.floor(head / (heads / kvHeads));
    for (let t = 0; t < tokens; t++) {
      const expected = attend(q, k, v, t, head, kvHead, heads, kvHeads, headSize);
      for (let i = 0; i < headSize; i++) {
        const found = out[t * heads * headSize + head * headSize + i] ?? Number.NaN;
        const error = Math.abs(found - expected[i]!);
        if (!(error <= worst)) worst = error;
      }
    }
  }
  return Number.isNaN(worst) ? Number.POSITIVE_INFINITY : worst;
}

/** softmax(q·Kᵀ/√d)·V of one query over the positions up to its own. */
function attend(
  q: Float32Array,
  k: Float32Array,
  v: Float32Array,
  t: number,
  head: number,
  kvHead: number,
  heads: number,
  kvHeads: number,
  size: number,
): Float64Array {
  const scores = new Float64Array(t + 1);
  let max = Number.NEGATIVE_INFINITY;
  for (let s = 0; s <= t; s++) {
    let dot = 0;
    for (let i = 0; i < size; i++) {
      dot += q[(t * heads + head) * size + i]! * k[(s * kvHeads + kvHead) * size + i]!;
    }
    scores[s] = dot / Math.sqrt(size);
    max = Math.max(max, scores[s]!);
  }
  const out = new Float64Array(size);
  let sum = 0;
  for (let s = 0; s <= t; s++) {
    const weight = Math.exp(scores[s]! - max);
    sum += weight;
    for (let i = 0; i < size; i++) out[i]! += weight * v[(s * kvHeads + kvHead) * size + i]!;
  }
  return out.map((x) => x / sum);
}
