/**
 * What a treatment changes, from one number of each person: the difference of the arms' means and the lift (their ratio less 1), each with an
 * interval that is valid at one look, or at every look.
 *
 * One look: Welch's interval; the lift by the delta method on the logarithm of the ratio. Every look: an asymptotic confidence sequence
 * (Waudby-Smith, Arbour, Sinha, Kennedy & Ramdas, "Time-uniform central limit theory and asymptotic confidence sequences", Annals of
 * Statistics 2024, arXiv 2103.06476; the Gaussian mixture), on the pseudo-outcomes whose running mean is the difference of means.
 */
import type { Interval } from './bootstrap.ts';
import { chiSquareTail, normalQuantile, tQuantile } from './distributions.ts';

/** Of one arm's numbers. */
export interface Moments {
  readonly count: number;
  readonly mean: number;
  /** Unbiased. */
  readonly variance: number;
}

/** In one pass (Welford 1962). */
export function momentsOf(values: Iterable<number>): Moments {
  let [count, mean, squares] = [0, 0, 0];
  for (const value of values) {
    const gap = value - mean;
    mean += gap / ++count;
    squares += gap * (value - mean);
  }
  return { count, mean, variance: count < 2 ? Number.NaN : squares / (count - 1) };
}

/** How sure, and whether looked at once or again and again. */
export interface Look {
  /** Share of intervals that may be wrong, e.g. 0.05. */
  readonly alpha: number;
  /**
   * Valid at every look; narrowest for about so many people in both arms, a number that was chosen before the first look. Absent: valid at
   * one look.
   */
  readonly horizon?: number | undefined;
}

/** People of one arm below which the normal distribution says little of a mean; nothing is told then. */
export const FEWEST = 30;
/** People in all from which on a sequence is looked at: it is asymptotic. */
export const FIRST_LOOK = 200;

export interface Comparison {
  /** Mean of treatment less mean of control. */
  readonly difference: Interval;
  /** Mean of treatment by mean of control, less 1: 0.05 is 5 % more. Not told where a mean is 0. */
  readonly lift: Interval;
}

export function compareArms(treatment: Moments, control: Moments, look: Look): Comparison {
  const difference = treatment.mean - control.mean;
  const lift = treatment.mean / control.mean - 1;
  const reach = reachOf(treatment, control, look);
  // Of the logarithm of a mean, to first order.
  const relative = ({ count, mean, variance }: Moments): Moments => ({
    ...{ count, mean },
    variance: variance / mean ** 2,
  });
  const logReach = reachOf(relative(treatment), relative(control), look);
  return {
    difference: { mean: difference, low: difference - reach, high: difference + reach },
    lift: {
      mean: lift,
      low: (1 + lift) * Math.exp(-logReach) - 1,
      high: (1 + lift) * Math.exp(logReach) - 1,
    },
  };
}

/** Half the width; NaN where nothing can be told. */
function reachOf(a: Moments, b: Moments, { alpha, horizon }: Look): number {
  const [ofA, ofB] = [a.variance / a.count, b.variance / b.count];
  const squared = ofA + ofB;
  const people = a.count + b.count;
  if (!(squared > 0 && Number.isFinite(squared)) || Math.min(a.count, b.count) < FEWEST) return Number.NaN;
  if (horizon !== undefined) {
    return people < FIRST_LOOK ? Number.NaN : Math.sqrt(squared) * sequenceFactor(people, alpha, horizon);
  }
  const degrees = squared ** 2 / (ofA ** 2 / (a.count - 1) + ofB ** 2 / (b.count - 1));
  return Math.sqrt(squared) * tQuantile(1 - alpha / 2, degrees);
}

/** Standard errors that a confidence sequence reaches at `people`: 1.96 of one look become about 3. */
export function sequenceFactor(people: number, alpha: number, horizon: number): number {
  // n ρ²
  const spread = people * (bestSpread(alpha) / horizon);
  return Math.sqrt((1 + 1 / spread) * (Math.log1p(spread) - 2 * Math.log(alpha)));
}

/** n ρ² at which {@link sequenceFactor} is smallest: the fixed point of u = log(1 + u) − 2 log α. */
export function bestSpread(alpha: number): number {
  let u = 1;
  for (let i = 0; i < 50; i++) u = Math.log1p(u) - 2 * Math.log(alpha);
  return u;
}

/** What share of people is in treatment, against the share that was drawn by. */
export interface SampleRatio {
  readonly expected: number;
  readonly found: number;
  /** Of a chi-square test at one look. */
  readonly pValue: number;
  /** People were lost from one arm more than from the other, or counted twice: nothing else in a report can be believed then. */
  readonly isMismatch: boolean;
}

/** False alarms of the check; the usual level (Fabijan et al., KDD 2019), since a check of every experiment must seldom err. */
export const RATIO_ALPHA = 0.001;

/** At every look, where `horizon` is given. */
export function checkSampleRatio(
  treated: number,
  people: number,
  expected: number,
  horizon?: number | undefined,
): SampleRatio {
  const found = treated / people;
  const error = Math.sqrt((expected * (1 - expected)) / people);
  // Where all are to be in one arm, there is no error.
  const errors = found === expected ? 0 : Math.abs(found - expected) / error;
  const pValue = chiSquareTail(errors ** 2);
  const isMismatch =
    horizon === undefined ? pValue < RATIO_ALPHA : errors > sequenceFactor(people, RATIO_ALPHA, horizon);
  return { expected, found, pValue, isMismatch };
}

/** An experiment to be. */
export interface Plan {
  readonly alpha: number;
  /** Chance to see a lift that is there. */
  readonly power: number;
  /** Share of treatment. */
  readonly share: number;
  /** Of one person's number, without treatment; a share of people where `deviation` is absent. */
  readonly mean: number;
  readonly deviation?: number | undefined;
  /** The smallest lift worth seeing: 0.05 is 5 % more. */
  readonly lift: number;
}

/** People in both arms who have to have met it. */
export interface SampleSize {
  /** Looked at once, then. */
  readonly once: number;
  /** Looked at again and again, and not ended before: as likely to be seen by then, often sooner. */
  readonly sequential: number;
}

/** From the normal distribution; where the numbers are yes or no, each arm has its own variance. */
export function sampleSize({ alpha, power, share, mean, deviation, lift }: Plan): SampleSize {
  const difference = mean * lift;
  const ofShare = (p: number) => p * (1 - p);
  const control = deviation === undefined ? ofShare(mean) : deviation ** 2;
  const treatment = deviation === undefined ? ofShare(mean + difference) : deviation ** 2;
  const variance = treatment / share + control / (1 - share);
  const people = (reach: number) => Math.ceil(variance * ((reach + normalQuantile(power)) / difference) ** 2);
  // At its horizon a sequence reaches √(1 + n ρ²) standard errors.
  return {
    once: people(normalQuantile(1 - alpha / 2)),
    sequential: people(Math.sqrt(1 + bestSpread(alpha))),
  };
}
