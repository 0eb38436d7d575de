/** Activations of feed-forward layers. */
import type { GraphBuilder, ValueName } from '../builder.ts';
import type { Lowering, LoweringRule } from './lowering.ts';

/** x/2 · (1 + erf(x/√2)) */
function erfGelu(g: GraphBuilder, x: ValueName): ValueName {
  const phi = g.add(g.float(1), g.op('Erf', [g.mul(x, g.float(Math.SQRT1_2))]));
  return g.mul(g.mul(x, g.float(0.5)), phi);
}

/** x/2 · (1 + tanh(√(2/π)·(x + 0.044715·x³))) (Hendrycks and Gimpel, arXiv 1606.08415) */
function tanhGelu(g: GraphBuilder, x: ValueName): ValueName {
  const cube = g.mul(g.mul(x, x), g.mul(x, g.float(0.044715)));
  const inner = g.mul(g.add(x, cube), g.float(Math.sqrt(2 / Math.PI)));
  return g.mul(g.mul(x, g.float(0.5)), g.add(g.float(1), g.op('Tanh', [inner])));
}

/** x·σ(αx): SiLU for α = 1. */
const swish =
  (alpha: (at: Lowering) => number): LoweringRule =>
  (at) =>
    at.give(0, () => at.g.fused('QuickGelu', [at.float(0)], { attributes: { alpha: { float: alpha(at) } } }));

const gelu =
  (formula: (g: GraphBuilder, x: ValueName) => ValueName): LoweringRule =>
  (at) => {
    const x = at.has(1) ? at.g.add(at.float(0), at.float(1)) : at.float(0);
    at.give(0, () => formula(at.g, x));
  };

export const activationRules: Readonly<Record<string, LoweringRule>> = {
  Gelu: (at) => gelu(at.text('approximate') === 'tanh' ? tanhGelu : erfGelu)(at),
  'com.microsoft.Gelu': gelu(erfGelu),
  'com.microsoft.BiasGelu': gelu(erfGelu),
  'com.microsoft.FastGelu': gelu(tanhGelu),
  'com.microsoft.QuickGelu': swish((at) => at.number('alpha', 1.702)),
  Swish: swish((at) => at.number('alpha', 1)),
};
