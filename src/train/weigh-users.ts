/**
 * Users who are weighed by what is asked, for training and evaluation: whoever is asked two things is two users of one vector each, of one
 * group, so that nobody is both trained on and held out.
 */
import { E2PError } from '../error.ts';
import { questionIn } from '../generate/for-question.ts';
import { vectorsOf } from '../projector/projector.ts';
import { type QuestionWeighting, weighByQuestion } from '../projector/weigh-by-question.ts';
import type { TrainOptions } from './train-options.ts';
import type { Example, Users } from './training-data.ts';

export interface WeighOptions extends QuestionWeighting {
  /** [dim] of what is asked, by its text. */
  readonly questions: ReadonlyMap<string, Float32Array>;
}

/** What examples ask, each once: what an encoder has to read. */
export const questionsOf = (examples: readonly Example[]): string[] => [
  ...new Set(examples.flatMap(({ messages }) => questionIn(messages) ?? [])),
];

/** @throws E2PError `invalid-data` for an example whose question has no vector */
export function weighUsers(
  { rows, dim }: Users,
  examples: readonly Example[],
  { questions, temperature }: WeighOptions,
): { readonly users: Users; readonly examples: readonly Example[] } {
  const weighed = new Map<string, Float32Array>();
  const moved = examples.map((example): Example => {
    const asked = questionIn(example.messages) ?? '';
    const question = questions.get(asked);
    if (question?.length !== dim) {
      const found = question === undefined ? 'no vector' : `${question.length} numbers`;
      throw new E2PError('invalid-data', `line ${example.line}: its question has ${found}, expected ${dim}`);
    }
    const user = JSON.stringify([example.user, asked]);
    if (!weighed.has(user))
      weighed.set(user, weighByQuestion(vectorsOf(rows.get(example.user)!, dim), question, { temperature }));
    return { ...example, user, group: example.group ?? example.user };
  });
  return { users: { rows: weighed, dim }, examples: moved };
}

/** A training of them, where `byQuestion` says so: how people lie in the space is told by their own vectors. */
export function weighTraining(options: TrainOptions): TrainOptions {
  const { byQuestion, users, examples, validation, canaries, reference = true, hide } = options;
  if (byQuestion === undefined) return options;
  const all = weighUsers(users, [...examples, ...(validation ?? []), ...(canaries ?? [])], byQuestion);
  const [from, to] = [examples.length, examples.length + (validation?.length ?? 0)];
  const trained = new Set(examples.map(({ user }) => user));
  const own = { ...users, rows: new Map([...users.rows].filter(([id]) => trained.has(id))) };
  const most = Math.max(...[...own.rows.values()].map((row) => row.length / users.dim));
  return {
    ...{ ...options, users: all.users, examples: all.examples.slice(0, from) },
    ...{ vectors: options.vectors ?? most, reference: reference === true ? own : reference },
    ...(validation && { validation: all.examples.slice(from, to) }),
    ...(canaries && { canaries: all.examples.slice(to) }),
    ...(hide && { hide: { ...hide, answers: answersOfWeighed(hide.answers, all.users) } }),
  };
}

/** Whoever asks, their answer is theirs. */
function answersOfWeighed(answers: ReadonlyMap<string, string>, { rows }: Users): Map<string, string> {
  return new Map(
    [...rows.keys()].flatMap((weighed): [string, string][] => {
      const answer = answers.get((JSON.parse(weighed) as [string, string])[0]);
      return answer === undefined ? [] : [[weighed, answer]];
    }),
  );
}
