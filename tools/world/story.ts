/**
 * A story is a set of structured facts, one for every angle, so that any angle can be told from the same prompt.
 * Think of it as an article's or a show's database record. Its key (thing and place, or the two words of a title)
 * decides by hash which split it belongs to: two splits never share a key.
 */
import { ANGLES, type Angle } from './lexicon-angles.ts';
import {
  AMOUNTS,
  BENEFITS,
  FINDINGS,
  FIRST_NAMES,
  JOBS,
  ORGANISATIONS,
  PLACES,
  SPECIES,
  SPOTS,
  STARS,
  TEAMS,
  THINGS,
  TITLE_FIRST,
  TITLE_SECOND,
  TOPICS,
  type Topic,
} from './lexicon-facts.ts';
import {
  FACT_LABELS,
  FACT_QUESTIONS,
  HEADLINE_PROMPTS,
  NAME_LABELS,
  RECOMMEND_PROMPTS,
} from './lexicon-prompts.ts';
import { capitalise, word } from './phrase.ts';
import { hash, type Random } from './random.ts';

/** Of readers and of stories: the base model is pretrained on one part, the projector is trained on another. */
export const SPLITS = ['pretrain', 'train', 'validation', 'test'] as const;
export type Split = (typeof SPLITS)[number];

export interface Story {
  readonly kind: 'article' | 'show';
  readonly key: string;
  readonly split: Split;
  readonly topic: Topic;
  /** The gaps of this story's templates: {thing}, {org}, {place} of an article, {title} of a show. */
  readonly names: Readonly<Record<string, string>>;
  readonly facts: Readonly<Record<Angle, string>>;
}

/** In percent of the keys, in the order of `SPLITS`. */
const SHARES = [60, 25, 5, 10];

export function splitOfKey(key: string): Split {
  let bucket = hash(key) % 100;
  const index = SHARES.findIndex((share) => {
    bucket -= share;
    return bucket < 0;
  });
  return SPLITS[index]!;
}

/** A new story of the split, every fact drawn uniformly. */
export function drawStory(kind: Story['kind'], split: Split, random: Random): Story {
  for (;;) {
    const topic = random.pick(TOPICS);
    const names: Readonly<Record<string, string>> =
      kind === 'article'
        ? { thing: random.pick(THINGS[topic]), place: random.pick(PLACES), org: random.pick(ORGANISATIONS) }
        : { title: `${random.pick(TITLE_FIRST)} ${random.pick(TITLE_SECOND[topic])}` };
    const key = names.title ?? `${names.thing} in ${names.place}`;
    if (splitOfKey(key) === split) return { kind, key, split, topic, names, facts: drawFacts(random) };
  }
}

function drawFacts(random: Random): Record<Angle, string> {
  return {
    money: random.pick(AMOUNTS),
    people: `${random.pick(FIRST_NAMES)} the ${random.pick(JOBS)}`,
    science: random.pick(FINDINGS),
    local: random.pick(SPOTS),
    gossip: random.pick(STARS),
    health: random.pick(BENEFITS),
    nature: random.pick(SPECIES),
    sport: random.pick(TEAMS),
  };
}

/** The request for a text about this story: all its facts in random order, half of the time with their labels. */
export function storyPrompt(story: Story, random: Random): string {
  const labelled = random.next() < 0.5;
  const facts = random
    .shuffled(ANGLES)
    .map((angle) => (labelled ? `${FACT_LABELS[angle]} ${story.facts[angle]}` : story.facts[angle]))
    .join(', ');
  if (story.kind === 'show') return word(random.pick(RECOMMEND_PROMPTS), { ...story.names, facts }, random);
  const { thing, org, place } = story.names;
  return word(random.pick(HEADLINE_PROMPTS), { facts: `${thing}, ${org}, ${place}, ${facts}` }, random);
}

/** A question about one fact or name of the story, which the chat has told before, and the fact as its answer. */
export function factQuestion(story: Story, random: Random): { prompt: string; target: string } {
  const answers = { ...story.names, ...story.facts };
  const labels = { ...NAME_LABELS, ...FACT_LABELS };
  const asked = random.pick(Object.keys(answers) as (keyof typeof answers & keyof typeof labels)[]);
  const prompt = capitalise(word(random.pick(FACT_QUESTIONS), { label: labels[asked] }, random));
  return { prompt, target: answers[asked] };
}
