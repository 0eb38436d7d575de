/**
 * What an attacker wants to know of people, as columns of numbers to be predicted, and how much of it a prediction tells. Think of each attribute
 * as a question with one kind of answer: one of a few classes, a number, or a set of things.
 */
import { E2PError } from '../../error.ts';
import { jsonLines, kind, textField } from '../../train/training-data.ts';

/** Of each user what is known, by id. */
export type Answers = ReadonlyMap<string, string | number | ReadonlySet<string>>;

export interface Attribute {
  readonly name: string;
  readonly kind: 'class' | 'number' | 'set';
  readonly answers: Answers;
}

/** Things that fewer people have say more of the people than can be told by chance. */
export const RAREST = 5;
/** The square of a larger number is none. */
const LARGEST = 1e100;

/**
 * `{"user": "u17", "attributes": {"city": "Rome", "age": 34, "likes": ["jazz", "chess"]}}` a line: text and true or false are classes, numbers
 * are numbers, a list of texts is a set. An attribute may be absent for some.
 * @throws E2PError `invalid-data`
 */
export function readAttributes(bytes: Uint8Array, fileName: string): Attribute[] {
  const found = new Map<
    string,
    { kind: Attribute['kind']; answers: Map<string, string | number | Set<string>> }
  >();
  const seen = new Set<string>();
  for (const { value, refuse } of jsonLines(bytes, fileName)) {
    const user = textField(value, 'user', refuse);
    if (seen.has(user)) refuse('user', 'the id of an earlier line again', 'each user once');
    seen.add(user);
    const { attributes } = value;
    if (typeof attributes !== 'object' || attributes === null || Array.isArray(attributes))
      return refuse('attributes', kind(attributes), 'an object');
    for (const [name, given] of Object.entries(attributes)) {
      const field = `attributes.${name}`;
      if (typeof given === 'number' && !(Math.abs(given) <= LARGEST))
        return refuse(field, `a number beyond ${LARGEST}`, 'a smaller one');
      const answer = answerOf(given);
      if (answer === undefined)
        return refuse(field, kind(given), 'text, a number, true, false or a list of texts');
      const attribute = found.get(name) ?? { kind: answer.kind, answers: new Map() };
      if (attribute.kind !== answer.kind)
        return refuse(field, kind(given), `a ${attribute.kind} as in the lines before`);
      attribute.answers.set(user, answer.value);
      found.set(name, attribute);
    }
  }
  if (found.size === 0)
    throw new E2PError('invalid-data', `${fileName}: no attributes, expected at least one`);
  return [...found].map(([name, attribute]) => ({ name, ...attribute }));
}

function answerOf(given: unknown) {
  if (typeof given === 'boolean') return { kind: 'class', value: String(given) } as const;
  if (typeof given === 'string') return { kind: 'class', value: given } as const;
  if (typeof given === 'number') return { kind: 'number', value: given } as const;
  if (Array.isArray(given) && given.every((item) => typeof item === 'string'))
    return { kind: 'set', value: new Set<string>(given) } as const;
  return undefined;
}

/** An attribute as columns: one for each class or thing of the training users, or one for a number. */
export interface Columns {
  readonly attribute: Attribute;
  /** What each column stands for. */
  readonly names: readonly string[];
  /** Of the training users: what is said of anybody without a look at them, [columns]. */
  readonly population: readonly number[];
  /** [columns] of a user of whom it is known. */
  of(user: string): readonly number[];
  /**
   * How right a prediction [columns] is for a user: of a class 1 or 0, of a set the share of its things among as many of the highest columns, of a
   * number 1 − error² ÷ variance, whose mean is R²; undefined where the answer is not known.
   */
  score(prediction: readonly number[], user: string): number | undefined;
}

/** @param train users that the attacker may learn from; @param test whose variance a number's score is of */
export function columnsOf(attribute: Attribute, train: readonly string[], test: readonly string[]): Columns {
  const { answers } = attribute;
  const known = train.filter((user) => answers.has(user));
  if (attribute.kind === 'number') {
    const numbers = (users: readonly string[]) =>
      users.flatMap((user) => (answers.has(user) ? [answers.get(user) as number] : []));
    const mean = average(numbers(known));
    const scale = Math.sqrt(average(numbers(known).map((v) => (v - mean) ** 2))) || 1;
    const variance = average(numbers(test).map((v) => ((v - mean) / scale) ** 2)) || 1;
    const of = (user: string) => [((answers.get(user) as number) - mean) / scale];
    return {
      ...{ attribute, names: [attribute.name], population: [0], of },
      score: ([found], user) => (answers.has(user) ? 1 - (found! - of(user)[0]!) ** 2 / variance : undefined),
    };
  }
  const thingsOf = (user: string): ReadonlySet<string> => {
    const answer = answers.get(user)!;
    return answer instanceof Set ? answer : new Set([answer as string]);
  };
  const counts = new Map<string, number>();
  for (const user of known)
    for (const thing of thingsOf(user)) counts.set(thing, (counts.get(thing) ?? 0) + 1);
  const names = [...counts].filter(([, count]) => count >= RAREST).map(([name]) => name);
  const population = names.map((name) => counts.get(name)! / known.length);
  return {
    ...{ attribute, names, population },
    of: (user) => names.map((name) => Number(thingsOf(user).has(name))),
    score: (prediction, user) => {
      if (!answers.has(user)) return undefined;
      const things = thingsOf(user);
      const size = Math.min(things.size, names.length);
      if (size === 0) return undefined;
      const highest = [...names.keys()].sort((a, b) => prediction[b]! - prediction[a]!).slice(0, size);
      return highest.filter((column) => things.has(names[column]!)).length / things.size;
    },
  };
}

export const average = (values: readonly number[]): number =>
  values.length === 0 ? 0 : values.reduce((sum, v) => sum + v, 0) / values.length;
