/**
 * How far an embedding has moved from an earlier one of the same person, and how fast: against how far people lie apart. Two unrelated people
 * differ by twice the covariance, so half of the squared distance between them is like that of one from the mean, which a projector's
 * reference has the quantiles of.
 */
import { vectorsOf } from '../projector/projector.ts';
import { type SpaceReference, shareBeyond, squaredDistance } from '../projector/reference.ts';

/** A version that came before, and how long. */
export interface EarlierVersion {
  readonly values: Float32Array;
  readonly days: number;
}

/** A change is a leap where it is as far as all but this share of the population lies from its mean: so far apart are most unrelated people. */
const LEAP = 0.05;
const DAY_MS = 24 * 60 * 60 * 1000;
/**
 * All that is told of a speed. By finer numbers of many versions, set on purpose, whoever sees no more than the speed could work out where an
 * embedding lies; and none would mean more, since a version is a noisy picture of the person.
 */
const STEPS = [0.01, 0.02, 0.05, 0.1, 0.2, 0.5, 1, 2] as const;

export function changeOf(
  reference: SpaceReference,
  vectors: readonly Float32Array[],
  before: readonly Float32Array[],
): 'gradual' | 'leap' {
  const moved = movedBy(reference, vectors, before);
  return shareBeyond(reference.distances, moved) < 1 - LEAP ? 'leap' : 'gradual';
}

/**
 * Per day, of the distance that half of all pairs of people are at least apart. What is younger than a day is counted as a day's: how far it has
 * moved within it, which is no less than is known, where hours times many would promise that it goes on.
 */
export function speedOf(
  reference: SpaceReference,
  vectors: readonly Float32Array[],
  { values, days }: EarlierVersion,
): number | undefined {
  const dim = vectors[0]!.length;
  const typical = reference.distances[(reference.distances.length - 1) >> 1]!;
  // An app may have stored a vector of another length under the name of the space.
  if (values.length % dim !== 0 || !(typical > 0)) return undefined;
  const moved = movedBy(reference, vectors, vectorsOf(values, dim));
  const speed = Math.sqrt(moved / typical) / Math.max(1, days);
  return STEPS.findLast((step) => step <= Math.SQRT2 * speed) ?? 0;
}

/**
 * Of a person's versions, the newest first, that by which the speed of the first is told: the latest that is a day older; while there is none
 * the oldest, since one version may follow another within seconds.
 */
export function earlierOf(
  versions: readonly { readonly values: Float32Array; readonly storedAt: number }[],
): EarlierVersion | undefined {
  const [current, ...older] = versions;
  const ageOf = ({ storedAt }: { readonly storedAt: number }) => (current!.storedAt - storedAt) / DAY_MS;
  const found = older.find((version) => ageOf(version) >= 1) ?? older.at(-1);
  return found && { values: found.values, days: ageOf(found) };
}

/** Half of the squared distance. Of a set that of half of its vectors, each from the nearest one: a line more or less is no leap. */
function movedBy(
  reference: SpaceReference,
  vectors: readonly Float32Array[],
  before: readonly Float32Array[],
): number {
  const distances = vectors
    .map((vector) =>
      before.reduce((least, old) => {
        const difference = Float64Array.from(vector, (v, i) => v - old[i]!);
        return Math.min(least, squaredDistance(reference, difference) / 2);
      }, Infinity),
    )
    .sort((a, b) => a - b);
  return distances[Math.ceil(distances.length / 2) - 1]!;
}
