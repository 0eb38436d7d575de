/**
 * hits@1: whether an example's own target is the likeliest of 20, by nats per token; the others are targets of other users. The prompt is read
 * once for all of them.
 */
import { Decoder, type TokenRun } from '../generate/decoder.ts';
import { seededRandom } from '../generate/sampling.ts';
import { type Condition, conditionInput, targetIds } from './conditions.ts';
import { eachExample, pick, type SampleOptions } from './samples.ts';

const CANDIDATES = 20;

/** Share of the picked examples that are hits; empty where there are too few other targets. */
export async function rankTargets(options: SampleOptions): Promise<Map<Condition, number>> {
  const { model, runtime, sources, examples, count, seed, signal } = options;
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
    const found = await eachExample(
      'rank',
      picked,
      (condition, example, i) =>
        scoreEndings(decoder, conditionInput(condition, example, sources), lists[i]!, signal),
      options,
    );
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
