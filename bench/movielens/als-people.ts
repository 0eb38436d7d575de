/**
 * People as ALS vectors, and what plain ALS scoring is worth on its own. Item factors have seen every like of the people they were
 * fitted on, so the fold-in of such a person knows the titles it is to predict, and a projector trained on that would trust the vectors
 * far too much. Whoever is trained on is therefore folded in with factors fitted on others, turned into the one space of all.
 */
import { foldIn } from '../../src/node.ts';
import { type Factors, factorize } from '../../src/train.ts';
import { seededRandom } from '../../tools/world/random.ts';
import { procrustes, times } from './procrustes.ts';
import type { Person } from './ratings.ts';

export interface AlsSetting {
  readonly dim: number;
  readonly alpha: number;
  readonly regularisation: number;
}

export interface PeopleEmbedder {
  /** Of somebody whom the factors have not seen. */
  embed(history: readonly number[]): Float32Array;
  /** Of the `index`-th person of those the factors were fitted on, as if they were new. */
  embedKnown(index: number, history: readonly number[]): Float32Array;
  /** x · y of every title. */
  scores(embedding: Float32Array): Float64Array;
}

export interface EmbedderOptions {
  readonly people: readonly Person[];
  /** How many there are. */
  readonly titles: number;
  readonly setting: AlsSetting;
  readonly seed: number;
  /** Parts of the people, each left out of a factorisation of its own; default 8. */
  readonly folds?: number;
}

export function createEmbedder({
  people,
  titles,
  setting,
  seed,
  folds = 8,
}: EmbedderOptions): PeopleEmbedder {
  const { dim } = setting;
  const likes = new Float64Array(titles);
  for (const title of people.flatMap((p) => p.likes)) likes[title]!++;
  const solve = (clicks: readonly (readonly number[])[]): Factors =>
    factorize({
      ...{ ...setting, clicks, itemCount: titles, iterations: 10 },
      random: seededRandom(seed, 'als').next,
    });
  const { items, gram } = solve(people.map((p) => p.likes));
  const fitWithout = (fold: number) => {
    const factors = solve(people.filter((_, i) => i % folds !== fold).map((p) => p.likes));
    return { factors, rotation: procrustes(factors.items, items, dim, likes) };
  };
  // Of the settings that are tried, only the chosen one needs them.
  const parts = new Map<number, ReturnType<typeof fitWithout>>();
  return {
    embed: (clicks) => foldIn({ ...setting, items, gram, clicks }),
    embedKnown: (index, clicks) => {
      const fold = index % folds;
      const { factors, rotation } = parts.get(fold) ?? fitWithout(fold);
      parts.set(fold, { factors, rotation });
      return times(foldIn({ ...setting, items: factors.items, gram: factors.gram, clicks }), rotation);
    },
    scores: (embedding) => {
      const found = new Float64Array(titles);
      for (let t = 0; t < titles; t++) {
        for (let k = 0; k < dim; k++) found[t]! += embedding[k]! * items[t * dim + k]!;
      }
      return found;
    },
  };
}

/** Nats of every title, the likeliest least, for somebody with these ALS scores. */
export type TitleScorer = (scores: Float64Array, weight: number) => Float64Array;

/** softmax(log popularity + weight · score); popularity with half a like for every title. */
export function createTitleScorer(people: readonly Person[], titles: number): TitleScorer {
  const likes = new Float64Array(titles).fill(0.5);
  for (const title of people.flatMap((p) => p.likes)) likes[title]!++;
  const total = likes.reduce((a, b) => a + b, 0);
  const popularity = likes.map((count) => Math.log(count / total));
  return (scores, weight) => {
    const logits = popularity.map((p, t) => p + weight * scores[t]!);
    const logSum = Math.log(logits.reduce((sum, v) => sum + Math.exp(v), 0));
    return logits.map((v) => logSum - v);
  };
}
