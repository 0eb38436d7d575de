/**
 * Populations of users to draw from, and what may happen to one. Draws are independent, so that of two draws from one population it is known
 * that nothing has changed.
 */
import { readFileSync } from 'node:fs';
import { EigenvalueDecomposition, Matrix, QrDecomposition } from 'ml-matrix';
import { referenceOf } from '../../src/train/reference-of-users.ts';
import { factorize, readProjector } from '../../src/train.ts';
import { WORLD_SEED } from '../../tools/default/default-setup.ts';
import { ALS_WEIGHTS, embedReaders } from '../../tools/world/embed.ts';
import { type Random, seededRandom } from '../../tools/world/random.ts';
import { buildWorld } from '../../tools/world/world.ts';
import { readMovieLens } from '../movielens/ratings.ts';

/** So many users, independent of each other. */
export type Draw = (count: number, random: Random) => Float32Array[];

export interface Component {
  /** [dim], of length 1. */
  readonly direction: readonly number[];
  readonly deviation: number;
}

export interface Population {
  readonly dim: number;
  readonly draw: Draw;
  /** The same people in a space that was made anew. */
  readonly swapped: Draw;
  /** Those with the largest variance, of the users of training where they are known. */
  readonly components: readonly Component[];
  /** [r, dim], as a projector that was trained on many of them carries them. */
  readonly axes: Float32Array;
}

const LEADING = 8;
/** As bench/movielens chooses it. */
const ALS = { dim: 16, alpha: 30, regularisation: 5, iterations: 10 } as const;
/** Users of a population that has no end. */
const TRAINED_ON = 3000;
/** Share of the variance of a draw that is smooth, the rest being somebody's own vector. */
const SMOOTHED = 0.25;

/** Variance of the k-th component 1/k, in random directions, around 0. */
export function gaussianPopulation(dim: number, seed: number): Population {
  const random = seededRandom(seed, 'gaussian population');
  const basis = randomRotation(dim, random);
  const deviations = Array.from({ length: dim }, (_, k) => 1 / Math.sqrt(k + 1));
  const drawLatent = (one: Random) => deviations.map((sigma) => sigma * gaussian(one));
  const other = matrixOf(dim, () => gaussian(random) / Math.sqrt(dim));
  const through =
    (matrix: Matrix): Draw =>
    (count, one) =>
      Array.from({ length: count }, () => times(drawLatent(one), matrix));
  const draw = through(basis);
  return {
    ...{ dim, draw, swapped: through(other), axes: axesOf(draw(TRAINED_ON, random)) },
    components: deviations
      .slice(0, LEADING)
      .map((deviation, k) => ({ direction: basis.getRow(k), deviation })),
  };
}

export interface RealPopulation extends Population {
  /** Everybody, as they are. */
  readonly people: readonly Float32Array[];
}

/** MovieLens users as ALS embeds their likes, with two seeds. */
export function movielensSpaces(folder: string, seed: number): readonly Float32Array[][] {
  const { movies, people } = readMovieLens(folder);
  return ['als', 'als again'].map((label) => {
    const { users } = factorize({
      ...{ ...ALS, clicks: people.map((p) => p.likes), itemCount: movies.titles.length },
      random: seededRandom(seed, label).next,
    });
    return rowsOf(users, ALS.dim);
  });
}

/** Swapped: with another seed. */
export function movielensPopulation(folder: string, seed: number): RealPopulation {
  const [own, again] = movielensSpaces(folder, seed);
  return realPopulation(own!, again!);
}

/** The readers of the default model. */
export function readerPopulation(seed: number): RealPopulation {
  const world = buildWorld({ seed: WORLD_SEED });
  const { users, dim } = embedReaders(world);
  const again = factorize({
    ...{ ...ALS_WEIGHTS, clicks: world.clicks, itemCount: world.catalogue.length, dim, iterations: 6 },
    random: seededRandom(seed, 'als again').next,
  });
  const { reference } = readProjector(readFileSync('public/models/e2p-tiny/projector.safetensors'));
  const { eigenvectors: axes } = reference!;
  const people = rowsOf(users, dim);
  // Variances are nearly alike, so that the leading components of these and of half of them are different ones: those of training count.
  const components = Array.from({ length: LEADING }, (_, k) => {
    const direction = Array.from(axes.subarray(k * dim, (k + 1) * dim));
    return { direction, deviation: deviationAlong(people, direction) };
  });
  return { ...realPopulation(people, rowsOf(again.users, dim)), axes, components };
}

function realPopulation(people: readonly Float32Array[], again: readonly Float32Array[]): RealPopulation {
  const { components } = spectrum(people);
  return {
    ...{ dim: people[0]!.length, draw: smoothed(people), swapped: smoothed(again), people },
    components: components.slice(0, LEADING),
    axes: axesOf(people),
  };
}

/** As `e2p train` writes them. */
export function axesOf(people: readonly Float32Array[]): Float32Array {
  const mean = Array.from(
    people[0]!,
    (_, i) => people.reduce((sum, row) => sum + row[i]!, 0) / people.length,
  );
  return referenceOf({ users: people.map((row) => [row]), mean, isOwnMean: true })!.eigenvectors;
}

function deviationAlong(people: readonly Float32Array[], direction: readonly number[]): number {
  const along = people.map((row) => row.reduce((sum, v, i) => sum + v * direction[i]!, 0));
  const mean = along.reduce((sum, v) => sum + v, 0) / along.length;
  return Math.sqrt(along.reduce((sum, v) => sum + (v - mean) ** 2, 0) / along.length);
}

const rowsOf = (flat: Float32Array, dim: number): Float32Array[] =>
  Array.from({ length: flat.length / dim }, (_, i) => flat.slice(i * dim, (i + 1) * dim));

/**
 * A bootstrap that keeps mean and covariance: a part of the variance is Gaussian, else draws of a few hundred people would repeat them.
 */
function smoothed(people: readonly Float32Array[]): Draw {
  const { mean, components } = spectrum(people);
  const [kept, noise] = [Math.sqrt(1 - SMOOTHED), Math.sqrt(SMOOTHED)];
  return (count, random) =>
    Array.from({ length: count }, () => {
      const row = random.pick(people).map((v, i) => mean[i]! + kept * (v - mean[i]!));
      for (const { direction, deviation } of components) {
        const step = noise * deviation * gaussian(random);
        for (let i = 0; i < row.length; i++) row[i]! += step * direction[i]!;
      }
      return row;
    });
}

/** Mean and all components, the largest variance first. */
function spectrum(people: readonly Float32Array[]): { mean: number[]; components: Component[] } {
  const rows = new Matrix(people.map((row) => Array.from(row)));
  const mean = rows.mean('column');
  const centred = rows.subRowVector(mean);
  const { realEigenvalues, eigenvectorMatrix } = new EigenvalueDecomposition(
    centred.transpose().mmul(centred).div(people.length),
    { assumeSymmetric: true },
  );
  const components = realEigenvalues.map((variance, k) => ({
    direction: eigenvectorMatrix.getColumn(k),
    deviation: Math.sqrt(Math.max(0, variance)),
  }));
  return { mean, components: components.sort((a, b) => b.deviation - a.deviation) };
}

export function gaussian({ next }: Random): number {
  return Math.sqrt(-2 * Math.log(1 - next())) * Math.cos(2 * Math.PI * next());
}

/** Q of a random matrix: a rotation, perhaps with a reflection. */
export const randomRotation = (dim: number, random: Random): Matrix =>
  new QrDecomposition(matrixOf(dim, () => gaussian(random))).orthogonalMatrix;

/** row · matrix */
export const times = (row: ArrayLike<number>, matrix: Matrix): Float32Array =>
  Float32Array.from({ length: matrix.columns }, (_, j) => {
    let sum = 0;
    for (let i = 0; i < row.length; i++) sum += row[i]! * matrix.get(i, j);
    return sum;
  });

const matrixOf = (dim: number, value: () => number): Matrix =>
  new Matrix(Array.from({ length: dim }, () => Array.from({ length: dim }, value)));
