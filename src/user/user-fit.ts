/**
 * Does a person's embedding look like those that the projector was trained on? Three levels, and what follows from each: fine → as it is;
 * unusual → shrunk towards the mean user; alien → not personalised. Only a level, a λ in tenths and a range of the p-value leave here: no
 * distance, no coordinate.
 */
import { E2PError } from '../error.ts';
import { type Projector, vectorsOf } from '../projector/projector.ts';
import { type SpaceReference, shareWithin, squaredDistance } from '../projector/reference.ts';
import { createReader } from './read-untrusted.ts';

/** `unknown`: the projector's file has no reference of its training users, or drift is not looked at. */
export type DriftLevel = 'fine' | 'unusual' | 'alien' | 'unknown';

/** p-values below which a level begins. */
export interface DriftOptions {
  /** Below it an embedding is unusual, and λ falls. Default 0.01: one in a hundred of the same population. */
  readonly unusual?: number;
  /** Below it an embedding is alien. Default 0.0001, which lies beyond the quantiles of most files: their end goes on. */
  readonly alien?: number;
}

export type DriftRule = Required<DriftOptions>;

export const DRIFT_RULE: DriftRule = { unusual: 0.01, alien: 0.0001 };

/** How the embedding that is set fits the projector's training users. Nothing in it tells which embedding it is. */
export interface UserFit {
  readonly level: DriftLevel;
  /** λ that a session's `strength` is multiplied by, in tenths: 1 where fine or unknown, 0 where alien. */
  readonly strength: number;
  /** Share of the same population that is at least as unlike it. */
  readonly pValue?: PValueRange;
  /**
   * Where it is not fine: `far` from the training users, or `near`, nearer to their mean than they are themselves, as an embedding of
   * hardly any activity is.
   */
  readonly reason?: 'far' | 'near';
  /**
   * Against the version before: `leap` where it is as far from it as most pairs of people who have nothing to do with each other,
   * `gradual` where it is not, `first` where there is none, or another person's. It changes no λ.
   */
  readonly change: 'first' | 'gradual' | 'leap' | 'unknown';
}

export type PValueRange = '≥ 0.1' | '0.01 … 0.1' | '0.001 … 0.01' | '< 0.001';

/** Of pairs of unrelated people so many are as near to each other as a change that is no leap. */
const LEAP = 0.5;

/** @throws E2PError `invalid-argument` naming the option */
export function readDriftOptions(given: DriftOptions | false | undefined): DriftRule | undefined {
  if (given === false) return undefined;
  const reader = createReader('invalid-argument', 'the option drift');
  reader.fields(given ?? {}, '', ['unusual', 'alien']);
  const { unusual = DRIFT_RULE.unusual, alien = DRIFT_RULE.alien } = given ?? {};
  const isShare = (value: unknown) => typeof value === 'number' && value > 0 && value <= 1;
  if (!isShare(unusual)) reader.refuse('unusual', 'a number above 0, at most 1');
  if (!isShare(alien) || alien >= unusual) {
    throw new E2PError(
      'invalid-argument',
      `drift.alien is ${String(alien)}, expected a number above 0 and below unusual`,
    );
  }
  return { unusual, alien };
}

/**
 * @param values [n, dim], known to be valid for the contract's space
 * @param before the version that these follow; absent where there is none of the same person
 */
export function fitOf(
  { contract, reference }: Pick<Projector, 'contract' | 'reference'>,
  values: Float32Array,
  rule: DriftRule | undefined,
  before: Float32Array | undefined,
): UserFit {
  if (reference === undefined || rule === undefined)
    return { level: 'unknown', strength: 1, change: before === undefined ? 'first' : 'unknown' };
  const { mean, dim } = contract.space;
  const vectors = vectorsOf(values, dim);
  const { p, isFar } = pValueOf(reference, mean, vectors);
  return {
    ...levelOf(p, isFar, rule),
    pValue: p >= 0.1 ? '≥ 0.1' : p >= 0.01 ? '0.01 … 0.1' : p >= 0.001 ? '0.001 … 0.01' : '< 0.001',
    change: before === undefined ? 'first' : changeOf(reference, vectors, vectorsOf(before, dim)),
  };
}

/** λ falls from 1 to 0 with the logarithm of p, between the two thresholds. */
export function levelOf(
  p: number,
  isFar: boolean,
  { unusual, alien }: DriftRule,
): Pick<UserFit, 'level' | 'strength' | 'reason'> {
  if (p >= unusual) return { level: 'fine', strength: 1 };
  const reason = isFar ? 'far' : 'near';
  if (p < alien) return { level: 'alien', strength: 0, reason };
  const strength = Math.log(p / alien) / Math.log(unusual / alien);
  // In tenths, since a fine number would tell the distance.
  return { level: 'unusual', strength: Math.min(1, Math.max(0.1, Math.round(10 * strength) / 10)), reason };
}

/**
 * Of one vector: twice the smaller of its two tails. Of a set of n: of its vectors the k-th smallest p-value, k = ⌈n / 2⌉, times n / k,
 * which is valid however they hang together (Rüger 1978): one odd line among many says nothing, half of them do.
 */
export function pValueOf(
  reference: SpaceReference,
  mean: readonly number[],
  vectors: readonly Float32Array[],
): { readonly p: number; readonly isFar: boolean } {
  const each = vectors
    .map((vector) => {
      const squared = squaredDistance(
        reference,
        Float64Array.from(vector, (v, i) => v - mean[i]!),
      );
      const within = shareWithin(reference.distances, squared);
      return { p: Math.min(1, 2 * Math.min(within, 1 - within)), isFar: within > 0.5 };
    })
    .sort((a, b) => a.p - b.p);
  const k = Math.ceil(each.length / 2);
  const { p, isFar } = each[k - 1]!;
  return { p: Math.min(1, (p * each.length) / k), isFar };
}

/** Two unrelated people differ by twice the covariance: half of the squared distance between them is like that of one from the mean. */
function changeOf(
  reference: SpaceReference,
  vectors: readonly Float32Array[],
  before: readonly Float32Array[],
): 'gradual' | 'leap' {
  const distances = vectors
    .map((vector) =>
      before.reduce((least, old) => {
        const difference = Float64Array.from(vector, (v, i) => v - old[i]!);
        return Math.min(least, squaredDistance(reference, difference) / 2);
      }, Infinity),
    )
    .sort((a, b) => a - b);
  // Of a set again half of it: a line more or less is no leap.
  const middle = distances[Math.ceil(distances.length / 2) - 1]!;
  return shareWithin(reference.distances, middle) > LEAP ? 'leap' : 'gradual';
}
