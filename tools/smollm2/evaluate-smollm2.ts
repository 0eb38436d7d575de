/**
 * `npm run evaluate:smollm2`: does the LLM follow what unseen people say about themselves, at what cost, and what is harmed? Every
 * condition answers the same questions for the same people; people are what is resampled. Test people, wordings, interests and
 * questions were not looked at while the recipe was chosen (`--split dev` for that). Writes docs/results/smollm2.json and the
 * page made from it; measures that were interrupted go on from the cache.
 */
import { createHash } from 'node:crypto';
import { existsSync, mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { parseArgs } from 'node:util';
import { bootstrapMean, pairedDifference } from '../../src/evaluate/bootstrap.ts';
import { Decoder, type TokenRun } from '../../src/generate/decoder.ts';
import { type BaseModel, loadBaseModel } from '../../src/model/base-model.ts';
import { checkContract } from '../../src/projector/check-contract.ts';
import { type Projector, readProjector, withAnchorRows } from '../../src/projector/projector.ts';
import { createNodeRuntime } from '../../src/runtime/node-runtime.ts';
import { createFolderSource } from '../../src/storage/folder-source.ts';
import { checkEncoder, loadSentenceEncoder } from '../../src/user/sentence-encoder.ts';
import { seededRandom } from '../world/random.ts';
import { answerAll } from './answer.ts';
import { afterQuestion, inSlots, inSystem, nobody, softPrompt } from './conditions.ts';
import { drawOther, freePeople, type HeldOut, heldOutPeople, type Person } from './data/people.ts';
import { DEV_QUESTIONS, TEST_QUESTIONS } from './data/questions.ts';
import { ARITHMETIC, FACTS, ORDERS, PROSE } from './harmless.ts';
import { keywordsOf } from './keywords.ts';
import { ENCODER, MODEL } from './make-smollm2.ts';
import { type Judged, judge, nllOf } from './measures.ts';
import { type Harm, type Likelihood, type Row, reportSmollm2, type SmollmReport } from './report-smollm2.ts';

const SEED = 11;
/** `questions` of each person, taken in turns; `free`: people of one line in their own words. */
const FULL = {
  counts: { people: 12, wordings: 20, interests: 20 },
  free: 48,
  questions: 3,
  tokens: 32,
  tasks: 20,
  samples: 20,
};
const SMOKE = {
  counts: { people: 0, wordings: 1, interests: 1 },
  free: 1,
  questions: 1,
  tokens: 4,
  tasks: 1,
  samples: 2,
};

interface Subject extends Person {
  readonly kind: string;
  readonly vectors: Float32Array;
  readonly keywords: readonly string[];
  readonly questions: readonly string[];
}

type Prompt = (subject: Subject, question: string) => TokenRun;

export interface EvaluateOptions {
  readonly model: string;
  readonly dtype: 'q4' | 'fp32' | 'q4f16';
  readonly encoder: string;
  readonly projector: string;
  readonly constant: string | undefined;
  readonly split: HeldOut;
  readonly cache: string;
  readonly smoke: boolean;
  readonly threads: number;
}

export async function evaluateSmollm2(options: EvaluateOptions): Promise<SmollmReport> {
  const { split, smoke, threads } = options;
  const sizes = smoke ? SMOKE : FULL;
  mkdirSync(options.cache, { recursive: true });
  const model = await loadBaseModel({ source: createFolderSource(options.model), dtypes: [options.dtype] });
  const runtime = createNodeRuntime({ threads });
  const read = async (file: string): Promise<Projector> => {
    const projector = readProjector(new Uint8Array(readFileSync(file)), file);
    await checkContract(projector.contract, model, runtime, file);
    return withAnchorRows(projector, model, runtime);
  };
  const projector = await read(options.projector);
  const constant = options.constant === undefined ? undefined : await read(options.constant);
  const subjects = await subjectsOf(options, projector);
  const others = new Map(subjects.map((s) => [s, otherOf(s, subjects)]));
  const decoder = await Decoder.create(model, runtime);
  const told = { model, projector };
  const words: Readonly<Record<string, Prompt>> = {
    nobody: (_, q) => nobody(model, q),
    'text, system message': (s, q) => inSystem(model, q, s.lines),
    'text, after the question': (s, q) => afterQuestion(model, q, s.lines),
    'text, both slots': (s, q) => inSlots(model, q, s.lines.join(' ')),
    'keywords, both slots': (s, q) => inSlots(model, q, s.keywords.join(', ')),
    'interest names, both slots (oracle)': (s, q) =>
      inSlots(model, q, s.interests.map(({ about }) => about).join(', ')),
  };
  const soft: Readonly<Record<string, Prompt>> = {
    own: (s, q) => softPrompt(told, q, s.vectors),
    "somebody else's": (s, q) => softPrompt(told, q, others.get(s)!.vectors),
    ...(constant && {
      constant: (s: Subject, q: string) => softPrompt({ model, projector: constant }, q, s.vectors),
    }),
    mean: (_, q) => softPrompt(told, q, undefined),
    'strength 0.5': (s, q) => softPrompt(told, q, s.vectors, 0.5),
    'strength 1.5': (s, q) => softPrompt(told, q, s.vectors, 1.5),
  };
  const conditions = { ...words, ...soft };
  const version = createHash('sha256').update(readFileSync(options.projector)).digest('hex').slice(0, 12);
  const jobs = subjects.flatMap((subject) => subject.questions.map((question) => ({ subject, question })));
  const answers = new Map<string, readonly Judged[]>();
  const prompts = new Map<string, readonly TokenRun[]>();
  for (const [name, prompt] of Object.entries(conditions)) {
    const runs = jobs.map(({ subject, question }) => prompt(subject, question));
    prompts.set(name, runs);
    const of = Object.hasOwn(soft, name) ? version : 'words';
    const texts = await cached(options.cache, `${split} ${of} ${name}`, async () => {
      const ids = await answerAll(decoder, runs, { tokens: sizes.tokens });
      return ids.map((answer) => model.codec.decode(answer));
    });
    answers.set(
      name,
      texts.map((text, i) => judge(jobs[i]!.subject, text)),
    );
    console.log(`${name}: followed ${share(answers.get(name)!, (a) => a.followed).toFixed(3)}`);
  }
  const rowOf = (name: string): Row => rowOfCondition(name, { subjects, jobs, answers, prompts, model });
  const random = seededRandom(SEED, 'samples');
  const picked = random.shuffled([...jobs.keys()]).slice(0, sizes.samples);
  const report: SmollmReport = {
    split,
    model: { id: projector.contract.model.id, dtype: model.dtype },
    projector: { training: projector.contract.training ?? {}, parameters: parametersOf(projector) },
    people: subjects.length,
    questions: jobs.length,
    tokens: sizes.tokens,
    kinds: Object.fromEntries(
      [...new Set(subjects.map((s) => s.kind))].map((kind) => [
        kind,
        subjects.filter((s) => s.kind === kind).length,
      ]),
    ),
    rows: Object.keys({ ...soft, ...words }).map(rowOf),
    likelihood: await likelihoods(decoder, jobs, conditions, answers),
    harm: await harms(decoder, subjects, told, sizes),
    samples: picked.map((at) => ({
      lines: jobs[at]!.subject.lines,
      question: jobs[at]!.question,
      own: answers.get('own')![at]!.text,
      nobody: answers.get('nobody')![at]!.text,
      text: answers.get('text, after the question')![at]!.text,
    })),
  };
  await decoder.release();
  return report;
}

/** People of the split, their lines as vectors and keywords, and the questions they ask. */
async function subjectsOf(
  { split, encoder: id, smoke }: EvaluateOptions,
  projector: Projector,
): Promise<Subject[]> {
  const sizes = smoke ? SMOKE : FULL;
  const random = seededRandom(SEED, `${split} people`);
  const several = heldOutPeople(split, sizes.counts, random);
  const free = freePeople(split).slice(0, sizes.free);
  const encoder = await loadSentenceEncoder({ id });
  checkEncoder(encoder.contract(id), projector.contract.space.encoder!, id);
  const questions = (split === 'test' ? TEST_QUESTIONS : DEV_QUESTIONS).map(({ text }) => text);
  const subjects: Subject[] = [];
  for (const [i, person] of [...several, ...free].entries()) {
    subjects.push({
      ...person,
      kind: person.id.replace(/-\d+$/, '').replace(`${split}-`, ''),
      vectors: await encoder.encode(person.lines),
      keywords: await keywordsOf(encoder, person.lines),
      questions: Array.from(
        { length: sizes.questions },
        (_, k) => questions[(i + k * 5) % questions.length]!,
      ),
    });
  }
  await encoder.release();
  return subjects;
}

function otherOf(subject: Subject, subjects: readonly Subject[]): Subject {
  const other = drawOther(subject, subjects, seededRandom(SEED, `other of ${subject.id}`));
  return subjects.find((s) => s.id === other.id)!;
}

const share = <T>(items: readonly T[], test: (item: T) => boolean): number =>
  items.filter(test).length / items.length;

const parametersOf = ({ weights }: Projector): number =>
  Object.values(weights).reduce((sum, w: Float32Array) => sum + w.length, 0);

interface Job {
  readonly subject: Subject;
  readonly question: string;
}

function rowOfCondition(
  name: string,
  of: {
    readonly subjects: readonly Subject[];
    readonly jobs: readonly Job[];
    readonly answers: ReadonlyMap<string, readonly Judged[]>;
    readonly prompts: ReadonlyMap<string, readonly TokenRun[]>;
    readonly model: BaseModel;
  },
): Row {
  const { subjects, jobs, answers, prompts } = of;
  const perPerson = (condition: string, test: (judged: Judged) => boolean, who = subjects) =>
    who.map((subject) =>
      share(
        answers.get(condition)!.filter((_, i) => jobs[i]!.subject === subject),
        test,
      ),
    );
  const followed = perPerson(name, (a) => a.followed);
  const own = perPerson('own', (a) => a.followed);
  const runs = prompts.get(name)!;
  const bare = prompts.get('nobody')!;
  const mean = (values: readonly number[]) => values.reduce((a, b) => a + b, 0) / values.length;
  const kinds = [...new Set(subjects.map((s) => s.kind))];
  return {
    name,
    followed: bootstrapMean(followed),
    minusOwn: name === 'own' ? undefined : pairedDifference(followed, own),
    about: bootstrapMean(perPerson(name, (a) => a.about)),
    refused: mean(perPerson(name, (a) => a.refused)),
    looped: mean(perPerson(name, (a) => a.looped)),
    byKind: Object.fromEntries(
      kinds.map((kind) => [
        kind,
        bootstrapMean(
          perPerson(
            name,
            (a) => a.followed,
            subjects.filter((s) => s.kind === kind),
          ),
        ),
      ]),
    ),
    promptTokens: mean(runs.map((run) => run.ids.length)),
    moreTokens: mean(runs.map((run, i) => run.ids.length - bare[i]!.ids.length)),
  };
}

/** Of the answers to spelled-out interests that follow them: nats per token, in each condition. */
async function likelihoods(
  decoder: Decoder,
  jobs: readonly Job[],
  conditions: Readonly<Record<string, Prompt>>,
  answers: ReadonlyMap<string, readonly Judged[]>,
): Promise<Likelihood> {
  const oracle = answers.get('interest names, both slots (oracle)')!;
  const kept = [...jobs.keys()]
    .filter((at) => oracle[at]!.followed && !oracle[at]!.looped)
    .filter((_, i) => i % 2 === 0);
  const people = [...new Set(kept.map((at) => jobs[at]!.subject))];
  const nats: Record<string, number[]> = {};
  for (const [name, prompt] of Object.entries(conditions)) {
    if (name.startsWith('strength')) continue;
    const scores = new Map<number, number>();
    for (const at of kept) {
      const { subject, question } = jobs[at]!;
      scores.set(at, await nllOf(decoder, prompt(subject, question), oracle[at]!.text));
    }
    nats[name] = people.map((person) => {
      const own = kept.filter((at) => jobs[at]!.subject === person);
      return own.reduce((sum, at) => sum + scores.get(at)!, 0) / own.length;
    });
  }
  return {
    answers: kept.length,
    people: people.length,
    rows: Object.entries(nats).map(([name, values]) => ({
      name,
      nll: bootstrapMean(values),
      minusOwn: name === 'own' ? undefined : pairedDifference(values, nats.own!),
    })),
  };
}

/** Tasks with a right answer, and ordinary prose, with nobody set and with people's soft tokens at three strengths. */
async function harms(
  decoder: Decoder,
  subjects: readonly Subject[],
  told: { readonly model: BaseModel; readonly projector: Projector },
  sizes: typeof FULL,
): Promise<readonly Harm[]> {
  const { model, projector } = told;
  const { mean, scale } = projector.contract.space;
  const random = seededRandom(SEED, 'far outside');
  const far = Float32Array.from(mean, (m, i) => m + 20 * scale[i]! * (random.next() < 0.5 ? -1 : 1));
  const person = (at: number) => subjects[(at * 7) % subjects.length]!.vectors;
  const conditions: Readonly<Record<string, (question: string, at: number) => TokenRun>> = {
    nobody: (q) => nobody(model, q),
    'strength 0.5': (q, at) => softPrompt(told, q, person(at), 0.5),
    'strength 1': (q, at) => softPrompt(told, q, person(at)),
    'strength 1.5': (q, at) => softPrompt(told, q, person(at), 1.5),
    'an embedding far outside': (q) => softPrompt(told, q, far),
    'keywords as text': (q, at) =>
      inSlots(model, q, subjects[(at * 7) % subjects.length]!.keywords.join(', ')),
  };
  const tasks = { facts: FACTS, sums: ARITHMETIC, orders: ORDERS };
  const found: Harm[] = [];
  for (const [name, prompt] of Object.entries(conditions)) {
    const right: Record<string, number> = {};
    for (const [kind, whole] of Object.entries(tasks)) {
      const list = whole.slice(0, sizes.tasks);
      const runs = list.map((task, at) => prompt(task.question, at));
      const texts = (await answerAll(decoder, runs, { tokens: sizes.tokens })).map((ids) =>
        model.codec.decode(ids),
      );
      right[kind] = share([...list.keys()], (i) =>
        list[i]!.right.some((word) => new RegExp(`\\b${word}`, 'i').test(texts[i]!)),
      );
    }
    const prose: number[] = [];
    for (const [at, text] of PROSE.slice(0, sizes.tasks).entries())
      prose.push(await nllOf(decoder, prompt('Tell me something.', at), text));
    found.push({ name, right, proseNll: prose.reduce((a, b) => a + b, 0) / prose.length });
  }
  return found;
}

/** What was computed before under this name, else computed now and kept. */
async function cached(folder: string, name: string, compute: () => Promise<string[]>): Promise<string[]> {
  const file = join(folder, `${name.replaceAll(/[^a-z0-9.]+/gi, '-')}.json`);
  if (existsSync(file)) return JSON.parse(readFileSync(file, 'utf8')) as string[];
  const found = await compute();
  writeFileSync(file, JSON.stringify(found));
  return found;
}

if (process.argv[1]?.endsWith('evaluate-smollm2.ts')) {
  const { values } = parseArgs({
    options: {
      model: { type: 'string', default: MODEL },
      dtype: { type: 'string', default: 'q4' },
      encoder: { type: 'string', default: ENCODER },
      projector: { type: 'string', default: 'public/projectors/smollm2-135m-instruct.safetensors' },
      constant: { type: 'string' },
      split: { type: 'string', default: 'test' },
      cache: { type: 'string', default: '.cache/smollm2/evaluate' },
      threads: { type: 'string', default: '1' },
      out: { type: 'string', default: 'docs/results' },
    },
  });
  const report = await evaluateSmollm2({
    ...{
      model: values.model,
      dtype: values.dtype as 'q4',
      encoder: values.encoder,
      projector: values.projector,
    },
    ...{ constant: values.constant, split: values.split as HeldOut, cache: values.cache },
    ...{ smoke: false, threads: Number(values.threads) },
  });
  const name = values.split === 'test' ? 'smollm2' : `smollm2-${values.split}`;
  writeFileSync(join(values.out, `${name}.json`), `${JSON.stringify(report, null, 1)}\n`);
  writeFileSync(join(values.out, `${name}.md`), reportSmollm2(report));
  console.log(reportSmollm2(report));
}
