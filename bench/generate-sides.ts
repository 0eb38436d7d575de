/** The two sides of `bench generate`, the same in Node and in a page: this library's personalizer, and Transformers.js' pipeline on the same file. */
import type { GenerateOptions, Session, SessionOptions } from '../src/node.ts';
import { GREEDY, MAX_TOKENS } from './generate-plan.ts';

/** One answer. Milliseconds, by the clock that a side was opened with. */
export interface Measured {
  readonly first: number;
  readonly perToken: number;
  readonly total: number;
  readonly ids: readonly number[];
}

/** What both kinds of personalizer have. */
interface AnyPersonalizer {
  readonly model: { readonly dtype: string; readonly contextLength: number; readonly weights: string };
  createSession(options?: SessionOptions): Promise<Session>;
  destroy(): Promise<void>;
}

type Clock = () => number;

/** Of a public-domain kind: nothing that a model would know by heart. */
const WORDS =
  'the grey heron stands in shallow water and waits while boats go by and somebody on the pier counts nets and lines'.split(
    ' ',
  );
/** What a session is told before anybody asks, some 96 tokens. */
const SYSTEM_WORDS = 80;

export type OurSide = ReturnType<typeof ourSide>;

export function ourSide(personalizer: AnyPersonalizer, now: Clock) {
  const { contextLength } = personalizer.model;
  let prefixTokens = 0;
  /** A session whose prefix others begin with. */
  let open: Session | undefined;
  const system = text(SYSTEM_WORDS, 5);
  const ask = async (content: string, options: GenerateOptions, system?: string) => {
    const session = await personalizer.createSession(
      system === undefined ? {} : { initialPrompts: [{ role: 'system', content: system }] },
    );
    const clock = startClock(now);
    const result = await session.generate(content, { ...options, onText: clock.note });
    return { session, result, measured: { ...clock.end(result.tokenIds.length), ids: result.tokenIds } };
  };
  return {
    model: personalizer.model,
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
    run: async (content: string, options: GenerateOptions): Promise<Measured> => {
      const { session, measured } = await ask(content, options);
      await session.destroy();
      return measured;
    },
    /** The first token of a session whose beginning another has read, or reads anew. */
    begun: async (again: boolean): Promise<Measured> => {
      const one = { ...GREEDY, maxTokens: 1 };
      if (again) open ??= (await ask('Begin.', one, system)).session;
      else {
        await open?.destroy();
        open = undefined;
      }
      const { session, result, measured } = await ask('What does it wait for?', one, system);
      if (again) prefixTokens = result.cachedTokens;
      await session.destroy();
      return measured;
    },
  };
}

/** What is used of Transformers.js, in Node's build of it and in the web's. */
export interface Peer {
  readonly generator: {
    readonly model: unknown;
    readonly tokenizer: unknown;
  };
  readonly TextStreamer: new (tokenizer: never, options: object) => unknown;
}

export function peerSide({ generator, TextStreamer }: Peer, now: Clock) {
  tellCacheSize(generator.model);
  const generate = generator as unknown as (chat: readonly object[], options: object) => Promise<unknown>;
  return async (content: string, maxTokens: number = MAX_TOKENS): Promise<Measured> => {
    const ids: number[] = [];
    const clock = startClock(now);
    const streamer = new TextStreamer(generator.tokenizer as never, {
      ...{ skip_prompt: true, callback_function: () => {} },
      token_callback_function: (some: readonly bigint[]) => {
        clock.note();
        ids.push(...some.map(Number));
      },
    });
    await generate([{ role: 'user', content }], { do_sample: false, max_new_tokens: maxTokens, streamer });
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

function startClock(now: Clock) {
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

/** Each in turn, another one first in each round. */
export async function inTurn(
  runs: readonly (() => Promise<Measured>)[],
  { rounds, warmUps }: { readonly rounds: number; readonly warmUps: number },
): Promise<readonly (readonly Measured[])[]> {
  const found: Measured[][] = runs.map(() => []);
  for (let round = 0; round < rounds + warmUps; round++) {
    for (const i of runs.keys()) {
      const at = (i + round) % runs.length;
      const measured = await runs[at]!();
      if (round >= warmUps) found[at]!.push(measured);
    }
  }
  return found;
}

/** Theirs have the one that ends the answer, too. */
export const isSameText = (own: readonly number[], other: readonly number[]): boolean =>
  String(own) === String(other.slice(0, own.length)) && other.length <= own.length + 1;

const text = (count: number, from = 0) =>
  Array.from({ length: count }, (_, i) => WORDS[(from + i * 7) % WORDS.length]).join(' ');
