/** The soft tokens of one person for one model, or a refusal of whichever makes them overflow. No message has a value of the embedding. */
import { E2PError } from '../error.ts';
import { MAX_FLOAT16 } from '../onnx/float16.ts';
import type { GraphFacts } from '../onnx/inspect/inspect-graph.ts';
import { type Projector, projectAtStrength } from './projector.ts';

const MAX_FLOAT32 = (2 - 2 ** -23) * 2 ** 127;

/**
 * @param embedding [n, dim], as for `projectAtStrength`
 * @throws E2PError `invalid-argument` for a strength, `invalid-embedding` for an embedding, of which a soft token has a number that the model's
 *   activations can't hold
 */
export function softTokensFor(
  projector: Projector,
  embedding: Float32Array,
  strength: number,
  { embedding: { scale, type } }: Pick<GraphFacts, 'embedding'>,
): Float32Array[] {
  const [holds, most] =
    type === 'float16' ? (['float16', MAX_FLOAT16] as const) : (['float32', MAX_FLOAT32] as const);
  const at = (wanted: number) => projectAtStrength(projector, embedding, wanted, scale);
  const fits = (found: readonly Float32Array[]) =>
    found.every((vector) => vector.every((value) => Math.abs(value) <= most));
  const vectors = at(strength);
  if (fits(vectors)) return vectors;
  const beyond = `makes a soft token overflow: ${holds}, in which the model computes, ends at ${most}`;
  if (strength === 1 || !fits(at(1))) throw new E2PError('invalid-embedding', `the embedding ${beyond}`);
  throw new E2PError('invalid-argument', `strength ${strength} ${beyond}; expected a smaller one`);
}
