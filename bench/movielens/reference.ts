/** What recommenders without a language model do on the same targets: popularity, and ALS with the setting that suits other people best. */
import {
  bootstrapMean,
  bootstrapRuns,
  type EvaluationReport,
  type Interval,
  pairedDifference,
} from '../../src/evaluate/index.ts';
import { type AlsSetting, createEmbedder, createTitleScorer, type PeopleEmbedder } from './als-people.ts';
import { earlier, later, type People, type Person } from './ratings.ts';

const SETTINGS: readonly AlsSetting[] = [
  { dim: 32, alpha: 10, regularisation: 20 },
  { dim: 32, alpha: 30, regularisation: 20 },
  { dim: 32, alpha: 30, regularisation: 60 },
  { dim: 16, alpha: 30, regularisation: 5 },
];
/** Weights of the ALS score beside the logarithm of popularity; 0 = popularity alone. */
const WEIGHTS = [0.5, 1, 1.5, 2, 3];

export interface Als {
  readonly setting: AlsSetting;
  readonly weight: number;
  readonly embedder: PeopleEmbedder;
  /** Nats of every title for somebody with this embedding. */
  readonly natsOf: (embedding: Float32Array, weight?: number) => Float64Array;
  /** The same for somebody new with these earlier likes. */
  readonly nats: (history: readonly number[], weight?: number) => Float64Array;
}

/** The best on the validation people, by the nats of their later likes. */
export function chooseAls(people: People, titles: number, seed: number): Als {
  const scorer = createTitleScorer(people.train, titles);
  let best: { readonly loss: number; readonly als: Als } | undefined;
  for (const setting of SETTINGS) {
    const embedder = createEmbedder({ people: people.train, titles, setting, seed });
    for (const weight of WEIGHTS) {
      const natsOf = (embedding: Float32Array, w = weight) => scorer(embedder.scores(embedding), w);
      const nats = (history: readonly number[], w = weight) => natsOf(embedder.embed(history), w);
      const lossOf = (person: Person) => {
        const own = nats(earlier(person));
        return meanOf(later(person).map((title) => own[title]!));
      };
      const loss = meanOf(people.validation.map(lossOf));
      if (loss < (best?.loss ?? Infinity)) best = { loss, als: { setting, weight, embedder, natsOf, nats } };
    }
  }
  return best!.als;
}

export interface ReferenceNats {
  readonly popularity: Interval;
  readonly als: Interval;
  /** ALS − popularity, paired within each person. */
  readonly gain: Interval;
  /** The same of each person, nats per title. */
  readonly gainOf: ReadonlyMap<string, number>;
}

/** On the very targets that the projector is measured on. */
export function referenceNats(
  als: Als,
  people: readonly Person[],
  targets: readonly { readonly person: number; readonly title: number }[],
): ReferenceNats {
  const counts = people.map((_, i) => targets.filter((t) => t.person === i).length);
  const perPerson = (weight?: number) => {
    const nats = people.map((p) => als.nats(earlier(p), weight));
    return people.map((_, i) => meanOf(targets.filter((t) => t.person === i).map((t) => nats[i]![t.title]!)));
  };
  const [popular, own] = [perPerson(0), perPerson()];
  return {
    popularity: bootstrapMean(popular, counts),
    als: bootstrapMean(own, counts),
    gain: pairedDifference(own, popular, counts),
    gainOf: new Map(people.map(({ id }, i) => [id, own[i]! - popular[i]!])),
  };
}

/** What the soft token gains over a control minus what ALS gains over popularity, nats per title, within each person; below zero: the soft token gains more. */
export function minusAls(
  { byGroup }: EvaluationReport,
  control: 'none' | 'constant',
  { gainOf }: ReferenceNats,
): Interval {
  const people = byGroup!;
  return bootstrapRuns(
    people[0]!.nll.true!.map((_, seed) => [
      people.map(({ name, targets, nll }) => {
        const without = nll[control]!;
        return (nll.true![seed]! - without[seed % without.length]!) / targets - gainOf.get(name)!;
      }),
    ]),
    people.map((p) => p.targets),
  );
}

/** Share of somebody's later likes among 20 recommendations, of at most 20 possible. */
export const recall = (person: Person, titles: readonly number[]): number => {
  const wanted = new Set(later(person));
  return titles.filter((t) => wanted.has(t)).length / Math.min(20, wanted.size);
};

/** The likeliest titles that are not known yet. */
export function topTitles(nats: Float64Array, known: ReadonlySet<number>, count: number): number[] {
  return [...nats.keys()]
    .filter((title) => !known.has(title))
    .sort((a, b) => nats[a]! - nats[b]!)
    .slice(0, count);
}

const meanOf = (values: readonly number[]): number => values.reduce((a, b) => a + b, 0) / values.length;
