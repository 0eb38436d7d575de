/**
 * User embeddings from clicks: implicit-feedback matrix factorisation by alternating least squares
 * (Hu, Koren & Volinsky, "Collaborative Filtering for Implicit Feedback Datasets", ICDM 2008).
 *
 * Think of it as two linear regressions that take turns: items fixed, solve every user; users fixed, solve
 * every item. The user step is always last, so `foldIn` with the returned items gives back exactly the users
 * that `factorize` returns. That same step embeds a new person on their own device: it needs the item factors
 * and that person's clicks, and nothing of anybody else.
 *
 * Objective: Σ_ui c_ui (p_ui − x_u·y_i)² + λ (Σ|x_u|² + Σ|y_i|²), with p = 1 for a clicked item, 0 otherwise, and
 * c = 1 + α · (number of clicks).
 */
import { E2PError, throwIfAborted } from '../error.ts';
import { solveCholesky } from './solve-cholesky.ts';

/** The parts of the objective that `factorize` and `foldIn` must agree on. */
export interface AlsWeights {
  /** λ > 0; also keeps every least-squares system positive definite. */
  readonly regularisation: number;
  /** α ≥ 0: how much more a clicked item counts than an unclicked one. */
  readonly alpha: number;
}

/** Everybody's clicks, and the sizes of the factorisation. */
export interface FactorizeOptions extends AlsWeights {
  /** One list of item indices per user. An index that occurs twice is two clicks. */
  readonly clicks: readonly (readonly number[])[];
  readonly itemCount: number;
  readonly dim: number;
  /** Full alternations (items, then users). 10 is usually enough. */
  readonly iterations: number;
  /** Uniform in [0, 1); give a seeded one for reproducible factors. */
  readonly random?: () => number;
  readonly signal?: AbortSignal;
  /** After each alternation. */
  readonly onProgress?: (progress: { readonly iteration: number; readonly iterations: number }) => void;
}

/** What `factorize` gives; users and items are near each other where they go together. */
export interface Factors {
  readonly dim: number;
  /** Row-major [users, dim]. */
  readonly users: Float32Array;
  /** Row-major [items, dim]. */
  readonly items: Float32Array;
  /** ItemsᵀItems [dim, dim], to ship with the items so that fold-in on a device costs only the clicks. */
  readonly gram: Float64Array;
}

/** Throws `invalid-argument` for an item index outside [0, itemCount) or a setting out of bounds. */
export function factorize(options: FactorizeOptions): Factors {
  const { clicks, itemCount, dim, iterations, random = Math.random, signal, onProgress } = options;
  checkWeights(options);
  checkPositive('itemCount', itemCount);
  checkPositive('dim', dim);
  checkPositive('iterations', iterations);

  const byUser = clicks.map((row, user) => countClicks(row, itemCount, `clicks[${user}]`));
  const byItem: Map<number, number>[] = Array.from({ length: itemCount }, () => new Map());
  byUser.forEach((row, user) => {
    for (const [item, count] of row) byItem[item]!.set(user, count);
  });

  const users = randomRows(clicks.length, dim, random);
  const items = new Float32Array(itemCount * dim);
  for (let iteration = 1; iteration <= iterations; iteration++) {
    solveRows(items, byItem, users, dim, options, signal);
    solveRows(users, byUser, items, dim, options, signal);
    onProgress?.({ iteration, iterations });
  }
  return { dim, users, items, gram: gramMatrix(items, dim) };
}

/** One person's clicks, and the items' side of a factorisation. */
export interface FoldInOptions extends AlsWeights {
  /** Row-major [items, dim], as `factorize` returned them. */
  readonly items: Float32Array;
  readonly dim: number;
  readonly clicks: readonly number[];
  /**
   * How much each of `clicks` counts; default 1. Those of an item are summed: above 0 it is liked, below 0 it is not liked (p = 0), with as
   * much confidence, and at 0 it counts as unclicked.
   */
  readonly counts?: readonly number[];
  /** `gramMatrix(items, dim)`, computed here when absent. */
  readonly gram?: Float64Array;
}

/**
 * The embedding [dim] of one person for fixed item factors: x = (YᵀY + Σ α |n_i| y_i y_iᵀ + λI)⁻¹ Σ (1 + α n_i) y_i,
 * sums over the clicked items, the second over those with n_i > 0. Nobody clicking anything is the zero vector.
 * Throws `invalid-argument` for an item index out of range or factors of the wrong length.
 */
export function foldIn(options: FoldInOptions): Float32Array {
  const { items, dim, clicks } = options;
  checkWeights(options);
  checkPositive('dim', dim);
  if (items.length % dim !== 0) {
    throw new E2PError('invalid-argument', `items: ${items.length} numbers are not rows of dim ${dim}`);
  }
  const gram = options.gram ?? gramMatrix(items, dim);
  if (gram.length !== dim * dim) {
    throw new E2PError('invalid-argument', `gram: ${gram.length} numbers, expected ${dim} × ${dim}`);
  }
  const row = countClicks(clicks, items.length / dim, 'clicks', options.counts);
  const user = new Float32Array(dim);
  solveRow(user, row, items, gram, dim, options);
  return user;
}

/** RowsᵀRows [dim, dim] of row-major [n, dim] factors. */
export function gramMatrix(rows: Float32Array, dim: number): Float64Array {
  const gram = new Float64Array(dim * dim);
  for (let start = 0; start < rows.length; start += dim) addOuterLower(gram, rows, start, dim, 1);
  for (let i = 0; i < dim; i++) {
    for (let j = 0; j < i; j++) gram[j * dim + i] = gram[i * dim + j]!;
  }
  return gram;
}

function solveRows(
  target: Float32Array,
  counts: readonly ReadonlyMap<number, number>[],
  fixed: Float32Array,
  dim: number,
  weights: AlsWeights,
  signal: AbortSignal | undefined,
): void {
  throwIfAborted(signal);
  const gram = gramMatrix(fixed, dim);
  counts.forEach((row, index) => {
    if (index % 256 === 0) throwIfAborted(signal);
    solveRow(target.subarray(index * dim, (index + 1) * dim), row, fixed, gram, dim, weights);
  });
}

function solveRow(
  target: Float32Array,
  row: ReadonlyMap<number, number>,
  fixed: Float32Array,
  gram: Float64Array,
  dim: number,
  { alpha, regularisation }: AlsWeights,
): void {
  const matrix = gram.slice();
  const right = new Float64Array(dim);
  for (const [index, count] of row) {
    const start = index * dim;
    addOuterLower(matrix, fixed, start, dim, alpha * Math.abs(count));
    if (count < 0) continue;
    for (let k = 0; k < dim; k++) right[k]! += (1 + alpha * count) * fixed[start + k]!;
  }
  for (let k = 0; k < dim; k++) matrix[k * dim + k]! += regularisation;
  solveCholesky(matrix, right, dim);
  target.set(right);
}

/** Adds weight · r rᵀ for the row r at `start`; only the lower triangle is kept up to date. */
function addOuterLower(
  matrix: Float64Array,
  rows: Float32Array,
  start: number,
  dim: number,
  weight: number,
): void {
  for (let i = 0; i < dim; i++) {
    const scaled = weight * rows[start + i]!;
    const offset = i * dim;
    for (let j = 0; j <= i; j++) matrix[offset + j] = matrix[offset + j]! + scaled * rows[start + j]!;
  }
}

/** Clicks per item. The message names only the place of a bad index: which items a person clicked is personal. */
function countClicks(
  clicks: readonly number[],
  itemCount: number,
  field: string,
  weights?: readonly number[],
): Map<number, number> {
  if (weights !== undefined && weights.length !== clicks.length) {
    throw new E2PError('invalid-argument', `counts: ${weights.length} numbers, expected ${clicks.length}`);
  }
  const counts = new Map<number, number>();
  clicks.forEach((item, position) => {
    if (!Number.isInteger(item) || item < 0 || item >= itemCount) {
      throw new E2PError(
        'invalid-argument',
        `${field}[${position}] is not an item index; expected an integer from 0 to ${itemCount - 1}`,
      );
    }
    const weight = weights?.[position] ?? 1;
    if (!Number.isFinite(weight)) {
      throw new E2PError('invalid-argument', `counts[${position}] is not a finite number`);
    }
    counts.set(item, (counts.get(item) ?? 0) + weight);
  });
  for (const [item, count] of counts) if (count === 0) counts.delete(item);
  return counts;
}

function randomRows(count: number, dim: number, random: () => number): Float32Array {
  return Float32Array.from({ length: count * dim }, () => (random() - 0.5) / Math.sqrt(dim));
}

export function checkWeights({ regularisation, alpha }: AlsWeights): void {
  if (!(regularisation > 0 && Number.isFinite(regularisation))) {
    throw new E2PError('invalid-argument', `regularisation is ${regularisation}, expected a number above 0`);
  }
  if (!(alpha >= 0 && Number.isFinite(alpha))) {
    throw new E2PError('invalid-argument', `alpha is ${alpha}, expected a number of 0 or more`);
  }
}

export function checkPositive(field: string, value: number): void {
  if (!Number.isInteger(value) || value < 1) {
    throw new E2PError('invalid-argument', `${field} is ${value}, expected a positive integer`);
  }
}
