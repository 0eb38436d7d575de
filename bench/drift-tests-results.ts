/** How the tests of `e2p drift` did, as `docs/results/drift-tests.json` keeps it, and the page that is made from it. */
import { DRIFT_DEFAULTS } from '../src/evaluate/drift/detect-drift.ts';
import { table } from './results-table.ts';

/** What has changed: nothing, also with axes that were fitted on those of the reference alone; and the shift that the tests are judged by. */
export const NOTHING = 'nothing';
export const OWN_AXES = 'nothing, axes fitted on the reference side';
export const SHIFT = 0.3;
export const SHIFTED = `mean shift of ${SHIFT} σ along one of the 8 leading components`;
export const WITHOUT = 'the same shift, without a projector';

/** One population, one change (or none), drawn many times. */
export interface DriftTrial {
  readonly population: string;
  readonly change: string;
  readonly users: readonly [reference: number, current: number];
  readonly rounds: number;
  /** Rounds with drift by all tests together. */
  readonly alarms: number;
  /** Rounds in which a test alone was below the level, uncorrected. */
  readonly alone: Readonly<Record<string, number>>;
  readonly cpuSeconds: number;
}

export interface DriftTestsResults {
  readonly command: string;
  readonly level: number;
  /** Numbers of an embedding, and how many people there are to draw from. */
  readonly populations: Readonly<Record<string, { readonly dim: number; readonly people?: number }>>;
  readonly trials: readonly DriftTrial[];
}

/** 95 % interval of a share (Wilson, JASA 22, 1927). */
export function wilson(found: number, all: number): readonly [low: number, high: number] {
  const z = 1.959964;
  const [p, z2] = [found / all, z * z];
  const middle = (p + z2 / (2 * all)) / (1 + z2 / all);
  const half = (z / (1 + z2 / all)) * Math.sqrt((p * (1 - p)) / all + z2 / (4 * all * all));
  return [Math.max(0, middle - half), Math.min(1, middle + half)];
}

const percent = (v: number): string => (100 * v).toFixed(1);
const share = (found: number, all: number): string => {
  const [low, high] = wilson(found, all);
  return `${percent(found / all)} % [${percent(low)}, ${percent(high)}]`;
};

/** In the order of the page. */
const NAMES: Readonly<Record<string, string>> = {
  readers: 'readers of the default model',
  movielens: 'MovieLens',
  gauss: 'Gaussian',
};

export function driftTestsPage({ command, level, populations, trials }: DriftTestsResults): string {
  const tests = Object.keys(trials[0]!.alone);
  const about = (name: string) => populations[name] ?? { dim: 0 };
  const sorted = Object.keys(NAMES).flatMap((name) => trials.filter(({ population }) => population === name));
  const cpuSeconds = trials.reduce((sum, trial) => sum + trial.cpuSeconds, 0);
  const rows = (some: readonly DriftTrial[]) =>
    some.map(({ population, change, users, rounds, alarms, alone }) => [
      ...[NAMES[population]!, change],
      ...[users.join(' / '), `${rounds}`, share(alarms, rounds)],
      ...tests.map((test) => `${percent(alone[test]! / rounds)} %`),
    ]);
  const isQuiet = ({ change }: DriftTrial) => change === NOTHING || change === OWN_AXES;
  const all = (change: string) => {
    const some = sorted.filter((trial) => trial.change === change);
    if (some.length === 0) return 'no round, as it was not measured';
    const [alarms, rounds] = [some.reduce((n, t) => n + t.alarms, 0), some.reduce((n, t) => n + t.rounds, 0)];
    return `${share(alarms, rounds)} of ${rounds} rounds`;
  };
  const head = ['users', 'rounds', 'drift, all tests together', ...tests.map((test) => `${test} alone`)];
  return `# How often \`e2p drift\` is right

Made by \`${command}\` in ${cpuSeconds} s of processor time, on a busy machine. Level ${100 * level} %, all else as \`e2p drift\` has it by default: ${DRIFT_DEFAULTS.permutations} permutations, ${DRIFT_DEFAULTS.components} leading components. Intervals are 95 % (Wilson). *Alone*: how often that test by itself has p ≤ ${100 * level} %, uncorrected; the verdict takes all of them together, by the smallest p of each permutation (Westfall and Young). *Means* are compared along the axes that the projector's file has, those of its training users; without a projector along the components of both samples.

- *${NAMES.readers}*: ${about('readers').people} synthetic readers, as ALS embeds their clicks (${about('readers').dim} numbers). Axes: those in the projector of the default model.
- *${NAMES.movielens}*: ${about('movielens').people} people of MovieLens latest-small, as ALS embeds their likes (${about('movielens').dim} numbers). Its components have nearly the same variance: none of them leads. Axes: those of all of them.
- *${NAMES.gauss}*: ${about('gauss').dim} numbers, the k-th component with variance 1/k, in random directions, around 0. Axes: those of 3000 other draws.

## False alarms

Nothing has changed: both sides are from one population; of readers and MovieLens they are people as they are, split at random, of MovieLens in halves. Drift was called in ${all(NOTHING)}; where the axes were fitted on the reference side alone, the worst case of a projector that was trained on just these users, in ${all(OWN_AXES)}.

${table(['population', 'change', ...head], rows(sorted.filter(isQuiet)))}

## Changes that were made

Real people are drawn by a bootstrap that keeps mean and covariance and makes a quarter of the variance Gaussian. *Rotation*: a random one of all numbers. *Mean shift*: along each of the 8 leading components of the population in turn; of the readers they are those that the projector's file has, since variances there are nearly alike, and all readers have other components than those of training. *A random direction among the 8*: as long, in standard deviations of the components. *Dead feature*: one number is 0, each in turn. *Encoder swap*: ALS with another seed; for Gaussian another random linear map.

${table(['population', 'change', ...head], rows(sorted.filter((trial) => !isQuiet(trial))))}
`;
}
