/** From (ε, δ) and the number of people to the noise of each step, and what a projector's file says of it. */
import { E2PError } from '../error.ts';
import { noiseFor } from './dp-accounting.ts';
import type { PrivateSteps } from './private-steps.ts';
import { TRAIN_DEFAULTS, type TrainOptions } from './train-options.ts';
import type { ProjectorExample } from './train-projector.ts';
import type { Example } from './training-data.ts';

export interface PlannedPrivacy {
  readonly steps: PrivateSteps;
  /** In `training` of the contract. */
  readonly told: Readonly<Record<string, number>>;
}

/**
 * @param rows those to be trained on
 * @param ids every user, as the rows number them
 * @throws E2PError `invalid-argument`
 */
export function planPrivacy(
  { privacy }: TrainOptions,
  rows: readonly ProjectorExample[],
  examples: readonly Example[],
  ids: readonly string[],
) {
  const { epsilon, delta, clip = TRAIN_DEFAULTS.clip } = privacy!;
  // Those who share data are protected as one.
  const groupOf = new Map(examples.map((e) => [e.user, e.group ?? e.user]));
  const numbers = new Map([...new Set(groupOf.values())].map((group, n) => [group, n]));
  const unitOf = ids.map((id) => numbers.get(groupOf.get(id)!)!);
  const count = new Set(rows.map(({ user }) => unitOf[user]!)).size;
  if (count < 2 || delta >= 1 / count) {
    const found = `privacy.delta is ${delta} for ${count} people`;
    throw new E2PError('invalid-argument', `${found}, expected less than 1 in as many, and two at least`);
  }
  const { people = Math.min(TRAIN_DEFAULTS.people, Math.floor(count / 2)) } = privacy!;
  if (people > count) {
    throw new E2PError(
      'invalid-argument',
      `privacy.people is ${people}, expected at most the ${count} there are`,
    );
  }
  const sampling = people / count;
  return {
    /** So that everybody is in about as many steps as there are epochs. */
    steps: (epochs: number): number => Math.ceil(epochs / sampling),
    of: (steps: number): PlannedPrivacy => {
      const noise = noiseFor({ epsilon, delta }, { sampling, steps });
      return {
        steps: { sampling, clip, noise, unitOf },
        told: {
          ...{ users: count, dpEpsilon: epsilon, dpDelta: delta, dpClip: clip },
          ...{ dpNoise: noise, dpSampling: sampling, dpSteps: steps },
        },
      };
    },
  };
}
