/**
 * An adversary that tells an attribute from soft tokens while the projector is trained, and whose gradient is turned round on its way to the projector
 * (Ganin and Lempitsky, arXiv 1409.7495): what tells the attribute goes. Another attacker, who learns afterwards, may still tell it: `e2p audit` asks one.
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

/** Updates of the adversary before the first step, for each step, and their rate. */
const RECIPE = { before: 100, each: 4, learningRate: 1e-3 } as const;

export interface Adversary {
  /** Learns to tell users of whom the class is known from their soft tokens as they are now. */
  learn(step: number): Promise<void>;
  /** −weight · ∂(mean nats of the rows' classes)/∂soft, as `soft` [batch·N, K, H]. */
  against(rows: readonly ProjectorExample[], soft: Float32Array): Float32Array;
}

export interface AdversaryOptions {
  readonly hide: HiddenClasses;
  readonly shape: ProjectorShape;
  /** N: places of vectors that a row has; the adversary sees the first vector's soft tokens. */
  readonly vectors: number;
  readonly batch: number;
  readonly seed: number;
  /** Of a batch of users by index, their soft tokens [batch·N, K, H]. */
  readonly softOf: (users: readonly number[]) => Promise<Float32Array>;
}

export function createAdversary({ hide, shape, vectors, batch, seed, softOf }: AdversaryOptions): Adversary {
  const { classOf, weight } = hide;
  const known = classOf.flatMap((found, user) => (found === undefined ? [] : [user]));
  const width = shape.tokens * shape.hiddenSize;
  const layers = twoLayers(width, 1 + Math.max(...known.map((user) => classOf[user]!)));
  const parameters = layers.initial(randomAt(seed, 'start', 1));
  const state = createAdamW(parameters.length);
  /** Of length 1: else the projector would only make all of them smaller. */
  const rowAt = (soft: Float32Array, b: number) => {
    const own = soft.subarray(b * vectors * width, b * vectors * width + width);
    const length = Math.hypot(...own) + 1e-9;
    return { row: own.map((v) => v / length), length };
  };
  /** ∂nats/∂logits of the class. */
  const errorsOf = (row: Float32Array, wanted: number): Float64Array => {
    const logits = layers.forward(row, parameters);
    const most = Math.max(...logits);
    const shares = logits.map((v) => Math.exp(v - most));
    const sum = shares.reduce((a, b) => a + b, 0);
    return shares.map((v, o) => v / sum - Number(o === wanted));
  };
  const learnOnce = async (users: readonly number[]) => {
    const soft = await softOf(users);
    const gradient = new Float32Array(parameters.length);
    for (const [b, user] of users.entries()) {
      const { row } = rowAt(soft, b);
      const errors = errorsOf(row, classOf[user]!).map((v) => v / users.length);
      layers.backward(row, errors, parameters, gradient);
    }
    adamWStep(parameters, gradient, state, { learningRate: RECIPE.learningRate });
  };
  return {
    learn: async (step) => {
      const random = randomAt(seed, 'adversary', step);
      for (let n = state.step === 0 ? RECIPE.before : RECIPE.each; n > 0; n--)
        await learnOnce(shuffled(known, random).slice(0, batch));
    },
    against: (rows, soft) => {
      const gradient = new Float32Array(soft.length);
      const told = rows.filter(({ user }) => classOf[user] !== undefined).length;
      for (const [b, { user }] of rows.entries()) {
        const wanted = classOf[user];
        if (wanted === undefined) continue;
        const { row, length } = rowAt(soft, b);
        const errors = errorsOf(row, wanted).map((v) => (-weight * v) / told);
        const own = new Float32Array(width);
        layers.backward(row, errors, parameters, undefined, own);
        const along = own.reduce((sum, v, i) => sum + v * row[i]!, 0);
        gradient.set(
          own.map((v, i) => (v - along * row[i]!) / length),
          b * vectors * width,
        );
      }
      return gradient;
    },
  };
}
