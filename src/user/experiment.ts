/**
 * An experiment as the app declares it, the same on every device: who takes part, in which of two arms, and which numbers of a person may
 * be told of it. What is not declared here can neither be counted nor leave.
 */
import { E2PError } from '../error.ts';
import { createReader } from './read-untrusted.ts';

/**
 * Bounds: experiments of a vault, numbers of one (CWE-770), days that outcomes are counted; and the steps that a total can have, so that a
 * total has room for a count and not for a text or an id.
 */
export const EXPERIMENT_LIMITS = { count: 100, metrics: 8, days: 90, steps: 1_000 } as const;

/** A number that is summed up over a person's days. */
export interface Metric {
  /** The largest total of a person: what is above it counts as this. */
  readonly most: number;
  /** Totals are rounded to a multiple of it; `most` is at most 1,000 of them. Default 1. */
  readonly step?: number;
}

/** An experiment with two arms. Names are told in clear, so they say nothing of a person: 1 to 64 letters, digits, `.`, `_`, `-`. */
export interface Experiment {
  readonly id: string;
  /** Share of people who take part, 0 to 1. Default 1. Raised, more people come in, and nobody changes arm. */
  readonly enrolled?: number;
  /**
   * Share of those who are treated, 0 to 1. Default 0.5. Raised, people move from control to treatment and never back; to ramp up raise
   * `enrolled` instead, which moves nobody.
   */
  readonly treatment?: number;
  /** Whole days from the first `arm()` that are counted, 1 to 90. */
  readonly days: number;
  /** By name, at most 8. */
  readonly metrics: Readonly<Record<string, Metric>>;
}

export const ARMS = ['control', 'treatment'] as const satisfies readonly Arm[];
/** Which of the two a person is given; `outside`: takes no part, and is given what everybody has. */
export type Arm = 'control' | 'treatment' | 'outside';

/** As {@link Experiment}, complete. */
export interface CheckedExperiment {
  readonly id: string;
  readonly enrolled: number;
  readonly treatment: number;
  readonly days: number;
  readonly metrics: ReadonlyMap<string, Required<Metric>>;
}

const NAME = /^[A-Za-z0-9._-]{1,64}$/;
export const NAME_IN_WORDS = '1 to 64 letters, digits, dots, dashes or underscores';

/** @throws E2PError `invalid-argument` naming the field */
export function checkExperiment(experiment: Experiment): CheckedExperiment {
  const reader = createReader('invalid-argument', 'the experiment');
  const { id, enrolled, treatment, days, metrics } = reader.fields(experiment, '', [
    ...['id', 'enrolled', 'treatment', 'days', 'metrics'],
  ]);
  const share = (value: unknown, where: string): number => {
    const found = reader.finite(value, where);
    return found >= 0 && found <= 1 ? found : reader.refuse(where, 'a number from 0 to 1');
  };
  if (!Number.isInteger(days) || (days as number) < 1 || (days as number) > EXPERIMENT_LIMITS.days)
    reader.refuse('days', `a whole number from 1 to ${EXPERIMENT_LIMITS.days}`);
  if (typeof metrics !== 'object' || metrics === null) return reader.refuse('metrics', 'an object');
  const entries = Object.entries(metrics);
  if (entries.length > EXPERIMENT_LIMITS.metrics)
    reader.refuse('metrics', `at most ${EXPERIMENT_LIMITS.metrics}`);
  return {
    id: checkName(id, 'the experiment: id'),
    enrolled: share(enrolled ?? 1, 'enrolled'),
    treatment: share(treatment ?? 0.5, 'treatment'),
    days: days as number,
    metrics: new Map(
      entries.map(([name, given]) => {
        const where = `metrics.${checkName(name, 'the experiment: the name of a metric')}`;
        const metric = reader.fields(given, where, ['most', 'step']);
        const most = reader.finite(metric.most, `${where}.most`);
        const step = reader.finite(metric.step ?? 1, `${where}.step`);
        if (!(step > 0)) reader.refuse(`${where}.step`, 'a number above 0');
        const steps = Math.round(most / step);
        const isWhole = Math.abs(most - steps * step) <= 1e-9 * most;
        if (!(isWhole && steps >= 1 && steps <= EXPERIMENT_LIMITS.steps))
          reader.refuse(`${where}.most`, `1 to ${EXPERIMENT_LIMITS.steps} whole steps of ${step}`);
        return [name, { most, step }];
      }),
    ),
  };
}

/** Of what is told in clear. */
export const isName = (value: unknown): value is string => typeof value === 'string' && NAME.test(value);

/** @throws E2PError `invalid-argument` */
export function checkName(value: unknown, what: string): string {
  if (isName(value)) return value;
  throw new E2PError('invalid-argument', `${what} must be ${NAME_IN_WORDS}`);
}
