/** A causal convolution of each channel for itself, behind what it kept of the last call (LFM2, Qwen 3.5), as shifted sums. */
import type { ValueName } from '../builder.ts';
import type { LoweringRule } from './lowering.ts';

/** x [B, C, L], weight [C, 1, k], bias [C], past [B, C, k − 1]; y_t = Σᵢ wᵢ·x_{t − k + 1 + i} */
const withState: LoweringRule = (at) => {
  const { g } = at;
  const [channels, , size] = at.shape(1) as [number, number, number];
  const length = at.shape(0)[2]!;
  if (at.int('ndim', 1) !== 1) at.fail(`it has ${at.int('ndim', 1)} axes, expected 1`);
  if (!at.has(3)) at.fail('it has no past');
  const before = g.concat([at.float(3), at.float(0)], 2);
  const weight = at.float(1);
  const shifted = Array.from({ length: size }, (_, i) =>
    g.mul(g.slice(before, 2, i, i + length), g.reshape(g.slice(weight, 2, i, i + 1), [channels, 1])),
  );
  let sum: ValueName = shifted.reduce((a, b) => g.add(a, b));
  if (at.has(2)) sum = g.add(sum, g.reshape(at.float(2), [channels, 1]));
  const activation = at.text('activation') ?? 'none';
  if (['silu', 'swish'].includes(activation))
    sum = g.fused('QuickGelu', [sum], { attributes: { alpha: { float: 1 } } });
  else if (activation !== 'none') at.fail(`its activation is ${activation}, expected silu or none`);
  const result = sum;
  at.give(0, () => result);
};

export const convolutionRules: Readonly<Record<string, LoweringRule>> = {
  'com.microsoft.CausalConvWithState': withState,
};
