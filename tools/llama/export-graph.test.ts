import { InferenceSession, Tensor } from 'onnxruntime-node';
import { describe, expect, it } from 'vitest';
import { GraphBuilder } from '../../src/onnx/builder.ts';
import { writeOnnx } from '../../src/onnx/onnx-file.ts';
import { decoder, tiedHead } from './decoder.ts';
import { exportGraph } from './export-graph.ts';
import { initWeights } from './init-weights.ts';
import { EMBEDDING, type LlamaConfig, type LlamaWeights, llamaWeightShapes } from './llama-config.ts';
import { dequantize4, quantize4 } from './quantize.ts';

const config: LlamaConfig = {
  vocabSize: 50,
  hiddenSize: 64,
  intermediateSize: 48,
  layers: 2,
  heads: 4,
  kvHeads: 2,
  headDim: 16,
  maxPositions: 32,
  rmsEpsilon: 1e-5,
  ropeTheta: 10_000,
};
const weights = initWeights(config, uniform(3));
const ids = Array.from({ length: 2 * 12 }, (_, i) => (i * 17 + 5) % config.vocabSize);

describe('the exported decoder', () => {
  it.each(['basic', 'all'] as const)('equals the primitive one (optimisation: %s)', async (level) => {
    const exported = await open(writeOnnx(exportGraph({ config, weights, dtype: 'fp32' })), level);
    const { logits } = await step(exported, ids, 2, {});
    expect(largestDifference(logits, await primitiveLogits(weights))).toBeLessThan(1e-4);
  });

  it('continues from its key/value cache', async () => {
    const exported = await open(writeOnnx(exportGraph({ config, weights, dtype: 'fp32' })));
    const whole = await primitiveLogits(weights);
    let past = {};
    for (const [from, to] of [
      [0, 7],
      [7, 8],
      [8, 12],
    ] as const) {
      const { logits, present } = await step(exported, ids.slice(from, to), 1, past);
      const expected = whole.subarray(from * config.vocabSize, to * config.vocabSize);
      expect(largestDifference(logits, expected)).toBeLessThan(1e-4);
      past = present;
    }
  });

  it('equals the primitive decoder on the dequantized weights in four bits', async () => {
    const rounded = new Map(
      llamaWeightShapes(config).map(({ name, dims }) => {
        const values = weights.get(name)!;
        const [rows, columns] = dims;
        if (columns === undefined) return [name, values];
        if (name === EMBEDDING) return [name, dequantize4(quantize4(values, rows!, columns))];
        const q = quantize4(transpose(values, rows!, columns), columns, rows!);
        return [name, transpose(dequantize4(q), columns, rows!)];
      }),
    );
    const exported = await open(writeOnnx(exportGraph({ config, weights, dtype: 'q4' })));
    const { logits } = await step(exported, ids, 2, {});
    expect(largestDifference(logits, await primitiveLogits(rounded))).toBeLessThan(1e-3);
    expect(largestDifference(logits, await primitiveLogits(weights))).toBeGreaterThan(1e-2);
  });

  it.each(['fp32', 'q4'] as const)('stores the embedding table once in %s', (dtype) => {
    const { initializers } = exportGraph({ config, weights, dtype }).graph;
    const tables = initializers.filter((t) => t.dims.length > 1 && t.dims.includes(config.vocabSize));
    expect(tables.map((t) => t.name)).toEqual(
      dtype === 'fp32' ? [EMBEDDING] : ['lm_head.MatMul.weight_Q4', 'lm_head.MatMul.weight_scales'],
    );
  });
});

async function open(bytes: Uint8Array, graphOptimizationLevel: 'basic' | 'all' = 'all') {
  return InferenceSession.create(bytes, { graphOptimizationLevel, intraOpNumThreads: 1 });
}

/** Runs `tokens` (rows of equal length) behind a cache; an empty one to begin with. */
async function step(
  session: InferenceSession,
  tokens: number[],
  batch: number,
  past: Record<string, Tensor>,
) {
  const length = tokens.length / batch;
  const empty = new Tensor('float32', new Float32Array(), [batch, config.kvHeads, 0, config.headDim]);
  const cached = Object.values(past)[0]?.dims[2] ?? 0;
  const total = cached + length;
  const feeds: Record<string, Tensor> = {
    input_ids: new Tensor('int64', BigInt64Array.from(tokens, BigInt), [batch, length]),
    attention_mask: new Tensor('int64', new BigInt64Array(batch * total).fill(1n), [batch, total]),
  };
  for (const name of session.inputNames.filter((n) => n.startsWith('past')))
    feeds[name] = past[name] ?? empty;
  const out = await session.run(feeds);
  const present = Object.fromEntries(
    Object.entries(out)
      .filter(([name]) => name.startsWith('present'))
      .map(([name, tensor]) => [name.replace('present', 'past_key_values'), tensor as Tensor]),
  );
  return { logits: out.logits!.data as Float32Array, present };
}

async function primitiveLogits(values: LlamaWeights): Promise<Float32Array> {
  const g = new GraphBuilder();
  for (const { name, dims } of llamaWeightShapes(config)) g.tensor(name, dims, values.get(name)!);
  const options = { config, batch: 2, length: 12 };
  const embeddings = g.gather(EMBEDDING, g.input('input_ids', 'int64', [2, 12]));
  const logits = tiedHead(g, decoder(g, embeddings, options), options);
  g.output(logits, 'float32', [24, config.vocabSize]);
  const session = await open(writeOnnx(g.model()));
  const out = await session.run({ input_ids: new Tensor('int64', BigInt64Array.from(ids, BigInt), [2, 12]) });
  return out[logits]!.data as Float32Array;
}

function transpose(matrix: Float32Array, rows: number, columns: number): Float32Array {
  const result = new Float32Array(matrix.length);
  for (let r = 0; r < rows; r++)
    for (let c = 0; c < columns; c++) result[c * rows + r] = matrix[r * columns + c]!;
  return result;
}

const largestDifference = (a: Float32Array, b: Float32Array) => {
  expect(a.length).toBe(b.length);
  return a.reduce((max, x, i) => Math.max(max, Math.abs(x - b[i]!)), 0);
};

function uniform(seed: number): () => number {
  let state = seed;
  return () => {
    state = (state * 1103515245 + 12345) % 2147483648;
    return state / 2147483648;
  };
}
