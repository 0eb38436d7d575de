/** How likely are answers to spelled-out interests in each condition? It sees what greedy answers hide. */
import { bootstrapMean, type Interval, pairedDifference } from '../../../src/evaluate/index.ts';
import { conditionsOf, judgedAnswers, ORACLE } from './followed.ts';
import { meanOf, type Setting } from './setting.ts';

export interface Likelihood {
  readonly answers: number;
  readonly people: number;
  readonly rows: readonly {
    readonly name: string;
    /** Nats per token. */
    readonly nll: Interval;
    readonly minusOwn: Interval | undefined;
  }[];
}

/** Of the answers to spelled-out interests that follow them, every other one. */
export async function measureLikelihood(setting: Setting): Promise<Likelihood> {
  const { jobs, asker } = setting;
  const { soft, words } = await conditionsOf(setting);
  const oracle = await judgedAnswers(setting, words[ORACLE]!);
  const kept = [...jobs.keys()]
    .filter((at) => oracle[at]!.followed && !oracle[at]!.looped)
    .filter((_, i) => i % 2 === 0);
  const people = [...new Set(kept.map((at) => jobs[at]!.subject))];
  const nats: Record<string, number[]> = {};
  for (const [name, prompt] of Object.entries({ ...words, ...soft })) {
    if (name.startsWith('strength')) continue;
    const scores = new Map<number, number>();
    for (const at of kept) {
      const { subject, question } = jobs[at]!;
      scores.set(at, await asker.nll(prompt(subject, question), oracle[at]!.text));
    }
    nats[name] = people.map((person) =>
      meanOf(kept.filter((at) => jobs[at]!.subject === person).map((at) => scores.get(at)!)),
    );
    console.log(`${name}: ${meanOf(nats[name]).toFixed(3)} nats per token of good answers`);
  }
  return {
    answers: kept.length,
    people: people.length,
    rows: Object.entries(nats).map(([name, values]) => ({
      name,
      nll: bootstrapMean(values),
      minusOwn: name === 'own' ? undefined : pairedDifference(values, nats.own!),
    })),
  };
}
