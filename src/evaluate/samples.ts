/** Some of the examples, for what is too slow for all of them: each is measured in each condition, with the first projector and shuffle. */
import type { BaseModel } from '../model/base-model.ts';
import type { Runtime } from '../runtime/runtime.ts';
import type { Example } from '../train/training-data.ts';
import type { Condition, ConditionSources } from './conditions.ts';
import { namingLines } from './example-error.ts';
import { eachPiece, type ScoreLog } from './score-log.ts';

export interface SampleOptions {
  readonly model: BaseModel;
  readonly runtime: Runtime;
  readonly conditions: readonly Condition[];
  readonly sources: ConditionSources;
  /** To pick from. */
  readonly examples: readonly Example[];
  /** How many; fewer where there are not as many. */
  readonly count: number;
  readonly seed: number;
  readonly log: ScoreLog;
  readonly signal?: AbortSignal | undefined;
  readonly onProgress?: ((done: number, all: number) => void) | undefined;
}

/** Measures the picked examples; `stage` names the pieces in the log. Errors name the example's line. */
export async function eachExample(
  stage: string,
  picked: readonly Example[],
  work: (condition: Condition, example: Example, at: number) => Promise<readonly number[]>,
  options: Pick<SampleOptions, 'conditions' | 'log' | 'signal' | 'onProgress'>,
): Promise<Map<Condition, (readonly number[])[]>> {
  const { conditions } = options;
  const count = picked.length;
  const found = await eachPiece(
    conditions.flatMap((condition) => picked.map((_, i) => `${stage} ${condition} ${i}`)),
    (piece) => {
      const [condition, i] = [conditions[Math.floor(piece / count)]!, piece % count];
      return namingLines([picked[i]!.line], () => work(condition, picked[i]!, i));
    },
    options,
  );
  return new Map(conditions.map((condition, c) => [condition, found.slice(c * count, (c + 1) * count)]));
}

/** `count` of the items, none twice, in random order. */
export function pick<T>(items: readonly T[], count: number, random: () => number): T[] {
  const pool = [...items];
  for (let i = 0; i < Math.min(count, pool.length); i++) {
    const j = i + Math.floor(random() * (pool.length - i));
    [pool[i], pool[j]] = [pool[j]!, pool[i]!];
  }
  return pool.slice(0, count);
}
