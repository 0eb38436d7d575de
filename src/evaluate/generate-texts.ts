/** Greedy texts in each condition: how near they are to the targets, how varied, and what it costs to begin them. */
import { Engine } from '../generate/engine.ts';
import { generateText } from '../generate/generate-text.ts';
import { bytesPerPosition } from '../generate/kv-cache.ts';
import { seededRandom } from '../generate/sampling.ts';
import type { Example } from '../train/training-data.ts';
import { type Condition, conditionInput } from './conditions.ts';
import { eachExample, pick, type SampleOptions } from './samples.ts';
import { distinct, overlap } from './text-metrics.ts';

/** Greedy texts of one condition: overlap with the targets (0…1) and what reading the prompt cost. */
export interface GeneratedReport {
  readonly rouge1: number;
  readonly rouge2: number;
  readonly rougeL: number;
  readonly distinct1: number;
  readonly distinct2: number;
  /** Means over the prompts: tokens read before the first is written, soft tokens included. */
  readonly prefillTokens: number;
  /** Bytes of keys and values of the prompt. */
  readonly cacheBytes: number;
  /** Median, in ms; on this machine, with whatever ran beside it. */
  readonly timeToFirstTokenMs: number;
}

export async function generateTexts(
  options: SampleOptions,
  maxTokens: number,
): Promise<Map<Condition, GeneratedReport>> {
  const { model, runtime, sources, examples, count, seed, signal } = options;
  const reports = new Map<Condition, GeneratedReport>();
  if (count === 0) return reports;
  const picked = pick(examples, count, seededRandom(seed + 1));
  const bytesPerToken = bytesPerPosition(model.facts.cache, model.config.attention);
  const engine = await Engine.create({ model, runtime });
  try {
    const write = async (condition: Condition, example: Example) => {
      const prompt = conditionInput(condition, example, sources);
      const given = { maxTokens, temperature: 0, ...(signal && { signal }) };
      const { result, state } = await generateText(engine, prompt, given);
      state.cache.release();
      return [
        result.timeToFirstTokenMs,
        result.promptTokens,
        ...result.tokenIds.slice(result.reasoningTokens),
      ];
    };
    const found = await eachExample('text', picked, write, options);
    for (const [condition, all] of found) {
      const texts = all.map(([, , ...ids]) => model.codec.decode(ids));
      const overlaps = texts.map((text, i) => overlap(text, picked[i]!.target));
      const mean = (f: (i: number) => number) => picked.reduce((sum, _, i) => sum + f(i), 0) / picked.length;
      const prefillTokens = mean((i) => all[i]![1]!);
      reports.set(condition, {
        rouge1: mean((i) => overlaps[i]!.rouge1),
        rouge2: mean((i) => overlaps[i]!.rouge2),
        rougeL: mean((i) => overlaps[i]!.rougeL),
        ...{ distinct1: distinct(texts, 1), distinct2: distinct(texts, 2) },
        ...{ prefillTokens, cacheBytes: prefillTokens * bytesPerToken },
        timeToFirstTokenMs: all.map(([ms]) => ms!).sort((a, b) => a - b)[all.length >> 1]!,
      });
    }
  } finally {
    await engine.release();
  }
  return reports;
}
