/**
 * For tests only: a decoder of two layers with random weights, written in the style of one exporter or another.
 * The same description can be built with its lookup, with embeddings fed by hand in its place (an oracle for soft
 * tokens that shares no code with the rewrite), or as the lookup alone.
 */
import { GraphBuilder, type TensorData, type ValueName } from '../../onnx/builder.ts';
import { toFloat16 } from '../../onnx/float16.ts';
import { DataType, type DataTypeName, type OnnxModel } from '../../onnx/onnx-model.ts';
import { HAND_FED, type ZooCache, type ZooModel, type ZooPart, type ZooStyle } from './zoo-style.ts';
import { bytes, constantsAsNodes, seeded } from './zoo-weights.ts';

export const V = 40;
export const H = 32;
const HEADS = 2;
const HEAD = 16;
const F = 32;
const LAYERS = 2;
const CONTEXT = 24;
const CONV = 3;

export function buildZoo(style: ZooStyle, part: ZooPart = 'decoder'): ZooModel {
  return new ZooDecoder(style, part).build();
}

class ZooDecoder {
  readonly g = new GraphBuilder('x');
  readonly #style: ZooStyle;
  readonly #part: ZooPart;
  readonly #float: 'float32' | 'float16';
  readonly #cache: ZooCache[] = [];
  readonly #ids: ValueName;

  constructor(style: ZooStyle, part: ZooPart) {
    this.#style = style;
    this.#part = part;
    this.#float = style.float ?? 'float32';
    this.#ids = this.g.input('input_ids', style.ids ?? 'int64', ['batch', 'sequence']);
  }

  build(): ZooModel {
    const { g } = this;
    const {
      attention = 'gqa',
      positions = 'mask',
      logitCount = false,
      ids = 'int64',
      scale = 1,
    } = this.#style;
    const result = (model: OnnxModel): ZooModel => ({
      model,
      ids: { name: this.#ids, type: ids },
      attentionMask: true,
      positionIds: positions === 'ids',
      logitCount,
      cache: this.#cache,
      float: this.#float,
      scale,
    });
    if (this.#part === 'lookup') {
      g.op('Identity', [this.#lookup()], { outputs: ['embeddings'] });
      g.output('embeddings', this.#float, ['batch', 'sequence', H]);
      return result(this.#finished());
    }
    g.input('attention_mask', ids, ['batch', 'total']);
    if (positions === 'ids') g.input('position_ids', ids, ['batch', 'sequence']);
    if (logitCount) g.input('num_logits_to_keep', 'int64', []);
    const { hidden: first, normed } = this.#embed();
    let hidden = first;
    let entering = normed ?? this.#norm(hidden, 'norm0');
    for (let layer = 0; layer < LAYERS; layer++) {
      const isConv = attention === 'conv' && layer % 2 === 0;
      const mixed = isConv ? this.#convolution(entering, layer) : this.#attention(entering, layer);
      hidden = g.add(hidden, mixed);
      const up = this.#linear(this.#norm(hidden, `mlp${layer}`), `up${layer}`, H, F);
      hidden = g.add(hidden, this.#linear(g.mul(up, g.sigmoid(up)), `down${layer}`, F, H));
      entering = this.#norm(hidden, `norm${layer + 1}`);
    }
    this.#headOf(entering);
    if (this.#style.hiddenOutput) {
      g.op('Identity', [hidden], { outputs: ['hidden_states'] });
      g.output('hidden_states', this.#float, ['batch', 'sequence', H]);
    }
    return result(this.#finished());
  }

  #finished(): OnnxModel {
    const { opset = 17, constantNodes = false } = this.#style;
    const isFourBit = this.#style.embedding === 'quantized';
    const model = this.g.model({ opset, irVersion: isFourBit || opset > 20 ? 10 : 8 });
    return constantNodes ? constantsAsNodes(model) : model;
  }

  // --- from ids to embeddings

  #embed(): { readonly hidden: ValueName; readonly normed?: ValueName } {
    const { g } = this;
    const { embedding, learnedPositions = false } = this.#style;
    if (embedding === 'input') {
      // The ids input is dropped: another file has the lookup.
      g.inputs.shift();
      return { hidden: g.input('inputs_embeds', this.#float, ['batch', 'sequence', H]) };
    }
    if (embedding === 'embed-layer-norm' && this.#part === 'decoder') return this.#embedLayerNorm();
    const isFused = embedding === 'embed-layer-norm';
    let hidden =
      this.#part === 'hand-fed' ? g.input(HAND_FED, this.#float, ['batch', 'sequence', H]) : this.#lookup();
    if (this.#part === 'hand-fed') g.inputs.shift();
    if (learnedPositions || isFused) hidden = g.add(hidden, g.gather(this.#positionTable(), 'position_ids'));
    return isFused ? { hidden, normed: this.#norm(hidden, 'norm0') } : { hidden };
  }

  #embedLayerNorm() {
    const { g } = this;
    const outputs = [g.fresh('embedded'), g.fresh('mask_index'), g.fresh('sum')];
    const inputs = [
      this.#ids,
      '',
      this.#weight('table', [V, H], 1),
      this.#positionTable(),
      '',
      this.#weight('norm0_gain', [H], 0.1, 1),
      this.#weight('norm0_bias', [H], 0.1),
      '',
      'position_ids',
    ];
    const normed = g.fused('EmbedLayerNormalization', inputs, {
      outputs,
      attributes: { epsilon: { float: 1e-5 } },
    });
    return { hidden: outputs[2]!, normed };
  }

  #positionTable = () => this.#weight('positions', [CONTEXT, H], 0.5);

  #lookup(): ValueName {
    const { g } = this;
    const { embedding = 'gather', scale = 1 } = this.#style;
    let found: ValueName;
    if (embedding === 'transposed')
      found = g.gather(g.transpose(this.#weight('table', [H, V], 1), [1, 0]), this.#ids);
    else if (embedding === 'quantized') {
      const data = g.tensor('table_packed', [V, H / 2], bytes('table', (V * H) / 2));
      const scales = this.#weight('table_scales', [V, 1], 0.02, 0.15);
      found = g.fused('GatherBlockQuantized', [data, this.#ids, scales], {
        attributes: { bits: 4, block_size: 32, gather_axis: 0, quantize_axis: 1 },
      });
    } else if (embedding === 'int8' || embedding === 'dequantized') {
      const data = g.tensor('table_int8', [V, H], new Int8Array(bytes('table', V * H).buffer));
      const [step, zero] = [g.float(0.01), g.tensor('table_zero', [], Int8Array.of(3))];
      const dequantize = (x: ValueName) => g.op('DequantizeLinear', [x, step, zero]);
      found =
        embedding === 'int8' ? dequantize(g.gather(data, this.#ids)) : g.gather(dequantize(data), this.#ids);
    } else found = g.gather(this.#weight('table', [V, H], 1), this.#ids);
    return scale === 1 ? found : g.mul(found, this.#scalar(scale));
  }

  // --- layers

  #attention(x: ValueName, layer: number): ValueName {
    const { attention = 'gqa' } = this.#style;
    if (attention === 'fused') return this.#fusedAttention(x, layer);
    const [q, k, v] = (['q', 'k', 'v'] as const).map((part) => this.#linear(x, `${part}${layer}`, H, H));
    const mixed =
      attention === 'gqa'
        ? this.#groupQuery(q!, k!, v!, layer)
        : attention === 'multi-head'
          ? this.#multiHead(q!, k!, v!, layer)
          : this.#decomposed(q!, k!, v!, layer);
    return this.#linear(mixed, `o${layer}`, H, H);
  }

  #groupQuery(q: ValueName, k: ValueName, v: ValueName, layer: number): ValueName {
    const { g } = this;
    const isRotaryInside = this.#style.positions !== 'ids';
    const [cos, sin] = this.#angleTables();
    const rotate = (x: ValueName) =>
      isRotaryInside
        ? x
        : g.fused('RotaryEmbedding', [x, 'position_ids', cos, sin], { attributes: { num_heads: HEADS } });
    const [key, value] = this.#keyValue(layer);
    const angles = isRotaryInside ? [cos, sin] : [];
    const [lengths, total] = this.#lengths();
    return g.fused(
      'GroupQueryAttention',
      [rotate(q), rotate(k), v, key.past, value.past, lengths, total, ...angles],
      {
        outputs: [g.fresh('attended'), key.present, value.present],
        attributes: { num_heads: HEADS, kv_num_heads: HEADS, do_rotary: isRotaryInside ? 1 : 0 },
      },
    );
  }

  #lengths(): [ValueName, ValueName] {
    const { g } = this;
    const int32 = (x: ValueName) => g.op('Cast', [x], { attributes: { to: DataType.int32 } });
    const mask = g.op('Cast', ['attention_mask'], { attributes: { to: DataType.int64 } });
    const lengths = g.sub(g.reduceSum(mask, [1], false), g.ints([1]));
    return [int32(lengths), int32(g.gather(g.op('Shape', ['attention_mask']), g.int(1)))];
  }

  #multiHead(q: ValueName, k: ValueName, v: ValueName, layer: number): ValueName {
    const { g } = this;
    const [key, value] = this.#keyValue(layer);
    const bias = g.op('Expand', [this.#maskBias(key.past), this.#biasShape(key.past)]);
    return g.fused('MultiHeadAttention', [q, k, v, '', '', bias, key.past, value.past], {
      outputs: [g.fresh('attended'), key.present, value.present],
      attributes: { num_heads: HEADS },
    });
  }

  #biasShape(past: ValueName): ValueName {
    const { g } = this;
    const { batch, length, total } = this.#sizes(past);
    const one = (x: ValueName) => g.op('Unsqueeze', [x, g.ints([0])]);
    return g.concat([one(batch), g.ints([HEADS]), one(length), one(total)], 0);
  }

  #fusedAttention(x: ValueName, layer: number): ValueName {
    const { g } = this;
    const past = g.input(`past_${layer}`, this.#float, [2, 'batch', HEADS, 'past', HEAD]);
    const present = g.output(`present_${layer}`, this.#float, [2, 'batch', HEADS, 'total', HEAD]);
    this.#cache.push({ past, present, dims: (batch, length) => [2, batch, HEADS, length, HEAD] });
    const mask = g.op('Cast', ['attention_mask'], { attributes: { to: DataType.int32 } });
    const weight = this.#weight(`qkv${layer}`, [H, 3 * H], H ** -0.5);
    const attended = g.fused(
      'Attention',
      [x, weight, this.#weight(`qkv_bias${layer}`, [3 * H], 0.1), mask, past],
      {
        outputs: [g.fresh('attended'), present],
        attributes: { num_heads: HEADS, unidirectional: 1 },
      },
    );
    return this.#linear(attended, `o${layer}`, H, H);
  }

  /** As torch exports attention: shapes of ids, a range, an expanded mask, rotary by halves, a growing Concat. */
  #decomposed(q: ValueName, k: ValueName, v: ValueName, layer: number): ValueName {
    const { g } = this;
    const [key, value] = this.#keyValue(layer);
    const { batch, length } = this.#sizes(key.past);
    const one = (x: ValueName) => g.op('Unsqueeze', [x, g.ints([0])]);
    const split = g.concat([one(batch), one(length), g.ints([HEADS]), g.ints([HEAD])], 0);
    const heads = (x: ValueName) => g.transpose(g.op('Reshape', [x, split]), [0, 2, 1, 3]);
    const [cos, sin] = this.#angles(key.past);
    const rotated = (x: ValueName) => {
      const halves = g.concat([g.neg(g.slice(x, 3, HEAD / 2, HEAD)), g.slice(x, 3, 0, HEAD / 2)], 3);
      return g.add(g.mul(x, cos), g.mul(halves, sin));
    };
    const rotate = this.#style.learnedPositions ? (x: ValueName) => x : rotated;
    const grow = (past: ValueName, x: ValueName, present: ValueName) =>
      g.op('Concat', [past, x], { outputs: [present], attributes: { axis: 2 } });
    const keys = grow(key.past, rotate(heads(k)), key.present);
    const values = grow(value.past, heads(v), value.present);
    const scores = g.mul(
      g.matMul(rotate(heads(q)), g.transpose(keys, [0, 1, 3, 2])),
      this.#scalar(HEAD ** -0.5),
    );
    const shares = g.softmax(g.add(scores, this.#maskBias(key.past)));
    const merged = g.transpose(g.matMul(shares, values), [0, 2, 1, 3]);
    return g.op('Reshape', [merged, g.concat([one(batch), one(length), g.ints([H])], 0)]);
  }

  /** Scalars computed from shapes, as exporters do. */
  #sizes(past: ValueName) {
    const { g } = this;
    const source =
      this.#part === 'hand-fed' ? HAND_FED : this.#style.embedding === 'input' ? 'inputs_embeds' : this.#ids;
    const shape = g.op('Shape', [source]);
    const pastLength = g.gather(g.op('Shape', [past]), g.int(2));
    const length = g.gather(shape, g.int(1));
    return { batch: g.gather(shape, g.int(0)), length, pastLength, total: g.add(pastLength, length) };
  }

  /** [batch, 1, new, total]: 0 where a key may be seen, else very negative. */
  #maskBias(past: ValueName): ValueName {
    const { g } = this;
    const { pastLength, total } = this.#sizes(past);
    const rows = g.op('Range', [pastLength, total, g.int(1)]);
    const columns = g.op('Range', [g.int(0), total, g.int(1)]);
    const causal = g.op('LessOrEqual', [
      g.op('Unsqueeze', [columns, g.ints([0])]),
      g.op('Unsqueeze', [rows, g.ints([1])]),
    ]);
    const real = g.op('Unsqueeze', [
      g.op('Cast', ['attention_mask'], { attributes: { to: DataType.bool } }),
      g.ints([1, 2]),
    ]);
    return g.where(g.op('And', [causal, real]), this.#scalar(0), this.#scalar(-1e4));
  }

  /** cos and sin [batch, 1, new, head size] of the positions given or counted. */
  #angles(past: ValueName): [ValueName, ValueName] {
    const { g } = this;
    if (this.#style.learnedPositions) return ['', ''];
    const { pastLength, total } = this.#sizes(past);
    const positions =
      this.#style.positions === 'ids'
        ? 'position_ids'
        : g.op('Unsqueeze', [g.op('Range', [pastLength, total, g.int(1)]), g.ints([0])]);
    const row = g.op('Cast', [g.op('Unsqueeze', [positions, g.ints([1])])], {
      attributes: { to: DataType.float32 },
    });
    const frequencies = Float32Array.from({ length: HEAD / 2 }, (_, i) => 100 ** ((-2 * i) / HEAD));
    const inverse = g.tensor(g.fresh('inv_freq'), [1, HEAD / 2, 1], frequencies);
    const half = g.transpose(g.matMul(inverse, row), [0, 2, 1]);
    const angle = g.op('Unsqueeze', [g.concat([half, half], 2), g.ints([1])]);
    const typed = (x: ValueName) =>
      this.#float === 'float32' ? x : g.op('Cast', [x], { attributes: { to: DataType.float16 } });
    return [typed(g.op('Cos', [angle])), typed(g.op('Sin', [angle]))];
  }

  #angleTables(): [ValueName, ValueName] {
    const table = (f: (x: number) => number) =>
      Float32Array.from({ length: (CONTEXT * HEAD) / 2 }, (_, at) =>
        f(Math.floor(at / (HEAD / 2)) * 100 ** ((-2 * (at % (HEAD / 2))) / HEAD)),
      );
    return [
      this.#tensor('cos', [CONTEXT, HEAD / 2], table(Math.cos)),
      this.#tensor('sin', [CONTEXT, HEAD / 2], table(Math.sin)),
    ];
  }

  /** A gated short convolution with the last positions as its state, as in LFM2. */
  #convolution(x: ValueName, layer: number): ValueName {
    const { g } = this;
    const past = g.input(`past_conv.${layer}`, this.#float, ['batch', H, CONV - 1]);
    const present = g.output(`present_conv.${layer}`, this.#float, ['batch', H, CONV - 1]);
    this.#cache.push({ past, present, dims: (batch) => [batch, H, CONV - 1] });
    const gated = g.mul(this.#linear(x, `b${layer}`, H, H), this.#linear(x, `x${layer}`, H, H));
    const seen = g.concat([past, g.transpose(gated, [0, 2, 1])], 2);
    const end = g.tensor(g.fresh('end'), [1], BigInt64Array.of(2n ** 63n - 1n));
    g.op('Slice', [seen, g.ints([-(CONV - 1)]), end, g.ints([2])], { outputs: [present] });
    const kernel = this.#weight(`conv${layer}`, [H, 1, CONV], 0.5);
    const mixed = g.op('Conv', [seen, kernel], { attributes: { group: H, kernel_shape: [CONV] } });
    return this.#linear(g.transpose(mixed, [0, 2, 1]), `out${layer}`, H, H);
  }

  #keyValue(layer: number): [ZooCache, ZooCache] {
    return ['key', 'value'].map((part): ZooCache => {
      const past = this.g.input(`past_key_values.${layer}.${part}`, this.#float, [
        'batch',
        HEADS,
        'past',
        HEAD,
      ]);
      const present = this.g.output(`present.${layer}.${part}`, this.#float, ['batch', HEADS, 'total', HEAD]);
      const cache = { past, present, dims: (batch: number, length: number) => [batch, HEADS, length, HEAD] };
      this.#cache.push(cache);
      return cache;
    }) as [ZooCache, ZooCache];
  }

  // --- from hidden state to logits

  #headOf(normed: ValueName): void {
    const { g } = this;
    const { head = 'plain', logitCount, embedding } = this.#style;
    let hidden = normed;
    if (logitCount) {
      const start = g.op('Unsqueeze', [g.neg('num_logits_to_keep'), g.ints([0])]);
      const end = g.tensor(g.fresh('end'), [1], BigInt64Array.of(2n ** 63n - 1n));
      hidden = g.op('Slice', [hidden, start, end, g.ints([1])]);
    }
    if (head === 'flat') {
      const flat = g.reshape(hidden, [-1, H]);
      const weight = this.#weight('head', [V, H], H ** -0.5);
      const product = g.op('Gemm', [flat, weight], { attributes: { transB: 1 } });
      const { batch, length } = this.#sizes(this.#cache[0]!.past);
      const one = (x: ValueName) => g.op('Unsqueeze', [x, g.ints([0])]);
      g.op('Reshape', [product, g.concat([one(batch), one(length), g.ints([V])], 0)], {
        outputs: ['logits'],
      });
    } else {
      let logits =
        head === 'tied'
          ? g.matMul(hidden, this.#weight('table', [H, V], 1))
          : this.#linear(hidden, 'head', H, V);
      if (head === 'biased') logits = g.add(logits, this.#weight('head_bias', [V], 0.5));
      if (head === 'soft-capped') {
        logits = g.mul(g.op('Tanh', [g.div(logits, this.#scalar(3))]), this.#scalar(3));
      }
      g.op('Identity', [logits], { outputs: ['logits'] });
    }
    if (head === 'tied' && embedding !== 'transposed')
      throw new Error('a tied head needs the transposed table');
    g.output('logits', this.#float, ['batch', 'sequence', V]);
  }

  // --- building blocks

  #linear(x: ValueName, name: string, k: number, n: number): ValueName {
    const { g } = this;
    const { weights = 'float' } = this.#style;
    if (weights === 'float') return g.matMul(x, this.#weight(name, [k, n], k ** -0.5));
    if (weights === 'int8') return this.#dynamicInt8(x, name, k, n);
    const bits = weights === '8-bit' ? 8 : 4;
    const blocks = Math.ceil(k / 32);
    if (weights === 'bnb4') {
      const packed = g.tensor(`${name}_b`, [(k * n) / 2], bytes(name, (k * n) / 2));
      const absmax = this.#weight(`${name}_absmax`, [(k * n) / 64], 0.1, 0.2);
      return g.fused('MatMulBnb4', [x, packed, absmax], {
        attributes: { K: k, N: n, block_size: 64, quant_type: 1 },
      });
    }
    const packed = g.tensor(`${name}_b`, [n, blocks, (32 * bits) / 8], bytes(name, n * blocks * 4 * bits));
    const scales = this.#weight(`${name}_scales`, [n * blocks], 0.2 / 2 ** bits, 0.8 / 2 ** bits);
    const zeros =
      weights === 'q4-zero-points'
        ? [
            g.tensor(
              `${name}_zeros`,
              [n * Math.ceil(blocks / 2)],
              bytes(`${name}_zeros`, n * Math.ceil(blocks / 2)),
            ),
          ]
        : [];
    return g.fused('MatMulNBits', [x, packed, scales, ...zeros], {
      attributes: { K: k, N: n, bits, block_size: 32, accuracy_level: weights === 'q4-accuracy-4' ? 4 : 0 },
    });
  }

  #dynamicInt8(x: ValueName, name: string, k: number, n: number): ValueName {
    const { g } = this;
    const outputs = ['quantized', 'scale', 'zero'].map((part) => g.fresh(`${name}_${part}`));
    g.op('DynamicQuantizeLinear', [x], { outputs });
    const weight = g.tensor(`${name}_int8`, [k, n], new Int8Array(bytes(name, k * n).buffer));
    const product = g.op('MatMulInteger', [outputs[0]!, weight, outputs[2]!]);
    const scales = g.mul(outputs[1]!, this.#tensor(`${name}_step`, [1], Float32Array.of(0.003)));
    return g.mul(g.op('Cast', [product], { attributes: { to: DataType.float32 } }), scales);
  }

  #norm(x: ValueName, name: string): ValueName {
    const { g } = this;
    const { norm = 'fused' } = this.#style;
    const gain = this.#weight(`${name}_gain`, [H], 0.1, 1);
    const attributes = { epsilon: { float: 1e-5 }, axis: -1 };
    if (norm === 'fused') return g.op('SimplifiedLayerNormalization', [x, gain], { attributes });
    if (norm === 'layer') {
      return g.op('LayerNormalization', [x, gain, this.#weight(`${name}_bias`, [H], 0.1)], { attributes });
    }
    const wide = this.#float === 'float32' ? x : g.op('Cast', [x], { attributes: { to: DataType.float32 } });
    const mean = g.op('ReduceMean', [g.op('Pow', [wide, g.float(2)])], { attributes: { axes: [-1] } });
    const normed = g.div(wide, g.op('Sqrt', [g.add(mean, g.float(1e-5))]));
    const typed =
      this.#float === 'float32' ? normed : g.op('Cast', [normed], { attributes: { to: DataType.float16 } });
    return g.mul(gain, typed);
  }

  #weight(name: string, dims: readonly number[], spread: number, middle = 0): ValueName {
    const size = dims.reduce((a, b) => a * b, 1);
    const random = seeded(name);
    return this.#tensor(
      name,
      dims,
      Float32Array.from({ length: size }, () => middle + spread * (2 * random() - 1)),
    );
  }

  #scalar(value: number): ValueName {
    return this.#float === 'float32'
      ? this.g.float(value)
      : this.#tensor(`f16_${value}`, [], Float32Array.of(value));
  }

  /** An initializer in the model's float type, made once. */
  #tensor(name: string, dims: readonly number[], values: Float32Array): ValueName {
    if (this.g.initializers.some((t) => t.name === name)) return name;
    const data: TensorData = this.#float === 'float16' ? toFloat16(values) : values;
    const type: DataTypeName = this.#float;
    return this.g.tensor(name, dims, data, type);
  }
}
