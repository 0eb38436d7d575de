/** The rule of MatMul: dA = dY·Bᵀ, dB = Aᵀ·dY, summed over broadcast batch axes. */
import type { ValueName } from '../builder.ts';
import { broadcastShape, type Shape } from '../shape.ts';
import { asMatrix, type Backward, type GradientRule } from './rule.ts';

export const matMulRules: Readonly<Record<string, GradientRule>> = {
  MatMul: (at) => {
    const { g, dy } = at;
    const [a, b] = [at.shape(0), at.shape(1)];
    if (a.length < 2 || b.length < 2) at.fail('an operand is a vector, expected matrices');
    const batch = at.yShape.slice(0, -2);
    return [
      () => {
        const shape = [...broadcastShape(batch, b.slice(0, -2)), ...a.slice(-2)];
        return at.unbroadcast(g.matMul(dy, transposed(at, at.x(1), b)), shape, a);
      },
      () => {
        if (b.length === 2) {
          // A weight shared by the whole batch: one product over all rows, not one for each, summed.
          const rows = asMatrix(a);
          const x = g.reshape(at.x(0), rows);
          return g.matMul(transposed(at, x, rows), g.reshape(dy, asMatrix(at.yShape)));
        }
        const shape = [...broadcastShape(batch, a.slice(0, -2)), ...b.slice(-2)];
        return at.unbroadcast(g.matMul(transposed(at, at.x(0), a), dy), shape, b);
      },
    ];
  },
};

function transposed({ g }: Backward, x: ValueName, shape: Shape): ValueName {
  const rank = shape.length;
  return g.transpose(x, [...Array(rank - 2).keys(), rank - 1, rank - 2]);
}
