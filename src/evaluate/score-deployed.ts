/**
 * The same targets through the graph that is deployed. On a CPU it may round activations to int8 (`accuracy_level` 4), which costs some
 * hundredths of a nat; everything else here is scored with float activations. Whether that cost cancels between conditions is what this tells.
 */
import { Decoder } from '../generate/decoder.ts';
import { seededRandom } from '../generate/sampling.ts';
import type { Interval } from './bootstrap.ts';
import { type Condition, conditionRow } from './conditions.ts';
import { eachExample, pick, type SampleOptions } from './samples.ts';
import { type ByExample, type Sample, summarise } from './summarise.ts';

/** All per target token, on the same examples. */
export interface DeployedReport {
  readonly nll: Interval;
  /** What the deployed graph has more than the one that everything else is scored with. */
  readonly cost: Interval;
  /** This condition's NLL minus that of `true`, through the deployed graph and as scored. */
  readonly minusTrue: Interval | undefined;
  readonly scoredMinusTrue: Interval | undefined;
  /** What the deployed graph adds to that difference: nothing where its cost cancels. */
  readonly costMinusTrue: Interval | undefined;
}

/** @param scored tokens and nats of all examples */
export async function scoreDeployed(
  options: SampleOptions,
  scored: Pick<Sample, 'tokens' | 'nats'>,
): Promise<Map<Condition, DeployedReport>> {
  const { model, runtime, conditions, sources, examples, count, seed, signal } = options;
  if (count === 0) return new Map();
  const at = pick([...examples.keys()], count, seededRandom(seed + 2));
  const picked = at.map((i) => examples[i]!);
  const decoder = await Decoder.create(model, runtime);
  const score = async (condition: Condition, example: (typeof picked)[number]) => {
    const { ids, targetFrom, softPositions, soft } = conditionRow(condition, example, sources);
    const vectors = new Map(softPositions.map((position, k) => [position, soft[k]!]));
    const scores = await decoder.score({ ids, soft: vectors }, targetFrom, { signal });
    return [-scores.reduce((a, b) => a + b, 0)];
  };
  const found = await eachExample('deployed', picked, score, options).finally(() => decoder.release());
  /** Of the first projector and shuffle, as the deployed graph has it. */
  const before = (condition: Condition) => at.map((i) => scored.nats.get(condition)![0]![0]![i]!);
  const after = (condition: Condition) => found.get(condition)!.map(([nats]) => nats!);
  const tokens = at.map((i) => scored.tokens[i]!);
  const summaryOf = (values: (condition: Condition) => readonly number[]) => {
    const nats = new Map(conditions.map((c): [Condition, ByExample] => [c, [[values(c)]]]));
    return summarise({ examples: picked, tokens, nats, seed });
  };
  const [then, now] = [summaryOf(before), summaryOf(after)];
  const cost = summaryOf((c) => after(c).map((nats, i) => nats - before(c)[i]!));
  return new Map(
    conditions.map((c) => {
      const { nll, minusTrue } = now.lossOf(c);
      const { nll: more, minusTrue: costMinusTrue } = cost.lossOf(c);
      return [c, { nll, cost: more, minusTrue, scoredMinusTrue: then.lossOf(c).minusTrue, costMinusTrue }];
    }),
  );
}
