/** The graphs that decode benchmarks run: a Llama with random weights, as exported and as the engine runs it. */

import type { Runtime } from '../src/node.ts';
import { writeOnnx } from '../src/onnx/onnx-file.ts';
import { type AddedInputs, personaliseGraph } from '../src/onnx/personalise-graph.ts';
import type { Feeds, Tensor } from '../src/runtime/runtime.ts';
import { exportGraph } from '../tools/llama/export-graph.ts';
import { initWeights } from '../tools/llama/init-weights.ts';
import type { LlamaConfig } from '../tools/llama/llama-config.ts';

export const CONFIG: LlamaConfig = {
  vocabSize: 8192,
  hiddenSize: 288,
  intermediateSize: 768,
  layers: 6,
  heads: 6,
  kvHeads: 6,
  headDim: 48,
  maxPositions: 512,
  rmsEpsilon: 1e-5,
  ropeTheta: 10_000,
};

export interface DecodeGraphs {
  readonly original: Uint8Array;
  readonly rewritten: Uint8Array;
  readonly inputs: AddedInputs;
}

export function decodeGraphs(dtype: 'fp32' | 'q4'): DecodeGraphs {
  let state = 1;
  const random = () => {
    state = (Math.imul(state, 1664525) + 1013904223) >>> 0;
    return state / 2 ** 32;
  };
  const model = exportGraph({ config: CONFIG, weights: initWeights(CONFIG, random), dtype });
  const { model: changed, inputs } = personaliseGraph(model);
  return { original: writeOnnx(model), rewritten: writeOnnx(changed), inputs };
}

export interface DecodeTimes {
  /** Milliseconds of each step, interleaved: the same index is the same moment. */
  readonly original: number[];
  readonly rewritten: number[];
  /** Largest difference of the logits. */
  readonly difference: number;
}

/** One token behind `past` others, again and again, through both graphs in turn. */
export async function timeDecode(
  runtime: Runtime,
  { original, rewritten, inputs }: DecodeGraphs,
  { past, rounds }: { readonly past: number; readonly rounds: number },
): Promise<DecodeTimes> {
  const integers = (type: 'int64' | 'int32', values: readonly number[], dims: readonly number[]) =>
    runtime.tensor(
      type,
      type === 'int64' ? BigInt64Array.from(values, BigInt) : Int32Array.from(values),
      dims,
    );
  const dims = [1, CONFIG.kvHeads, past, CONFIG.headDim];
  const cache = new Float32Array(dims.reduce((a, b) => a * b, 1)).map((_, i) => Math.sin(i));
  const common: Record<string, Tensor> = { input_ids: integers('int64', [5], [1, 1]) };
  for (let i = 0; i < CONFIG.layers; i++) {
    for (const part of ['key', 'value']) {
      common[`past_key_values.${i}.${part}`] = runtime.tensor('float32', cache, dims);
    }
  }
  const feeds: readonly Feeds[] = [
    { ...common, attention_mask: integers('int64', new Array(past + 1).fill(1), [1, past + 1]) },
    {
      ...common,
      [inputs.softMask]: runtime.tensor('bool', Uint8Array.of(0), [1, 1, 1]),
      [inputs.softEmbeds]: runtime.tensor('float32', Float32Array.of(0), [1, 1, 1]),
      [inputs.logitPositions]: integers('int64', [0], [1]),
      [inputs.lengths!.rows]: integers('int32', [past], [1]),
      [inputs.lengths!.total]: integers('int32', [past + 1], []),
    },
  ];
  const sessions = [await runtime.createSession(original), await runtime.createSession(rewritten)];
  const times: [number[], number[]] = [[], []];
  let logits: Float32Array[] = [];
  const warmUp = 10;
  for (let round = -warmUp; round < rounds; round++) {
    const order = round % 2 === 0 ? [0, 1] : [1, 0];
    const found: Float32Array[] = [];
    for (const which of order) {
      const start = performance.now();
      const outputs = await sessions[which]!.run(feeds[which]!);
      const took = performance.now() - start;
      if (round >= 0) times[which as 0 | 1].push(took);
      found[which] = outputs.logits!.data as Float32Array;
    }
    logits = found;
  }
  await Promise.all(sessions.map((session) => session.release()));
  const difference = logits[0]!.reduce((most, v, i) => Math.max(most, Math.abs(v - logits[1]![i]!)), 0);
  return { original: times[0], rewritten: times[1], difference };
}
