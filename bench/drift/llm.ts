/**
 * Moving interests, and a sentence encoder that was swapped, on a real LLM: SmolLM2-135M-Instruct with the projector that ships, which reads a person's
 * lines as vectors of all-MiniLM-L6-v2. People have an interest in each of four topics and ask about each; a target names the interest of that day.
 * Nothing is trained but in `llmRetrained`, where the projector goes on with other people's texts of the first day, and of the last.
 */
import { mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { MOST_LOSS } from '../../src/cli/align.ts';
import { type Canary, runCanary } from '../../src/evaluate/drift/canary.ts';
import type { Interval } from '../../src/evaluate/index.ts';
import { createRuntime, loadModel, loadSentenceEncoder, mapEmbedding } from '../../src/node.ts';
import { withAnchorRows } from '../../src/projector/projector.ts';
import { fitWithHeldOut } from '../../src/train/fit-space-map.ts';
import { readResidual } from '../../src/train/read-residual.ts';
import {
  type Example,
  readProjector,
  type SpaceMap,
  train,
  type Users,
  writeProjector,
} from '../../src/train.ts';
import { TRAIN_INTERESTS } from '../../tools/smollm2/data/interests.ts';
import { fill, TEST_FRAMES, TRAIN_FRAMES } from '../../tools/smollm2/data/wordings.ts';
import { seededRandom } from '../../tools/world/random.ts';
import { type ComparedVariant, compareVariants } from '../ablate/compare.ts';
import { ENCODER, MODEL, PROJECTOR, TOPICS } from '../ablate/llm-lines.ts';
import { encodeSentences } from '../persona-chat/encode.ts';
import { openStudy, type People } from '../study.ts';

const CACHE = '.cache/drift-llm';
const PEOPLE = 16;
/** A canary wants 20. */
const PEOPLE_SWAPPED = 24;
/** Topics of a person, in each of which one interest follows another. */
const MOVES = 4;
const EVALUATION = ['--shuffles', '1', '--ranked', '0', '--generated', '0', '--batch', '16', '--by-group'];

type Vectors = ReadonlyMap<string, Float32Array>;

interface Topical {
  readonly question: string;
  /** What the person says, and what the target names: before they moved on, and after. */
  readonly before: { readonly line: string; readonly about: string };
  readonly after: { readonly line: string; readonly about: string };
}
type Mover = readonly Topical[];

export interface LlmDrift {
  readonly people: number;
  readonly questions: number;
  /** Fresh and stale lines after so many interests of four have moved. */
  readonly steps: readonly {
    readonly moved: number;
    readonly fresh: ComparedVariant;
    readonly stale: ComparedVariant;
  }[];
}

/** The projector trained on: with texts of the first day (the control) and of the last, both read by fresh lines of the last. */
export interface LlmRetrained {
  readonly trained: Readonly<Record<'people' | 'texts' | 'steps' | 'batch' | 'learningRate', number>>;
  readonly people: number;
  readonly questions: number;
  /** Gains over nobody set. */
  readonly rows: readonly Pick<ComparedVariant, 'label' | 'gain' | 'overFirst'>[];
  /** With texts of the last day over those of the first. */
  readonly overBefore: Interval;
}

export interface LlmSwaps {
  readonly people: number;
  readonly questions: number;
  /** The first is of the encoder that the projector was trained with. */
  readonly rows: readonly (ComparedVariant &
    Partial<Pick<SpaceMap, 'residual' | 'anchors'>> & {
      readonly read?: number;
      readonly canary?: Canary;
    })[];
}

export async function llmDrift(): Promise<LlmDrift> {
  const movers = moversOf(PEOPLE);
  const vectors = await minilm(linesOf(movers));
  const steps: LlmDrift['steps'][number][] = [];
  for (let moved = 0; moved <= MOVES; moved++) {
    const now = (topical: Topical, i: number) => (i < moved ? topical.after : topical.before);
    const fresh = peopleBy(movers, now, now, vectors);
    const stale = peopleBy(movers, now, ({ before }) => before, vectors);
    const reports = await open(fresh).evaluate([
      { name: `fresh-${moved}`, projectors: [PROJECTOR], conditions: ['none', 'true'] },
      { name: `stale-${moved}`, projectors: [PROJECTOR], test: stale, conditions: ['true'] },
    ]);
    // The first row is what the second is compared with: stale, so that fresh over stale comes out.
    const nobody = reports.get(`fresh-${moved}`)!;
    const [old, current] = compareVariants(
      ['stale', 'fresh'].map((label) => ({ label, report: reports.get(`${label}-${moved}`)! })),
      'true',
      nobody,
    );
    steps.push({ moved, fresh: current!, stale: old! });
  }
  return { people: PEOPLE, questions: PEOPLE * MOVES, steps };
}

/** Of the trainings. */
const RETRAINED = { people: 48, steps: 12, batch: 16, learningRate: 3e-4 } as const;

export async function llmRetrained(): Promise<LlmRetrained> {
  const [movers, others] = [moversOf(PEOPLE), moversOf(RETRAINED.people, 'trained on', TRAIN_FRAMES)];
  const vectors = await minilm(linesOf([...movers, ...others]));
  const [before, after] = (['before', 'after'] as const).map((day) => (topical: Topical) => topical[day]);
  const [model, runtime] = [await loadModel({ model: MODEL, dtype: 'q4' }), createRuntime()];
  const init = readProjector(readFileSync(PROJECTOR), PROJECTOR);
  const { steps, batch, learningRate } = RETRAINED;
  const trainedOn = async (day: 'before' | 'after'): Promise<string> => {
    const now = day === 'before' ? before! : after!;
    const { projector } = await train({
      ...{ model, runtime, ...peopleBy(others, now, now, vectors), space: init.contract.space.id, init },
      ...{ requantised: true, steps, batch, learningRate, heldOut: 0, reference: false, canaries: [] },
      onProgress: ({ step, loss }) => console.log(`${day}, step ${step}: ${loss.toFixed(3)}`),
    });
    const file = `${CACHE}/trained-${day}.safetensors`;
    mkdirSync(CACHE, { recursive: true });
    writeFileSync(file, writeProjector(projector));
    return file;
  };
  const files = { before: await trainedOn('before'), after: await trainedOn('after') };
  const fresh = peopleBy(movers, after!, after!, vectors);
  const stale = peopleBy(movers, after!, before!, vectors);
  const ways = [
    { name: 'stale', label: 'stale lines, the projector that ships', projector: PROJECTOR, test: stale },
    { name: 'fresh', label: 'fresh lines, the projector that ships', projector: PROJECTOR, test: fresh },
    {
      name: 'stale-after',
      label: 'stale lines, trained on with the last day',
      projector: files.after,
      test: stale,
    },
    {
      name: 'fresh-before',
      label: 'fresh lines, trained on with the first day',
      projector: files.before,
      test: fresh,
    },
    {
      name: 'fresh-after',
      label: 'fresh lines, trained on with the last day',
      projector: files.after,
      test: fresh,
    },
  ];
  const reports = await open(fresh).evaluate(
    ways.map(({ name, projector, test }) => ({
      ...{ name: `retrained-${name}`, projectors: [projector], test },
      conditions: name === 'fresh' ? (['none', 'true'] as const) : (['true'] as const),
    })),
  );
  const report = (name: string) => reports.get(`retrained-${name}`)!;
  const compared = (names: readonly string[]) =>
    compareVariants(
      names.map((name) => ({ label: ways.find((way) => way.name === name)!.label, report: report(name) })),
      'true',
      report('fresh'),
    );
  return {
    trained: { ...RETRAINED, texts: RETRAINED.people * MOVES },
    ...{ people: PEOPLE, questions: PEOPLE * MOVES },
    rows: compared(ways.map(({ name }) => name)).map(({ label, gain, overFirst }) => ({
      ...{ label, gain },
      ...(overFirst && { overFirst }),
    })),
    overBefore: compared(['fresh-before', 'fresh-after'])[1]!.overFirst!,
  };
}

export async function llmSwaps(): Promise<LlmSwaps> {
  mkdirSync(CACHE, { recursive: true });
  const movers = moversOf(PEOPLE_SWAPPED);
  const random = seededRandom(1, 'anchors');
  const anchors = TRAIN_INTERESTS.flatMap(({ phrases }) =>
    phrases.map((phrase) => fill(random.pick(TRAIN_FRAMES), phrase)),
  );
  const said = linesOf(movers);
  const texts = [...new Set([...said, ...anchors])];
  const own = await minilm(texts);
  const cls = await minilm(texts, 'cls');
  const use = await encodeSentences(texts, CACHE);
  const projector = readProjector(readFileSync(PROJECTOR), PROJECTOR);
  const before = (topical: Topical) => topical.before;
  const people = (vectors: Vectors) => peopleBy(movers, before, before, vectors);
  const usersOf = (vectors: Vectors): Users => ({
    dim: vectors.get(said[0]!)!.length,
    rows: new Map([...new Set(anchors)].map((line) => [line, vectors.get(line)!])),
  });
  const mapped = (fresh: Vectors) => {
    const [oldSpace, newSpace] = ['old', 'new'];
    const found = fitWithHeldOut({ old: usersOf(own), fresh: usersOf(fresh), oldSpace, newSpace });
    const { map } = found;
    const rows = said.map(
      (line) => [line, mapEmbedding(map, { space: newSpace, values: fresh.get(line)! }).values] as const,
    );
    const { residual, anchors: fitted } = map;
    return {
      fit: { residual, anchors: fitted, read: readResidual(projector, found) },
      vectors: new Map(rows),
    };
  };
  const [byCls, byUse] = [mapped(cls), mapped(use)];
  const [pooled, other] = ['the same encoder with CLS pooling', 'Universal Sentence Encoder'];
  const ways = [
    { name: 'own', label: 'all-MiniLM-L6-v2, as trained with', vectors: own },
    { name: 'cls', label: `${pooled}, as it is`, vectors: cls },
    { name: 'cls-mapped', label: `${pooled}, mapped`, ...byCls },
    { name: 'use-mapped', label: `${other}, mapped`, ...byUse },
  ];
  const reports = await open(people(own)).evaluate(
    ways.map(({ name, vectors }, i) => ({
      ...{ name, projectors: [PROJECTOR], test: people(vectors) },
      conditions: i === 0 ? (['none', 'true'] as const) : (['true'] as const),
    })),
  );
  const [model, runtime] = [await loadModel({ model: MODEL, dtype: 'q4' }), createRuntime()];
  const reader = await withAnchorRows(projector, model, runtime);
  const { users: reference, examples } = people(own);
  const canaries: (Canary | undefined)[] = [];
  for (const { label, vectors, ...way } of ways) {
    const isMapped = 'fit' in way;
    const canary = isMapped
      ? await runCanary({
          ...{ model, runtime, projector: reader, reference, current: people(vectors).users, examples },
          ...{ maxLength: 512, batch: 16, permutations: 99, allowed: MOST_LOSS, seed: 1 },
        })
      : undefined;
    console.log(label, canary ?? '');
    canaries.push(canary);
  }
  const rows = compareVariants(ways.map(({ name, label }) => ({ label, report: reports.get(name)! })));
  return {
    ...{ people: PEOPLE_SWAPPED, questions: PEOPLE_SWAPPED * MOVES },
    rows: rows.map((row, i) => {
      const { fit } = { fit: undefined, ...ways[i] };
      return { ...row, ...fit, ...(canaries[i] && { canary: canaries[i] }) };
    }),
  };
}

/** Each topic of each of them as somebody of their own, who says one line and is asked about it. */
export async function peopleOfOneLine() {
  const people = moversOf(PEOPLE).flat();
  const texts = people.map(({ before }) => before.line);
  const asked = people.map(({ question }) => question);
  const [own, cls] = [await minilm([...texts, ...asked]), await minilm(texts, 'cls')];
  return {
    own: texts.map((line) => own.get(line)!),
    cls: texts.map((line) => cls.get(line)!),
    questions: asked.map((question) => own.get(question)!),
    texts: people.map(({ question, before }) => ({
      prompt: question,
      target: `How about ${before.about}?`,
    })),
  };
}

const open = (test: People) =>
  openStudy({
    ...{ folder: CACHE, model: MODEL, seeds: [1], recipe: [], lanes: 1, train: test, test },
    evaluation: EVALUATION,
  });

async function minilm(texts: readonly string[], pooling: 'mean' | 'cls' = 'mean'): Promise<Vectors> {
  const encoder = await loadSentenceEncoder({ id: ENCODER, pooling });
  const { dim } = encoder;
  const all = await encoder.encode(texts);
  await encoder.release();
  return new Map(texts.map((text, i) => [text, all.slice(i * dim, (i + 1) * dim)]));
}

/** @param now what the target names; `said`: what the person's vectors are of */
function peopleBy(
  movers: readonly Mover[],
  now: (topical: Topical, i: number) => Topical['before'],
  said: (topical: Topical, i: number) => Topical['before'],
  vectors: Vectors,
): People {
  const rows = new Map(
    movers.map((mover, n) => {
      const lines = mover.map((topical, i) => vectors.get(said(topical, i).line)!);
      return [`p${n}`, Float32Array.from(lines.flatMap((line) => [...line]))];
    }),
  );
  const examples = movers.flatMap((mover, n) =>
    mover.map(
      (topical, i): Omit<Example, 'line'> => ({
        ...{ user: `p${n}`, messages: [{ role: 'user', content: topical.question }] },
        ...{ target: `How about ${now(topical, i).about}?`, persona: undefined },
      }),
    ),
  );
  const dim = vectors.values().next().value!.length;
  return { users: { rows, dim }, examples: examples.map((example, i) => ({ ...example, line: i + 1 })) };
}

function moversOf(count: number, name = 'movers', frames: readonly string[] = TEST_FRAMES): Mover[] {
  const random = seededRandom(1, name);
  return Array.from({ length: count }, () =>
    random
      .shuffled(TOPICS)
      .slice(0, MOVES)
      .map(({ question, interests }) => {
        const [before, after] = random
          .shuffled(interests)
          .slice(0, 2)
          .map(({ phrases, about }) => ({
            ...{ line: fill(random.pick(frames), random.pick(phrases)), about },
          }));
        return { question, before: before!, after: after! };
      }),
  );
}

const linesOf = (movers: readonly Mover[]): string[] => [
  ...new Set(movers.flat().flatMap(({ before, after }) => [before.line, after.line])),
];
