/** The two sides of `bench generate`, the same in Node and in a page: this library's personalizer, and Transformers.js' pipeline on the same file. */
import type { GenerateOptions, Session, SessionOptions } from '../src/node.ts';
import { GREEDY, MAX_TOKENS, PARITY_TOKENS, PERSONA_TOKENS, type Rounds } from './generate-plan.ts';
import type { Pair, Parity } from './generate-results.ts';

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
  readonly space: { readonly id: string; readonly dim: number } | undefined;
  readonly user: { set(embedding: { readonly space: string; readonly values: Float32Array }): Promise<void> };
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
  const system = words(SYSTEM_WORDS, 5);
  const ask = async (
    content: string,
    options: GenerateOptions,
    system?: string,
    more: SessionOptions = { personalise: false },
  ) => {
    const session = await personalizer.createSession({
      ...more,
      ...(system !== undefined && { initialPrompts: [{ role: 'system', content: system }] }),
    });
    const clock = startClock(now);
    const result = await session.generate(content, { ...options, onText: clock.note });
    return { session, result, measured: { ...clock.end(), ids: result.tokenIds } };
  };
  return {
    model: personalizer.model,
    close: () => personalizer.destroy(),
    prefixTokens: () => prefixTokens,
    /** Words that make a prompt of so many tokens, or a few more. */
    contentOf: async (tokens: number) => {
      if (tokens + PARITY_TOKENS > contextLength) return undefined;
      const session = await personalizer.createSession({ personalise: false });
      let count = 1;
      while ((await session.measureContextUsage(words(count))) < tokens) count++;
      await session.destroy();
      return words(count);
    },
    /** The same question with a person in front of it, in words of {@link PERSONA_TOKENS} tokens or a few more. */
    withPersona: async (content: string) => {
      const session = await personalizer.createSession({ personalise: false });
      const usage = (said: string) => session.measureContextUsage(said);
      const alone = await usage(content);
      let count = 1;
      while ((await usage(`${words(count, 11)}. ${content}`)) < alone + PERSONA_TOKENS) count++;
      await session.destroy();
      return `${words(count, 11)}. ${content}`;
    },
    /** Somebody, whose embedding is of chance: what it says costs nothing. */
    setUser: async () => {
      const { id, dim } = personalizer.space!;
      await personalizer.user.set({
        space: id,
        values: Float32Array.from({ length: dim }, (_, i) => Math.sin(i + 1) / 4),
      });
    },
    /** The first token, for the person who is set or for nobody, and the tokens that were read for it. */
    firstFor: async (content: string, personalise: boolean) => {
      const one = { ...GREEDY, maxTokens: 1 };
      const { session, result, measured } = await ask(content, one, undefined, { personalise });
      await session.destroy();
      const { promptTokens, softTokens } = result;
      return { ...measured, promptTokens, softTokens };
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
    return { ...clock.end(), ids };
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
  const at: number[] = [];
  return {
    note: () => void at.push(now()),
    end: () => {
      const ended = now();
      const [first = ended, last = ended] = [at[0], at.at(-1)];
      return {
        first: first - started,
        // To the last one, since what ends an answer would count more in a short one.
        perToken: (last - first) / Math.max(1, at.length - 1),
        total: ended - started,
      };
    },
  };
}

/** Each in turn, another one first in each round; where garbage can be collected, what one leaves behind is not in the time of the next. */
export async function inTurn<Found>(
  runs: readonly (() => Promise<Found>)[],
  { least, most, budgetMs, warmUps }: Rounds,
): Promise<readonly (readonly Found[])[]> {
  const found: Found[][] = runs.map(() => []);
  let began = performance.now();
  for (let round = -warmUps; round < most; round++) {
    if (round === 0) began = performance.now();
    if (round >= least && performance.now() - began > budgetMs) break;
    for (const i of runs.keys()) {
      const at = (i + round + warmUps) % runs.length;
      globalThis.gc?.();
      const measured = await runs[at]!();
      if (round >= 0) found[at]!.push(measured);
    }
  }
  return found;
}

/** Theirs have the one that ends the answer, too. */
export const isSameText = (own: readonly number[], other: readonly number[]): boolean =>
  String(own) === String(other.slice(0, own.length)) && other.length <= own.length + 1;

/** How many tokens of two greedy answers are the same, from the first on. */
export function parityOf(tokens: number, own: Measured, other: Measured): Parity {
  // Theirs have the one that ends the answer, too.
  const of = own.ids.length < other.ids.length ? other.ids.length - 1 : own.ids.length;
  const apart = own.ids.findIndex((id, i) => other.ids[i] !== id);
  return { tokens, same: apart < 0 ? own.ids.length : apart, of };
}

const WHATS = ['first', 'perToken', 'total'] as const;

/** @param whats of which milliseconds */
export function pairsOf(
  about: Pick<Pair, 'kind' | 'tokens' | 'isSame'>,
  ours: readonly Measured[],
  theirs: readonly Measured[],
  whats: readonly (typeof WHATS)[number][] = WHATS,
): Pair[] {
  const of = (found: readonly Measured[], what: (typeof WHATS)[number]) => found.map((r) => r[what]);
  return whats.map((what) => ({ ...about, what, ours: of(ours, what), theirs: of(theirs, what) }));
}

/** What the first token for a person costs: as a soft token against nobody's, and against the person in words. */
export async function personaPairs(
  ours: Pick<OurSide, 'setUser' | 'firstFor' | 'withPersona'>,
  content: string,
  rounds: Rounds,
): Promise<Pair[]> {
  await ours.setUser();
  const inWords = await ours.withPersona(content);
  const [soft, none, words] = await inTurn(
    [
      () => ours.firstFor(content, true),
      () => ours.firstFor(content, false),
      () => ours.firstFor(inWords, false),
    ],
    rounds,
  );
  const tokens = soft![0]!.promptTokens;
  if (soft![0]!.softTokens !== 1) throw new Error(`${soft![0]!.softTokens} soft tokens, expected 1`);
  const first = (found: readonly Measured[]) => found.map((r) => r.first);
  return (
    [
      ['nobody', none!],
      ['in words', words!],
    ] as const
  ).map(([what, other]) => ({
    ...{ kind: 'persona', what, tokens, fewer: other[0]!.promptTokens - tokens },
    ...{ ours: first(soft!), theirs: first(other) },
  }));
}

/** So many words of the same kind, the same ones each time. */
export const words = (count: number, from = 0) =>
  Array.from({ length: count }, (_, i) => WORDS[(from + i * 7) % WORDS.length]).join(' ');
