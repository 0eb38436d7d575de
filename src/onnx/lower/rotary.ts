/**
 * Rotary positions (Su et al., arXiv 2104.09864): pairs of channels are turned by an angle that grows with the position.
 * Half-split pairs channel i with i + r/2, interleaved channel 2i with 2i + 1; channels from r on stay.
 */
import type { GraphBuilder, ValueName } from '../builder.ts';
import type { Shape } from '../shape.ts';
import type { Lowering, LoweringRule } from './lowering.ts';

export interface Rotation {
  /** Broadcast to the shape of x, but for the last axis: r/2. */
  readonly cos: ValueName;
  readonly sin: ValueName;
  /** r/2 */
  readonly half: number;
  readonly interleaved: boolean;
}

/** Turns x [..., channels]. */
export function rotate(g: GraphBuilder, x: ValueName, shape: Shape, rotation: Rotation): ValueName {
  const { half, interleaved } = rotation;
  const axis = shape.length - 1;
  const rest = shape[axis]! - 2 * half;
  const [turned, kept] = rest === 0 ? [x] : split(g, x, axis, [2 * half, rest]);
  const inPairs = [...shape.slice(0, -1), half, 2];
  const both = interleaved
    ? split(g, g.reshape(turned!, inPairs), axis + 1, [1, 1]).map((part) =>
        g.reshape(part, [...shape.slice(0, -1), half]),
      )
    : split(g, turned!, axis, [half, half]);
  const [a, b] = both as [ValueName, ValueName];
  const { cos, sin } = rotation;
  const real = g.sub(g.mul(a, cos), g.mul(b, sin));
  const imaginary = g.add(g.mul(b, cos), g.mul(a, sin));
  const joined = interleaved
    ? g.reshape(
        g.concat(
          [real, imaginary].map((part) => g.reshape(part, [...shape.slice(0, -1), half, 1])),
          axis + 1,
        ),
        [...shape.slice(0, -1), 2 * half],
      )
    : g.concat([real, imaginary], axis);
  return kept === undefined ? joined : g.concat([joined, kept], axis);
}

export function split(g: GraphBuilder, x: ValueName, axis: number, sizes: readonly number[]): ValueName[] {
  const outputs = sizes.map(() => g.fresh('part'));
  g.op('Split', [x, g.ints(sizes)], { outputs, attributes: { axis } });
  return outputs;
}

/** Rows of the tables by position, as [B or 1, L, half] with an axis of 1 put in where the heads are. */
export function rotationAt(
  at: Lowering,
  tables: { readonly cos: number; readonly sin: number },
  positions: { readonly input?: number; readonly batch: number; readonly length: number },
  headAxis: 1 | 2,
): Rotation {
  const { g } = at;
  const { batch, length } = positions;
  const shape = at.shape(tables.cos);
  const half = shape.at(-1)!;
  const counted = () =>
    at.shared(`positions ${length}`, () =>
      g.tensor(
        g.fresh('positions'),
        [length],
        BigInt64Array.from({ length }, (_, i) => BigInt(i)),
      ),
    );
  const rows = (table: number): ValueName => {
    const values = at.float(table);
    if (shape.length === 3) return values;
    const { input } = positions;
    if (input === undefined) return g.gather(values, counted());
    // One number: where the first position stands.
    if (at.shape(input).length === 2) return g.gather(values, at.x(input));
    return g.gather(values, g.add(counted(), at.x(input)));
  };
  const isPerRow =
    shape.length === 3 || (positions.input !== undefined && at.shape(positions.input).length === 2);
  const b = isPerRow ? batch : 1;
  const placed = (x: ValueName) => g.reshape(x, headAxis === 1 ? [b, 1, length, half] : [b, length, 1, half]);
  return {
    cos: placed(rows(tables.cos)),
    sin: placed(rows(tables.sin)),
    half,
    interleaved: at.int(at.node.opType === 'RotaryEmbedding' ? 'interleaved' : 'rotary_interleaved', 0) === 1,
  };
}

/** x is [B, L, N·d], or [B, N, L, d]. */
const embedding =
  (inputs: { readonly cos: number; readonly sin: number; readonly positions: number }): LoweringRule =>
  (at) => {
    const { g } = at;
    const shape = at.shape(0);
    if (at.int('is_packed_batching', 0) === 1) at.fail('its batch is packed');
    const isFlat = shape.length === 3;
    const [batch, length] = isFlat ? [shape[0]!, shape[1]!] : [shape[0]!, shape[2]!];
    const positions = at.has(inputs.positions) ? { input: inputs.positions } : {};
    const rotation = rotationAt(at, inputs, { ...positions, batch, length }, isFlat ? 2 : 1);
    const scale = at.number('scale', 1);
    const x = at.float(0);
    const heads = at.int('num_heads', 0) || shape.at(-1)! / (2 * rotation.half);
    const split = isFlat ? [batch, length, heads, shape[2]! / heads] : shape;
    const turned = rotate(g, isFlat ? g.reshape(x, split) : x, split, rotation);
    const scaled = scale === 1 ? turned : g.mul(turned, g.float(scale));
    at.give(0, () => (isFlat ? g.reshape(scaled, shape) : scaled));
  };

export const rotaryRules: Readonly<Record<string, LoweringRule>> = {
  'com.microsoft.RotaryEmbedding': embedding({ positions: 1, cos: 2, sin: 3 }),
  RotaryEmbedding: embedding({ cos: 1, sin: 2, positions: 3 }),
};
