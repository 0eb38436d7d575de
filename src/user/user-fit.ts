/**
 * Does a person's embedding look like those that the projector was trained on? Three levels, and what follows from each: fine → as it is;
 * unusual → told, and where it is asked for shrunk towards the mean user; alien → not personalised. Only a level, a λ in tenths and a range of the p-value leave here: no
 * distance, no coordinate; of a speed one of nine steps.
 */
import { E2PError } from '../error.ts';
import { type Projector, vectorsOf } from '../projector/projector.ts';
import { type SpaceReference, shareBeyond, squaredDistance } from '../projector/reference.ts';
import { changeOf, type EarlierVersion, speedOf } from './embedding-change.ts';
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
  /**
   * How fast it moves: how far from an earlier version in the vault, per day, as a share of how far two people of training typically lie apart.
   * 0 (below 0.007), 0.01, 0.02, 0.05, 0.1, 0.2, 0.5, 1, or 2 (and more). Absent without a vault, an earlier version there, or a reference. It
   * changes no λ.
   */
  readonly speed?: number;
}

/** All that is told of a p-value. */
export type PValueRange = '≥ 0.1' | '0.01 … 0.1' | '0.001 … 0.01' | '< 0.001';

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
 * @param earlier a version in the vault that its speed is computed from
 */
export function fitOf(
  { contract, reference }: Pick<Projector, 'contract' | 'reference'>,
  values: Float32Array,
  rule: DriftRule | undefined,
  before: Float32Array | undefined,
  earlier?: EarlierVersion,
): UserFit {
  if (reference === undefined || rule === undefined)
    return { level: 'unknown', strength: 1, change: before === undefined ? 'first' : 'unknown' };
  const { mean, dim } = contract.space;
  const vectors = vectorsOf(values, dim);
  const p = pValueOf(reference, mean, vectors);
  const speed = earlier && speedOf(reference, vectors, earlier);
  return {
    ...levelOf(p, rule),
    pValue: p >= 0.1 ? '≥ 0.1' : p >= 0.01 ? '0.01 … 0.1' : p >= 0.001 ? '0.001 … 0.01' : '< 0.001',
    change: before === undefined ? 'first' : changeOf(reference, vectors, vectorsOf(before, dim)),
    ...(speed !== undefined && { speed }),
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
