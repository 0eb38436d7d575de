/** What all measures share: the LLM, the projectors, the people of a split with what they say, and the questions they ask. */
import { readFileSync } from 'node:fs';
import {
  type BaseModel,
  createRuntime,
  type Dtype,
  loadModel,
  loadSentenceEncoder,
  type Runtime,
  type SentenceEncoder,
} from '../../../src/node.ts';
import { checkContract } from '../../../src/projector/check-contract.ts';
import { withAnchorRows } from '../../../src/projector/projector.ts';
import { type Projector, readProjector } from '../../../src/train.ts';
import { checkEncoder } from '../../../src/user/sentence-encoder.ts';
import { seededRandom } from '../../world/random.ts';
import type { Sources } from '../conditions.ts';
import { drawOther, freePeople, type HeldOut, heldOutPeople, type Person } from '../data/people.ts';
import { DEV_QUESTIONS, TEST_QUESTIONS } from '../data/questions.ts';
import { keywordsOf } from '../keywords.ts';
import { type Asker, openAsker } from './answer-store.ts';

export const SEED = 11;

/** How much is asked; `questions` of each person, taken in turns; `free`: people of one line in their own words, of each kind. */
export interface Sizes {
  readonly counts: Readonly<Record<'people' | 'wordings' | 'interests', number>>;
  readonly free: number;
  readonly questions: number;
  readonly tokens: number;
  /** Of each kind of harmless task. */
  readonly tasks: number;
  readonly samples: number;
  readonly turns: number;
  /** People whose lines are put in another order, whose prompts are timed, who ask other files of the model. */
  readonly permuted: number;
  readonly timed: number;
  readonly repeats: number;
  readonly elsewhere: number;
}

export const FULL: Sizes = {
  counts: { people: 12, wordings: 18, interests: 18 },
  ...{ free: 18, questions: 3, tokens: 32, tasks: Number.POSITIVE_INFINITY, samples: 20 },
  ...{ turns: 90, permuted: 20, timed: 20, repeats: 5, elsewhere: 20 },
};

export const SMOKE: Sizes = {
  counts: { people: 0, wordings: 1, interests: 1 },
  ...{ free: 1, questions: 1, tokens: 3, tasks: 1, samples: 2 },
  ...{ turns: 1, permuted: 1, timed: 1, repeats: 1, elsewhere: 1 },
};

export interface Subject extends Person {
  readonly kind: string;
  /** [lines, dim] */
  readonly vectors: Float32Array;
  readonly keywords: readonly string[];
  readonly questions: readonly string[];
}

export interface Job {
  readonly subject: Subject;
  readonly question: string;
}

export interface Setting {
  readonly split: HeldOut;
  readonly sizes: Sizes;
  readonly model: BaseModel;
  readonly runtime: Runtime;
  readonly asker: Asker;
  readonly encoder: SentenceEncoder;
  readonly told: Sources;
  /** Trained with other seeds, beside the one of `told`. */
  readonly seeds: readonly { readonly file: string; readonly told: Sources }[];
  readonly constant: Sources | undefined;
  readonly subjects: readonly Subject[];
  readonly jobs: readonly Job[];
  readonly cache: string;
  readonly threads: number;
}

export interface SettingOptions {
  readonly model: string;
  readonly dtype: Dtype;
  readonly encoder: string;
  readonly projector: string;
  readonly seeds?: readonly string[];
  readonly constant?: string | undefined;
  readonly split: HeldOut;
  readonly cache: string;
  readonly smoke: boolean;
  readonly threads: number;
}

export async function openSetting(options: SettingOptions): Promise<Setting> {
  const { split, cache, threads } = options;
  const sizes = options.smoke ? SMOKE : FULL;
  const model = await loadModel({ model: options.model, dtype: options.dtype });
  const runtime = createRuntime({ threads });
  const read = async (file: string): Promise<Sources> => ({
    model,
    projector: await openProjector(file, model, runtime),
  });
  const told = await read(options.projector);
  const seeds = await Promise.all(
    (options.seeds ?? []).map(async (file) => ({ file, told: await read(file) })),
  );
  const constant = options.constant === undefined ? undefined : await read(options.constant);
  const encoder = await loadSentenceEncoder({ id: options.encoder });
  checkEncoder(encoder.contract(options.encoder), told.projector.contract.space.encoder!, options.encoder);
  const subjects = await subjectsOf(split, sizes, encoder);
  const jobs = subjects.flatMap((subject) => subject.questions.map((question) => ({ subject, question })));
  const asker = await openAsker({ model, runtime, modelFolder: options.model, cache });
  return {
    ...{ split, sizes, model, runtime, asker, encoder, told, seeds, constant },
    ...{ subjects, jobs, cache, threads },
  };
}

export async function openProjector(file: string, model: BaseModel, runtime: Runtime): Promise<Projector> {
  const projector = readProjector(new Uint8Array(readFileSync(file)), file);
  await checkContract(projector.contract, model, runtime, file);
  return withAnchorRows(projector, model, runtime);
}

/** People of the split, their lines as vectors and keywords, and the questions they ask. */
async function subjectsOf(split: HeldOut, sizes: Sizes, encoder: SentenceEncoder): Promise<Subject[]> {
  const random = seededRandom(SEED, `${split} people`);
  const several = heldOutPeople(split, sizes.counts, random);
  const free = freePeople(split);
  const kinds = [...new Set(free.map((person) => kindOf(person, split)))];
  const questions = (split === 'test' ? TEST_QUESTIONS : DEV_QUESTIONS).map(({ text }) => text);
  const subjects: Subject[] = [];
  const some = kinds.flatMap((kind) =>
    random.shuffled(free.filter((person) => kindOf(person, split) === kind)).slice(0, sizes.free),
  );
  for (const [i, person] of [...several, ...some].entries()) {
    subjects.push({
      ...person,
      kind: kindOf(person, split),
      vectors: await encoder.encode(person.lines),
      keywords: await keywordsOf(encoder, person.lines),
      questions: Array.from(
        { length: sizes.questions },
        (_, k) => questions[(i + k * 5) % questions.length]!,
      ),
    });
  }
  return subjects;
}

/** Ids are made of split, kind and number. */
const kindOf = ({ id }: Person, split: HeldOut): string => id.replace(/-\d+$/, '').replace(`${split}-`, '');

/** Somebody of other interests, for the control with another person's soft tokens. */
export function otherOf(subject: Subject, subjects: readonly Subject[]): Subject {
  const other = drawOther(subject, subjects, seededRandom(SEED, `other of ${subject.id}`));
  return subjects.find((s) => s.id === other.id)!;
}

/** Some of the subjects, drawn by a seed, the same whoever asks. */
export const drawSubjects = ({ subjects }: Pick<Setting, 'subjects'>, count: number): Subject[] =>
  seededRandom(SEED, 'some people').shuffled(subjects).slice(0, count);

export const share = <T>(items: readonly T[], test: (item: T) => boolean): number =>
  items.filter(test).length / items.length;

export const meanOf = (values: readonly number[]): number =>
  values.reduce((a, b) => a + b, 0) / values.length;
