/** Norms: x / √(mean(x²) + ε) ⊙ w and (x − mean) / √(var + ε) ⊙ w + b, alone or behind the addition of a residual. */
import type { GraphBuilder, ValueName } from '../builder.ts';
import { axisOf } from '../shape.ts';
import type { Lowering, LoweringRule } from './lowering.ts';

/** The axes from `axis` to the last are normalised together. */
function axes(at: Lowering): number[] {
  const rank = at.shape(0).length;
  const first = axisOf(at.int('axis', -1), rank);
  return Array.from({ length: rank - first }, (_, i) => first + i);
}

function inverseRms(g: GraphBuilder, x: ValueName, over: readonly number[], epsilon: number): ValueName {
  const squares = g.reduceMean(g.mul(x, x), over);
  return g.op('Reciprocal', [g.op('Sqrt', [g.add(squares, g.float(epsilon))])]);
}

/** Root mean square norm (Zhang and Sennrich, arXiv 1910.07467). */
export const rmsNorm = (g: GraphBuilder, x: ValueName, weight: ValueName, epsilon: number, axis = -1) =>
  g.op('SimplifiedLayerNormalization', [x, weight], { attributes: { axis, epsilon: { float: epsilon } } });

const rms: LoweringRule = (at) => {
  const { g } = at;
  const x = at.float(0);
  const epsilon = at.number('epsilon', 1e-5);
  at.give(0, () => rmsNorm(g, x, at.float(1), epsilon, at.int('axis', -1)));
  at.give(1, () => inverseRms(g, x, axes(at), epsilon));
};

const layer: LoweringRule = (at) => {
  const { g } = at;
  const x = at.float(0);
  const mean = g.reduceMean(x, axes(at));
  const centred = g.sub(x, mean);
  const inverse = inverseRms(g, centred, axes(at), at.number('epsilon', 1e-5));
  const scaled = g.mul(g.mul(centred, inverse), at.float(1));
  const bias = at.has(2) ? at.float(2) : undefined;
  at.give(0, () => (bias === undefined ? scaled : g.add(scaled, bias)));
  at.give(1, () => mean);
  at.give(2, () => inverse);
};

/** Inputs: x, residual, weight, then [beta,] bias. Outputs: normed, –, –, the sum. */
const skip =
  (isLayer: boolean): LoweringRule =>
  (at) => {
    const { g } = at;
    const biasAt = isLayer ? 4 : 3;
    const added = g.add(at.float(0), at.float(1));
    const sum = at.has(biasAt) ? g.add(added, at.float(biasAt)) : added;
    const epsilon = at.number('epsilon', 1e-12);
    at.give(0, () => {
      if (!isLayer) return rmsNorm(g, sum, at.float(2), epsilon);
      const over = [at.shape(0).length - 1];
      const centred = g.sub(sum, g.reduceMean(sum, over));
      const scaled = g.mul(g.mul(centred, inverseRms(g, centred, over, epsilon)), at.float(2));
      return at.has(3) ? g.add(scaled, at.float(3)) : scaled;
    });
    at.give(3, () => sum);
  };

export const normRules: Readonly<Record<string, LoweringRule>> = {
  SimplifiedLayerNormalization: rms,
  'com.microsoft.SimplifiedLayerNormalization': rms,
  RMSNormalization: rms,
  LayerNormalization: layer,
  'com.microsoft.SkipSimplifiedLayerNormalization': skip(false),
  'com.microsoft.SkipLayerNormalization': skip(true),
};
