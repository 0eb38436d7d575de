/** From what a user is to what stands for them in a prompt. */
import { E2PError } from '../error.ts';
import type { GraphFacts } from '../onnx/inspect/inspect-graph.ts';
import type { ProjectorContract } from '../projector/contract.ts';
import { type Projector, vectorsOf } from '../projector/projector.ts';
import { softTokensFor } from '../projector/soft-tokens-for.ts';
import { weighByQuestion } from '../projector/weigh-by-question.ts';
import type { EmbeddingSpace } from '../user/user-embedding.ts';
import type { SoftTokens } from './prompt.ts';

/**
 * @param values [n, dim], known to be valid for the contract's space
 * @param question [dim], where the projector weighs by it; absent: all vectors count alike
 * @throws E2PError `invalid-argument`, `invalid-embedding` where a soft token would overflow
 */
export function userSoftTokens(
  projector: Projector,
  values: Float32Array,
  { strength, question }: { readonly strength: number; readonly question?: Float32Array | undefined },
  facts: Pick<GraphFacts, 'embedding'>,
): SoftTokens {
  const { slot, space, byQuestion } = projector.contract;
  if (byQuestion === undefined) {
    return { vectors: softTokensFor(projector, values, strength, facts), slot, strength };
  }
  const weighed = weighByQuestion(vectorsOf(values, space.dim), question, byQuestion);
  try {
    return { vectors: softTokensFor(projector, weighed, strength, facts), slot, strength };
  } finally {
    weighed.fill(0);
  }
}

/** @throws E2PError `invalid-argument` */
export function checkStrength(strength: number): void {
  if (Number.isFinite(strength) && strength >= 0) return;
  throw new E2PError('invalid-argument', `strength is ${String(strength)}, expected a number from 0`);
}

/** What a projector of this contract reads, as apps are told it. */
export function spaceOf({ space, vectors, byQuestion }: ProjectorContract): EmbeddingSpace {
  const { id, dim, encoder } = space;
  const named = encoder && { encoder: encoder.id };
  return { id, dim, vectors, ...named, ...(byQuestion && { byQuestion: true }) };
}
