/** Does an answer name what the person said they like? Every condition answers the same questions of the same people. */
import { basename } from 'node:path';
import {
  bootstrapMean,
  bootstrapRuns,
  type Interval,
  pairedDifference,
} from '../../../src/evaluate/index.ts';
import type { TokenRun } from '../../../src/generate/decoder.ts';
import { seededRandom } from '../../world/random.ts';
import {
  afterQuestion,
  averageOf,
  inSlots,
  inSystem,
  NEUTRAL,
  nobody,
  softPrompt,
  softTokensOf,
  withSoft,
} from '../conditions.ts';
import { TRAIN_LINES } from '../data/train-lines.ts';
import { type Judged, judge } from '../measures.ts';
import { meanOf, otherOf, SEED, type Setting, type Subject, share } from './setting.ts';

export interface Row {
  readonly name: string;
  /** Share of answers that name one of the person's interests, over people. */
  readonly followed: Interval;
  readonly minusOwn: Interval | undefined;
  readonly about: Interval;
  readonly refused: number;
  readonly looped: number;
  readonly byKind: Readonly<Record<string, Interval>>;
  readonly promptTokens: number;
  /** More than the bare question has. */
  readonly moreTokens: number;
}

/** Of projectors trained alike but for their seed. */
export interface SeedSpread {
  readonly rows: readonly {
    readonly file: string;
    readonly seed: number | undefined;
    readonly followed: Interval;
    readonly about: Interval;
  }[];
  /** Over seeds and people, both drawn anew. */
  readonly followed: Interval;
}

export interface Sample {
  readonly lines: readonly string[];
  readonly question: string;
  readonly own: string;
  readonly nobody: string;
  readonly text: string;
}

export interface FollowedReport {
  readonly rows: readonly Row[];
  readonly seeds?: SeedSpread;
  readonly samples: readonly Sample[];
}

/** Lines whose soft tokens are averaged. */
const AVERAGED = 100;

export type Prompt = (subject: Subject, question: string) => TokenRun;

export const ORACLE = 'interest names, both slots (oracle)';

export interface Conditions {
  readonly soft: Readonly<Record<string, Prompt>>;
  readonly words: Readonly<Record<string, Prompt>>;
}

/** Conditions by their names in tables: with soft tokens, and in words. */
export async function conditionsOf(setting: Setting): Promise<Conditions> {
  const { model, told, constant, subjects } = setting;
  const others = new Map(subjects.map((s) => [s, otherOf(s, subjects)]));
  const average = await averageToken(setting);
  return {
    soft: {
      own: (s, q) => softPrompt(told, q, s.vectors),
      "somebody else's": (s, q) => softPrompt(told, q, others.get(s)!.vectors),
      mean: (_, q) => softPrompt(told, q, undefined),
      'constant, the average': (_, q) => withSoft(told, q, [average]),
      ...(constant && { 'constant, trained': (_: Subject, q: string) => softPrompt(constant, q, undefined) }),
      'strength 0.5': (s, q) => softPrompt(told, q, s.vectors, 0.5),
      'strength 1.5': (s, q) => softPrompt(told, q, s.vectors, 1.5),
    },
    words: {
      nobody: (_, q) => nobody(model, q),
      [`"${NEUTRAL}", both slots`]: (_, q) => inSlots(told, q, NEUTRAL),
      'text, system message': (s, q) => inSystem(model, q, s.lines),
      'text, after the question': (s, q) => afterQuestion(model, q, s.lines),
      'text, both slots': (s, q) => inSlots(told, q, s.lines.join(' ')),
      'keywords, both slots': (s, q) => inSlots(told, q, s.keywords.join(', ')),
      [ORACLE]: (s, q) => inSlots(told, q, s.interests.map(({ about }) => about).join(', ')),
    },
  };
}

/** What soft tokens of training people's lines have in common: a constant without any training. */
async function averageToken({ encoder, told }: Setting): Promise<Float32Array> {
  const lines = seededRandom(SEED, 'average').shuffled(TRAIN_LINES.map(({ line }) => line));
  return averageOf(softTokensOf(told, await encoder.encode(lines.slice(0, AVERAGED))));
}

/** Judged answers of one condition, in the order of the jobs. */
export async function judgedAnswers(
  { asker, jobs, sizes }: Pick<Setting, 'asker' | 'jobs' | 'sizes'>,
  prompt: Prompt,
): Promise<Judged[]> {
  const runs = jobs.map(({ subject, question }) => prompt(subject, question));
  const texts = await asker.answers(runs, sizes.tokens);
  return texts.map((text, i) => judge(jobs[i]!.subject, text));
}

export async function measureFollowed(setting: Setting): Promise<FollowedReport> {
  const { jobs, sizes } = setting;
  const { soft, words } = await conditionsOf(setting);
  const answers = new Map<string, readonly Judged[]>();
  for (const [name, prompt] of Object.entries({ ...words, ...soft })) {
    const found = await judgedAnswers(setting, prompt);
    answers.set(name, found);
    console.log(`${name}: followed ${share(found, (a) => a.followed).toFixed(3)}`);
  }
  const lengths = (prompt: Prompt) =>
    meanOf(jobs.map(({ subject, question }) => prompt(subject, question).ids.length));
  const bare = lengths(words.nobody!);
  const seeds = setting.seeds.length > 0 ? await spreadOf(setting) : undefined;
  const random = seededRandom(SEED, 'samples');
  const picked = random.shuffled([...jobs.keys()]).slice(0, sizes.samples);
  return {
    rows: Object.entries({ ...soft, ...words }).map(([name, prompt]) => {
      const promptTokens = lengths(prompt);
      return { ...rowOf(name, setting, answers), promptTokens, moreTokens: promptTokens - bare };
    }),
    ...(seeds && { seeds }),
    samples: picked.map((at) => ({
      lines: jobs[at]!.subject.lines,
      question: jobs[at]!.question,
      own: answers.get('own')![at]!.text,
      nobody: answers.get('nobody')![at]!.text,
      text: answers.get('text, after the question')![at]!.text,
    })),
  };
}

type Test = (judged: Judged) => boolean;

/** A share for each person. */
export const perPerson = (
  { jobs }: Pick<Setting, 'jobs'>,
  who: readonly Subject[],
  answers: readonly Judged[],
  test: Test,
): number[] =>
  who.map((subject) =>
    share(
      answers.filter((_, i) => jobs[i]!.subject === subject),
      test,
    ),
  );

function rowOf(
  name: string,
  setting: Setting,
  answers: ReadonlyMap<string, readonly Judged[]>,
): Omit<Row, 'promptTokens' | 'moreTokens'> {
  const { subjects } = setting;
  const shares = (condition: string, test: Test, who = subjects) =>
    perPerson(setting, who, answers.get(condition)!, test);
  const followed = shares(name, (a) => a.followed);
  const kinds = [...new Set(subjects.map((s) => s.kind))].map((kind): [string, Interval] => {
    const who = subjects.filter((s) => s.kind === kind);
    return [kind, bootstrapMean(shares(name, (a) => a.followed, who))];
  });
  return {
    name,
    followed: bootstrapMean(followed),
    minusOwn:
      name === 'own'
        ? undefined
        : pairedDifference(
            followed,
            shares('own', (a) => a.followed),
          ),
    about: bootstrapMean(shares(name, (a) => a.about)),
    refused: meanOf(shares(name, (a) => a.refused)),
    looped: meanOf(shares(name, (a) => a.looped)),
    byKind: Object.fromEntries(kinds),
  };
}

async function spreadOf(setting: Setting): Promise<SeedSpread> {
  const { subjects, told, seeds } = setting;
  const shares: number[][] = [];
  const rows: SeedSpread['rows'][number][] = [];
  for (const each of [{ file: 'the projector of this page', told }, ...seeds]) {
    const own = await judgedAnswers(setting, (s, q) => softPrompt(each.told, q, s.vectors));
    const of = (answers: readonly Judged[], test: Test) => perPerson(setting, subjects, answers, test);
    shares.push(of(own, (a) => a.followed));
    rows.push({
      file: basename(each.file),
      seed: each.told.projector.contract.training?.seed as number | undefined,
      followed: bootstrapMean(shares.at(-1)!),
      about: bootstrapMean(of(own, (a) => a.about)),
    });
    console.log(`seed ${rows.at(-1)!.seed}: followed ${rows.at(-1)!.followed.mean.toFixed(3)}`);
  }
  return { rows, followed: bootstrapRuns(shares.map((values) => [values])) };
}
