/**
 * Sequences as rows of one batch: which may stand together, and where their padding goes. Padding must be noticed by nothing but the mask; a
 * model that would notice it takes rows of one length only.
 */
import type { BaseModel } from '../model/base-model.ts';
import type { Runtime } from '../runtime/runtime.ts';
import type { TokenRun } from './decoder.ts';

/** GroupQueryAttention counts positions from a row's first column on, so padding has to stand behind. */
export const paddingSide = ({ facts }: Pick<BaseModel, 'facts'>): 'left' | 'right' =>
  facts.operators.includes('com.microsoft.GroupQueryAttention') ? 'right' : 'left';

/** Why sequences of these lengths can't be read together; undefined: they can. */
export function batchObstacle(
  model: BaseModel,
  { prefillChunk }: Pick<Runtime, 'prefillChunk'>,
  lengths: readonly number[],
): string | undefined {
  const { attentionMask, cache, positionIds } = model.facts;
  if (lengths.length > 1 && cache.some(({ dims, batchAxis }) => dims[batchAxis] === 1)) {
    return `${lengths.length} rows, expected one: the file is fixed to a batch of 1`;
  }
  if (lengths.length > 1 && paddingSide(model) === 'right' && Math.max(...lengths) > prefillChunk) {
    return `${Math.max(...lengths)} tokens, expected at most ${prefillChunk}: GroupQueryAttention takes several rows in one run only`;
  }
  if (new Set(lengths).size < 2) return undefined;
  const unequal = (reason: string) => `rows of different lengths, expected equal ones: ${reason}`;
  if (cache.some((tensor) => tensor.lengthAxis === undefined)) {
    return unequal('the model carries a state that no mask keeps padding out of');
  }
  if (paddingSide(model) === 'right') return undefined;
  if (positionIds === undefined) return unequal('the model counts positions itself, padding included');
  if (attentionMask === undefined || attentionMask.shapeOnly)
    return unequal('the model has no mask that hides padding');
  return undefined;
}

/** The run with padding, `before` of it in front, the rest behind; padding is id 0 and masked. */
export function padded({ ids, soft }: TokenRun, before: number, width: number): TokenRun {
  const behind = width - before - ids.length;
  return {
    ids: [...new Array<number>(before).fill(0), ...ids, ...new Array<number>(behind).fill(0)],
    soft: soft && new Map([...soft].map(([at, vector]) => [at + before, vector])),
  };
}
