/**
 * People drawn from the tables: a few lines about their interests, a line or two that say nothing of them, shuffled.
 * A person of dev or test shares nothing with training beyond what its kind says. Same seed, same people.
 */
import { E2PError } from '../../../src/node.ts';
import type { Random } from '../../world/random.ts';
import { DEV_INTERESTS } from './dev-interests.ts';
import { DEV_FREE_LINES, TEST_FREE_LINES } from './free-lines.ts';
import type { Interest } from './interest.ts';
import { TRAIN_INTERESTS } from './interests.ts';
import { names } from './judge.ts';
import { DEV_NAMED_LINES, TEST_NAMED_LINES } from './named-lines.ts';
import { TEST_INTERESTS } from './test-interests.ts';
import {
  DEV_FILLERS,
  DEV_FRAMES,
  fill,
  TEST_FILLERS,
  TEST_FRAMES,
  TRAIN_FILLERS,
  TRAIN_FRAMES,
} from './wordings.ts';

export interface Person {
  /** Unique within a split and draw: 'dev-wordings-3'. */
  readonly id: string;
  /** What the person writes: 2 to 5 lines; one for people in their own words. */
  readonly lines: readonly string[];
  readonly interests: readonly Interest[];
}

export type Split = 'train' | 'dev' | 'test';
export type HeldOut = 'dev' | 'test';

/**
 * 'people': other people, with interests and wordings of training. 'wordings': interests of training, unseen frames
 * and fillers. 'interests': unseen interests in unseen frames and fillers.
 */
export const PERSON_KINDS = ['people', 'wordings', 'interests'] as const;
export type PersonKind = (typeof PERSON_KINDS)[number];

interface Material {
  readonly interests: readonly Interest[];
  readonly frames: readonly string[];
  readonly fillers: readonly string[];
}

const TRAINED: Material = { interests: TRAIN_INTERESTS, frames: TRAIN_FRAMES, fillers: TRAIN_FILLERS };

const UNSEEN: Readonly<Record<HeldOut, Material>> = {
  dev: { interests: DEV_INTERESTS, frames: DEV_FRAMES, fillers: DEV_FILLERS },
  test: { interests: TEST_INTERESTS, frames: TEST_FRAMES, fillers: TEST_FILLERS },
};

export function trainPeople(count: number, random: Random): readonly Person[] {
  return draw('train', count, TRAINED, random);
}

/** People of each kind, in the order of `PERSON_KINDS`. Every interest comes once before one comes again. */
export function heldOutPeople(
  split: HeldOut,
  counts: Readonly<Record<PersonKind, number>>,
  random: Random,
): readonly Person[] {
  const unseen = UNSEEN[split];
  const materials: Readonly<Record<PersonKind, Material>> = {
    people: TRAINED,
    wordings: { ...unseen, interests: TRAIN_INTERESTS },
    interests: unseen,
  };
  return PERSON_KINDS.flatMap((kind) => draw(`${split}-${kind}`, counts[kind], materials[kind], random));
}

/**
 * The people who speak in their own words: one line and one interest each. 'named': the line names the interest, 'told': it tells of
 * it by a detail.
 */
export function freePeople(split: HeldOut): readonly Person[] {
  const [named, told] =
    split === 'dev' ? [DEV_NAMED_LINES, DEV_FREE_LINES] : [TEST_NAMED_LINES, TEST_FREE_LINES];
  const all = [
    ...named.map((each) => ({ ...each, kind: 'named' })),
    ...told.map((each) => ({ ...each, kind: 'told' })),
  ];
  return all.map(({ line, interest, kind }, index) => ({
    id: `${split}-${kind}${UNSEEN[split].interests.includes(interest) ? '-interests' : ''}-${index}`,
    lines: [line],
    interests: [interest],
  }));
}

/**
 * Somebody else, for the control with another person's soft token: no stem of the one's interests stands in the
 * lines of the other, nor in any phrase of the other's interests.
 * @throws E2PError `invalid-argument` if nobody among `people` is that different
 */
export function drawOther(person: Person, people: readonly Person[], random: Random): Person {
  const others = people.filter(
    (other) => other.id !== person.id && !speaksOf(person, other) && !speaksOf(other, person),
  );
  if (others.length === 0) {
    throw new E2PError(
      'invalid-argument',
      `people has ${people.length} people, none with other interests than ${person.id}`,
    );
  }
  return random.pick(others);
}

function speaksOf(person: Person, other: Person): boolean {
  const told = person.interests.flatMap(({ about, phrases }) => [about, ...phrases]);
  const said = [...person.lines, ...told].join('\n');
  return other.interests.some((interest) => names(interest, said));
}

function draw(prefix: string, count: number, material: Material, random: Random): readonly Person[] {
  const interests = deck(material.interests, random);
  const frames = deck(material.frames, random);
  const fillers = deck(material.fillers, random);
  return Array.from({ length: count }, (_, index) => {
    const theirs = interests(1 + random.below(3));
    const wordings = frames(theirs.length);
    const about = theirs.map(({ phrases }, i) => fill(wordings[i]!, random.pick(phrases)));
    const lines = random.shuffled([...about, ...fillers(1 + random.below(2))]);
    return { id: `${prefix}-${index}`, lines, interests: theirs };
  });
}

/** Draws distinct items from a shuffled pile; once too few are left, the others are shuffled in below them. */
function deck<T>(list: readonly T[], random: Random): (count: number) => T[] {
  let pile: T[] = [];
  return (count) => {
    if (pile.length < count)
      pile = [...pile, ...random.shuffled(list.filter((item) => !pile.includes(item)))];
    return pile.splice(0, count);
  };
}
