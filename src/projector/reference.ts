/**
 * What the users were like that a projector was trained on, without any of them: a Gaussian of few directions around `space.mean`, and
 * how far from it people of the same population lie. A new vector gets a p-value by it, in plain arithmetic, on the device.
 *
 *   d² = Σ_k ((x − mean)·v_k)² / λ_k + (|x − mean|² − Σ_k ((x − mean)·v_k)²) / residual
 *
 * in the units of the embedding as an app gives it. Tensors `reference.eigenvectors`, `.eigenvalues`, `.residual`, `.distances` and, if
 * another tool wrote them, `.points`; `train/reference-of-users.ts` makes the others.
 */
import { E2PError } from '../error.ts';
import type { NamedTensor } from './safetensors.ts';

/** How the training users of a projector lie in their space. */
export interface SpaceReference {
  /** v_k, orthonormal [r, dim]: directions in which they differ most. */
  readonly eigenvectors: Float32Array;
  /** λ_k [r]: variance along each, shrunk, the largest first. */
  readonly eigenvalues: Float32Array;
  /** Variance along each of the other directions. */
  readonly residual: number;
  /** [q], ascending: of d² of users that the Gaussian was not fitted on, the quantiles at (i + 1) / (q + 1). */
  readonly distances: Float32Array;
  /** Vectors [m, dim] for tests of two samples. `train` writes none: users would be personal data, and others can be drawn. */
  readonly points?: Float32Array;
}

/** Bounds on what an untrusted file may ask for (CWE-770). */
export const REFERENCE_LIMITS = { directions: 128, distances: 4096, points: 256 } as const;
/** Of the products of two directions, which float32 rounds. */
const ORTHONORMAL = 1e-3;
/** Share of the quantiles that say how the far end of the distribution goes on, and so many at least. */
const [TAIL, LEAST_TAIL] = [0.1, 5] as const;

/**
 * Undefined where the file has none.
 * @throws E2PError `invalid-projector` naming the tensor
 */
export function readReference(
  tensors: ReadonlyMap<string, NamedTensor>,
  dim: number,
  fileName: string,
): SpaceReference | undefined {
  if (![...tensors.keys()].some((name) => name.startsWith('reference.'))) return undefined;
  const refuse = (found: string, expected: string): never => {
    throw new E2PError('invalid-projector', `${fileName}: tensor reference.${found}, expected ${expected}`);
  };
  const take = (name: string, most: number, width?: number): Float32Array => {
    const tensor = tensors.get(`reference.${name}`);
    const [count = 0, second] = tensor?.shape ?? [];
    const isWell = tensor?.shape.length === (width === undefined ? 1 : 2) && second === width;
    if (tensor === undefined || !isWell || count < 1 || count > most) {
      const found = tensor === undefined ? 'nothing' : `[${tensor.shape.join(', ')}]`;
      return refuse(`${name} is ${found}`, `[1 to ${most}${width === undefined ? '' : `, ${width}`}]`);
    }
    return tensor.data;
  };
  const eigenvectors = take('eigenvectors', Math.min(dim, REFERENCE_LIMITS.directions), dim);
  const eigenvalues = take('eigenvalues', eigenvectors.length / dim);
  const residual = take('residual', 1)[0]!;
  const distances = take('distances', REFERENCE_LIMITS.distances);
  const directions = eigenvectors.length / dim;
  if (eigenvalues.length !== directions)
    refuse(`eigenvalues has ${eigenvalues.length} numbers`, `${directions}, one for each direction`);
  if (!eigenvalues.every((value, k) => value >= (eigenvalues[k + 1] ?? residual)) || !(residual > 0))
    refuse('eigenvalues or residual', 'variances above 0, the largest first, the residual last');
  if (!distances.every((value, i) => value >= (distances[i - 1] ?? 0)))
    refuse('distances', 'numbers from 0 in ascending order');
  for (let a = 0; a < directions; a++) {
    for (let b = 0; b <= a; b++) {
      let product = 0;
      for (let i = 0; i < dim; i++) product += eigenvectors[a * dim + i]! * eigenvectors[b * dim + i]!;
      if (Math.abs(product - Number(a === b)) > ORTHONORMAL)
        refuse(`eigenvectors has rows ${b} and ${a} whose product is ${product}`, 'an orthonormal system');
    }
  }
  const hasPoints = tensors.has('reference.points');
  return {
    ...{ eigenvectors, eigenvalues, residual, distances },
    ...(hasPoints && { points: take('points', REFERENCE_LIMITS.points, dim) }),
  };
}

/** Inverse of {@link readReference}. */
export function referenceTensors(reference: SpaceReference, dim: number): Map<string, NamedTensor> {
  const { eigenvectors, eigenvalues, residual, distances, points } = reference;
  const tensors: [string, NamedTensor][] = [
    ['eigenvectors', { shape: [eigenvectors.length / dim, dim], data: eigenvectors }],
    ['eigenvalues', { shape: [eigenvalues.length], data: eigenvalues }],
    ['residual', { shape: [1], data: Float32Array.of(residual) }],
    ['distances', { shape: [distances.length], data: distances }],
  ];
  if (points !== undefined) tensors.push(['points', { shape: [points.length / dim, dim], data: points }]);
  return new Map(tensors.map(([name, tensor]) => [`reference.${name}`, tensor]));
}

/** d² of `difference` [dim] from 0. */
export function squaredDistance(
  { eigenvectors, eigenvalues, residual }: Pick<SpaceReference, 'eigenvectors' | 'eigenvalues' | 'residual'>,
  difference: ArrayLike<number>,
): number {
  const dim = difference.length;
  let [distance, left] = [0, 0];
  for (let i = 0; i < dim; i++) left += difference[i]! ** 2;
  for (const [k, variance] of eigenvalues.entries()) {
    let along = 0;
    for (let i = 0; i < dim; i++) along += eigenvectors[k * dim + i]! * difference[i]!;
    distance += along ** 2 / variance;
    left -= along ** 2;
  }
  // Where all directions are there, what is left is rounding.
  return eigenvalues.length < dim ? distance + Math.max(0, left) / residual : distance;
}

/**
 * Share of the population whose d² is at least this one. Beyond the quantiles it falls by an exponential of d², as that of a χ² does, as
 * fast as the last tenth of them.
 */
export function shareBeyond(distances: Float32Array, squared: number): number {
  const count = distances.length;
  const above = distances.findIndex((each) => each > squared);
  if (above < 0) {
    const tail = distances.subarray(-Math.max(LEAST_TAIL, Math.ceil(TAIL * count)));
    const excess = tail.reduce((sum, each) => sum + each - tail[0]!, 0) / tail.length;
    const last = distances[count - 1]!;
    return (squared > last ? Math.exp((last - squared) / excess) : 1) / (count + 1);
  }
  // Those who are nearest are between 0 and the first.
  const low = distances[above - 1] ?? 0;
  return 1 - (above + (squared - low) / (distances[above]! - low)) / (count + 1);
}
