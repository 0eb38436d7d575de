/**
 * For tests only: a decoder of two layers with random weights, written in the style of one exporter or another.
 * The same description can be built with its lookup, with embeddings fed by hand in its place (an oracle for soft
 * tokens that shares no code with the rewrite), or as the lookup alone.
 */
import type { ValueName } from '../../onnx/builder.ts';
import type { OnnxModel } from '../../onnx/onnx-model.ts';
import { ZooLayers } from './zoo-layers.ts';
import { CONTEXT, H, HAND_FED, V, type ZooModel, type ZooPart, type ZooStyle } from './zoo-style.ts';
import { bytes, constantsAsNodes } from './zoo-weights.ts';

const F = 32;
const LAYERS = 2;

export function buildZoo(style: ZooStyle, part: ZooPart = 'decoder'): ZooModel {
  return new ZooDecoder(style, part).build();
}

class ZooDecoder extends ZooLayers {
  build(): ZooModel {
    const { g } = this;
    const {
      attention = 'gqa',
      positions = 'mask',
      logitCount = false,
      ids = 'int64',
      scale = 1,
    } = this.style;
    const result = (model: OnnxModel): ZooModel => ({
      model,
      ids: { name: this.ids, type: ids },
      attentionMask: true,
      positionIds: positions === 'ids',
      logitCount,
      cache: this.cache,
      float: this.float,
      scale,
    });
    if (this.part === 'lookup') {
      g.op('Identity', [this.lookup()], { outputs: ['embeddings'] });
      g.output('embeddings', this.float, ['batch', 'sequence', H]);
      return result(this.finished());
    }
    g.input('attention_mask', ids, ['batch', 'total']);
    if (positions === 'ids') g.input('position_ids', ids, ['batch', 'sequence']);
    if (logitCount) g.input('num_logits_to_keep', 'int64', []);
    const { hidden: first, normed } = this.embed();
    let hidden = first;
    let entering = normed ?? this.norm(hidden, 'norm0');
    for (let layer = 0; layer < LAYERS; layer++) {
      const isConv = attention === 'conv' && layer % 2 === 0;
      const mixed = isConv ? this.convolution(entering, layer) : this.attention(entering, layer);
      hidden = g.add(hidden, mixed);
      const up = this.linear(this.norm(hidden, `mlp${layer}`), `up${layer}`, H, F);
      hidden = g.add(hidden, this.linear(g.mul(up, g.sigmoid(up)), `down${layer}`, F, H));
      entering = this.norm(hidden, `norm${layer + 1}`);
    }
    this.headOf(entering);
    if (this.style.hiddenOutput) {
      g.op('Identity', [hidden], { outputs: ['hidden_states'] });
      g.output('hidden_states', this.float, ['batch', 'sequence', H]);
    }
    return result(this.finished());
  }

  protected finished(): OnnxModel {
    const { opset = 17, constantNodes = false } = this.style;
    const isFourBit = this.style.embedding === 'quantized';
    const model = this.g.model({ opset, irVersion: isFourBit || opset > 20 ? 10 : 8 });
    return constantNodes ? constantsAsNodes(model) : model;
  }

  // --- from ids to embeddings

  protected embed(): { readonly hidden: ValueName; readonly normed?: ValueName } {
    const { g } = this;
    const { embedding, learnedPositions = false } = this.style;
    if (embedding === 'input') {
      // The ids input is dropped: another file has the lookup.
      g.inputs.shift();
      return { hidden: g.input('inputs_embeds', this.float, ['batch', 'sequence', H]) };
    }
    if (embedding === 'embed-layer-norm' && this.part === 'decoder') return this.embedLayerNorm();
    const isFused = embedding === 'embed-layer-norm';
    let hidden =
      this.part === 'hand-fed' ? g.input(HAND_FED, this.float, ['batch', 'sequence', H]) : this.lookup();
    if (this.part === 'hand-fed') g.inputs.shift();
    if (learnedPositions || isFused) hidden = g.add(hidden, g.gather(this.positionTable(), 'position_ids'));
    return isFused ? { hidden, normed: this.norm(hidden, 'norm0') } : { hidden };
  }

  protected embedLayerNorm() {
    const { g } = this;
    const outputs = [g.fresh('embedded'), g.fresh('mask_index'), g.fresh('sum')];
    const inputs = [
      this.ids,
      '',
      this.weight('table', [V, H], 1),
      this.positionTable(),
      '',
      this.weight('norm0_gain', [H], 0.1, 1),
      this.weight('norm0_bias', [H], 0.1),
      '',
      'position_ids',
    ];
    const normed = g.fused('EmbedLayerNormalization', inputs, {
      outputs,
      attributes: { epsilon: { float: 1e-5 } },
    });
    return { hidden: outputs[2]!, normed };
  }

  protected readonly positionTable = () => this.weight('positions', [CONTEXT, H], 0.5);

  protected lookup(): ValueName {
    const { g } = this;
    const { embedding = 'gather', scale = 1 } = this.style;
    let found: ValueName;
    if (embedding === 'transposed')
      found = g.gather(g.transpose(this.weight('table', [H, V], 1), [1, 0]), this.ids);
    else if (embedding === 'quantized') {
      const data = g.tensor('table_packed', [V, H / 2], bytes('table', (V * H) / 2));
      const scales = this.weight('table_scales', [V, 1], 0.02, 0.15);
      found = g.fused('GatherBlockQuantized', [data, this.ids, scales], {
        attributes: { bits: 4, block_size: 32, gather_axis: 0, quantize_axis: 1 },
      });
    } else if (embedding === 'int8' || embedding === 'dequantized') {
      const data = g.tensor('table_int8', [V, H], new Int8Array(bytes('table', V * H).buffer));
      const [step, zero] = [g.float(0.01), g.tensor('table_zero', [], Int8Array.of(3))];
      const dequantize = (x: ValueName) => g.op('DequantizeLinear', [x, step, zero]);
      found =
        embedding === 'int8' ? dequantize(g.gather(data, this.ids)) : g.gather(dequantize(data), this.ids);
    } else found = g.gather(this.weight('table', [V, H], 1), this.ids);
    return scale === 1 ? found : g.mul(found, this.scalar(scale));
  }

  // --- from hidden state to logits

  protected headOf(normed: ValueName): void {
    const { g } = this;
    const { head = 'plain', logitCount, embedding } = this.style;
    let hidden = normed;
    if (logitCount) {
      const start = g.op('Unsqueeze', [g.neg('num_logits_to_keep'), g.ints([0])]);
      const end = g.tensor(g.fresh('end'), [1], BigInt64Array.of(2n ** 63n - 1n));
      hidden = g.op('Slice', [hidden, start, end, g.ints([1])]);
    }
    if (head === 'flat') {
      const flat = g.reshape(hidden, [-1, H]);
      const weight = this.weight('head', [V, H], H ** -0.5);
      const product = g.op('Gemm', [flat, weight], { attributes: { transB: 1 } });
      const { batch, length } = this.sizes(this.cache[0]!.past);
      const one = (x: ValueName) => g.op('Unsqueeze', [x, g.ints([0])]);
      g.op('Reshape', [product, g.concat([one(batch), one(length), g.ints([V])], 0)], {
        outputs: ['logits'],
      });
    } else {
      let logits =
        head === 'tied'
          ? g.matMul(hidden, this.weight('table', [H, V], 1))
          : this.linear(hidden, 'head', H, V);
      if (head === 'biased') logits = g.add(logits, this.weight('head_bias', [V], 0.5));
      if (head === 'soft-capped') {
        logits = g.mul(g.op('Tanh', [g.div(logits, this.scalar(3))]), this.scalar(3));
      }
      g.op('Identity', [logits], { outputs: ['logits'] });
    }
    if (head === 'tied' && embedding !== 'transposed')
      throw new Error('a tied head needs the transposed table');
    g.output('logits', this.float, ['batch', 'sequence', V]);
  }
}
