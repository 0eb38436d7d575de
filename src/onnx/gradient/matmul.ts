/**
 * The rules of products: dA = dY·Bᵀ, dB = Aᵀ·dY. Where a weight is shared by the whole batch, they are products of matrices that
 * turn an operand while they read it (Gemm): a turned copy of every weight would cost as much memory as the model.
 */
import type { GraphBuilder, ValueName } from '../builder.ts';
import { floatAttribute, intAttribute } from '../onnx-model.ts';
import { broadcastShape, type Shape } from '../shape.ts';
import { asMatrix, type Backward, type GradientRule } from './rule.ts';

export const matMulRules: Readonly<Record<string, GradientRule>> = {
  MatMul: (at) => {
    const { g, dy } = at;
    const [a, b] = [at.shape(0), at.shape(1)];
    if (a.length < 2 || b.length < 2) at.fail('an operand is a vector, expected matrices');
    if (b.length === 2) {
      const rows = (x: ValueName, shape: Shape) => (shape.length === 2 ? x : g.reshape(x, asMatrix(shape)));
      const upstream = () => rows(dy, at.yShape);
      return [
        () => {
          const product = gemm(g, upstream(), at.x(1), { transB: true });
          return a.length === 2 ? product : g.reshape(product, a);
        },
        () => gemm(g, rows(at.x(0), a), upstream(), { transA: true }),
      ];
    }
    const batch = at.yShape.slice(0, -2);
    return [
      () => {
        const shape = [...broadcastShape(batch, b.slice(0, -2)), ...a.slice(-2)];
        return at.unbroadcast(g.matMul(dy, transposed(at, at.x(1), b)), shape, a);
      },
      () => {
        const shape = [...broadcastShape(batch, a.slice(0, -2)), ...b.slice(-2)];
        return at.unbroadcast(g.matMul(transposed(at, at.x(0), a), dy), shape, b);
      },
    ];
  },
  // y = α·A'·B' + β·C, with A and B turned where it says so.
  Gemm: (at) => {
    const { g, node, dy } = at;
    const [turnedA, turnedB] = ['transA', 'transB'].map((name) => intAttribute(node, name, 0) === 1);
    const [alpha, beta] = ['alpha', 'beta'].map((name) => floatAttribute(node, name, 1)) as [number, number];
    const [a, b] = [at.x(0), at.x(1)];
    return [
      () =>
        turnedA
          ? gemm(g, b, dy, { transA: turnedB, transB: true, alpha })
          : gemm(g, dy, b, { transB: !turnedB, alpha }),
      () =>
        turnedB
          ? gemm(g, dy, a, { transA: true, transB: turnedA, alpha })
          : gemm(g, a, dy, { transA: !turnedA, alpha }),
      () => at.unbroadcast(beta === 1 ? dy : g.mul(dy, at.scalar(beta)), at.yShape, at.shape(2)),
    ];
  },
};

interface GemmOptions {
  readonly transA?: boolean | undefined;
  readonly transB?: boolean | undefined;
  readonly alpha?: number;
}

function gemm(g: GraphBuilder, a: ValueName, b: ValueName, options: GemmOptions): ValueName {
  const { transA = false, transB = false, alpha = 1 } = options;
  const attributes = { transA: Number(transA), transB: Number(transB), alpha: { float: alpha } };
  return g.op('Gemm', [a, b], { attributes });
}

function transposed({ g }: Backward, x: ValueName, shape: Shape): ValueName {
  const rank = shape.length;
  return g.transpose(x, [...Array(rank - 2).keys(), rank - 1, rank - 2]);
}
