/**
 * Who tries to tell something of people from numbers that stand for them: a linear attacker and one with a hidden layer, both by least squares, both
 * told when to stop by users they did not learn from. A better attacker may recover more: what is found is a lower bound.
 */
import { CholeskyDecomposition, Matrix } from 'ml-matrix';
import { throwIfAborted } from '../../error.ts';
import { seededRandom } from '../../generate/sampling.ts';
import { adamWStep, createAdamW } from '../../train/adamw.ts';
import { shuffled } from '../../train/draw-batches.ts';
import { twoLayers } from '../../train/two-layers.ts';

export interface Lesson {
  /** Numbers that stand for each user, all of one length. */
  readonly rows: readonly Float32Array[];
  /** What is to be told of each, all of one length. */
  readonly answers: readonly (readonly number[])[];
  readonly seed: number;
  readonly signal?: AbortSignal | undefined;
}

/** Answers for rows of people that nobody has told of. */
export type Attack = (rows: readonly Float32Array[]) => number[][];

export const ATTACKERS = { ridge, mlp } as const;
export type AttackerName = keyof typeof ATTACKERS;

/** Share of the users who are learnt from that only choose. */
const CHOOSING = 0.2;
const PENALTIES = [1e-3, 1e-2, 1e-1, 1, 10, 100, 1000];

/** Ridge regression in its dual form (Saunders, Gammerman & Vovk 1998), whose cost does not grow with the length of rows; penalty chosen on users kept aside. */
export function ridge(lesson: Lesson): Attack {
  const { answers, signal } = lesson;
  const scaled = standardiser(lesson.rows);
  const rows = lesson.rows.map(scaled);
  const mean = columnMeans(answers);
  const centred = answers.map((row) => row.map((v, c) => v - mean[c]!));
  const kept = Math.round(rows.length * (1 - CHOOSING));
  const gram = rows.map((a) => Float64Array.from(rows, (b) => dot(a, b)));
  const dual = (count: number, penalty: number) => {
    throwIfAborted(signal);
    const system = new Matrix(
      gram
        .slice(0, count)
        .map((row, i) => [...row.slice(0, count)].map((v, j) => v + (i === j ? penalty : 0))),
    );
    return new CholeskyDecomposition(system).solve(new Matrix(centred.slice(0, count))).to2DArray();
  };
  const answer = (products: Float64Array, weights: readonly (readonly number[])[]) =>
    mean.map((m, c) => weights.reduce((sum, row, i) => sum + row[c]! * products[i]!, m));
  const lossOf = (penalty: number) => {
    const weights = dual(kept, penalty);
    return gram.slice(kept).reduce((sum, products, i) => {
      const wanted = answers[kept + i]!;
      return sum + answer(products, weights).reduce((s, v, c) => s + (v - wanted[c]!) ** 2, 0);
    }, 0);
  };
  const losses = PENALTIES.map(lossOf);
  const weights = dual(rows.length, PENALTIES[losses.indexOf(Math.min(...losses))]!);
  return (others) =>
    others.map((other) => {
      const row = scaled(other);
      return answer(
        Float64Array.from(rows, (b) => dot(row, b)),
        weights,
      );
    });
}

const EPOCHS = 40;
const BATCH = 32;
/** Epochs without a better loss on users kept aside. */
const PATIENCE = 8;

/** One hidden layer of rectified units, AdamW; the epoch is chosen on users kept aside. */
export function mlp({ rows: given, answers, seed, signal }: Lesson): Attack {
  const scaled = standardiser(given);
  const rows = given.map(scaled);
  const layers = twoLayers(rows[0]!.length, answers[0]!.length);
  const { forward } = layers;
  const random = seededRandom(seed);
  const parameters = layers.initial(random);
  parameters.set(columnMeans(answers), layers.biases);
  const gradient = new Float32Array(parameters.length);
  const backward = (row: Float32Array, wanted: readonly number[]) => {
    const errors = forward(row, parameters).map((v, o) => v - wanted[o]!);
    layers.backward(row, errors, parameters, gradient);
  };

  const kept = Math.round(rows.length * (1 - CHOOSING));
  const lossAside = () =>
    rows.slice(kept).reduce((sum, row, i) => {
      const wanted = answers[kept + i]!;
      return sum + forward(row, parameters).reduce((s, v, o) => s + (v - wanted[o]!) ** 2, 0);
    }, 0);
  const state = createAdamW(parameters.length);
  let best = { loss: lossAside(), epoch: 0, parameters: parameters.slice() };
  for (let epoch = 1; epoch <= EPOCHS && epoch - best.epoch <= PATIENCE; epoch++) {
    throwIfAborted(signal);
    const order = shuffled([...Array(kept).keys()], random);
    for (let from = 0; from < kept; from += BATCH) {
      const picked = order.slice(from, from + BATCH);
      gradient.fill(0);
      for (const i of picked) backward(rows[i]!, answers[i]!);
      for (let i = 0; i < gradient.length; i++) gradient[i]! /= picked.length;
      adamWStep(parameters, gradient, state, { learningRate: 2e-3, weightDecay: 0.05 });
    }
    const loss = lossAside();
    if (loss < best.loss) best = { loss, epoch, parameters: parameters.slice() };
  }
  return (others) => others.map((row) => [...forward(scaled(row), best.parameters)]);
}

/** Each number by its mean and deviation over `rows`, and by the length, so that rows are of length 1 or so. */
function standardiser(rows: readonly Float32Array[]): (row: Float32Array) => Float32Array {
  const size = rows[0]!.length;
  const mean = new Float64Array(size);
  for (const row of rows) for (let i = 0; i < size; i++) mean[i]! += row[i]! / rows.length;
  const scale = new Float64Array(size);
  for (const row of rows) for (let i = 0; i < size; i++) scale[i]! += (row[i]! - mean[i]!) ** 2 / rows.length;
  for (let i = 0; i < size; i++) scale[i] = Math.sqrt(size * scale[i]!) + 1e-9;
  return (row) => row.map((v, i) => (v - mean[i]!) / scale[i]!);
}

function columnMeans(answers: readonly (readonly number[])[]): number[] {
  return answers[0]!.map((_, c) => answers.reduce((sum, row) => sum + row[c]! / answers.length, 0));
}

function dot(a: Float32Array, b: Float32Array): number {
  let sum = 0;
  for (let i = 0; i < a.length; i++) sum += a[i]! * b[i]!;
  return sum;
}
