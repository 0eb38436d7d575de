/** A decoder with the sizes of SmolLM2-135M in four bits, its weights random: made on the spot, so that nothing has to be carried. */
import { writeOnnx } from '../../src/onnx/onnx-file.ts';
import type { FileSource } from '../../src/storage/file-source.ts';
import { letterTokenizer } from '../../src/testing/zoo/zoo-folder.ts';
import { seeded } from '../../src/testing/zoo/zoo-weights.ts';
import { exportGraph } from '../../tools/llama/export-graph.ts';
import { type LlamaConfig, llamaWeightShapes } from '../../tools/llama/llama-config.ts';
import { BLOCK, type QuantizedMatrix } from '../../tools/llama/quantize.ts';

const CONFIG: LlamaConfig = {
  vocabSize: 49_152,
  hiddenSize: 576,
  intermediateSize: 1536,
  layers: 30,
  heads: 9,
  kvHeads: 3,
  headDim: 64,
  maxPositions: 2048,
  rmsEpsilon: 1e-5,
  ropeTheta: 10_000,
};

/** @param gain of the weights; with more than 1 texts vary more */
export function randomModel(sizes: Partial<LlamaConfig> = {}, gain = 1): FileSource {
  const config = { ...CONFIG, ...sizes };
  const weights = emptyWeights(config);
  const graph = writeOnnx(exportGraph({ config, weights, dtype: 'q4', quantize: noise(gain) }));
  const json = {
    ...{ model_type: 'llama', hidden_size: config.hiddenSize, num_attention_heads: config.heads },
    ...{
      num_key_value_heads: config.kvHeads,
      num_hidden_layers: config.layers,
      vocab_size: config.vocabSize,
    },
    ...{ max_position_embeddings: config.maxPositions, bos_token_id: 1, eos_token_id: 2 },
  };
  const files = new Map([
    ['config.json', new TextEncoder().encode(JSON.stringify(json))],
    ['onnx/model_q4.onnx', graph],
    ...letterTokenizer({}),
  ]);
  return {
    name: `random weights, ${config.layers} layers of SmolLM2-135M's sizes`,
    read: async (path) => files.get(path),
  };
}

/** Nothing but sizes: {@link noise} makes the values. Norms are 1. */
function emptyWeights(config: LlamaConfig): ReadonlyMap<string, Float32Array> {
  const shapes = llamaWeightShapes(config).map(({ name, dims }) => ({
    ...{ name, dims, length: dims.reduce((product, d) => product * d, 1) },
  }));
  const zeros = new Float32Array(Math.max(...shapes.map(({ length }) => length)));
  return new Map(
    shapes.map(({ name, dims, length }) => [
      name,
      dims.length === 1 ? new Float32Array(length).fill(1) : zeros.subarray(0, length),
    ]),
  );
}

/** Four bits without a model behind them, of about the deviation `gain` / √columns; drawing all of them would take minutes. */
const noise =
  (gain: number) =>
  (_: Float32Array, rows: number, columns: number): QuantizedMatrix => {
    const random = seeded(`${rows} × ${columns}`);
    const bytes = Uint8Array.from({ length: 65_537 }, () => 256 * random());
    const blocks = Math.ceil(columns / BLOCK);
    const packed = new Uint8Array((rows * blocks * BLOCK) / 2);
    for (let at = 0; at < packed.length; at += bytes.length) {
      packed.set(bytes.subarray(0, Math.min(bytes.length, packed.length - at)), at);
    }
    const scales = new Float32Array(rows * blocks).fill((gain * columns ** -0.5) / 4.6);
    return { rows, columns, blocks, packed, scales };
  };
