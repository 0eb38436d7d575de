/**
 * An adversary that tells an attribute from soft tokens while the projector is trained, and what the projector would have to change for it to tell no more than
 * how frequent each class is (domain confusion, Tzeng et al., arXiv 1510.02192). Reversed gradients (arXiv 1409.7495) have no such end: there an adversary that
 * is wrong is pushed on. Another attacker, who learns afterwards, may still tell it: `e2p audit` asks one.
 */
import { adamWStep, createAdamW } from './adamw.ts';
import { randomAt, shuffled } from './draw-batches.ts';
import type { ProjectorShape } from './projector-graph.ts';
import type { ProjectorExample } from './train-projector.ts';
import { twoLayers } from './two-layers.ts';

/** What soft tokens are not to tell. */
export interface HiddenClasses {
  /** Each user's class, by the user's index; undefined where nobody knows. */
  readonly classOf: readonly (number | undefined)[];
  /** Of the adversary's nats per row in the loss, beside nats per target token. */
  readonly weight: number;
}

/**
 * Users whose soft tokens the adversary sees in a step; its updates before the first and in each, of so many of them, and their rate; the share of all steps
 * in which the weight grows, since at first there is nothing to hide.
 */
const RECIPE = { users: 512, before: 200, each: 12, batch: 64, learningRate: 3e-3, growing: 0.3 } as const;

export interface Adversary {
  /** Learns to tell users of whom the class is known from their soft tokens as they are now. */
  learn(step: number): Promise<void>;
  /** weight · ∂(mean cross-entropy of what it says of the rows with the classes' shares)/∂soft, as `soft` [batch·N, K, H]. */
  against(rows: readonly ProjectorExample[], soft: Float32Array): Float32Array;
}

export interface AdversaryOptions {
  readonly hide: HiddenClasses;
  readonly shape: ProjectorShape;
  /** N: places of vectors that a row has; the adversary sees the first vector's soft tokens. */
  readonly vectors: number;
  readonly batch: number;
  /** Of the whole training. */
  readonly steps: number;
  readonly seed: number;
  /** Of a batch of users by index, their soft tokens [batch·N, K, H]. */
  readonly softOf: (users: readonly number[]) => Promise<Float32Array>;
}

export function createAdversary(options: AdversaryOptions): Adversary {
  const { shape, vectors, batch, steps, seed, softOf } = options;
  const { classOf, weight } = options.hide;
  const known = classOf.flatMap((found, user) => (found === undefined ? [] : [user]));
  const classes = 1 + Math.max(...known.map((user) => classOf[user]!));
  const shares = Array.from(
    { length: classes },
    (_, c) => known.filter((user) => classOf[user] === c).length / known.length,
  );
  const width = shape.tokens * shape.hiddenSize;
  const layers = twoLayers(width, classes);
  const parameters = layers.initial(randomAt(seed, 'start', 1));
  const state = createAdamW(parameters.length);
  const mean = new Float64Array(width);
  const scale = new Float64Array(width).fill(1);
  let weightNow = 0;
  /** Of length 1: else the projector would only make all of them smaller. */
  const rowAt = (soft: Float32Array, b: number) => {
    const own = soft.subarray(b * vectors * width, b * vectors * width + width);
    const length = Math.hypot(...own) + 1e-9;
    return { row: own.map((v) => v / length), length };
  };
  /** What soft tokens have in common tells nothing of anybody, and is most of them. */
  const standardised = (row: Float32Array) => row.map((v, i) => (v - mean[i]!) / scale[i]!);
  const standardise = (rows: readonly Float32Array[]) => {
    mean.fill(0);
    for (const row of rows) for (let i = 0; i < width; i++) mean[i]! += row[i]! / rows.length;
    scale.fill(0);
    for (const row of rows) for (let i = 0; i < width; i++) scale[i]! += (row[i]! - mean[i]!) ** 2;
    // By the length too, as attackers do.
    for (let i = 0; i < width; i++) scale[i] = Math.sqrt((width * scale[i]!) / rows.length) + 1e-6;
  };
  /** ∂nats/∂logits of wanted shares. */
  const errorsOf = (row: Float32Array, wanted: (o: number) => number): Float64Array => {
    const logits = layers.forward(row, parameters);
    const most = Math.max(...logits);
    const told = logits.map((v) => Math.exp(v - most));
    const sum = told.reduce((a, b) => a + b, 0);
    return told.map((v, o) => v / sum - wanted(o));
  };
  return {
    learn: async (step) => {
      weightNow = weight * Math.min(1, (step + 1) / (RECIPE.growing * steps));
      const random = randomAt(seed, 'adversary', step);
      const users = shuffled(known, random).slice(0, RECIPE.users);
      const rows: Float32Array[] = [];
      for (let from = 0; from < users.length; from += batch) {
        const some = users.slice(from, from + batch);
        const soft = await softOf(some);
        rows.push(...some.map((_, b) => rowAt(soft, b).row));
      }
      standardise(rows);
      const lessons = rows.map((row, i) => ({ row: standardised(row), class: classOf[users[i]!]! }));
      const gradient = new Float32Array(parameters.length);
      for (let n = state.step === 0 ? RECIPE.before : RECIPE.each; n > 0; n--) {
        const some = shuffled(lessons, random).slice(0, RECIPE.batch);
        gradient.fill(0);
        for (const lesson of some) {
          const errors = errorsOf(lesson.row, (o) => Number(o === lesson.class));
          layers.backward(
            lesson.row,
            errors.map((v) => v / some.length),
            parameters,
            gradient,
          );
        }
        adamWStep(parameters, gradient, state, { learningRate: RECIPE.learningRate });
      }
    },
    against: (rows, soft) => {
      const gradient = new Float32Array(soft.length);
      const told = [...rows.entries()].flatMap(([b, { user }]) => {
        if (classOf[user] === undefined) return [];
        const { row, length } = rowAt(soft, b);
        const seen = standardised(row);
        const own = new Float32Array(width);
        layers.backward(
          seen,
          errorsOf(seen, (o) => shares[o]!),
          parameters,
          undefined,
          own,
        );
        return [{ b, row, length, seen, own }];
      });
      const share = 1 / told.length;
      // As through batch normalisation (arXiv 1502.03167): else bringing everybody nearer to the mean would look like hiding, and standardising undoes it.
      for (let i = 0; i < width; i++) {
        let [sum, along] = [0, 0];
        for (const { seen, own } of told) {
          sum += own[i]! * share;
          along += own[i]! * seen[i]! * width * share;
        }
        for (const { seen, own } of told) own[i] = (own[i]! - sum - seen[i]! * along) / scale[i]!;
      }
      for (const { b, row, length, own } of told) {
        const along = own.reduce((sum, v, i) => sum + v * row[i]!, 0);
        gradient.set(
          own.map((v, i) => ((v - along * row[i]!) * weightNow * share) / length),
          b * vectors * width,
        );
      }
      return gradient;
    },
  };
}
