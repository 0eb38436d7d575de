/**
 * Generation against Transformers.js on the same file, in turn in one process, and against itself: sampling against greedy, a session that begins
 * with what another has read against one that reads it. `npm run bench generate [-- <model folder> …]` writes docs/results/speed.json and .md.
 */
import { existsSync } from 'node:fs';
import { basename, dirname } from 'node:path';
import { env, pipeline, TextStreamer } from '@huggingface/transformers';
import { type GenerateOptions, Personalizer } from '../src/node.ts';
import { GREEDY, keepSpeed, MAX_TOKENS, type Pair, PROMPT_TOKENS, SAMPLINGS } from './generate-results.ts';
import { compareCaches } from './whole-cache.ts';

const FOLDERS = ['public/models/e2p-tiny', '../shared/models/smollm2-135m-instruct'];
/** Of a public-domain kind: nothing that a model would know by heart. */
const WORDS =
  'the grey heron stands in shallow water and waits while boats go by and somebody on the pier counts nets and lines'.split(
    ' ',
  );
const ROUNDS = 8;
/** What a session is told before anybody asks, some 96 tokens. */
const SYSTEM_WORDS = 80;

type Run = () => Promise<Measured>;
interface Measured {
  /** CPU milliseconds. */
  readonly first: number;
  readonly perToken: number;
  readonly total: number;
  readonly ids: readonly number[];
}

export async function benchGenerate(folders: readonly string[]): Promise<void> {
  for (const folder of folders.length > 0 ? folders : FOLDERS.filter((path) => existsSync(path))) {
    const ours = await openOurs(folder);
    const theirs = await openTheirs(folder);
    const pairs: Pair[] = [];
    for (const tokens of PROMPT_TOKENS) {
      const content = await ours.contentOf(tokens);
      if (content === undefined) continue;
      const [a, b] = await inTurn([() => ours.run(content, GREEDY), () => theirs(content)]);
      // Theirs have the one that ends the answer, too.
      const [own, other] = [a![0]!.ids, b![0]!.ids];
      const isSame = String(own) === String(other.slice(0, own.length)) && other.length <= own.length + 1;
      console.log(`${basename(folder)}, ${tokens} tokens: the same ${own.length} ids: ${isSame}`);
      for (const what of ['first', 'perToken', 'total'] as const) {
        pairs.push({
          kind: 'peer',
          what,
          tokens,
          isSame,
          ours: a!.map((r) => r[what]),
          theirs: b!.map((r) => r[what]),
        });
      }
    }
    const content = (await ours.contentOf(PROMPT_TOKENS[1]))!;
    const runs = Object.values(SAMPLINGS).map((options) => () => ours.run(content, options));
    const [greedy, ...sampled] = await inTurn([() => ours.run(content, GREEDY), ...runs]);
    for (const [i, what] of Object.keys(SAMPLINGS).entries()) {
      const perToken = (found: readonly Measured[]) => found.map((r) => r.perToken);
      pairs.push({
        ...{ kind: 'sampling', what, tokens: PROMPT_TOKENS[1] },
        ...{ ours: perToken(sampled[i]!), theirs: perToken(greedy!) },
      });
    }
    const [again, anew] = await inTurn([() => ours.begun(true), () => ours.begun(false)]);
    pairs.push({
      ...{ kind: 'prefix', what: 'first', tokens: ours.prefixTokens() },
      ...{ ours: again!.map((r) => r.first), theirs: anew!.map((r) => r.first) },
    });
    await ours.close();
    pairs.push(...(await compareCaches(folder)));
    keepSpeed({ model: basename(folder), ...ours.facts, pairs });
  }
}

/** The first round warms up and doesn't count. */
async function inTurn(runs: readonly Run[]): Promise<readonly (readonly Measured[])[]> {
  const found: Measured[][] = runs.map(() => []);
  for (let round = 0; round <= ROUNDS; round++) {
    for (const i of runs.keys()) {
      const at = (i + round) % runs.length;
      const measured = await runs[at]!();
      if (round > 0) found[at]!.push(measured);
    }
  }
  return found;
}

async function openOurs(folder: string) {
  const personalizer = await Personalizer.create({ model: folder });
  const { dtype, contextLength } = personalizer.model;
  let prefixTokens = 0;
  /** A session whose prefix others begin with. */
  let open: Awaited<ReturnType<typeof personalizer.createSession>> | undefined;
  const system = text(SYSTEM_WORDS, 5);
  const ask = async (content: string, options: GenerateOptions, system?: string) => {
    const session = await personalizer.createSession(
      system === undefined ? {} : { initialPrompts: [{ role: 'system', content: system }] },
    );
    const clock = startClock();
    const result = await session.generate(content, { ...options, onText: clock.note });
    return { session, result, measured: { ...clock.end(result.tokenIds.length), ids: result.tokenIds } };
  };
  return {
    facts: { dtype },
    close: () => personalizer.destroy(),
    prefixTokens: () => prefixTokens,
    /** Words that make a prompt of so many tokens, or a few more. */
    contentOf: async (tokens: number) => {
      if (tokens + MAX_TOKENS > contextLength) return undefined;
      const session = await personalizer.createSession();
      let count = 1;
      while ((await session.measureContextUsage(text(count))) < tokens) count++;
      await session.destroy();
      return text(count);
    },
    run: async (content: string, options: GenerateOptions) => {
      const { session, measured } = await ask(content, options);
      await session.destroy();
      return measured;
    },
    begun: async (again: boolean) => {
      if (again) open ??= (await ask('Begin.', { ...GREEDY, maxTokens: 1 }, system)).session;
      else {
        await open?.destroy();
        open = undefined;
      }
      const { session, result, measured } = await ask(
        'What does it wait for?',
        { ...GREEDY, maxTokens: 1 },
        system,
      );
      if (again) prefixTokens = result.cachedTokens;
      await session.destroy();
      return measured;
    },
  };
}

async function openTheirs(folder: string) {
  env.allowRemoteModels = false;
  env.localModelPath = dirname(folder);
  const session_options = { intraOpNumThreads: 1, interOpNumThreads: 1 };
  const generator = await pipeline('text-generation', basename(folder), { dtype: 'q4', session_options });
  tellCacheSize(generator.model);
  return async (content: string): Promise<Measured> => {
    const ids: number[] = [];
    const clock = startClock();
    const streamer = new TextStreamer(generator.tokenizer, {
      ...{ skip_prompt: true, callback_function: () => {} },
      token_callback_function: (some: bigint[]) => {
        clock.note();
        ids.push(...some.map(Number));
      },
    });
    const options = { do_sample: false, max_new_tokens: MAX_TOKENS, streamer };
    await generator([{ role: 'user', content }], options);
    return { ...clock.end(ids.length), ids };
  };
}

/** SmolLM2's file names a size of its cache, which Transformers.js 4.3.1 takes for 0. */
function tellCacheSize(model: unknown): void {
  const { sessions, config } = model as {
    readonly sessions: { readonly model: { inputMetadata: readonly { shape?: unknown[] }[] } };
    readonly config: {
      readonly head_dim?: number;
      readonly hidden_size: number;
      readonly num_attention_heads: number;
    };
  };
  const size = config.head_dim ?? config.hidden_size / config.num_attention_heads;
  const told = sessions.model.inputMetadata.map((input) => ({
    ...input,
    shape: input.shape?.map((dim) => (dim === 'kv_cache_dim' ? size : dim)),
  }));
  Object.defineProperty(sessions.model, 'inputMetadata', { value: told });
}

/** Milliseconds of CPU time: other work on the machine does not count. */
function startClock() {
  const now = () => {
    const { user, system } = process.cpuUsage();
    return (user + system) / 1000;
  };
  const started = now();
  let first: number | undefined;
  return {
    note: () => {
      first ??= now();
    },
    end: (tokens: number) => {
      const ended = now();
      const at = first ?? ended;
      return {
        first: at - started,
        perToken: (ended - at) / Math.max(1, tokens - 1),
        total: ended - started,
      };
    },
  };
}

const text = (count: number, from = 0) =>
  Array.from({ length: count }, (_, i) => WORDS[(from + i * 7) % WORDS.length]).join(' ');
