import { describe, expect, it } from 'vitest';
import { seededRandom } from '../../world/random.ts';
import { DEV_INTERESTS } from './dev-interests.ts';
import { TRAIN_INTERESTS } from './interests.ts';
import { names } from './judge.ts';
import { drawOther, freePeople, heldOutPeople, type Person, trainPeople } from './people.ts';
import { TEST_INTERESTS } from './test-interests.ts';
import { DEV_FILLERS, fill, TEST_FRAMES, TRAIN_FILLERS, TRAIN_FRAMES } from './wordings.ts';

const counts = { people: 20, wordings: 40, interests: 40 };

describe('people', () => {
  it('have 2 to 5 lines: one for each of 1 to 3 interests, and 1 or 2 fillers', () => {
    const people = trainPeople(400, seededRandom(1));
    for (const { lines, interests } of people) {
      expect(new Set(interests.map(({ name }) => name)).size).toBe(interests.length);
      const fillers = lines.filter((line) => TRAIN_FILLERS.includes(line));
      expect(fillers.length).toBe(lines.length - interests.length);
      expect([1, 2]).toContain(fillers.length);
      for (const interest of interests) {
        const told = interest.phrases.flatMap((phrase) => TRAIN_FRAMES.map((frame) => fill(frame, phrase)));
        expect(lines.some((line) => told.includes(line))).toBe(true);
      }
    }
    expect(new Set(people.map(({ interests }) => interests.length))).toEqual(new Set([1, 2, 3]));
    expect(people.some(({ lines }) => TRAIN_FILLERS.includes(lines[0]!))).toBe(true);
    expect(new Set(people.flatMap(({ interests }) => interests)).size).toBe(TRAIN_INTERESTS.length);
  });

  it('are the same for the same seed, and others for another', () => {
    expect(trainPeople(5, seededRandom(3))).toEqual(trainPeople(5, seededRandom(3)));
    expect(trainPeople(5, seededRandom(3))).not.toEqual(trainPeople(5, seededRandom(4)));
  });

  it('of dev and test come in the kinds asked for, with the interests of that kind', () => {
    const dev = heldOutPeople('dev', counts, seededRandom(1));
    const kindOf = ({ id }: Person): string => id.split('-')[1]!;
    expect(dev).toHaveLength(100);
    for (const person of dev) {
      const pool = kindOf(person) === 'interests' ? DEV_INTERESTS : TRAIN_INTERESTS;
      expect(person.interests.every((interest) => pool.includes(interest))).toBe(true);
      const own = person.lines.some((line) => DEV_FILLERS.includes(line));
      expect(own).toBe(kindOf(person) !== 'people');
    }
    const test = heldOutPeople('test', counts, seededRandom(1)).filter(
      (each) => kindOf(each) === 'interests',
    );
    expect(new Set(test.flatMap(({ interests }) => interests))).toEqual(new Set(TEST_INTERESTS));
  });

  it('with unseen wordings speak in no frame of training', () => {
    const [person] = heldOutPeople('test', { people: 0, wordings: 1, interests: 0 }, seededRandom(9));
    const starts = TEST_FRAMES.map((frame) => frame.split('{}'));
    const framed = person!.lines.filter((line) =>
      starts.some(([before, after]) => line.startsWith(before!) && line.endsWith(after!)),
    );
    expect(framed).toHaveLength(person!.interests.length);
  });
});

describe('freePeople', () => {
  it('are 66 in dev and 96 in test, half of the latter with interests of training', () => {
    expect(freePeople('dev')).toHaveLength(66);
    const test = freePeople('test');
    const trained = test.filter(({ interests }) => TRAIN_INTERESTS.includes(interests[0]!));
    expect([test.length, trained.length]).toEqual([96, 48]);
    expect(trained.filter(({ id }) => /^test-(named|told)-\d+$/.test(id))).toHaveLength(48);
  });
});

describe('drawOther', () => {
  it('shares no interest and no word for one, in either direction', () => {
    const people = [...heldOutPeople('test', counts, seededRandom(5)), ...freePeople('test')];
    const random = seededRandom(6);
    for (const person of people) {
      const other = drawOther(person, people, random);
      expect(person.interests.some((interest) => other.interests.includes(interest))).toBe(false);
      expect(person.interests.some((interest) => names(interest, other.lines.join('\n')))).toBe(false);
      expect(other.interests.some((interest) => names(interest, person.lines.join('\n')))).toBe(false);
    }
  });

  it('says so where everybody has the same interests', () => {
    const [person] = trainPeople(1, seededRandom(1));
    const twin: Person = { ...person!, id: 'twin' };
    expect(() => drawOther(person!, [person!, twin], seededRandom(1))).toThrow(
      'people has 2 people, none with other interests than train-0',
    );
  });
});
