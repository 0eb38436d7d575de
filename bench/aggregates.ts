/**
 * Private reports of a million devices: how far estimates are from the truth, against theory, and how far an attacker gets with the reports of
 * one device. `npm run bench aggregates` writes docs/results/aggregates.json and .md.
 */
import { writeFileSync } from 'node:fs';
import { cpus } from 'node:os';
import { estimateDeviation, estimateShares } from '../src/evaluate/decode-reports.ts';
import { AGGREGATE_LIMITS } from '../src/user/aggregates.ts';
import { DRIFT_QUESTION } from '../src/user/drift-question.ts';
import { exactEpsilon, type RandomBits, randomise, truthThreshold } from '../src/user/randomised-response.ts';
import { type AggregateResults, aggregatesPage, type Estimated } from './aggregates-results.ts';
import { cpuSeconds } from './cpu-seconds.ts';

const NAMES = DRIFT_QUESTION.answers;
const K = NAMES.length;
/** A fleet of which most are fine. */
const TRUTH = [0.9, 0.01, 0.015, 0.02, 0.025, 0.03];
const EPSILONS = [0.5, 1, 2, 4];

/** The system's numbers, as devices draw them, many at a time. */
const block = new Uint32Array(16_384);
let next = block.length;
const bits: RandomBits = () => {
  if (next === block.length) {
    crypto.getRandomValues(block);
    next = 0;
  }
  return block[next++]!;
};

/** Whole devices by answer, as near to the shares as that goes. */
function truths(devices: number): number[] {
  const counts = TRUTH.map((share) => Math.round(share * devices));
  counts[0]! += devices - counts.reduce((a, b) => a + b, 0);
  return counts;
}

/** Every device answers; so do `repeats` fleets. */
function fleet(devices: number, repeats: number, epsilon: number): Estimated {
  const threshold = truthThreshold(epsilon, K);
  const wanted = truths(devices);
  const errors = TRUTH.map(() => 0);
  let [held, told, worst] = [0, 0, 0];
  const sums = TRUTH.map(() => 0);
  let distribution = 0;
  for (let r = 0; r < repeats; r++) {
    const counts = new Array<number>(K).fill(0);
    for (const [value, count] of wanted.entries()) {
      for (let d = 0; d < count; d++) counts[randomise(value, K, threshold, bits)]!++;
    }
    const reported = new Map(NAMES.map((name, i) => [name, counts[i]!]));
    for (const { answer, mean, low, high, share } of estimateShares({
      answers: K,
      epsilon,
      counts: reported,
    })) {
      const i = NAMES.indexOf(answer);
      const truth = wanted[i]! / devices;
      const error = mean - truth;
      errors[i]! += error ** 2;
      sums[i]! += error;
      distribution += (share - truth) ** 2;
      worst = Math.max(worst, Math.abs(error));
      told++;
      if (low <= truth && truth <= high) held++;
    }
  }
  const theory = TRUTH.map((share) => fixedDeviation(share, devices, epsilon));
  const rms = (values: readonly number[]) => Math.sqrt(values.reduce((a, b) => a + b, 0) / values.length);
  return {
    ...{ devices, repeats, epsilon, worst, held: held / told, told },
    error: rms(errors.map((sum) => sum / repeats)),
    theory: rms(theory.map((deviation) => deviation ** 2)),
    bias: Math.max(...sums.map((sum, i) => Math.abs(sum / repeats) / (theory[i]! / Math.sqrt(repeats)))),
    distribution: Math.sqrt(distribution / told),
  };
}

/** Where the truth is fixed and only the answers are drawn; {@link estimateDeviation} has the drawing of people in it too. */
function fixedDeviation(share: number, devices: number, epsilon: number): number {
  const whole = estimateDeviation(share, devices, K, epsilon) ** 2;
  return Math.sqrt(whole - (share * (1 - share)) / devices);
}

/** How often the likeliest answer is the true one, for somebody who has all reports of one device whose truth never changes. */
function attack(epsilon: number, reports: number, devices: number) {
  const threshold = truthThreshold(epsilon, K);
  let right = 0;
  for (let d = 0; d < devices; d++) {
    const truth = d % K;
    const seen = new Array<number>(K).fill(0);
    for (let r = 0; r < reports; r++) seen[randomise(truth, K, threshold, bits)]!++;
    const most = Math.max(...seen);
    const likeliest = seen.flatMap((count, i) => (count === most ? [i] : []));
    // Of several one by chance.
    if (likeliest[bits() % likeliest.length] === truth) right++;
  }
  return { epsilon, reports, devices, right: right / devices };
}

/** Over every ε in thousandths and every number of answers that are allowed. */
function exactness() {
  let [above, below] = [Number.NEGATIVE_INFINITY, 0];
  const { least, most } = AGGREGATE_LIMITS.epsilon;
  for (let thousandths = least * 1000; thousandths <= most * 1000; thousandths++) {
    for (let k = 2; k <= AGGREGATE_LIMITS.answers; k++) {
      const gap = exactEpsilon(thousandths / 1000, k) - thousandths / 1000;
      above = Math.max(above, gap);
      below = Math.min(below, gap);
    }
  }
  return { above, below };
}

export async function benchAggregates(): Promise<void> {
  const results: AggregateResults = {
    ...{ node: process.version, processor: `${cpus().length} cores, ${cpus()[0]?.model.trim()}` },
    ...{ answers: NAMES, truth: TRUTH, budget: AGGREGATE_LIMITS.budget },
    million: EPSILONS.map((epsilon) => fleet(1_000_000, 100, epsilon)),
    thousands: EPSILONS.map((epsilon) => fleet(10_000, 2_000, epsilon)),
    attack: EPSILONS.flatMap((epsilon) =>
      [1, Math.floor(AGGREGATE_LIMITS.budget / epsilon)].map((reports) => attack(epsilon, reports, 120_000)),
    ),
    exact: exactness(),
    seconds: 0,
  };
  const timed = { ...results, seconds: cpuSeconds() };
  writeFileSync('docs/results/aggregates.json', `${JSON.stringify(timed, null, 1)}\n`);
  writeFileSync('docs/results/aggregates.md', aggregatesPage(timed));
  console.log(aggregatesPage(timed));
}
