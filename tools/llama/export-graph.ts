/**
 * The decoder as a file for users: the operators, inputs, outputs and node names of onnxruntime-genai's exports
 * (SimplifiedLayerNormalization, GroupQueryAttention with rotary positions inside, a key/value cache), in float32
 * or four bits. Invariant: the embedding table is stored once and serves the lookup and the head.
 *
 * Inputs: `input_ids` and `attention_mask` int64, `past_key_values.N.key|value`; outputs: `logits`,
 * `present.N.key|value`.
 */
import { E2PError } from '../../src/index.ts';
import {
  GraphBuilder,
  makeNode,
  makeValueInfo,
  type NodeOptions,
  type ValueName,
} from '../../src/onnx/builder.ts';
import type { OnnxModel, OnnxValueInfo } from '../../src/onnx/onnx-model.ts';
import { DataType } from '../../src/onnx/onnx-model.ts';
import {
  EMBEDDING,
  finalNorm,
  type LlamaConfig,
  type LlamaWeights,
  layerWeights,
  ropeTables,
} from './llama-config.ts';
import { BLOCK, quantize4 } from './quantize.ts';

export interface ExportOptions {
  readonly config: LlamaConfig;
  readonly weights: LlamaWeights;
  /** `q4`: MatMulNBits and GatherBlockQuantized, blocks of 32, symmetric. */
  readonly dtype: 'fp32' | 'q4';
  /** How `q4` is found; default by least squares, which takes a minute for 30 million weights. */
  readonly quantize?: typeof quantize4;
}

/** @throws E2PError `invalid-argument` for `q4` and a hidden size that is not a multiple of the block of 32. */
export function exportGraph(options: ExportOptions): OnnxModel {
  const { config, dtype } = options;
  if (dtype === 'q4' && config.hiddenSize % BLOCK !== 0) {
    const found = `found ${config.hiddenSize}, expected a multiple of ${BLOCK}`;
    throw new E2PError('invalid-argument', `hiddenSize of a q4 export: ${found}`);
  }
  const { layers, kvHeads, headDim } = config;
  const x = new Exporter(options);
  const { g } = x;
  g.input('input_ids', 'int64', ['batch_size', 'sequence_length']);
  g.input('attention_mask', 'int64', ['batch_size', 'total_sequence_length']);
  g.output('logits', 'float32', ['batch_size', 'sequence_length', config.vocabSize]);
  for (let i = 0; i < layers; i++) {
    for (const part of ['key', 'value']) {
      const cache = (length: string) => ['batch_size', kvHeads, length, headDim];
      g.input(`past_key_values.${i}.${part}`, 'float32', cache('past_sequence_length'));
      g.output(`present.${i}.${part}`, 'float32', cache('total_sequence_length'));
    }
  }
  const lengths = x.lengths();
  let residual = x.embed();
  let normed = x.norm('/model/layers.0/input_layernorm', residual, layerWeights(0).inputNorm);
  for (let i = 0; i < layers; i++) {
    const layer = `/model/layers.${i}`;
    const attended = x.attention(i, normed, lengths);
    [normed, residual] = x.skipNorm(
      `${layer}/post_attention_layernorm`,
      residual,
      attended,
      layerWeights(i).mlpNorm,
    );
    const fed = x.feedForward(i, normed);
    [normed, residual] =
      i + 1 < layers
        ? x.skipNorm(`/model/layers.${i + 1}/input_layernorm`, residual, fed, layerWeights(i + 1).inputNorm)
        : x.skipNorm(`/model/layers.${layers}/final_norm_layernorm`, residual, fed, finalNorm(config), true);
  }
  x.head(normed);
  const model = g.model({ name: 'main_graph' });
  return { ...model, graph: { ...model.graph, valueInfo: x.valueInfo } };
}

/** The builder with the exports' habits: a node named `/a/B` has the output `/a/B/output_0`, of stated shape. */
class Exporter {
  readonly g = new GraphBuilder();
  readonly valueInfo: OnnxValueInfo[] = [];
  readonly #options: ExportOptions;

  constructor(options: ExportOptions) {
    const { config } = options;
    this.#options = options;
    const { cos, sin } = ropeTables(config, config.maxPositions);
    const dims = [config.maxPositions, config.headDim / 2];
    this.g.tensor('cos_cache', dims, cos);
    this.g.tensor('sin_cache', dims, sin);
  }

  /** seqlens_k (per row, tokens minus one) and the total length, both from the attention mask. */
  lengths(): readonly [ValueName, ValueName] {
    const at = '/model/attn_mask_reformat/attn_mask_subgraph';
    const one = this.#int('[1]', [1], 1);
    const perRow: Known = { type: DataType.int64, dims: ['batch_size'] };
    const sum = this.#node('ReduceSum', `${at}/ReduceSum`, ['attention_mask', one], perRow, {
      attributes: { keepdims: 0 },
    });
    const last = this.#node('Sub', `${at}/Sub`, [sum, one], perRow);
    const shape = this.#node('Shape', `${at}/Shape`, ['attention_mask'], { type: DataType.int64, dims: [2] });
    const total = this.#node(
      'Gather',
      `${at}/Gather`,
      [shape, this.#int('1', [], 1)],
      { type: DataType.int64, dims: [] },
      { attributes: { axis: 0 } },
    );
    const int32 = (name: string, x: ValueName, dims: readonly string[]) =>
      this.#node('Cast', name, [x], { type: DataType.int32, dims }, { attributes: { to: DataType.int32 } });
    return [int32(`${at}/Sub/Cast`, last, ['batch_size']), int32(`${at}/Gather/Cast`, total, [])];
  }

  embed(): ValueName {
    const { config, dtype } = this.#options;
    const known = this.#floats(config.hiddenSize);
    if (dtype === 'fp32') {
      this.#weight(EMBEDDING, [config.vocabSize, config.hiddenSize]);
      return this.#node('Gather', '/model/embed_tokens/Gather', [EMBEDDING, 'input_ids'], known);
    }
    // The table in the head's layout [V, blocks, 16]; the lookup sees it as [V, H/2].
    const { columns, blocks, ...table } = this.#quantize(
      EMBEDDING,
      config.vocabSize,
      config.hiddenSize,
      false,
    );
    const [packed, scales] = [`${HEAD}_Q4`, `${HEAD}_scales`];
    this.g.tensor(packed, [config.vocabSize, blocks, BLOCK / 2], table.packed);
    this.g.tensor(scales, [config.vocabSize, blocks], table.scales);
    const rows = (dims: readonly number[], name: string, x: ValueName, type: number) => {
      const target = `/model/constants/INT64/[${dims}]`;
      this.g.tensor(target, [2], BigInt64Array.from(dims, BigInt));
      return this.#node('Reshape', name, [x, target], { type, dims });
    };
    const flat = rows(
      [config.vocabSize, blocks * (BLOCK / 2)],
      '/model/embed_tokens/Reshape',
      packed,
      DataType.uint8,
    );
    return this.#node(
      'GatherBlockQuantized',
      '/model/embed_tokens/GatherBlockQuantized',
      [flat, 'input_ids', scales],
      known,
      {
        domain: 'com.microsoft',
        attributes: { bits: 4, block_size: BLOCK, gather_axis: 0, quantize_axis: 1 },
      },
    );
  }

  head(x: ValueName): void {
    const { config, dtype } = this.#options;
    const [k, n] = [config.hiddenSize, config.vocabSize];
    if (dtype === 'q4') {
      this.#raw('MatMulNBits', '/lm_head/MatMulNBits', [x, `${HEAD}_Q4`, `${HEAD}_scales`], ['logits'], {
        domain: 'com.microsoft',
        attributes: matMulNBits(k, n),
      });
      return;
    }
    const table = this.#node(
      'Transpose',
      '/lm_head/Transpose',
      [EMBEDDING],
      { type: DataType.float32, dims: [k, n] },
      { attributes: { perm: [1, 0] } },
    );
    this.#raw('MatMul', '/lm_head/MatMul', [x, table], ['logits']);
  }

  norm(at: string, x: ValueName, weight: string): ValueName {
    this.#weight(weight, [this.#options.config.hiddenSize]);
    const output = `${at}/output_0`;
    this.#raw('SimplifiedLayerNormalization', `${at}/LayerNorm`, [x, weight], [output], {
      attributes: { axis: -1, epsilon: this.#epsilon, stash_type: 1 },
    });
    return this.#state(output, this.#floats(this.#options.config.hiddenSize));
  }

  /** norm(x + skip), and the sum itself as the next residual (not wanted behind the last layer). */
  skipNorm(
    at: string,
    skip: ValueName,
    x: ValueName,
    weight: string,
    isLast = false,
  ): [normed: ValueName, residual: ValueName] {
    const { hiddenSize } = this.#options.config;
    this.#weight(weight, [hiddenSize]);
    const [normed, residual] = [`${at}/output_0`, `${at}/output_3`];
    const outputs = isLast ? [normed] : [normed, '', '', residual];
    this.#raw('SkipSimplifiedLayerNormalization', `${at}/SkipLayerNorm`, [skip, x, weight], outputs, {
      domain: 'com.microsoft',
      attributes: { epsilon: this.#epsilon },
    });
    for (const output of outputs) if (output !== '') this.#state(output, this.#floats(hiddenSize));
    return [normed, residual];
  }

  attention(i: number, x: ValueName, lengths: readonly ValueName[]): ValueName {
    const { hiddenSize, heads, kvHeads, headDim } = this.#options.config;
    const at = `/model/layers.${i}/attn`;
    const w = layerWeights(i);
    const q = this.#matMul(`${at}/q_proj`, x, w.q, hiddenSize, heads * headDim);
    const k = this.#matMul(`${at}/k_proj`, x, w.k, hiddenSize, kvHeads * headDim);
    const v = this.#matMul(`${at}/v_proj`, x, w.v, hiddenSize, kvHeads * headDim);
    const past = [`past_key_values.${i}.key`, `past_key_values.${i}.value`];
    const attended = `${at}/GroupQueryAttention/output_0`;
    this.#raw(
      'GroupQueryAttention',
      `${at}/GroupQueryAttention`,
      [q, k, v, ...past, ...lengths, 'cos_cache', 'sin_cache'],
      [attended, `present.${i}.key`, `present.${i}.value`],
      {
        domain: 'com.microsoft',
        attributes: {
          do_rotary: 1,
          kv_num_heads: kvHeads,
          local_window_size: -1,
          num_heads: heads,
          rotary_interleaved: 0,
          scale: { float: headDim ** -0.5 },
          softcap: { float: 0 },
        },
      },
    );
    this.#state(attended, this.#floats(heads * headDim));
    return this.#matMul(`${at}/o_proj`, attended, w.o, heads * headDim, hiddenSize);
  }

  feedForward(i: number, x: ValueName): ValueName {
    const { hiddenSize: h, intermediateSize: f } = this.#options.config;
    const at = `/model/layers.${i}/mlp`;
    const w = layerWeights(i);
    const known = this.#floats(f);
    const gate = this.#matMul(`${at}/gate_proj`, x, w.gate, h, f);
    const up = this.#matMul(`${at}/up_proj`, x, w.up, h, f);
    const sigmoid = this.#node('Sigmoid', `${at}/act_fn/Sigmoid`, [gate], known);
    const silu = this.#node('Mul', `${at}/act_fn/Mul`, [gate, sigmoid], known);
    return this.#matMul(`${at}/down_proj`, this.#node('Mul', `${at}/Mul`, [silu, up], known), w.down, f, h);
  }

  /** x·W, W stored [in, out] in float32, or quantized along `in` for each of `out`. */
  #matMul(at: string, x: ValueName, weight: string, k: number, n: number): ValueName {
    if (this.#options.dtype === 'fp32') {
      this.#weight(weight, [k, n]);
      return this.#node('MatMul', `${at}/MatMul`, [x, weight], this.#floats(n));
    }
    const { blocks, packed, scales } = this.#quantize(weight, n, k, true);
    const inputs = [`${weight}_Q4`, `${weight}_scales`] as const;
    this.g.tensor(inputs[0], [n, blocks, BLOCK / 2], packed);
    this.g.tensor(inputs[1], [n * blocks], scales);
    return this.#node('MatMulNBits', `${at}/MatMulNBits`, [x, ...inputs], this.#floats(n), {
      domain: 'com.microsoft',
      attributes: matMulNBits(k, n),
    });
  }

  #quantize(name: string, rows: number, columns: number, isTransposed: boolean) {
    const values = this.#values(name);
    const { quantize = quantize4 } = this.#options;
    return quantize(isTransposed ? transposed(values, columns, rows) : values, rows, columns);
  }

  #weight(name: string, dims: readonly number[]): void {
    this.g.tensor(name, dims, this.#values(name));
  }

  #values(name: string): Float32Array {
    return this.#options.weights.get(name)!;
  }

  #int(text: string, dims: readonly number[], value: number): ValueName {
    return this.g.tensor(`/model/constants/INT64/${text}`, dims, BigInt64Array.of(BigInt(value)));
  }

  get #epsilon() {
    return { float: this.#options.config.rmsEpsilon };
  }

  #floats(width: number): Known {
    return { type: DataType.float32, dims: ['batch_size', 'sequence_length', width] };
  }

  #node(
    op: string,
    name: string,
    inputs: readonly ValueName[],
    known: Known,
    options: NodeOptions = {},
  ): ValueName {
    this.#raw(op, name, inputs, [`${name}/output_0`], options);
    return this.#state(`${name}/output_0`, known);
  }

  #raw(
    op: string,
    name: string,
    inputs: readonly ValueName[],
    outputs: readonly string[],
    { attributes = {}, domain = '' }: NodeOptions = {},
  ): void {
    this.g.nodes.push({ ...makeNode(op, inputs, outputs, attributes, domain), name });
  }

  #state(name: ValueName, { type, dims }: Known): ValueName {
    this.valueInfo.push(makeValueInfo(name, type, dims));
    return name;
  }
}

interface Known {
  readonly type: number;
  readonly dims: readonly (number | string)[];
}

const HEAD = 'lm_head.MatMul.weight';

const matMulNBits = (k: number, n: number) => ({
  K: k,
  N: n,
  accuracy_level: 0,
  bits: 4,
  block_size: BLOCK,
});

/** A matrix [rows, columns] as [columns, rows]. */
function transposed(matrix: Float32Array, rows: number, columns: number): Float32Array {
  return Float32Array.from(
    { length: matrix.length },
    (_, at) => matrix[(at % rows) * columns + Math.floor(at / rows)]!,
  );
}
