import { expect, it } from 'vitest';
import { seededRandom } from '../../generate/sampling.ts';
import { eventMembership } from './event-membership.ts';

const random = seededRandom(3);
const THINGS = 5;
const people = Array.from({ length: 60 }, () => {
  const has = Array.from({ length: THINGS }, () => Number(random() < 0.3));
  return { has, said: has.map((v) => v * 0.4 + random()) };
});

it('is the mean over people of how often their things are above those of others, pair by pair', () => {
  let [sum, count] = [0, 0];
  for (const { has, said } of people) {
    let [own, things] = [0, 0];
    for (let c = 0; c < THINGS; c++) {
      if (has[c] === 0) continue;
      const pairs = people.filter((other) => other.has[c] === 0);
      own += pairs.filter((other) => other.said[c]! < said[c]!).length / pairs.length;
      things++;
    }
    if (things > 0) [sum, count] = [sum + own / things, count + 1];
  }
  const found = eventMembership(people)!;
  expect(found.mean).toBeCloseTo(sum / count, 10);
  expect(found.low).toBeGreaterThan(0.5);
});

it('is 1 of what is said of those alone who have it, and one half of what is said of everybody alike', () => {
  expect(eventMembership(people.map(({ has }) => ({ has, said: has })))!.mean).toBe(1);
  const alike = [0.3, 0.2, 0.9, 0.1, 0.5];
  expect(eventMembership(people.map(({ has }) => ({ has, said: alike })))!.mean).toBe(0.5);
});

it('is undefined for fewer than 20 people, and for what everybody has', () => {
  expect(eventMembership(people.slice(0, 15))).toBeUndefined();
  expect(eventMembership(people.map(({ said }) => ({ said, has: said.map(() => 1) })))).toBeUndefined();
});
