/**
 * What an event says about its item, as a number of clicks: by its type, its own weight and its age. Device and backend count alike when
 * both take it from here.
 */
import { E2PError } from '../error.ts';
import type { UserEvent } from './events.ts';

/** Clicks that an event may count as (CWE-770): sums of ten thousand such leave fold-in a solution, far larger ones none. */
export const MOST_CLICKS = 1e7;

/** Clicks that an event of a type counts as, for each unit of its `weight`; or made of that weight by a function. */
export type ActivityTypes = Readonly<Record<string, number | ((weight: number) => number)>>;

/**
 * Where nothing else is said; events of other types say nothing. The weight of a `dwell` is in seconds: half a minute is a view, and it
 * takes twice as long to count one more.
 */
export const ACTIVITY_TYPES: ActivityTypes = {
  ...{ view: 1, click: 1, like: 4, skip: -1 },
  dwell: (seconds) => Math.log2(1 + Math.max(0, seconds) / 30),
};

/**
 * Clicks that an event counts as, its age left out.
 * @throws E2PError `invalid-argument` where that is no number from −1e7 to 1e7
 */
export function activityWeight(
  { type, weight = 1 }: Pick<UserEvent, 'type' | 'weight'>,
  types: ActivityTypes = ACTIVITY_TYPES,
): number {
  const of = Object.hasOwn(types, type) ? types[type]! : 0;
  const counted = typeof of === 'function' ? of(weight) : of * weight;
  if (Math.abs(counted) <= MOST_CLICKS) return counted;
  throw new E2PError(
    'invalid-argument',
    `types: the weight of ${JSON.stringify(type)} must be a number from ${-MOST_CLICKS} to ${MOST_CLICKS}`,
  );
}

/**
 * Events as counts for `foldIn`: what each of them counts at a moment.
 */
export function activityCounts(
  events: readonly (Pick<UserEvent, 'type' | 'weight'> & { readonly time: number })[],
  {
    types,
    halfLife = Number.POSITIVE_INFINITY,
    at = events.reduce((latest, { time }) => Math.max(latest, time), Number.NEGATIVE_INFINITY),
  }: {
    readonly types?: ActivityTypes;
    /** Milliseconds after which an event counts half. Default: for ever the same. */
    readonly halfLife?: number;
    /** Milliseconds since 1970. Default: the time of the latest event. */
    readonly at?: number;
  } = {},
): number[] {
  checkHalfLife(halfLife);
  return events.map((event) => activityWeight(event, types) * 2 ** ((event.time - at) / halfLife));
}

/** @throws E2PError `invalid-argument` */
export function checkHalfLife(halfLife: number): void {
  if (!(halfLife >= 1))
    throw new E2PError('invalid-argument', `halfLife is ${halfLife}, expected milliseconds from 1`);
}
