/**
 * For tests only: a Llama with given weights, written as torch's exporter writes one. No fused operator; sizes taken from
 * `Shape`, keys repeated by `Expand`, the mask made of `Range` and `Where`, rotary angles computed from `position_ids`.
 */

import {
  EMBEDDING,
  finalNorm,
  type LlamaConfig,
  type LlamaWeights,
  layerWeights,
  llamaWeightShapes,
} from '../../../tools/llama/llama-config.ts';
import { GraphBuilder, type ValueName } from '../../onnx/builder.ts';
import { DataType, type OnnxModel } from '../../onnx/onnx-model.ts';
import { constantsAsNodes } from './zoo-weights.ts';

export function torchLlama(config: LlamaConfig, weights: LlamaWeights): OnnxModel {
  const g = new GraphBuilder('/model/');
  const { layers, heads, kvHeads, headDim } = config;
  g.input('input_ids', 'int64', ['batch', 'sequence']);
  g.input('attention_mask', 'int64', ['batch', 'total']);
  g.input('position_ids', 'int64', ['batch', 'sequence']);
  for (const { name, dims } of llamaWeightShapes(config)) g.tensor(name, dims, weights.get(name)!);
  const caches = Array.from({ length: layers }, (_, i) =>
    ['key', 'value'].map((part) => ({
      past: g.input(`past_key_values.${i}.${part}`, 'float32', ['batch', kvHeads, 'past', headDim]),
      present: `present.${i}.${part}`,
    })),
  );

  const cast = (x: ValueName, to: number) => g.op('Cast', [x], { attributes: { to } });
  const sizeAt = (x: ValueName, axis: number) => g.gather(g.op('Shape', [x]), g.int(axis));
  const one = (x: ValueName) => g.op('Unsqueeze', [x, g.ints([0])]);
  const [batch, length] = [sizeAt('input_ids', 0), sizeAt('input_ids', 1)];
  const pastLength = sizeAt(caches[0]![0]!.past, 2);
  const total = g.add(pastLength, length);

  const rmsNorm = (x: ValueName, weight: string) => {
    const mean = g.op('ReduceMean', [g.op('Pow', [x, g.float(2)])], { attributes: { axes: [-1] } });
    return g.mul(weight, g.div(x, g.op('Sqrt', [g.add(mean, g.float(config.rmsEpsilon))])));
  };

  // angle(p, i) = p · θ^(−2i/d), twice side by side
  const half = headDim / 2;
  const inverse = Float32Array.from({ length: half }, (_, i) => config.ropeTheta ** ((-2 * i) / headDim));
  const positions = cast(g.op('Unsqueeze', ['position_ids', g.ints([2])]), DataType.float32);
  const angle = g.matMul(positions, g.tensor('inverse_frequencies', [1, 1, half], inverse));
  const angles = g.op('Unsqueeze', [g.concat([angle, angle], 2), g.ints([1])]);
  const [cos, sin] = [g.op('Cos', [angles]), g.op('Sin', [angles])];
  const rotate = (x: ValueName) => {
    const [a, b] = [g.slice(x, 3, 0, half), g.slice(x, 3, half, 2 ** 31)];
    return g.add(g.mul(x, cos), g.mul(g.concat([g.neg(b), a], 3), sin));
  };

  const columns = g.op('Range', [g.int(0), total, g.int(1)]);
  const rows = g.op('Range', [pastLength, total, g.int(1)]);
  const isSeen = g.op('LessOrEqual', [
    g.op('Unsqueeze', [columns, g.ints([0])]),
    g.op('Unsqueeze', [rows, g.ints([1])]),
  ]);
  const isReal = g.op('Unsqueeze', [cast('attention_mask', DataType.bool), g.ints([1, 2])]);
  const mask = g.where(g.op('And', [isSeen, isReal]), g.float(0), g.float(-3.4e38));

  const split = (x: ValueName, n: number) => {
    const shape = g.concat([one(batch), one(length), g.ints([n]), g.ints([headDim])], 0);
    return g.transpose(g.op('Reshape', [x, shape]), [0, 2, 1, 3]);
  };
  /** [B, kvHeads, T, d] → [B, heads, T, d], each key head for its group. */
  const repeated = (x: ValueName) => {
    const group = heads / kvHeads;
    const wide = g.concat([one(batch), g.ints([kvHeads]), g.ints([group]), one(total), g.ints([headDim])], 0);
    // As torch writes it: −1 in a target means 1.
    const target = g.where(
      g.op('Equal', [wide, g.ints([-1, -1, -1, -1, -1])]),
      g.ints([1, 1, 1, 1, 1]),
      wide,
    );
    const expanded = g.op('Expand', [g.op('Unsqueeze', [x, g.ints([2])]), target]);
    return g.op('Reshape', [
      expanded,
      g.concat([one(batch), g.ints([heads]), one(total), g.ints([headDim])], 0),
    ]);
  };

  let hidden = g.gather(EMBEDDING, 'input_ids');
  for (let i = 0; i < layers; i++) {
    const w = layerWeights(i);
    const normed = rmsNorm(hidden, w.inputNorm);
    const q = rotate(split(g.matMul(normed, w.q), heads));
    const fresh = [rotate(split(g.matMul(normed, w.k), kvHeads)), split(g.matMul(normed, w.v), kvHeads)];
    const [k, v] = caches[i]!.map(({ past, present }, at) => {
      g.op('Concat', [past, fresh[at]!], { outputs: [present], attributes: { axis: 2 } });
      g.output(present, 'float32', ['batch', kvHeads, 'total', headDim]);
      return repeated(present);
    });
    const scores = g.div(g.matMul(q, g.transpose(k!, [0, 1, 3, 2])), g.float(Math.sqrt(headDim)));
    const mixed = g.transpose(g.matMul(g.softmax(g.add(scores, mask)), v!), [0, 2, 1, 3]);
    const merged = g.op('Reshape', [
      mixed,
      g.concat([one(batch), one(length), g.ints([heads * headDim])], 0),
    ]);
    hidden = g.add(hidden, g.matMul(merged, w.o));
    const fed = rmsNorm(hidden, w.mlpNorm);
    const gate = g.matMul(fed, w.gate);
    hidden = g.add(hidden, g.matMul(g.mul(g.mul(gate, g.sigmoid(gate)), g.matMul(fed, w.up)), w.down));
  }
  g.op('MatMul', [rmsNorm(hidden, finalNorm(config)), g.transpose(EMBEDDING, [1, 0])], {
    outputs: ['logits'],
  });
  g.output('logits', 'float32', ['batch', 'sequence', config.vocabSize]);
  return constantsAsNodes(g.model({ opset: 14, irVersion: 8 }));
}
