/**
 * Was one event in a person's log? An attacker who knows of it sees only how surely it is said of the person, and of others: the AUC by person, the
 * probability that what somebody has is said more surely of them than of somebody who has it not. What is said of everybody alike gives 0.5.
 */
import { bootstrapMean, type Interval } from '../bootstrap.ts';
import { average } from './attributes.ts';

/** Fewer say nothing: an interval over them is as wide as the scale. */
export const FEWEST = 20;

/** Of one person, a number for each thing: how surely it is said of them, and 1 where they have it. */
export interface Answered {
  readonly said: readonly number[];
  readonly has: readonly number[];
}

/**
 * A mean over people who have something that others have not, with an interval over them.
 * @returns undefined where they are too few
 */
export function eventMembership(people: readonly Answered[]): Interval | undefined {
  const without = people[0]!.has.map((_, c) =>
    people.filter(({ has }) => has[c] === 0).map(({ said }) => said[c]!),
  );
  const shares = people.flatMap(({ said, has }) => {
    const found = has.flatMap((v, c) => {
      const others = without[c]!;
      if (v === 0 || others.length === 0) return [];
      const below = others.reduce(
        (sum, other) => sum + (other < said[c]! ? 1 : other === said[c]! ? 0.5 : 0),
        0,
      );
      return [below / others.length];
    });
    return found.length === 0 ? [] : [average(found)];
  });
  return shares.length < FEWEST ? undefined : bootstrapMean(shares);
}
