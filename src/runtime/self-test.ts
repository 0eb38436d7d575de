/**
 * Does this backend compute attention rightly, and for how many new tokens at once? One GroupQueryAttention
 * with the model's own head layout is compared with the plain formula in JavaScript. Found necessary:
 * SwiftShader computes calls of 32 or more new tokens wrongly and shorter ones rightly, without any error.
 */

import { E2PError } from '../error.ts';
import { GraphBuilder } from '../onnx/builder.ts';
import { writeOnnx } from '../onnx/onnx-file.ts';
import type { Runtime } from './runtime.ts';

export interface AttentionLayout {
  readonly heads: number;
  readonly kvHeads: number;
  readonly headSize: number;
}

/** Chunk lengths tried, longest first. */
const CHUNKS = [128, 31] as const;
/** Largest error of a right backend is near 1e-5; a wrong one is off by 1e-1 and more. */
const TOLERANCE = 1e-2;

/**
 * The longest tried chunk that the runtime computes rightly, in tokens. The test's session is left open on
 * purpose: onnxruntime-web destroys its GPU device together with the last session on it.
 * @throws E2PError `backend-faulty` if none is right.
 */
export async function longestRightChunk(runtime: Runtime, layout: AttentionLayout): Promise<number> {
  const session = await runtime.createSession(writeOnnx(attentionModel(layout)));
  let error = 0;
  for (const tokens of CHUNKS) {
    error = await attentionError(runtime, session, layout, tokens);
    if (error <= TOLERANCE) return tokens;
  }
  throw new E2PError(
    'backend-faulty',
    `${runtime.device} computes attention wrongly: error ${error.toPrecision(2)} with ${CHUNKS.at(-1)} tokens, expected at most ${TOLERANCE}`,
  );
}

function attentionModel({ heads, kvHeads, headSize }: AttentionLayout) {
  const g = new GraphBuilder();
  const [q, k, v] = [
    g.input('q', 'float32', [1, 'S', heads * headSize]),
    g.input('k', 'float32', [1, 'S', kvHeads * headSize]),
    g.input('v', 'float32', [1, 'S', kvHeads * headSize]),
  ];
  const pastKey = g.input('past_key', 'float32', [1, kvHeads, 'P', headSize]);
  const pastValue = g.input('past_value', 'float32', [1, kvHeads, 'P', headSize]);
  const last = g.input('last', 'int32', [1]);
  const total = g.input('total', 'int32', [1]);
  g.fused('GroupQueryAttention', [q, k, v, pastKey, pastValue, last, total], {
    outputs: ['out', 'present_key', 'present_value'],
    attributes: { num_heads: heads, kv_num_heads: kvHeads },
  });
  g.output('out', 'float32', [1, 'S', heads * headSize]);
  g.output('present_key', 'float32', [1, kvHeads, 'T', headSize]);
  g.output('present_value', 'float32', [1, kvHeads, 'T', headSize]);
  return g.model();
}

async function attentionError(
  runtime: Runtime,
  session: Awaited<ReturnType<Runtime['createSession']>>,
  { heads, kvHeads, headSize }: AttentionLayout,
  tokens: number,
): Promise<number> {
  // A fixed, aperiodic pattern: no randomness needed, and the same on every device.
  const pattern = (length: number, phase: number) =>
    Float32Array.from({ length }, (_, i) => Math.sin(i * 0.7548776 + phase) * 1.5);
  const q = pattern(tokens * heads * headSize, 0);
  const k = pattern(tokens * kvHeads * headSize, 1);
  const v = pattern(tokens * kvHeads * headSize, 2);
  const empty = () => runtime.tensor('float32', new Float32Array(0), [1, kvHeads, 0, headSize]);
  const result = await session.run({
    q: runtime.tensor('float32', q, [1, tokens, heads * headSize]),
    k: runtime.tensor('float32', k, [1, tokens, kvHeads * headSize]),
    v: runtime.tensor('float32', v, [1, tokens, kvHeads * headSize]),
    past_key: empty(),
    past_value: empty(),
    last: runtime.tensor('int32', Int32Array.of(tokens - 1), [1]),
    total: runtime.tensor('int32', Int32Array.of(tokens), [1]),
  });
  const out = result.out?.data as Float32Array;
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
