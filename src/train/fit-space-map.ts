/**
 * Lays one embedding space on another by what exists in both (orthogonal Procrustes, Schönemann 1966): old ≈ s·(new − mean of new)·R + mean of
 * old, R from the singular vectors of newᵀ·old. An orthogonal R can turn, not bend: it has few numbers to fit, so some hundred anchors are
 * enough, and what it can't say shows as residual instead of being fitted away. One factor s, since a factorisation with more data has longer
 * vectors. Where the sizes differ R is a part of a rotation.
 */
import { Matrix, SVD } from 'ml-matrix';
import { checkRange, checkWhole, E2PError } from '../error.ts';
import { seededRandom } from '../generate/sampling.ts';
import type { MappedSpace, SpaceMap } from '../user/space-map.ts';
import type { Users } from './training-data.ts';

/** Fewer say too little of the residual. */
export const FEWEST_ANCHORS = 50;

/** Singular values below this share of the largest are rounding. */
const NOTHING = 1e-9;

/** Whoever, or whatever, has a vector in both spaces. */
export interface FitSpaceMapOptions {
  /** By the same ids. Items may be anchors as well as users: whatever has a vector in both spaces. */
  readonly old: Users;
  /** In the new space. */
  readonly fresh: Users;
  /** Which of those in both; default: all. */
  readonly anchors?: readonly string[] | undefined;
  /** Name of the space that the projector reads. */
  readonly oldSpace: string;
  /** Name of the space that is mapped. */
  readonly newSpace: string;
  /** Share of the anchors that the residual is measured on; default 0.2. */
  readonly heldOut?: number;
  /** Of who is held out; default 1. */
  readonly seed?: number;
}

/**
 * @returns the map from the new space into the old one; whether its residual is small enough is the caller's to decide
 * @throws E2PError `invalid-data` for fewer than 50 anchors, sets of vectors, or anchors that are all the same
 */
export function fitSpaceMap(options: FitSpaceMapOptions): SpaceMap {
  return fitWithHeldOut(options).map;
}

/** Beside the map the anchors that it was not fitted on, as they are in the old space and as they are mapped into it. */
export interface FittedMap {
  readonly map: SpaceMap;
  readonly old: readonly Float32Array[];
  readonly mapped: readonly Float32Array[];
}

export function fitWithHeldOut(options: FitSpaceMapOptions): FittedMap {
  const { old, fresh, oldSpace, newSpace, heldOut = 0.2, seed = 1 } = options;
  checkRange('heldOut', heldOut, 0.01, 0.9);
  checkWhole('seed', seed, 0, 2 ** 32 - 1);
  const ids = anchorsOf(options);
  const random = seededRandom(seed);
  const place = new Map(ids.map((id) => [id, random()]));
  const mixed = ids.toSorted((a, b) => place.get(a)! - place.get(b)!);
  const cut = Math.max(1, Math.round(heldOut * mixed.length));
  const [tested, fitted] = [mixed.slice(0, cut), mixed.slice(cut)];
  const [from, to]: [MappedSpace, MappedSpace] = [
    { id: newSpace, dim: fresh.dim },
    { id: oldSpace, dim: old.dim },
  ];
  const matrixOf = ({ rows }: Users, of: readonly string[]) =>
    new Matrix(of.map((id) => Array.from(rows.get(id)!)));
  const exact = procrustes(matrixOf(fresh, fitted), matrixOf(old, fitted));
  // What is measured is what the file will hold.
  const [weight, bias] = [exact.weight.to1DArray(), exact.bias].map((numbers) => Float32Array.from(numbers));
  const map = { from, to, anchors: fitted.length, weight: weight!, bias: bias! };
  const applied = Matrix.from1DArray(to.dim, from.dim, map.weight).transpose();
  const mean = matrixOf(old, fitted).mean('column');
  const mapped = matrixOf(fresh, tested)
    .mmul(applied)
    .addRowVector([...map.bias]);
  const left = Matrix.sub(mapped, matrixOf(old, tested));
  const all = matrixOf(old, tested).subRowVector(mean);
  return {
    map: { ...map, residual: (left.norm('frobenius') / all.norm('frobenius')) ** 2 },
    old: tested.map((id) => old.rows.get(id)!),
    mapped: mapped.to2DArray().map((row) => Float32Array.from(row)),
  };
}

/** weight [to, from] and bias [to], for rows `from` [n, from] and `to` [n, to]. @throws E2PError `invalid-data` */
export function procrustes(from: Matrix, to: Matrix): { weight: Matrix; bias: number[] } {
  const [fromMean, toMean] = [from.mean('column'), to.mean('column')];
  const [x, y] = [from.clone().subRowVector(fromMean), to.clone().subRowVector(toMean)];
  const { leftSingularVectors, rightSingularVectors, diagonal } = new SVD(x.transpose().mmul(y), {
    autoTranspose: true,
  });
  // A direction that no anchor has could be turned anywhere: it is left out.
  const rank = diagonal.filter((value) => value > NOTHING * diagonal[0]!).length;
  if (rank === 0)
    throw new E2PError('invalid-data', 'all anchors have the very same embedding, expected them to differ');
  const part = (m: Matrix) => m.subMatrix(0, m.rows - 1, 0, rank - 1);
  const rotation = part(leftSingularVectors).mmul(part(rightSingularVectors).transpose());
  const size = x.mmul(rotation).norm('frobenius') ** 2;
  const scale = diagonal.slice(0, rank).reduce((sum, v) => sum + v, 0) / size;
  const weight = rotation.transpose().mul(scale);
  const moved = weight.mmul(Matrix.columnVector(fromMean)).to1DArray();
  return { weight, bias: toMean.map((v, i) => v - moved[i]!) };
}

function anchorsOf({ old, fresh, anchors }: FitSpaceMapOptions): string[] {
  const asked = anchors ?? [...old.rows.keys()];
  const ids = [...new Set(asked)].filter((id) => old.rows.has(id) && fresh.rows.has(id));
  if (ids.length < FEWEST_ANCHORS) {
    throw new E2PError(
      'invalid-data',
      `${ids.length} of ${asked.length} anchors are in both files, expected at least ${FEWEST_ANCHORS}`,
    );
  }
  const isSet = ids.some(
    (id) => old.rows.get(id)!.length > old.dim || fresh.rows.get(id)!.length > fresh.dim,
  );
  if (isSet)
    throw new E2PError(
      'invalid-data',
      'an anchor is a set of vectors, expected one vector each: which belongs to which is not told',
    );
  return ids;
}
