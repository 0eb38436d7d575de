/** People as training and test examples. */
import type { BaseModel } from '../../src/node.ts';
import type { Example, Users } from '../../src/train.ts';
import type { Random } from '../../tools/world/random.ts';
import type { PeopleEmbedder } from './als-people.ts';
import { earlier, later, type Movies, type Person } from './ratings.ts';
import { fittingPersona, PROMPT } from './texts.ts';

/** A text persona is as many titles as fit. */
export const PERSONA_TOKENS = 64;
/** Of one person, so that nobody with a thousand likes decides the mean. */
const MAX_TARGETS = 20;
const TARGETS_PER_VIEW = 4;

export interface People {
  readonly users: Users;
  readonly examples: readonly Example[];
}

/**
 * Each person `views` times: a part of their likes is the user, others are the targets; in every other view the part is what came first,
 * else any. All views of a person are a group.
 */
export function trainingExamples(
  people: readonly Person[],
  movies: Movies,
  embedder: PeopleEmbedder,
  { views, random }: { readonly views: number; readonly random: Random },
): People {
  const rows = new Map<string, Float32Array>();
  const examples: Example[] = [];
  for (const [index, { id, likes }] of people.entries()) {
    for (let view = 0; view < views; view++) {
      const order = view % 2 === 0 ? likes : random.shuffled(likes);
      const cut = Math.round(likes.length * (0.3 + 0.4 * random.next()));
      const user = `${id}.${view}`;
      rows.set(user, embedder.embedKnown(index, order.slice(0, cut)));
      for (const title of random.shuffled(order.slice(cut)).slice(0, TARGETS_PER_VIEW))
        examples.push(example(user, id, movies.titles[title]!, undefined, examples.length));
    }
  }
  return { users: { rows, dim: rows.values().next().value!.length }, examples };
}

/**
 * New people: the earlier half of their likes is the user, in numbers and in words; the later half the targets.
 * @param known which of the earlier likes the embedding is made of; default: all
 */
export function testExamples(
  people: readonly Person[],
  movies: Movies,
  embedder: PeopleEmbedder,
  {
    codec,
    random,
    known = (likes) => likes,
  }: {
    readonly codec: BaseModel['codec'];
    readonly random: Random;
    readonly known?: (likes: readonly number[]) => readonly number[];
  },
): People & { readonly targets: readonly { readonly person: number; readonly title: number }[] } {
  const rows = new Map<string, Float32Array>();
  const examples: Example[] = [];
  const targets: { person: number; title: number }[] = [];
  for (const [index, person] of people.entries()) {
    rows.set(person.id, embedder.embed(known(earlier(person))));
    const persona = fittingPersona(
      movies,
      earlier(person),
      (text) => codec.encode(text).length,
      PERSONA_TOKENS,
    );
    for (const title of random.shuffled(later(person)).slice(0, MAX_TARGETS)) {
      targets.push({ person: index, title });
      examples.push(example(person.id, person.id, movies.titles[title]!, persona, examples.length));
    }
  }
  return { users: { rows, dim: rows.values().next().value!.length }, examples, targets };
}

const example = (
  user: string,
  group: string,
  target: string,
  persona: string | undefined,
  at: number,
): Example => ({
  ...{ user, group, target, persona, line: at + 1 },
  messages: [{ role: 'user', content: PROMPT }],
});
