/**
 * DP-SGD (Abadi et al., arXiv 1607.00133) by person: who is in a step is drawn for each person alone (Poisson), a person's gradient is clipped as a
 * whole, noise is added to the sum. The frozen model reads rows of several people at once, since a row's gradient of its soft tokens depends on no other row;
 * the projector, which is small, goes back once for each person.
 */
import { secureRandom } from '../user/gaussian-mechanism.ts';
import { clipGradient } from './adamw.ts';
import { gaussian, shuffled } from './draw-batches.ts';
import type { ParameterLayout } from './parameters.ts';
import { createProjectorSession, type ProjectorSession } from './projector-session.ts';
import { paddedLength, targetTokens } from './row-runner.ts';
import type { ProjectorExample, TrainProjectorOptions } from './train-projector.ts';

/** How a training keeps to its (ε, δ): `dp-accounting.ts` says what that is. */
export interface PrivateSteps {
  /** Probability of each person to be in a step. */
  readonly sampling: number;
  /** A person's gradient, of the mean over their target tokens, is no longer than this. */
  readonly clip: number;
  /** Standard deviation of the noise on each number of the sum, in `clip`s. */
  readonly noise: number;
  /** Whose rows each user's are, by the user's index: users who share data are one. */
  readonly unitOf: readonly number[];
  /** In [0, 1); default: of the Web Crypto API. From a seed that is known, noise could be taken away again. */
  readonly random?: () => number;
}

/** Rows of one person in a step, drawn at random: what bounds the cost of who has many. */
export const ROWS_OF_ONE = 8;

/** What the frozen model says of rows: ∂(sum of nats)/∂soft of each, [batch·N, K, H], and what the projector read. */
export type ReadRows = (
  rows: readonly ProjectorExample[],
  random: () => number,
) => Promise<{ readonly x: Float32Array; readonly upstream: Float32Array; readonly nats: number }>;

export interface PrivateGradient {
  /** The noisy mean over the people that a step is expected to have, added to `gradient`. */
  add(
    parameters: Float32Array,
    gradient: Float32Array,
  ): Promise<{ readonly nats: number; readonly targets: number; readonly tokens: number }>;
  release(): Promise<void>;
}

export async function createPrivateGradient({
  privacy,
  layout,
  vectors,
  readRows,
  ...options
}: Pick<TrainProjectorOptions, 'shape' | 'runtime' | 'batch' | 'examples'> & {
  readonly privacy: PrivateSteps;
  readonly layout: ParameterLayout;
  readonly vectors: number;
  readonly readRows: ReadRows;
}): Promise<PrivateGradient> {
  const { shape, runtime, batch, examples } = options;
  const { sampling, clip, noise, unitOf, random = secureRandom } = privacy;
  const units = new Map<number, ProjectorExample[]>();
  for (const row of examples) {
    const unit = unitOf[row.user]!;
    units.set(unit, [...(units.get(unit) ?? []), row]);
  }
  const session: ProjectorSession = await createProjectorSession({
    ...{ shape, layout, runtime, vectors },
    ...{ batch: ROWS_OF_ONE, places: 1 },
  });
  const widths = { x: vectors * shape.dim, upstream: vectors * shape.tokens * shape.hiddenSize };
  const emptyUnit = () => ({
    x: new Float32Array(ROWS_OF_ONE * widths.x),
    upstream: new Float32Array(ROWS_OF_ONE * widths.upstream),
    ...{ rows: 0, targets: 0 },
  });
  return {
    add: async (parameters, gradient) => {
      const drawn = [...units].filter(() => random() < sampling);
      const rows = drawn
        .flatMap(([unit, all]) =>
          shuffled(all, random)
            .slice(0, ROWS_OF_ONE)
            .map((row) => ({ unit, row })),
        )
        .sort((a, b) => paddedLength(a.row) - paddedLength(b.row));
      const people = new Map(drawn.map(([unit]) => [unit, emptyUnit()]));
      let [nats, tokens] = [0, 0];
      for (let from = 0; from < rows.length; from += batch) {
        const part = rows.slice(from, from + batch);
        const filler = { ...part[0]!.row, targetFrom: part[0]!.row.ids.length };
        const filled = [...part.map(({ row }) => row), ...Array(batch - part.length).fill(filler)];
        const read = await readRows(filled, random);
        nats += read.nats;
        tokens += batch * Math.max(...filled.map(paddedLength));
        for (const [b, { unit, row }] of part.entries()) {
          const person = people.get(unit)!;
          for (const name of ['x', 'upstream'] as const) {
            const width = widths[name];
            person[name].set(read[name].subarray(b * width, (b + 1) * width), person.rows * width);
          }
          person.rows++;
          person.targets += targetTokens([row]);
        }
      }
      const sum = new Float32Array(gradient.length);
      for (const { x, upstream, targets } of people.values()) {
        const own = new Float32Array(gradient.length);
        const mean = upstream.map((v) => v / targets);
        await session.addGradient(parameters, x, mean, own);
        clipGradient(own, clip);
        for (let i = 0; i < sum.length; i++) sum[i]! += own[i]!;
      }
      // By how many are expected: how many there were is theirs to keep.
      const expected = sampling * units.size;
      for (let i = 0; i < sum.length; i++)
        gradient[i]! += (sum[i]! + noise * clip * gaussian(random)) / expected;
      return { nats, targets: targetTokens(rows.map(({ row }) => row)), tokens };
    },
    release: () => session.release(),
  };
}
