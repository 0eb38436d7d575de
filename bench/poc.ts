/**
 * Whether the statistics of `e2p poc` keep what they promise, on experiments whose truth is known. `npm run bench poc` writes
 * docs/results/poc.json and .md.
 */
import { writeFileSync } from 'node:fs';
import { cpus } from 'node:os';
import {
  bestSpread,
  checkSampleRatio,
  compareArms,
  FEWEST,
  FIRST_LOOK,
  type Moments,
  RATIO_ALPHA,
  sampleSize,
  sequenceFactor,
} from '../src/evaluate/compare-arms.ts';
import { normalCdf } from '../src/evaluate/distributions.ts';
import { seededRandom } from '../src/generate/sampling.ts';
import { assignArm } from '../src/user/assign-arm.ts';
import { cpuSeconds } from './cpu-seconds.ts';
import { type Coverage, type Peeking, type PocResults, pocPage } from './poc-results.ts';

const ALPHA = 0.05;
const EXPERIMENTS = 10_000;
const HORIZON = 10_000;

type Random = () => number;
/** Numbers of people as devices tell them: bounded and rounded. */
interface Kind {
  readonly name: string;
  /** @param lift of the number before it is bounded */
  draw(random: Random, lift: number): number;
  /** Exactly. */
  mean(lift: number): number;
}

const yes = (share: number): Kind => ({
  name: `yes or no, ${100 * share} %`,
  draw: (random, lift) => (random() < share * (1 + lift) ? 1 : 0),
  mean: (lift) => share * (1 + lift),
});

const COUNTS_MOST = 100;
/** Geometric: P(N ≥ k) = rᵏ. */
const ratioOf = (lift: number) => (3 * (1 + lift)) / (1 + 3 * (1 + lift));
const counts: Kind = {
  name: 'counts, geometric, mean 3, at most 100',
  draw: (random, lift) => Math.min(COUNTS_MOST, Math.floor(Math.log(1 - random()) / Math.log(ratioOf(lift)))),
  mean: (lift) => sum(COUNTS_MOST, (k) => ratioOf(lift) ** k),
};

const HEAVY = { median: 7, sigma: 1.5, most: 1_000 };
const heavy: Kind = {
  name: 'heavy-tailed, log-normal, median 7, σ 1.5, at most 1,000',
  draw: (random, lift) => {
    const z = Math.sqrt(-2 * Math.log(1 - random())) * Math.cos(2 * Math.PI * random());
    return Math.min(HEAVY.most, Math.round(HEAVY.median * (1 + lift) * Math.exp(HEAVY.sigma * z)));
  },
  mean: (lift) =>
    sum(HEAVY.most, (k) => 1 - normalCdf(Math.log((k - 0.5) / (HEAVY.median * (1 + lift))) / HEAVY.sigma)),
};

/** E N = Σ P(N ≥ k). */
function sum(most: number, atLeast: (k: number) => number): number {
  let total = 0;
  for (let k = 1; k <= most; k++) total += atLeast(k);
  return total;
}

class Running {
  count = 0;
  total = 0;
  squares = 0;
  add(value: number): void {
    this.count++;
    this.total += value;
    this.squares += value * value;
  }
  get mean(): number {
    return this.total / this.count;
  }
  get variance(): number {
    return (this.squares - this.total * this.mean) / (this.count - 1);
  }
  get moments(): Moments {
    return { count: this.count, mean: this.mean, variance: this.variance };
  }
}

function coverage(kind: Kind, people: number, share: number, lift: number, seed: number): Coverage {
  const random = seededRandom(seed);
  const truth = kind.mean(lift) - kind.mean(0);
  const relative = kind.mean(lift) / kind.mean(0) - 1;
  let [difference, lifts] = [0, 0];
  for (let i = 0; i < EXPERIMENTS; i++) {
    const [control, treatment] = [new Running(), new Running()];
    for (let n = 0; n < people; n++) {
      const treated = random() < share;
      (treated ? treatment : control).add(kind.draw(random, treated ? lift : 0));
    }
    const found = compareArms(treatment.moments, control.moments, { alpha: ALPHA });
    if (found.difference.low <= truth && truth <= found.difference.high) difference++;
    if (found.lift.low <= relative && relative <= found.lift.high) lifts++;
  }
  const of = (count: number) => count / EXPERIMENTS;
  return { kind: kind.name, people, share, lift: relative, difference: of(difference), ofLift: of(lifts) };
}

/** Nothing is changed, and somebody looks after every person from {@link FIRST_LOOK} on. */
function peeking(kind: Kind, share: number, seed: number): Peeking {
  const random = seededRandom(seed);
  const factors = Float64Array.from(
    { length: HORIZON + 1 },
    (_, n) => sequenceFactor(n, ALPHA, HORIZON) ** 2,
  );
  const ratioFactors = Float64Array.from(
    { length: HORIZON + 1 },
    (_, n) => sequenceFactor(n, RATIO_ALPHA, HORIZON) ** 2,
  );
  const alarms = { difference: 0, lift: 0, naive: 0, ratio: 0 };
  for (let i = 0; i < EXPERIMENTS; i++) {
    const [control, treatment] = [new Running(), new Running()];
    const seen = { difference: false, lift: false, naive: false, ratio: false };
    for (let n = 1; n <= HORIZON; n++) {
      (random() < share ? treatment : control).add(kind.draw(random, 0));
      if (n < FIRST_LOOK || Math.min(treatment.count, control.count) < FEWEST) continue;
      const [a, b] = [treatment.mean, control.mean];
      const [ofA, ofB] = [treatment.variance / treatment.count, control.variance / control.count];
      const errors = (a - b) ** 2 / (ofA + ofB);
      const logErrors = Math.log(a / b) ** 2 / (ofA / a ** 2 + ofB / b ** 2);
      if (errors > factors[n]!) seen.difference = true;
      if (logErrors > factors[n]!) seen.lift = true;
      if (errors > 1.959964 ** 2) seen.naive = true;
      const gap = treatment.count - n * share;
      if (gap ** 2 / (n * share * (1 - share)) > ratioFactors[n]!) seen.ratio = true;
    }
    for (const name of ['difference', 'lift', 'naive', 'ratio'] as const) if (seen[name]) alarms[name]++;
  }
  const of = (count: number) => count / EXPERIMENTS;
  return {
    ...{ kind: kind.name, share, difference: of(alarms.difference), lift: of(alarms.lift) },
    ...{ naive: of(alarms.naive), ratio: of(alarms.ratio) },
  };
}

function sampleRatios(share: number, lost: number, people: number, experiments: number, seed: number) {
  const random = seededRandom(seed);
  let [usual, ours] = [0, 0];
  for (let i = 0; i < experiments; i++) {
    let [treated, all] = [0, 0];
    for (let n = 0; n < people; n++) {
      const isTreated = random() < share;
      if (isTreated && lost > 0 && random() < lost) continue;
      all++;
      if (isTreated) treated++;
    }
    const { pValue, isMismatch } = checkSampleRatio(treated, all, share);
    if (pValue < ALPHA) usual++;
    if (isMismatch) ours++;
  }
  return { share, lost, people, experiments, atFive: usual / experiments, atOurs: ours / experiments };
}

/** Of 10,000 experiments planned by `sampleSize`, how many see the lift that is there. */
function planned(lift: number, seed: number) {
  const random = seededRandom(seed);
  const base = 0.2;
  const plan = { alpha: ALPHA, power: 0.8, share: 0.5, mean: base, lift };
  const { once, sequential } = sampleSize(plan);
  const factors = Float64Array.from({ length: sequential + 1 }, (_, n) =>
    sequenceFactor(n, ALPHA, sequential),
  );
  let [seenOnce, seen, stopped] = [0, 0, 0];
  for (let i = 0; i < EXPERIMENTS; i++) {
    const [control, treatment] = [new Running(), new Running()];
    let end = 0;
    for (let n = 1; n <= sequential; n++) {
      const treated = random() < 0.5;
      (treated ? treatment : control).add(random() < base * (treated ? 1 + lift : 1) ? 1 : 0);
      const gap = treatment.mean - control.mean;
      if (n === once) {
        const { difference } = compareArms(treatment.moments, control.moments, { alpha: ALPHA });
        if (difference.low > 0) seenOnce++;
      }
      if (n < FIRST_LOOK || end > 0) continue;
      const error = Math.sqrt(treatment.variance / treatment.count + control.variance / control.count);
      if (gap > factors[n]! * error) end = n;
    }
    if (end > 0) seen++;
    stopped += end > 0 ? end : sequential;
  }
  const of = (count: number) => count / EXPERIMENTS;
  return { base, lift, once, sequential, seenOnce: of(seenOnce), seen: of(seen), stopped: of(stopped) };
}

/** Real digests of made-up secrets: the share, how many change arm while `enrolled` is raised, and two experiments beside each other. */
async function assignment(units: number) {
  const random = seededRandom(5);
  const digits = () => Array.from({ length: 8 }, () => Math.floor(random() * 2 ** 32).toString(16)).join('');
  let [treated, both, other, movedByRamp, movedBack] = [0, 0, 0, 0, 0];
  for (let i = 0; i < units; i++) {
    const unit = digits();
    const arm = (id: string, enrolled = 1, treatment = 0.3) => assignArm(unit, { id, enrolled, treatment });
    const [one, two] = [await arm('one'), await arm('two')];
    const [few, more] = [await arm('one', 0.2), await arm('one', 1, 0.6)];
    if (one === 'treatment') treated++;
    if (two === 'treatment') other++;
    if (one === 'treatment' && two === 'treatment') both++;
    if (few !== 'outside' && few !== one) movedByRamp++;
    if (one === 'treatment' && more !== 'treatment') movedBack++;
  }
  return {
    units,
    share: 0.3,
    one: treated / units,
    two: other / units,
    both: both / units,
    movedByRamp,
    movedBack,
  };
}

export async function benchPoc(): Promise<void> {
  const results: PocResults = {
    ...{ node: process.version, processor: `${cpus().length} cores, ${cpus()[0]?.model.trim()}` },
    ...{
      experiments: EXPERIMENTS,
      horizon: HORIZON,
      firstLook: FIRST_LOOK,
      factor: Math.sqrt(1 + bestSpread(ALPHA)),
    },
    coverage: [
      coverage(yes(0.2), 2_000, 0.5, 0.1, 11),
      coverage(counts, 2_000, 0.5, 0.1, 12),
      coverage(heavy, 2_000, 0.5, 0.1, 13),
      coverage(heavy, 10_000, 0.5, 0.1, 14),
      coverage(heavy, 10_000, 0.2, 0.1, 15),
    ],
    edge: [
      coverage(heavy, 2_000, 0.1, 0.1, 16),
      coverage(heavy, 200, 0.5, 0.1, 17),
      coverage(yes(0.01), 2_000, 0.5, 0.1, 18),
    ],
    peeking: [
      peeking(yes(0.2), 0.5, 21),
      peeking(counts, 0.5, 22),
      peeking(heavy, 0.5, 23),
      peeking(heavy, 0.2, 24),
    ],
    peekingEdge: [peeking(heavy, 0.1, 25)],
    sampleRatio: [
      sampleRatios(0.5, 0, 2_000, 100_000, 31),
      sampleRatios(0.1, 0, 2_000, 100_000, 32),
      sampleRatios(0.5, 0.05, 20_000, 2_000, 33),
    ],
    planned: [planned(0.1, 41), planned(0.2, 42)],
    assignment: await assignment(50_000),
    seconds: 0,
  };
  const timed = { ...results, seconds: cpuSeconds() };
  writeFileSync('docs/results/poc.json', `${JSON.stringify(timed, null, 1)}\n`);
  writeFileSync('docs/results/poc.md', pocPage(timed));
  console.log(pocPage(timed));
}
