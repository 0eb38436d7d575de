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
import { openWays } from './int8-ways.ts';

const PAGES = [
  { page: 'privacy.md', tokens: 520, asks: 'Summarise this:' },
  { page: 'faq.md', tokens: 700, asks: 'What is this text about?' },
  { page: 'drift.md', tokens: 950, asks: 'List the main points.' },
] as const;
/** Of what `bench generate` asks. */
const WORDS = [512, 1024] as const;
/** Room for the template and what is asked. */
const AROUND = 40;
const PIECE = 64;
const KERNEL_ROUNDS = 8;

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

export async function int8InNode(
  folder: string,
  texts: readonly Text[],
  window: number,
  isLeast: boolean,
): Promise<Pick<Int8InNode, 'texts' | 'prompts' | 'kernels'>> {
  const runtime = createRuntime();
  const kernels = await timeKernels(runtime, isLeast ? 1 : KERNEL_ROUNDS);
  const ways = await openWays(folder);
  const { stored } = ways;
  const some = isLeast ? texts.slice(0, 1) : texts;
  const prompts = isLeast ? promptsOf(stored, [64], []) : promptsOf(stored, WORDS, PAGES);
  const open = async <Found>(model: BaseModel, use: (d: Decoder) => Promise<Found>, exact = false) => {
    const decoder = await Decoder.create(model, runtime, exact);
    const found = await use(decoder);
    await decoder.release();
    return found;
  };
  const measure = async (decoder: Decoder, reads = whole) => {
    const answers = [];
    for (const { ids } of prompts) answers.push(await answerTo(decoder, ids, reads));
    return answers;
  };
  const score = async (decoder: Decoder) => {
    const scores = [];
    for (const { text } of some) {
      scores.push(await decoder.score({ ids: stored.codec.encode(text).slice(0, window) }, 1));
    }
    return scores;
  };
  const both = async (d: Decoder) => ({ answers: await measure(d), scores: await score(d) });
  const own = await open(stored, async (d) => ({ ...(await both(d)), cut: await measure(d, inPieces) }));
  const exact = await open(stored, both, true);
  const int8 = await open(await ways.int8(() => true), both);
  // What the largest activations go into, and what gives the logits.
  const { hiddenSize, head } = stored.facts;
  const partly = await open(
    await ways.int8(({ summed, columns }) => summed === hiddenSize && columns !== head.columns),
    measure,
  );
  const others = {
    ...{ floats: exact.answers, 'cut at 64': own.cut, int8: int8.answers },
    'int8 but for down projections and head': partly,
  };
  return {
    kernels,
    texts: some.map(({ kind }, i) => ({
      ...{ kind, tokens: own.scores[i]!.length, exact: nats(exact.scores[i]!) },
      ...{ stored: nats(own.scores[i]!), int8: nats(int8.scores[i]!) },
    })),
    prompts: prompts.map(({ text, ids }, i) => {
      const answer = own.answers[i]!;
      return {
        ...{ text, tokens: ids.length, of: answer.ids.length, storedMs: answer.ms },
        closest: Number(Math.min(...answer.leads).toFixed(3)),
        ways: Object.entries(others).map(([name, found]) => ({ name, ...against(answer, found[i]!) })),
      };
    }),
  };
}

function promptsOf(model: BaseModel, tokens: readonly number[], pages: typeof PAGES | readonly []): Prompt[] {
  const { codec } = model;
  const chat = (content: string) => codec.encode(codec.renderChat([{ role: 'user', content }]));
  const ofWords = tokens.map((least) => {
    let count = 1;
    while (chat(words(count)).length < least) count++;
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

function against(own: Answer, other: Answer): Omit<GreedyPrompt['ways'][number], 'name'> {
  const parts = own.ids.findIndex((id, i) => other.ids[i] !== id);
  const apart = own.first.reduce((most, value, i) => Math.max(most, Math.abs(value - other.first[i]!)), 0);
  return { same: parts < 0 ? own.ids.length : parts, apart: Number(apart.toFixed(3)), ms: other.ms };
}
