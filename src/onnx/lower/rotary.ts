/**
 * Rotary positions (Su et al., arXiv 2104.09864): pairs of channels are turned by an angle that grows with the position.
 * Half-split pairs channel i with i + r/2, interleaved channel 2i with 2i + 1; channels from r on stay.
 */
import type { GraphBuilder, ValueName } from '../builder.ts';
import type { Lowering, LoweringRule } from './lowering.ts';

export interface Rotation {
  /** [R, r/2], a row for each of the angles that occur. */
  readonly cos: ValueName;
  readonly sin: ValueName;
  /** Row of each position, int64 [B, L]; or of the first, [1], where all rows of the batch are alike. */
  readonly positions: ValueName;
  /** r */
  readonly channels: number;
  readonly interleaved: boolean;
}

/** Turns x [B, L, N·d] or [B, N, L, d]. */
export function rotate(
  g: GraphBuilder,
  x: ValueName,
  { heads, headSize }: { readonly heads: number; readonly headSize: number },
  { cos, sin, positions, channels, interleaved }: Rotation,
): ValueName {
  const part = channels === headSize ? 0 : channels;
  return g.fused('RotaryEmbedding', [x, positions, cos, sin], {
    attributes: { interleaved: Number(interleaved), num_heads: heads, rotary_embedding_dim: part },
  });
}

export function split(g: GraphBuilder, x: ValueName, axis: number, sizes: readonly number[]): ValueName[] {
  const outputs = sizes.map(() => g.fresh('part'));
  g.op('Split', [x, g.ints(sizes)], { outputs, attributes: { axis } });
  return outputs;
}

/** Rows of the tables by position; nodes with the same tables share them. */
export function rotationAt(
  at: Lowering,
  tables: { readonly cos: number; readonly sin: number },
  { input, batch, length }: { readonly input?: number; readonly batch: number; readonly length: number },
): Rotation {
  const { g } = at;
  const shape = at.shape(tables.cos);
  const half = shape.at(-1)!;
  const isPerRow = shape.length === 3 || (input !== undefined && at.shape(input).length === 2);
  const count = isPerRow ? batch * length : length;
  const upTo = (end: number, dims: readonly number[]) =>
    at.shared(`0, 1, … ${end} ${dims}`, () =>
      g.tensor(
        g.fresh('positions'),
        dims,
        BigInt64Array.from({ length: end }, (_, i) => BigInt(i)),
      ),
    );
  const indices = (): ValueName => {
    if (input === undefined) return upTo(length, [length]);
    // One number: where the first position stands.
    return isPerRow ? at.x(input) : g.add(upTo(length, [length]), at.x(input));
  };
  const rows = (table: number): ValueName =>
    at.shared(`rows ${at.x(table)} ${input === undefined ? '' : at.x(input)} ${length}`, () => {
      const values = at.float(table);
      return g.reshape(shape.length === 3 ? values : g.gather(values, indices()), [count, half]);
    });
  return {
    cos: rows(tables.cos),
    sin: rows(tables.sin),
    positions: isPerRow ? upTo(count, [batch, length]) : upTo(1, [1]),
    channels: 2 * half,
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
    const rotation = rotationAt(at, inputs, { ...positions, batch, length });
    const heads = isFlat ? at.int('num_heads', 0) || shape[2]! / rotation.channels : shape[1]!;
    const headSize = isFlat ? shape[2]! / heads : shape[3]!;
    const turned = rotate(g, at.float(0), { heads, headSize }, rotation);
    const scale = at.number('scale', 1);
    at.give(0, () => (scale === 1 ? turned : g.mul(turned, g.float(scale))));
  };

export const rotaryRules: Readonly<Record<string, LoweringRule>> = {
  'com.microsoft.RotaryEmbedding': embedding({ positions: 1, cos: 2, sin: 3 }),
  RotaryEmbedding: embedding({ cos: 1, sin: 2, positions: 3 }),
};
