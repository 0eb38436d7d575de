/** For tests only: what mixes tokens in a layer, written as exporters write it, and the state it carries. */
import type { ValueName } from '../../onnx/builder.ts';
import { DataType } from '../../onnx/onnx-model.ts';
import { ZooBlocks } from './zoo-blocks.ts';
import { CONTEXT, H, HAND_FED, HEAD, HEADS, type ZooCache } from './zoo-style.ts';

const CONV = 3;

export class ZooLayers extends ZooBlocks {
  protected readonly cache: ZooCache[] = [];

  protected attention(x: ValueName, layer: number): ValueName {
    const { attention = 'gqa' } = this.style;
    if (attention === 'fused') return this.fusedAttention(x, layer);
    const [q, k, v] = (['q', 'k', 'v'] as const).map((part) => this.linear(x, `${part}${layer}`, H, H));
    const mixed =
      attention === 'gqa'
        ? this.groupQuery(q!, k!, v!, layer)
        : attention === 'multi-head'
          ? this.multiHead(q!, k!, v!, layer)
          : this.decomposed(q!, k!, v!, layer);
    return this.linear(mixed, `o${layer}`, H, H);
  }

  protected groupQuery(q: ValueName, k: ValueName, v: ValueName, layer: number): ValueName {
    const { g } = this;
    const isRotaryInside = this.style.positions !== 'ids';
    const [cos, sin] = this.angleTables();
    const rotate = (x: ValueName) =>
      isRotaryInside
        ? x
        : g.fused('RotaryEmbedding', [x, 'position_ids', cos, sin], { attributes: { num_heads: HEADS } });
    const [key, value] = this.keyValue(layer);
    const angles = isRotaryInside ? [cos, sin] : [];
    const [lengths, total] = this.lengths();
    return g.fused(
      'GroupQueryAttention',
      [rotate(q), rotate(k), v, key.past, value.past, lengths, total, ...angles],
      {
        outputs: [g.fresh('attended'), key.present, value.present],
        attributes: { num_heads: HEADS, kv_num_heads: HEADS, do_rotary: isRotaryInside ? 1 : 0 },
      },
    );
  }

  protected lengths(): [ValueName, ValueName] {
    const { g } = this;
    const int32 = (x: ValueName) => g.op('Cast', [x], { attributes: { to: DataType.int32 } });
    const mask = g.op('Cast', ['attention_mask'], { attributes: { to: DataType.int64 } });
    const lengths = g.sub(g.reduceSum(mask, [1], false), g.ints([1]));
    return [int32(lengths), int32(g.gather(g.op('Shape', ['attention_mask']), g.int(1)))];
  }

  protected multiHead(q: ValueName, k: ValueName, v: ValueName, layer: number): ValueName {
    const { g } = this;
    const [key, value] = this.keyValue(layer);
    const bias = g.op('Expand', [this.maskBias(key.past), this.biasShape(key.past)]);
    return g.fused('MultiHeadAttention', [q, k, v, '', '', bias, key.past, value.past], {
      outputs: [g.fresh('attended'), key.present, value.present],
      attributes: { num_heads: HEADS },
    });
  }

  protected biasShape(past: ValueName): ValueName {
    const { g } = this;
    const { batch, length, total } = this.sizes(past);
    const one = (x: ValueName) => g.op('Unsqueeze', [x, g.ints([0])]);
    return g.concat([one(batch), g.ints([HEADS]), one(length), one(total)], 0);
  }

  protected fusedAttention(x: ValueName, layer: number): ValueName {
    const { g } = this;
    const past = g.input(`past_${layer}`, this.float, [2, 'batch', HEADS, 'past', HEAD]);
    const present = g.output(`present_${layer}`, this.float, [2, 'batch', HEADS, 'total', HEAD]);
    this.cache.push({ past, present, dims: (batch, length) => [2, batch, HEADS, length, HEAD] });
    const mask = g.op('Cast', ['attention_mask'], { attributes: { to: DataType.int32 } });
    const weight = this.weight(`qkv${layer}`, [H, 3 * H], H ** -0.5);
    const attended = g.fused(
      'Attention',
      [x, weight, this.weight(`qkv_bias${layer}`, [3 * H], 0.1), mask, past],
      {
        outputs: [g.fresh('attended'), present],
        attributes: { num_heads: HEADS, unidirectional: 1 },
      },
    );
    return this.linear(attended, `o${layer}`, H, H);
  }

  /** As torch exports attention: shapes of ids, a range, an expanded mask, rotary by halves, a growing Concat. */
  protected decomposed(q: ValueName, k: ValueName, v: ValueName, layer: number): ValueName {
    const { g } = this;
    const [key, value] = this.keyValue(layer);
    const { batch, length } = this.sizes(key.past);
    const one = (x: ValueName) => g.op('Unsqueeze', [x, g.ints([0])]);
    const split = g.concat([one(batch), one(length), g.ints([HEADS]), g.ints([HEAD])], 0);
    const heads = (x: ValueName) => g.transpose(g.op('Reshape', [x, split]), [0, 2, 1, 3]);
    const [cos, sin] = this.angles(key.past);
    const rotated = (x: ValueName) => {
      const halves = g.concat([g.neg(g.slice(x, 3, HEAD / 2, HEAD)), g.slice(x, 3, 0, HEAD / 2)], 3);
      return g.add(g.mul(x, cos), g.mul(halves, sin));
    };
    const rotate = this.style.learnedPositions ? (x: ValueName) => x : rotated;
    const grow = (past: ValueName, x: ValueName, present: ValueName) =>
      g.op('Concat', [past, x], { outputs: [present], attributes: { axis: 2 } });
    const keys = grow(key.past, rotate(heads(k)), key.present);
    const values = grow(value.past, heads(v), value.present);
    const scores = g.mul(
      g.matMul(rotate(heads(q)), g.transpose(keys, [0, 1, 3, 2])),
      this.scalar(HEAD ** -0.5),
    );
    const shares = g.softmax(g.add(scores, this.maskBias(key.past)));
    const merged = g.transpose(g.matMul(shares, values), [0, 2, 1, 3]);
    return g.op('Reshape', [merged, g.concat([one(batch), one(length), g.ints([H])], 0)]);
  }

  /** Scalars computed from shapes, as exporters do. */
  protected sizes(past: ValueName) {
    const { g } = this;
    const source =
      this.part === 'hand-fed' ? HAND_FED : this.style.embedding === 'input' ? 'inputs_embeds' : this.ids;
    const shape = g.op('Shape', [source]);
    const pastLength = g.gather(g.op('Shape', [past]), g.int(2));
    const length = g.gather(shape, g.int(1));
    return { batch: g.gather(shape, g.int(0)), length, pastLength, total: g.add(pastLength, length) };
  }

  /** [batch, 1, new, total]: 0 where a key may be seen, else very negative. */
  protected maskBias(past: ValueName): ValueName {
    const { g } = this;
    const { pastLength, total } = this.sizes(past);
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
    return g.where(g.op('And', [causal, real]), this.scalar(0), this.scalar(-1e4));
  }

  /** cos and sin [batch, 1, new, head size] of the positions given or counted. */
  protected angles(past: ValueName): [ValueName, ValueName] {
    const { g } = this;
    if (this.style.learnedPositions) return ['', ''];
    const { pastLength, total } = this.sizes(past);
    const positions =
      this.style.positions === 'ids'
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
      this.float === 'float32' ? x : g.op('Cast', [x], { attributes: { to: DataType.float16 } });
    return [typed(g.op('Cos', [angle])), typed(g.op('Sin', [angle]))];
  }

  protected angleTables(): [ValueName, ValueName] {
    const table = (f: (x: number) => number) =>
      Float32Array.from({ length: (CONTEXT * HEAD) / 2 }, (_, at) =>
        f(Math.floor(at / (HEAD / 2)) * 100 ** ((-2 * (at % (HEAD / 2))) / HEAD)),
      );
    return [
      this.tensor('cos', [CONTEXT, HEAD / 2], table(Math.cos)),
      this.tensor('sin', [CONTEXT, HEAD / 2], table(Math.sin)),
    ];
  }

  /** A gated short convolution with the last positions as its state, as in LFM2. */
  protected convolution(x: ValueName, layer: number): ValueName {
    const { g } = this;
    const past = g.input(`past_conv.${layer}`, this.float, ['batch', H, CONV - 1]);
    const present = g.output(`present_conv.${layer}`, this.float, ['batch', H, CONV - 1]);
    this.cache.push({ past, present, dims: (batch) => [batch, H, CONV - 1] });
    const gated = g.mul(this.linear(x, `b${layer}`, H, H), this.linear(x, `x${layer}`, H, H));
    const seen = g.concat([past, g.transpose(gated, [0, 2, 1])], 2);
    const end = g.tensor(g.fresh('end'), [1], BigInt64Array.of(2n ** 63n - 1n));
    g.op('Slice', [seen, g.ints([-(CONV - 1)]), end, g.ints([2])], { outputs: [present] });
    const kernel = this.weight(`conv${layer}`, [H, 1, CONV], 0.5);
    const mixed = g.op('Conv', [seen, kernel], { attributes: { group: H, kernel_shape: [CONV] } });
    return this.linear(g.transpose(mixed, [0, 2, 1]), `out${layer}`, H, H);
  }

  protected keyValue(layer: number): [ZooCache, ZooCache] {
    return ['key', 'value'].map((part): ZooCache => {
      const past = this.g.input(`past_key_values.${layer}.${part}`, this.float, [
        'batch',
        HEADS,
        'past',
        HEAD,
      ]);
      const present = this.g.output(`present.${layer}.${part}`, this.float, ['batch', HEADS, 'total', HEAD]);
      const cache = { past, present, dims: (batch: number, length: number) => [batch, HEADS, length, HEAD] };
      this.cache.push(cache);
      return cache;
    }) as [ZooCache, ZooCache];
  }
}
