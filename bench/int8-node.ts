/** What int8 weights change in Node: likelihood of texts, greedy answers behind prompts, and what a product costs. */
import { readFileSync } from 'node:fs';
import { Decoder } from '../src/generate/decoder.ts';
import type { KvCache } from '../src/generate/kv-cache.ts';
import type { BaseModel } from '../src/model/base-model.ts';
import { createRuntime } from '../src/node.ts';
import { PARITY_TOKENS } from './generate-plan.ts';
import { words } from './generate-sides.ts';
import { timeKernels } from './int8-kernels.ts';
import { type GreedyPrompt, type Int8InNode, nats, type Text } from './int8-results.ts';
import { openWays, type Product } from './int8-ways.ts';

const PAGES = [
  { page: 'privacy.md', tokens: 520, asks: 'Summarise this:' },
  { page: 'faq.md', tokens: 600, asks: 'What is this text about?' },
  { page: 'drift.md', tokens: 700, asks: 'List the main points.' },
] as const;
/** Tokens before the answer's opening, as `bench generate` asks. */
const WORDS = [512, 1024] as const;
/** Room for the template and what is asked. */
const AROUND = 40;
const PIECE = 64;

interface Prompt {
  readonly text: string;
  readonly ids: readonly number[];
}

type Reads = (decoder: Decoder, ids: readonly number[]) => ReturnType<Decoder['read']>;

const whole: Reads = (decoder, ids) => decoder.read(decoder.emptyCache(), { ids });

const inPieces: Reads = async (decoder, ids) => {
  let read = await whole(decoder, ids.slice(0, PIECE));
  for (let from = PIECE; from < ids.length; from += PIECE) {
    const { cache } = read;
    read = await decoder.read(cache, { ids: ids.slice(from, from + PIECE) });
    cache.release();
  }
  return read;
};

type Found = Pick<Int8InNode, 'texts' | 'prompts' | 'kernels'>;

/** @param keep takes what has been found so far: on a busy machine the whole may not be waited for */
export async function int8InNode(
  folder: string,
  { texts: all, window, isLeast, keep }: Int8NodePlan,
): Promise<Found> {
  const runtime = createRuntime();
  const kernels = await timeKernels(runtime, isLeast);
  const ways = await openWays(folder);
  const { stored } = ways;
  const int8 = await ways.int8(() => true);
  const texts = isLeast ? all.slice(0, 1) : all;
  const using = async <Result>(model: BaseModel, use: (d: Decoder) => Promise<Result>, exact = false) => {
    const decoder = await Decoder.create(model, runtime, exact);
    const result = await use(decoder);
    await decoder.release();
    return result;
  };
  const score = async (decoder: Decoder) => {
    const scores = [];
    for (const { text } of texts) {
      scores.push(await decoder.score({ ids: stored.codec.encode(text).slice(0, window) }, 1));
    }
    return scores;
  };
  const scores = {
    ...{ stored: await using(stored, score), int8: await using(int8, score) },
    exact: await using(stored, score, true),
  };
  const likelihood = texts.map(({ kind }, i) => ({
    ...{ kind, tokens: scores.stored[i]!.length, exact: nats(scores.exact[i]!) },
    ...{ stored: nats(scores.stored[i]!), int8: nats(scores.int8[i]!) },
  }));
  keep?.({ texts: likelihood, prompts: [], kernels });
  const prompts = isLeast ? promptsOf(stored, [64], []) : promptsOf(stored, WORDS, PAGES);
  const answers = (model: BaseModel, reads = whole, exact = false) =>
    using(
      model,
      async (decoder) => {
        const found = [];
        for (const { ids } of prompts) found.push(await answerTo(decoder, ids, reads));
        return found;
      },
      exact,
    );
  const own = await answers(stored);
  const floats = await answers(stored, whole, true);
  // Without what the largest activations go into, and what gives the logits.
  const { hiddenSize, head } = stored.facts;
  const partly = ({ summed, columns }: Product) => summed === hiddenSize && columns !== head.columns;
  const others = {
    floats,
    'cut at 64': await answers(stored, inPieces),
    int8: await answers(int8),
    'int8 but for down projections and head': await answers(await ways.int8(partly)),
  };
  return {
    ...{ kernels, texts: likelihood },
    prompts: prompts.map(({ text, ids }, i) => {
      const answer = own[i]!;
      return {
        ...{ text, tokens: ids.length, of: answer.ids.length, storedMs: answer.ms },
        closest: Number(Math.min(...answer.leads).toFixed(3)),
        ways: Object.entries(others).map(([name, found]) => ({
          ...{ name, ...against(answer, found[i]!, floats[i]!) },
        })),
      };
    }),
  };
}

export interface Int8NodePlan {
  readonly texts: readonly Text[];
  /** Tokens of a text that are scored. */
  readonly window: number;
  /** One text, one short prompt. */
  readonly isLeast: boolean;
  readonly keep?: (found: Found) => void;
}

function promptsOf(model: BaseModel, tokens: readonly number[], pages: typeof PAGES | readonly []): Prompt[] {
  const { codec } = model;
  const chat = (content: string, opens = true) =>
    codec.encode(codec.renderChat([{ role: 'user', content }], opens));
  const ofWords = tokens.map((least) => {
    let count = 1;
    while (chat(words(count), false).length < least) count++;
    return { text: 'words of the speed benchmark', ids: chat(words(count)) };
  });
  const ofPages = pages.map(({ page, tokens, asks }) => {
    const text = codec.decode(codec.encode(readFileSync(`docs/${page}`, 'utf8')).slice(0, tokens - AROUND));
    return { text: `docs/${page}`, ids: chat(`${asks}\n\n${text}`) };
  });
  return [...ofWords, ...ofPages];
}

type Answer = Awaited<ReturnType<typeof answerTo>>;

async function answerTo(decoder: Decoder, prompt: readonly number[], reads: Reads) {
  const began = process.cpuUsage();
  let read = await reads(decoder, prompt);
  const { user, system } = process.cpuUsage(began);
  const first = Float32Array.from(read.logits);
  const ids: number[] = [];
  const leads: number[] = [];
  for (; ids.length < PARITY_TOKENS; read = await next(decoder, read.cache, ids.at(-1)!)) {
    const highest = read.logits.reduce((a, b) => Math.max(a, b));
    const id = read.logits.indexOf(highest);
    ids.push(id);
    leads.push(highest - read.logits.reduce((a, b, i) => (i === id ? a : Math.max(a, b)), -Infinity));
    if (decoder.model.config.eosTokenIds.includes(id)) break;
  }
  read.cache.release();
  return { ids, leads, first, ms: Math.round((user + system) / 1000) };
}

async function next(decoder: Decoder, cache: KvCache, id: number) {
  const read = await decoder.read(cache, { ids: [id] });
  cache.release();
  return read;
}

function against(own: Answer, other: Answer, floats: Answer): Omit<GreedyPrompt['ways'][number], 'name'> {
  const apart = own.first.reduce((most, value, i) => Math.max(most, Math.abs(value - other.first[i]!)), 0);
  const same = sameTokens(own.ids, other.ids);
  return {
    ...{ same, asFloats: sameTokens(floats.ids, other.ids) },
    ...{ apart: Number(apart.toFixed(3)), ms: other.ms },
  };
}

function sameTokens(some: readonly number[], others: readonly number[]): number {
  const parts = some.findIndex((id, i) => others[i] !== id);
  return parts < 0 ? some.length : parts;
}
