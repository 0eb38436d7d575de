/**
 * Rules of fused operators that `lower/` writes: what would be a dozen passes over the activations in primitive operators is
 * one, and its gradient a few. All of them have kernels on the CPU, WASM and WebGPU.
 */
import { floatAttribute, intAttribute } from '../onnx-model.ts';
import { axisOf } from '../shape.ts';
import type { GradientRule } from './rule.ts';

export const fusedRules: Readonly<Record<string, GradientRule>> = {
  // y = x·r ⊙ w with r = 1/√(mean(x²) + ε): with n = dy ⊙ w, dx = n·r − x·r³·mean(n·x). r is computed again: WebGPU's kernel
  // leaves its second output, where r should be, empty (onnxruntime-web 1.31).
  SimplifiedLayerNormalization: (at) => {
    const { g, node, dy } = at;
    const [x, weight] = [at.x(0), at.x(1)];
    if (at.grads[1] !== undefined) at.fail('its second output needs a gradient');
    const first = axisOf(intAttribute(node, 'axis', -1), at.yShape.length);
    const axes = [...at.yShape.keys()].filter((i) => i >= first);
    const epsilon = at.scalar(floatAttribute(node, 'epsilon', 1e-5));
    const squares = () => g.add(g.reduceMean(g.mul(x, x), axes), epsilon);
    const inverse = () => g.op('Reciprocal', [g.op('Sqrt', [squares()])]);
    return [
      () => {
        const [n, r] = [g.mul(dy, weight), inverse()];
        const slope = g.mul(g.reduceMean(g.mul(n, x), axes), g.mul(g.mul(r, r), r));
        return g.sub(g.mul(n, r), g.mul(x, slope));
      },
      () => at.unbroadcast(g.mul(dy, g.mul(x, inverse())), at.yShape, at.shape(1)),
    ];
  },
  // y = x·s with s = σ(αx): dx = dy·s + α·dy·y·(1 − s) = p + s·(dy − p), where p = α·dy·y
  'com.microsoft.QuickGelu': (at) => [
    () => {
      const { g, dy, y } = at;
      const alpha = floatAttribute(at.node, 'alpha', 1.702);
      const scaled = (x: string) => (alpha === 1 ? x : g.mul(x, at.scalar(alpha)));
      const p = scaled(g.mul(dy, y));
      return g.add(p, g.mul(g.sigmoid(scaled(at.x(0))), g.sub(dy, p)));
    },
  ],
  // Turned back: by the negative angle.
  'com.microsoft.RotaryEmbedding': (at) => [
    () => {
      const { g, dy, node } = at;
      const back = g.fresh('RotaryEmbedding');
      g.nodes.push({ ...node, name: '', inputs: [dy, at.x(1), at.x(2), g.neg(at.x(3))], outputs: [back] });
      return back;
    },
  ],
};
