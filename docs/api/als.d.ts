/** The parts of the objective that `factorize` and `foldIn` must agree on. */
interface AlsWeights {
  /** λ > 0; also keeps every least-squares system positive definite. */
  readonly regularisation: number;
  /** α ≥ 0: how much more a clicked item counts than an unclicked one. */
  readonly alpha: number;
}
/** Everybody's clicks, and the sizes of the factorisation. */
interface FactorizeOptions extends AlsWeights {
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
  readonly onProgress?: (progress: {
    readonly iteration: number;
    readonly iterations: number;
  }) => void;
}
/** What `factorize` gives; users and items are near each other where they go together. */
interface Factors {
  readonly dim: number;
  /** Row-major [users, dim]. */
  readonly users: Float32Array;
  /** Row-major [items, dim]. */
  readonly items: Float32Array;
  /** ItemsᵀItems [dim, dim], to ship with the items so that fold-in on a device costs only the clicks. */
  readonly gram: Float64Array;
}
/** Throws `invalid-argument` for an item index outside [0, itemCount) or a setting out of bounds. */
declare function factorize(options: FactorizeOptions): Factors;
/** One person's clicks, and the items' side of a factorisation. */
interface FoldInOptions extends AlsWeights {
  /** Row-major [items, dim], as `factorize` returned them. */
  readonly items: Float32Array;
  readonly dim: number;
  readonly clicks: readonly number[];
  /** `gramMatrix(items, dim)`, computed here when absent. */
  readonly gram?: Float64Array;
}
/**
 * The embedding [dim] of one person for fixed item factors: x = (YᵀY + Σ α n_i y_i y_iᵀ + λI)⁻¹ Σ (1 + α n_i) y_i,
 * sums over the clicked items. Nobody clicking anything is the zero vector.
 * Throws `invalid-argument` for an item index out of range or factors of the wrong length.
 */
declare function foldIn(options: FoldInOptions): Float32Array;
/** RowsᵀRows [dim, dim] of row-major [n, dim] factors. */
declare function gramMatrix(rows: Float32Array, dim: number): Float64Array;
export { foldIn as a, factorize as i, Factors as n, gramMatrix as o, FoldInOptions as r, FactorizeOptions as t };