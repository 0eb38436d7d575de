/**
 * Does the default projector personalise? Held-out readers, held-out stories, every condition on the very same
 * target tokens, through the deployed 4-bit graph. `npm run evaluate:default` prints and writes
 * docs/results/default.md and exits with 1 where a claim does not hold.
 */
import { mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { parseArgs } from 'node:util';
import { bootstrapMean, type Interval, pairedDifference } from '../../src/evaluate/index.ts';
import { Decoder } from '../../src/generate/decoder.ts';
import type { SoftTokens } from '../../src/generate/prompt.ts';
import { buildPrompt } from '../../src/generate/prompt.ts';
import { argmax } from '../../src/generate/sampling.ts';
import { type BaseModel, createRuntime, loadModel } from '../../src/node.ts';
import { project } from '../../src/projector/projector.ts';
import { type Projector, readProjector } from '../../src/train.ts';
import { embeddingOf, type ReaderEmbeddings } from '../world/embed.ts';
import { angleOf, factsIn } from '../world/judge.ts';
import { seededRandom } from '../world/random.ts';
import { type Reader, topAngle } from '../world/reader.ts';
import {
  conversation,
  type Example,
  exampleFor,
  type Message,
  readersOf,
  TASKS,
  type Task,
} from '../world/world.ts';
import { exampleRow, makeWorld } from './default-setup.ts';

const CONDITIONS = ['none', 'constant', 'mean', 'shuffled', 'true', 'text'] as const;
type Condition = (typeof CONDITIONS)[number];

export interface EvaluateDefaultOptions {
  readonly folder: string;
  readonly constant: string;
  /** Default: the one in the folder. */
  readonly projector?: string | undefined;
  readonly smoke: boolean;
  /** Examples per reader and task. */
  readonly perTask: number;
}

/** Sums over one reader: nats and tokens, by condition and task. */
interface ReaderScore {
  readonly nats: Record<Condition, Record<Task, number>>;
  readonly tokens: Record<Task, number>;
}

export interface DefaultReport {
  readonly readers: number;
  readonly targetTokens: number;
  /** Nats per target token. */
  readonly nll: Record<Condition, Interval>;
  readonly nllByTask: Record<Condition, Record<Task, number>>;
  /** true − other, paired. */
  readonly difference: Record<Exclude<Condition, 'true'>, Interval>;
  /** (none − true) / (none − text) */
  readonly recovered: number;
  /** Greedy headlines about the reader's top angle. */
  readonly hits: Readonly<Record<HitCondition, number>>;
  /** Greedy headlines that tell a fact of their prompt, letter for letter. */
  readonly grounded: Readonly<Record<HitCondition, number>>;
  readonly headlines: number;
}

/** Conditions under which headlines are written and judged. */
const HIT_CONDITIONS = ['true', 'shuffled', 'none', 'text'] as const;
type HitCondition = (typeof HIT_CONDITIONS)[number];
const HIT_LABELS: Readonly<Record<HitCondition, string>> = {
  true: "with the reader's soft token",
  shuffled: "with another reader's",
  none: 'without',
  text: 'with the text persona',
};

export async function evaluateDefault(options: EvaluateDefaultOptions): Promise<DefaultReport> {
  const model = await loadModel({ model: options.folder, dtype: 'q4' });
  const projectorFile = options.projector ?? join(options.folder, 'projector.safetensors');
  const projector = readProjector(readFileSync(projectorFile));
  const decoder = await Decoder.create(model, createRuntime());
  const { world, embeddings } = makeWorld(options.smoke);
  const constant: { vector: number[] } = JSON.parse(readFileSync(options.constant, 'utf8'));
  const softOf = softTokens(projector, embeddings, Float32Array.from(constant.vector));
  const readers = readersOf(world, 'test');
  const random = seededRandom(world.seed, 'evaluation');

  const scores: ReaderScore[] = [];
  const hits = { true: 0, shuffled: 0, none: 0, text: 0 };
  const grounded = { ...hits };
  let headlines = 0;
  for (const reader of readers) {
    const score = emptyScore();
    for (const task of TASKS) {
      for (let n = 0; n < options.perTask; n++) {
        const other = anotherReader(readers, reader, random.next);
        const example = exampleFor(reader, 'test', task, random);
        await addScores(score, decoder, example, (c) => softOf(c, reader, other));
        if (task !== 'headline') continue;
        headlines++;
        for (const condition of HIT_CONDITIONS) {
          const messages = conversation(example, condition === 'text').slice(0, -1);
          const text = await greedy(decoder, model, messages, softOf(condition, reader, other));
          if (angleOf(text) === topAngle(reader)) hits[condition]++;
          if (factsIn(text, example.story!).length > 0) grounded[condition]++;
        }
      }
    }
    scores.push(score);
    if (scores.length % 50 === 0) console.error(`${scores.length} of ${readers.length} readers`);
  }
  return { ...report(scores), hits, grounded, headlines };
}

function softTokens(projector: Projector, embeddings: ReaderEmbeddings, constant: Float32Array) {
  const at = (vectors: readonly Float32Array[]): SoftTokens => ({ vectors, slot: projector.contract.slot });
  const mean = at(project(projector, Float32Array.from(projector.contract.space.mean)));
  return (condition: Condition, reader: Reader, other: Reader): SoftTokens | undefined => {
    if (condition === 'none' || condition === 'text') return undefined;
    if (condition === 'constant') return at([constant]);
    if (condition === 'mean') return mean;
    const { index } = condition === 'true' ? reader : other;
    return at(project(projector, embeddingOf(embeddings, index)));
  };
}

async function addScores(
  score: ReaderScore,
  decoder: Decoder,
  example: Example,
  softOf: (condition: Condition) => SoftTokens | undefined,
): Promise<void> {
  let targets: string | undefined;
  for (const condition of CONDITIONS) {
    const soft = softOf(condition);
    const withPersona = condition === 'text';
    const row = exampleRow(decoder.model, example, { ...(soft && { soft }), withPersona });
    const scored = row.ids.slice(row.targetFrom).join();
    targets ??= scored;
    if (scored !== targets) throw new Error(`condition ${condition} has other target tokens`);
    const logProbabilities = await decoder.score(row, row.targetFrom);
    score.nats[condition][example.task] -= logProbabilities.reduce((a, b) => a + b, 0);
    if (condition === 'none') score.tokens[example.task] += logProbabilities.length;
  }
}

async function greedy(
  decoder: Decoder,
  model: BaseModel,
  messages: readonly Message[],
  soft: SoftTokens | undefined,
) {
  const run = buildPrompt(model, messages, soft);
  const ids: number[] = [];
  const empty = decoder.emptyCache();
  let { cache, logits } = await decoder.read(empty, run);
  empty.release();
  for (;;) {
    const next = argmax(logits);
    if (model.config.eosTokenIds.includes(next) || ids.length === 40) break;
    ids.push(next);
    const step = await decoder.read(cache, { ids: [next] });
    cache.release();
    ({ cache, logits } = step);
  }
  cache.release();
  return model.codec.decode(ids);
}

function report(scores: readonly ReaderScore[]): Omit<DefaultReport, 'hits' | 'grounded' | 'headlines'> {
  const total = (by: Record<Task, number>) => TASKS.reduce((sum, task) => sum + by[task], 0);
  const tokens = scores.map((s) => total(s.tokens));
  const perToken = (c: Condition) => scores.map((s, i) => total(s.nats[c]) / tokens[i]!);
  const byCondition = <T>(f: (c: Condition) => T) =>
    Object.fromEntries(CONDITIONS.map((c) => [c, f(c)])) as Record<Condition, T>;
  const nll = byCondition((c) => bootstrapMean(perToken(c), tokens));
  const { true: _, ...difference } = byCondition((c) =>
    pairedDifference(perToken('true'), perToken(c), tokens),
  );
  return {
    readers: scores.length,
    targetTokens: tokens.reduce((a, b) => a + b, 0),
    nll,
    nllByTask: byCondition(
      (c) =>
        Object.fromEntries(
          TASKS.map((task) => [
            task,
            scores.reduce((sum, s) => sum + s.nats[c][task], 0) /
              scores.reduce((sum, s) => sum + s.tokens[task], 0),
          ]),
        ) as Record<Task, number>,
    ),
    difference,
    recovered: (nll.none.mean - nll.true.mean) / (nll.none.mean - nll.text.mean),
  };
}

/** What `docs/results/default.md` claims, and whether it holds. */
export function claims({
  difference,
  recovered,
  hits,
}: DefaultReport): readonly [claim: string, holds: boolean][] {
  return [
    ...(['none', 'constant', 'mean', 'shuffled'] as const).map(
      (c) =>
        [`true is better than ${c}, interval clear of zero`, difference[c].high < 0] as [string, boolean],
    ),
    [
      `one soft token recovers at least 80 % of the text persona's gain (${(100 * recovered).toFixed(1)} %)`,
      recovered >= 0.8,
    ],
    [
      `headlines hit the reader's top angle at least 3 times as often as with a shuffled reader (${(hits.true / hits.shuffled).toFixed(1)} times)`,
      hits.true > 0 && hits.true >= 3 * hits.shuffled,
    ],
  ];
}

function markdown(result: DefaultReport, perTask: number): string {
  const { nll, difference, hits } = result;
  const number = (v: number) => v.toFixed(4);
  const interval = (v: Interval) => `[${number(v.low)}, ${number(v.high)}]`;
  const rate = (n: number) => `${((100 * n) / result.headlines).toFixed(1)} %`;
  const rows = CONDITIONS.map((c) => {
    const tasks = TASKS.map((t) => number(result.nllByTask[c][t])).join(' | ');
    const delta = c === 'true' ? '–' : `${number(difference[c].mean)} ${interval(difference[c])}`;
    return `| ${c} | ${number(nll[c].mean)} ${interval(nll[c])} | ${delta} | ${tasks} |`;
  });
  return `# Does the default projector personalise?

Made by \`npm run evaluate:default\`. Model \`public/models/e2p-tiny\` (4-bit graph, onnxruntime-node, CPU), one soft token
after BOS. ${result.readers} held-out readers (their embeddings folded in from clicks; neither pretraining nor the projector has
seen them), held-out stories, ${perTask} examples per reader and task, ${result.targetTokens} target tokens, the same in every
condition. Everything is synthetic: it shows that the machinery carries a signal, not how people would like it.

Negative log-likelihood in nats per target token, lower is better; 95 % intervals by bootstrap over readers, differences
paired within readers.

| condition | NLL | true − condition, paired | ${TASKS.join(' | ')} |
| --- | --- | --- | ${TASKS.map(() => '---').join(' | ')} |
${rows.join('\n')}

none: no soft token · constant: a soft token trained with the same budget and no user · mean: the mean user ·
shuffled: another reader's · true: the reader's own · text: a sentence that describes the reader, as a system message

| ${result.headlines} greedy headlines | about the reader's top angle | tell a fact of the prompt |
| --- | --- | --- |
${HIT_CONDITIONS.map((c) => `| ${HIT_LABELS[c]} | ${rate(hits[c])} | ${rate(result.grounded[c])} |`).join('\n')}

| claim | holds |
| --- | --- |
${claims(result)
  .map(([claim, holds]) => `| ${claim} | ${holds ? 'yes' : '**no**'} |`)
  .join('\n')}

Not measured: other seeds of the world or of the training, other slots and numbers of soft tokens, people.
`;
}

function emptyScore(): ReaderScore {
  const zero = () => Object.fromEntries(TASKS.map((t) => [t, 0])) as Record<Task, number>;
  return {
    nats: Object.fromEntries(CONDITIONS.map((c) => [c, zero()])) as ReaderScore['nats'],
    tokens: zero(),
  };
}

function anotherReader(readers: readonly Reader[], reader: Reader, random: () => number): Reader {
  for (;;) {
    const other = readers[Math.floor(random() * readers.length)]!;
    if (other !== reader) return other;
  }
}

if (process.argv[1]?.endsWith('evaluate-default.ts')) {
  const { values } = parseArgs({
    options: {
      model: { type: 'string', default: 'public/models/e2p-tiny' },
      constant: { type: 'string', default: 'docs/results/default-constant.json' },
      projector: { type: 'string' },
      out: { type: 'string', default: 'docs/results/default.md' },
      'per-task': { type: 'string', default: '2' },
      smoke: { type: 'boolean', default: false },
      /** For toys, of which nothing is claimed. */
      'no-verdict': { type: 'boolean', default: false },
    },
  });
  const perTask = Number(values['per-task']);
  const result = await evaluateDefault({
    folder: values.model,
    constant: values.constant,
    projector: values.projector,
    smoke: values.smoke,
    perTask,
  });
  const text = markdown(result, perTask);
  mkdirSync(dirname(values.out), { recursive: true });
  writeFileSync(values.out, text);
  console.log(text);
  if (!values['no-verdict'] && claims(result).some(([, holds]) => !holds)) process.exitCode = 1;
}
