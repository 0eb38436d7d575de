/** What is measured on a sample of the examples, since it is slow: accuracy among candidates, and generated texts. */
import { Engine } from '../generate/engine.ts';
import { type GenerationResult, generateText } from '../generate/generate-text.ts';
import { bytesPerPosition } from '../generate/kv-cache.ts';
import { seededRandom } from '../generate/sampling.ts';
import type { BaseModel } from '../model/base-model.ts';
import type { Runtime } from '../runtime/runtime.ts';
import type { Example } from '../train/training-data.ts';
import { type Condition, type ConditionSources, conditionInput, conditionRow } from './conditions.ts';
import { scoreRows, targetOf } from './score-rows.ts';
import { distinct, type Overlap, overlap } from './text-metrics.ts';

export interface SampleOptions {
  readonly model: BaseModel;
  readonly runtime: Runtime;
  readonly conditions: readonly Condition[];
  readonly seed?: number;
  readonly signal?: AbortSignal | undefined;
  readonly onProgress?: (stage: 'ranking' | 'generating', done: number, all: number) => void;
}

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

const CANDIDATES = 20;

/** Accuracy among 20 candidates: the own target, and those of 19 other users. */
export async function rankTargets(
  { conditions, seed = 1, onProgress }: SampleOptions,
  examples: readonly Example[],
  sources: ConditionSources,
  scoring: Parameters<typeof scoreRows>[1],
  count: number,
): Promise<Map<Condition, number>> {
  const random = seededRandom(seed);
  const picked = pick(examples, count, random);
  const lists = picked.map((example) => {
    const others = new Set(examples.filter((e) => e.user !== example.user).map((e) => e.target));
    others.delete(example.target);
    return [example.target, ...pick([...others], CANDIDATES - 1, random)];
  });
  const hits = new Map<Condition, number>();
  if (picked.length === 0 || lists.some((list) => list.length < CANDIDATES)) return hits;
  for (const [at, condition] of conditions.entries()) {
    const rows = picked.flatMap((example, i) =>
      lists[i]!.map((target) => conditionRow(condition, example, sources, target)),
    );
    const nats = await scoreRows(rows, {
      ...scoring,
      onProgress: (done, all) => onProgress?.('ranking', at * all + done, conditions.length * all),
    });
    const perToken = rows.map((row, i) => nats[i]! / targetOf(row).length);
    const right = picked.filter((_, i) => {
      const own = perToken.slice(i * CANDIDATES, (i + 1) * CANDIDATES);
      return own.every((v, k) => k === 0 || v > own[0]!);
    });
    hits.set(condition, right.length / picked.length);
  }
  return hits;
}

/** Greedy texts, compared with the targets, and what it costs to begin them. */
export async function generateTexts(
  { model, runtime, conditions, seed = 1, signal, onProgress }: SampleOptions,
  examples: readonly Example[],
  sources: ConditionSources,
  count: number,
  maxTokens: number,
): Promise<Map<Condition, GeneratedReport>> {
  const reports = new Map<Condition, GeneratedReport>();
  if (count === 0) return reports;
  const picked = pick(examples, count, seededRandom(seed + 1));
  const bytesPerToken = bytesPerPosition(model.facts.cache, model.config.attention);
  const engine = await Engine.create({ model, runtime });
  try {
    for (const [at, condition] of conditions.entries()) {
      const results: (GenerationResult & Overlap)[] = [];
      for (const [i, example] of picked.entries()) {
        const prompt = conditionInput(condition, example, sources);
        const given = { maxTokens, temperature: 0, ...(signal && { signal }) };
        const { result, state } = await generateText(engine, prompt, given);
        state.cache.release();
        results.push({ ...result, ...overlap(result.text, example.target) });
        onProgress?.('generating', at * count + i + 1, conditions.length * count);
      }
      const mean = (f: (r: GenerationResult & Overlap) => number) =>
        results.reduce((sum, r) => sum + f(r), 0) / results.length;
      const texts = results.map((r) => r.text);
      const prefillTokens = mean((r) => r.promptTokens);
      reports.set(condition, {
        ...{ rouge1: mean((r) => r.rouge1), rouge2: mean((r) => r.rouge2), rougeL: mean((r) => r.rougeL) },
        ...{ distinct1: distinct(texts, 1), distinct2: distinct(texts, 2) },
        ...{ prefillTokens, cacheBytes: prefillTokens * bytesPerToken },
        timeToFirstTokenMs: results.map((r) => r.timeToFirstTokenMs).sort((a, b) => a - b)[
          results.length >> 1
        ]!,
      });
    }
  } finally {
    await engine.release();
  }
  return reports;
}

/** `count` of the items, none twice, in random order. */
function pick<T>(items: readonly T[], count: number, random: () => number): T[] {
  const pool = [...items];
  for (let i = 0; i < Math.min(count, pool.length); i++) {
    const j = i + Math.floor(random() * (pool.length - i));
    [pool[i], pool[j]] = [pool[j]!, pool[i]!];
  }
  return pool.slice(0, count);
}
