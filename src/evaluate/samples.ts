/** What is measured on a sample of the examples, since it is slow: accuracy among candidates, and generated texts. */
import { Decoder, type TokenRun } from '../generate/decoder.ts';
import { Engine } from '../generate/engine.ts';
import { generateText } from '../generate/generate-text.ts';
import { bytesPerPosition } from '../generate/kv-cache.ts';
import { seededRandom } from '../generate/sampling.ts';
import type { BaseModel } from '../model/base-model.ts';
import type { Runtime } from '../runtime/runtime.ts';
import type { Example } from '../train/training-data.ts';
import { type Condition, type ConditionSources, conditionInput, targetIds } from './conditions.ts';
import { namingLines } from './example-error.ts';
import { eachPiece, type PiecesOptions, type ScoreLog } from './score-log.ts';
import { distinct, overlap } from './text-metrics.ts';

export interface SampleOptions {
  readonly model: BaseModel;
  readonly runtime: Runtime;
  readonly conditions: readonly Condition[];
  readonly seed?: number;
  readonly log: ScoreLog;
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

/** Accuracy among 20 candidates: the own target, and those of 19 other users, by nats per token. */
export async function rankTargets(
  { model, runtime, conditions, seed = 1, log, signal, onProgress }: SampleOptions,
  examples: readonly Example[],
  sources: ConditionSources,
  count: number,
): Promise<Map<Condition, number>> {
  const random = seededRandom(seed);
  const picked = pick(examples, count, random);
  const lists = picked.map((example) => {
    const others = new Set(examples.filter((e) => e.user !== example.user).map((e) => e.target));
    others.delete(example.target);
    return [example.target, ...pick([...others], CANDIDATES - 1, random)].map((t) => targetIds(model, t));
  });
  const hits = new Map<Condition, number>();
  if (picked.length === 0 || lists.some((list) => list.length < CANDIDATES)) return hits;
  // With float activations, as everything else is scored.
  const decoder = await Decoder.create(model, runtime, true);
  try {
    const found = await eachExample('rank', conditions, picked, {
      ...{ log, signal, onProgress: (done, all) => onProgress?.('ranking', done, all) },
      work: (condition, example, i) =>
        scoreEndings(decoder, conditionInput(condition, example, sources), lists[i]!, signal),
    });
    for (const [condition, all] of found) {
      const right = all.filter(([own, ...others]) => others.every((nats) => nats > own!));
      hits.set(condition, right.length / picked.length);
    }
  } finally {
    await decoder.release();
  }
  return hits;
}

/** Nats per token of each ending; the prompt is read once for all. */
export async function scoreEndings(
  decoder: Decoder,
  prompt: TokenRun,
  endings: readonly (readonly number[])[],
  signal?: AbortSignal,
): Promise<number[]> {
  const { ids, soft } = prompt;
  const nats: number[] = [];
  let read = decoder.emptyCache();
  try {
    // The last token of the prompt predicts, so each ending reads it itself.
    if (ids.length > 1) {
      const { cache } = await decoder.read(read, { ids: ids.slice(0, -1), soft }, { signal });
      read.release();
      read = cache;
    }
    for (const ending of endings) {
      const scores = await decoder.score({ ids: [...ids, ...ending], soft }, ids.length, { read, signal });
      nats.push(-scores.reduce((a, b) => a + b, 0) / ending.length);
    }
  } finally {
    read.release();
  }
  return nats;
}

/** Greedy texts, compared with the targets, and what it costs to begin them. */
export async function generateTexts(
  { model, runtime, conditions, seed = 1, log, signal, onProgress }: SampleOptions,
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
    const found = await eachExample('text', conditions, picked, {
      ...{ log, signal, onProgress: (done, all) => onProgress?.('generating', done, all) },
      work: async (condition, example) => {
        const prompt = conditionInput(condition, example, sources);
        const given = { maxTokens, temperature: 0, ...(signal && { signal }) };
        const { result, state } = await generateText(engine, prompt, given);
        state.cache.release();
        return [result.timeToFirstTokenMs, result.promptTokens, ...result.tokenIds];
      },
    });
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

interface EachExampleOptions extends PiecesOptions {
  readonly work: (condition: Condition, example: Example, at: number) => Promise<readonly number[]>;
}

/** Numbers of each example in each condition, by way of the log; errors name the example's line. */
async function eachExample(
  stage: string,
  conditions: readonly Condition[],
  examples: readonly Example[],
  { work, ...options }: EachExampleOptions,
): Promise<Map<Condition, (readonly number[])[]>> {
  const count = examples.length;
  const found = await eachPiece(
    conditions.flatMap((condition) => examples.map((_, i) => `${stage} ${condition} ${i}`)),
    (piece) => {
      const [condition, i] = [conditions[Math.floor(piece / count)]!, piece % count];
      return namingLines([examples[i]!.line], () => work(condition, examples[i]!, i));
    },
    options,
  );
  return new Map(conditions.map((condition, c) => [condition, found.slice(c * count, (c + 1) * count)]));
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
