/**
 * What telling the LLM about a person costs: tokens to read, bytes of keys and values, time to the first token. Times are taken in
 * turns, condition by condition for each prompt, so that a busy machine is busy for all of them; ratios carry over, milliseconds don't.
 */
import { performance } from 'node:perf_hooks';
import { bootstrapMean, type Interval } from '../../../src/evaluate/index.ts';
import type { Decoder, TokenRun } from '../../../src/generate/decoder.ts';
import { bytesPerPosition } from '../../../src/generate/kv-cache.ts';
import { argmax } from '../../../src/generate/sampling.ts';
import { projectAtStrength } from '../../../src/projector/projector.ts';
import {
  afterQuestion,
  inSlots,
  inSystem,
  nobody,
  type Sources,
  softPrompt,
  withSoft,
} from '../conditions.ts';
import { drawSubjects, meanOf, type Setting, type Subject } from './setting.ts';

export interface CostRow {
  readonly name: string;
  readonly promptTokens: number;
  readonly kvBytes: number;
  /** Milliseconds to the first token, the median of the repeats, mean over people. */
  readonly firstTokenMs: number;
  /** Against the soft tokens, within each person: geometric mean. */
  readonly ratio: Interval;
}

export interface CostReport {
  readonly people: number;
  readonly repeats: number;
  readonly threads: number;
  readonly kvBytesPerToken: number;
  /** Milliseconds from lines to vectors, once for each person, and from vectors to soft tokens, once for each session. */
  readonly encodeMs: number;
  readonly projectMs: number;
  readonly rows: readonly CostRow[];
}

const OWN = 'soft tokens';
const FRESH = 'soft tokens, made for it';

export async function measureCost(setting: Setting): Promise<CostReport> {
  const { model, told, asker, encoder, sizes, threads } = setting;
  const decoder = await asker.decoder();
  const people = drawSubjects(setting, sizes.timed);
  const conditions: Readonly<Record<string, (s: Subject, q: string) => TokenRun>> = {
    [OWN]: (s, q) => softPrompt(told, q, s.vectors),
    [FRESH]: (s, q) => withSoft(told, q, project(told, s)),
    nobody: (_, q) => nobody(model, q),
    'text, system message': (s, q) => inSystem(model, q, s.lines),
    'text, after the question': (s, q) => afterQuestion(model, q, s.lines),
    'text, both slots': (s, q) => inSlots(told, q, s.lines.join(' ')),
    'keywords, both slots': (s, q) => inSlots(told, q, s.keywords.join(', ')),
  };
  const names = Object.keys(conditions);
  const times = new Map(names.map((name) => [name, people.map((): number[] => [])]));
  // The first round warms up and doesn't count.
  for (let round = 0; round <= sizes.repeats; round++) {
    for (const [i, person] of people.entries()) {
      const turned = [...names.keys()].map((k) => names[(k + i + round) % names.length]!);
      for (const name of turned) {
        const ms = await firstTokenMs(decoder, () => conditions[name]!(person, person.questions[0]!));
        if (round > 0) times.get(name)![i]!.push(ms);
      }
    }
  }
  const kvBytesPerToken = bytesPerPosition(model.facts.cache, model.config.attention);
  const medians = new Map(names.map((name) => [name, times.get(name)!.map(median)]));
  const rows = names.map((name): CostRow => {
    const promptTokens = meanOf(people.map((s) => conditions[name]!(s, s.questions[0]!).ids.length));
    const logs = people.map((_, i) => Math.log(medians.get(name)![i]! / medians.get(OWN)![i]!));
    const { mean, low, high } = bootstrapMean(logs);
    return {
      ...{ name, promptTokens, kvBytes: promptTokens * kvBytesPerToken },
      firstTokenMs: meanOf(medians.get(name)!),
      ratio: { mean: Math.exp(mean), low: Math.exp(low), high: Math.exp(high) },
    };
  });
  for (const row of rows) console.log(`first token, ${row.name}: ${row.firstTokenMs.toFixed(0)} ms`);
  return {
    ...{ people: people.length, repeats: sizes.repeats, threads, kvBytesPerToken, rows },
    encodeMs: await medianMs(people, async (s) => void (await encoder.encode(s.lines))),
    projectMs: await medianMs(people, async (s) => void project(told, s)),
  };
}

/** As a session does when it is opened. */
const project = ({ model, projector }: Sources, { vectors }: Subject) =>
  projectAtStrength(projector, vectors, 1, model.facts.embedding.scale);

/** From the words of the prompt to the id of the first token of the answer. */
async function firstTokenMs(decoder: Decoder, prompt: () => TokenRun): Promise<number> {
  const begun = performance.now();
  const empty = decoder.emptyCache();
  const { cache, logits } = await decoder.read(empty, prompt());
  argmax(logits);
  const ms = performance.now() - begun;
  cache.release();
  empty.release();
  return ms;
}

async function medianMs(people: readonly Subject[], work: (s: Subject) => Promise<void>): Promise<number> {
  const times: number[] = [];
  for (const person of people) {
    const begun = performance.now();
    await work(person);
    times.push(performance.now() - begun);
  }
  return median(times);
}

function median(values: readonly number[]): number {
  const sorted = values.toSorted((a, b) => a - b);
  return sorted[sorted.length >> 1]!;
}
