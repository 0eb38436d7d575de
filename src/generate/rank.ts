/**
 * How probable a model finds each of some texts as its answer. The prompt is read once, and what texts share is read once: the walk goes
 * down the trie of their tokens, and reads a stretch without a branch in one run.
 */
import { E2PError, throwIfAborted } from '../error.ts';
import { yieldToEvents } from '../runtime/event-loop.ts';
import { encodeTexts } from './constraint/encode-texts.ts';
import { buildTrie, childrenOf, endsAt } from './constraint/trie.ts';
import type { Decoder, TokenRun } from './decoder.ts';
import type { Engine } from './engine.ts';
import { beginningOf, type GenerateContext } from './generate-text.ts';
import type { KvCache } from './kv-cache.ts';
import { noNumber } from './sampling.ts';
import { Thought } from './thought.ts';

/** Of `session.rank`. */
export interface RankOptions {
  readonly signal?: AbortSignal;
}

interface RankContext extends GenerateContext {
  readonly signal?: AbortSignal | undefined;
}

/** How probable a text is as the answer, for this person. */
export interface RankedCandidate {
  readonly text: string;
  /** Natural log of the probability of its tokens, one after the other, as the model has it: temperature 1, no filter, no penalty. */
  readonly logLikelihood: number;
  /**
   * Natural log of the probability that the model ends right behind it. `logLikelihood` + this is that of an answer which is this text and
   * no longer one. −∞ for a model without a token that ends.
   */
  readonly endLogLikelihood: number;
  /** `logLikelihood` / `tokens` compares texts of different lengths. */
  readonly tokens: number;
}

/**
 * @returns the candidates in their order
 * @throws E2PError `context-overflow`; `invalid-argument` for a candidate that the tokenizer changes, or where a thought would come before
 *   it; the signal's reason on an abort
 */
export async function rankTexts(
  engine: Engine,
  prompt: TokenRun,
  candidates: readonly string[],
  { signal, ...context }: RankContext,
): Promise<readonly RankedCandidate[]> {
  const { model } = engine;
  if (new Thought(model.codec, prompt.ids, false).isOpen) {
    throw new E2PError(
      'invalid-argument',
      'the chat template begins a thought, so no candidate can come next; a template variable may turn that off',
    );
  }
  const sequences = await encodeTexts(model, candidates, 'candidates', signal);
  const longest = sequences.reduce((most, { length }) => Math.max(most, length), 0);
  const { contextLength } = model.config;
  if (prompt.ids.length + longest > contextLength) {
    throw new E2PError(
      'context-overflow',
      `a prompt of ${prompt.ids.length} tokens and a candidate of ${longest} do not fit the context of ${contextLength} tokens`,
    );
  }
  for (;;) {
    const { decoder } = engine;
    try {
      const scores = await scoreSequences(decoder, prompt, sequences, { signal, ...context });
      return candidates.map((text, i) => ({ text, ...scores[i]!, tokens: sequences[i]!.length }));
    } catch (error) {
      await engine.recover(decoder, error);
    }
  }
}

type Score = Pick<RankedCandidate, 'logLikelihood' | 'endLogLikelihood'>;

async function scoreSequences(
  decoder: Decoder,
  prompt: TokenRun,
  sequences: readonly (readonly number[])[],
  { signal, before, onWipe }: RankContext,
): Promise<readonly Score[]> {
  const { facts, config } = decoder.model;
  const vocabulary = Math.min(facts.head.columns, facts.vocabularySize);
  const trie = buildTrie(sequences);
  const scores: Score[] = [];
  /** What is read of the branch that the walk is in. */
  const held = new Set<KvCache>();
  try {
    const begun = beginningOf(decoder, before, prompt);
    held.add(begun);
    const from = begun.length;
    const soft = new Map([...(prompt.soft ?? [])].map(([at, vector]) => [at - from, vector]));
    const read = await decoder.read(begun, { ids: prompt.ids.slice(from), soft }, { signal, onWipe });
    held.add(read.cache);
    letGo(begun);
    await visit(0, read.cache, read.logits, 0);
    letGo(read.cache);
    return scores;
  } catch (error) {
    for (const cache of held) if (cache.wipe()) onWipe?.();
    throw error;
  }

  /**
   * Scores what ends at a node and below it. `logits` [V] and `cache` are of the sequence up to the node, `logLikelihood` of its tokens behind
   * the prompt.
   */
  async function visit(
    node: number,
    cache: KvCache,
    logits: Float32Array,
    logLikelihood: number,
  ): Promise<void> {
    const sum = rowSum(logits);
    note(node, logits, sum, logLikelihood);
    for (const child of childrenOf(trie, node)) {
      await descend(child, cache, logLikelihood + logits[trie.label[child]!]! - sum);
    }
  }

  /** Reads from a node on as far as there is no branch, as much at once as the device computes rightly. */
  async function descend(node: number, before: KvCache, logLikelihood: number): Promise<void> {
    if (signal !== undefined) await yieldToEvents();
    throwIfAborted(signal);
    const stretch = [node];
    let next = childrenOf(trie, node);
    while (next.length === 1 && stretch.length < decoder.runtime.prefillChunk) {
      stretch.push(next[0]!);
      next = childrenOf(trie, next[0]!);
    }
    const { cache, logits } = await decoder.readAll({ ids: stretch.map((at) => trie.label[at]!) }, before);
    held.add(cache);
    const rowOf = (i: number) => logits.subarray(i * facts.head.columns, i * facts.head.columns + vocabulary);
    let total = logLikelihood;
    for (const [i, following] of stretch.slice(1).entries()) {
      const row = rowOf(i);
      const sum = rowSum(row);
      note(stretch[i]!, row, sum, total);
      total += row[trie.label[following]!]! - sum;
    }
    await visit(stretch.at(-1)!, cache, rowOf(stretch.length - 1), total);
    letGo(cache);
  }

  function note(node: number, logits: Float32Array, sum: number, logLikelihood: number): void {
    const ends = endsAt(trie, node);
    if (ends.length === 0) return;
    const ending = config.eosTokenIds.filter((id) => id < logits.length).map((id) => logits[id]!);
    const endLogLikelihood = logSumExp(ending) - sum;
    for (const index of ends) scores[index] = { logLikelihood, endLogLikelihood };
  }

  function letGo(cache: KvCache): void {
    held.delete(cache);
    cache.release();
  }
}

/** {@link logSumExp} of a row of logits. @throws E2PError `backend-faulty` where they are no numbers */
function rowSum(logits: Float32Array): number {
  const sum = logSumExp(logits);
  if (!Number.isFinite(sum)) throw noNumber(sum);
  return sum;
}

/** −∞ for no values. */
function logSumExp(values: ArrayLike<number>): number {
  let max = Number.NEGATIVE_INFINITY;
  for (let i = 0; i < values.length; i++) max = Math.max(max, values[i]!);
  if (max === Number.NEGATIVE_INFINITY) return max;
  let sum = 0;
  for (let i = 0; i < values.length; i++) sum += Math.exp(values[i]! - max);
  return max + Math.log(sum);
}
