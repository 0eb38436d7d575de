/**
 * Does a person's embedding look like those that the projector was trained on? Three levels, and what follows from each: fine → as it is;
 * unusual → told, and where it is asked for shrunk towards the mean user; alien → not personalised. Only a level, a λ in tenths and a range of the p-value leave here: no
 * distance, no coordinate.
 */
import { E2PError } from '../error.ts';
import { type Projector, vectorsOf } from '../projector/projector.ts';
import { type SpaceReference, shareBeyond, squaredDistance } from '../projector/reference.ts';
import { createReader } from './read-untrusted.ts';

/** `unknown`: the projector's file has no reference of its training users, or drift is not looked at. */
export type DriftLevel = 'fine' | 'unusual' | 'alien' | 'unknown';

/** p-values below which a level begins. */
export interface DriftOptions {
  /** Below it an embedding is unusual. Default 0.001: one in a thousand of the same population. */
  readonly unusual?: number;
  /** Below it an embedding is alien. Default 0.000001, beyond the quantiles of any file: by how the far end of them goes on. */
  readonly alien?: number;
  /**
   * true, the default: alien embeddings don't personalise. 'shrink': moreover λ of unusual ones falls, from 1 at the one threshold to 0 at the
   * other; as measured on the default model it gained in no kind of unusual ones (docs/results/drift-levels.md). false: levels are only told.
   */
  readonly apply?: boolean | 'shrink';
}

/** Thresholds as they are applied. */
export type DriftRule = Required<DriftOptions>;

export const DRIFT_RULE: DriftRule = { unusual: 0.001, alien: 1e-6, apply: true };

/** How the embedding that is set fits the projector's training users. Nothing in it tells which embedding it is. */
export interface UserFit {
  /** What follows from it. */
  readonly level: DriftLevel;
  /** λ that a session's `strength` is multiplied by, in tenths: 0 where alien, and then there is no soft token; else 1, or less where it is to shrink. */
  readonly strength: number;
  /** Share of the same population that is at least as unlike it. */
  readonly pValue?: PValueRange;
  /** Where it is not fine, in words for whoever builds the app. */
  readonly reason?: string;
  /**
   * Against the version before: `leap` where it is as far from it as most people are from somebody else, `gradual` where it is not, `first`
   * where there is none, or another person's. It changes no λ.
   */
  readonly change: 'first' | 'gradual' | 'leap' | 'unknown';
}

/** All that is told of a p-value. */
export type PValueRange = '≥ 0.1' | '0.01 … 0.1' | '0.001 … 0.01' | '< 0.001';

/** A change is a leap where it is as far as all but this share of the population lies from its mean: so far apart are most unrelated people. */
const LEAP = 0.05;

/** @throws E2PError `invalid-argument` naming the option */
export function readDriftOptions(given: DriftOptions | false | undefined): DriftRule | undefined {
  if (given === false) return undefined;
  const reader = createReader('invalid-argument', 'the option drift');
  reader.fields(given ?? {}, '', ['unusual', 'alien', 'apply']);
  const { unusual, alien, apply } = { ...DRIFT_RULE, ...given };
  if (typeof apply !== 'boolean' && apply !== 'shrink') reader.refuse('apply', "true, false or 'shrink'");
  const isShare = (value: unknown) => typeof value === 'number' && value > 0 && value <= 1;
  if (!isShare(unusual)) reader.refuse('unusual', 'a number above 0, at most 1');
  if (!isShare(alien) || alien >= unusual) {
    throw new E2PError(
      'invalid-argument',
      `drift.alien is ${String(alien)}, expected a number above 0 and below unusual`,
    );
  }
  return { unusual, alien, apply };
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
  const p = pValueOf(reference, mean, vectors);
  return {
    ...levelOf(p, rule),
    pValue: p >= 0.1 ? '≥ 0.1' : p >= 0.01 ? '0.01 … 0.1' : p >= 0.001 ? '0.001 … 0.01' : '< 0.001',
    change: before === undefined ? 'first' : changeOf(reference, vectors, vectorsOf(before, dim)),
  };
}

/** Where it is to shrink, λ falls from 1 to 0 with the logarithm of p, between the two thresholds. */
export function levelOf(
  p: number,
  { unusual, alien, apply }: DriftRule,
): Pick<UserFit, 'level' | 'strength' | 'reason'> {
  if (p >= unusual) return { level: 'fine', strength: 1 };
  const reason = (share: number) =>
    `of the people that the projector was trained on less than 1 in ${Math.round(1 / share)} lies as far from their mean`;
  if (p < alien) return { level: 'alien', strength: apply === false ? 1 : 0, reason: reason(alien) };
  if (apply !== 'shrink') return { level: 'unusual', strength: 1, reason: reason(unusual) };
  const strength = Math.log(p / alien) / Math.log(unusual / alien);
  // In tenths, since a fine number would tell the distance.
  const tenths = Math.min(1, Math.max(0.1, Math.round(10 * strength) / 10));
  return { level: 'unusual', strength: tenths, reason: reason(unusual) };
}

/**
 * Share of the population that lies at least as far from its mean. Of a set of n vectors the k-th smallest share, k = ⌈n / 2⌉, times n / k,
 * which is a p-value however they hang together (Rüger 1978): one odd line among many says nothing, half of them do.
 */
export function pValueOf(
  reference: SpaceReference,
  mean: readonly number[],
  vectors: readonly Float32Array[],
): number {
  const each = vectors
    .map((vector) => {
      const difference = Float64Array.from(vector, (v, i) => v - mean[i]!);
      return shareBeyond(reference.distances, squaredDistance(reference, difference));
    })
    .sort((a, b) => a - b);
  const k = Math.ceil(each.length / 2);
  return Math.min(1, (each[k - 1]! * each.length) / k);
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
  return shareBeyond(reference.distances, middle) < 1 - LEAP ? 'leap' : 'gradual';
}
