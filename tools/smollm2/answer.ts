/** Greedy or sampled answers of the LLM to many prompts, in batches: each reads and writes as it would alone. */
import type { Decoder, TokenRun } from '../../src/generate/decoder.ts';
import { argmax } from '../../src/generate/sampling.ts';

/** Chooses a token by its logits [V]. */
export type Choose = (logits: Float32Array) => number;

export interface AnswerOptions {
  readonly tokens: number;
  readonly choose?: Choose;
  readonly batch?: number;
  readonly onProgress?: (done: number, all: number) => void;
}

/** Token ids of each answer, without the one that ended it. */
export async function answerAll(
  decoder: Decoder,
  prompts: readonly TokenRun[],
  { tokens, choose = argmax, batch = 24, onProgress }: AnswerOptions,
): Promise<number[][]> {
  const answers = new Array<number[]>(prompts.length);
  // Prompts of one length side by side: padding costs as much as text.
  const order = [...prompts.keys()].sort((a, b) => prompts[a]!.ids.length - prompts[b]!.ids.length);
  for (let from = 0; from < order.length; from += batch) {
    const picked = order.slice(from, from + batch);
    const found = await answerBatch(
      decoder,
      picked.map((at) => prompts[at]!),
      tokens,
      choose,
    );
    for (const [i, at] of picked.entries()) answers[at] = found[i]!;
    onProgress?.(from + picked.length, order.length);
  }
  return answers;
}

async function answerBatch(
  decoder: Decoder,
  prompts: readonly TokenRun[],
  tokens: number,
  choose: Choose,
): Promise<number[][]> {
  const answers: number[][] = prompts.map(() => []);
  const ended = prompts.map(() => false);
  const ends = decoder.model.config.eosTokenIds;
  let step = await decoder.readBatch(prompts);
  for (let t = 0; t < tokens; t++) {
    const next = step.logits.map(choose);
    for (const [i, id] of next.entries()) {
      ended[i] ||= ends.includes(id);
      if (!ended[i]) answers[i]!.push(id);
    }
    if (t === tokens - 1 || ended.every(Boolean)) break;
    const { cache } = step;
    step = await decoder.readNext(cache, next);
    cache.release();
  }
  step.cache.release();
  return answers;
}
