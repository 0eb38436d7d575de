/** Rules of operators that act on each element, with broadcasting where they take two operands. */
import type { ValueName } from '../builder.ts';
import type { Backward, GradientRule } from './rule.ts';

/** A rule y = f(x), from the derivative's formula in x, y and dy. */
const unary =
  (dx: (at: Backward) => ValueName): GradientRule =>
  (at) => [() => dx(at)];

/** A rule y = f(a, b): both gradients in the broadcast shape, summed back to the operands'. */
const binary =
  (da: (at: Backward) => ValueName, db: (at: Backward) => ValueName): GradientRule =>
  (at) => [
    () => at.unbroadcast(da(at), at.yShape, at.shape(0)),
    () => at.unbroadcast(db(at), at.yShape, at.shape(1)),
  ];

/** A rule y = a or b, whichever compares so; of two equal ones the first. */
const chosen =
  (compare: string): GradientRule =>
  (at) => {
    const { g } = at;
    if (at.node.inputs.length !== 2) at.fail(`it has ${at.node.inputs.length} operands, expected 2`);
    const first = () => g.op(compare, [at.x(0), at.x(1)]);
    return [
      () => at.unbroadcast(g.where(first(), at.dy, at.scalar(0)), at.yShape, at.shape(0)),
      () => at.unbroadcast(g.where(first(), at.scalar(0), at.dy), at.yShape, at.shape(1)),
    ];
  };

export const elementwiseRules: Readonly<Record<string, GradientRule>> = {
  Identity: unary(({ dy }) => dy),
  Neg: unary(({ g, dy }) => g.neg(dy)),
  Add: binary(
    ({ dy }) => dy,
    ({ dy }) => dy,
  ),
  Sub: binary(
    ({ dy }) => dy,
    ({ g, dy }) => g.neg(dy),
  ),
  Mul: binary(
    (at) => at.g.mul(at.dy, at.x(1)),
    (at) => at.g.mul(at.dy, at.x(0)),
  ),
  // y = a/b: da = dy/b, db = -dy·y/b
  Div: binary(
    (at) => at.g.div(at.dy, at.x(1)),
    (at) => at.g.neg(at.g.div(at.g.mul(at.dy, at.y), at.x(1))),
  ),
  // y = √x: dx = dy/(2y)
  Sqrt: unary((at) => at.g.div(at.g.mul(at.dy, at.scalar(0.5)), at.y)),
  // y = 1/x: dx = -dy·y²
  Reciprocal: unary(({ g, dy, y }) => g.neg(g.mul(dy, g.mul(y, y)))),
  Exp: unary(({ g, dy, y }) => g.mul(dy, y)),
  Log: unary((at) => at.g.div(at.dy, at.x(0))),
  // dx = dy·y·(1 - y), without a scalar: onnxruntime's CPU kernels take twice as long where one operand is one.
  Sigmoid: unary(({ g, dy, y }) => g.mul(dy, g.sub(y, g.mul(y, y)))),
  // dx = dy·(1 - y²)
  Tanh: unary((at) => at.g.mul(at.dy, at.g.sub(at.scalar(1), at.g.mul(at.y, at.y)))),
  // dx = dy·2/√π·exp(-x²)
  Erf: unary((at) => {
    const { g } = at;
    const x = at.x(0);
    return g.mul(at.dy, g.mul(at.scalar(2 / Math.sqrt(Math.PI)), g.op('Exp', [g.neg(g.mul(x, x))])));
  }),
  Abs: unary((at) => at.g.mul(at.dy, at.g.op('Sign', [at.x(0)]))),
  Sin: unary((at) => at.g.mul(at.dy, at.g.op('Cos', [at.x(0)]))),
  Cos: unary((at) => at.g.neg(at.g.mul(at.dy, at.g.op('Sin', [at.x(0)])))),
  // y = log(1 + e^x): dx = dy·σ(x)
  Softplus: unary((at) => at.g.mul(at.dy, at.g.sigmoid(at.x(0)))),
  // Where a bound was met, nothing moves.
  Clip: unary((at) => {
    const { g } = at;
    return g.where(g.op('Equal', [at.x(0), at.y]), at.dy, at.scalar(0));
  }),
  Max: chosen('GreaterOrEqual'),
  Min: chosen('LessOrEqual'),
  Relu: unary((at) => at.g.where(at.g.op('Greater', [at.x(0), at.scalar(0)]), at.dy, at.scalar(0))),
  // y = x^e with a constant scalar e: dx = dy·e·x^(e-1)
  Pow: (at) => [
    () => {
      const { g } = at;
      const numbers = at.value(at.x(1)).numbers;
      const e = numbers?.length === 1 ? numbers[0]! : at.fail('its exponent is not a constant scalar');
      const rest = e === 2 ? at.x(0) : g.op('Pow', [at.x(0), at.scalar(e - 1)]);
      return g.mul(at.dy, g.mul(at.scalar(e), rest));
    },
    () => at.fail('its exponent needs a gradient'),
  ],
  Where: (at) => {
    const { g } = at;
    const masked = (i: number) => {
      const zero = at.scalar(0);
      const kept = i === 1 ? g.where(at.x(0), at.dy, zero) : g.where(at.x(0), zero, at.dy);
      return at.unbroadcast(kept, at.yShape, at.shape(i));
    };
    return [undefined, () => masked(1), () => masked(2)];
  },
  Cast: unary((at) => at.cast(at.dy, at.value(at.x(0)).dataType)),
};
