/**
 * The decode loop: read the prompt, then sample, show and read one token at a time until the model ends, a stop
 * string appears, the budget or the context is used up, or the caller aborts.
 */
import { E2PError, throwIfAborted } from '../error.ts';
import type { Constraint } from './constraint/constraint.ts';
import { openConstraint } from './constraint/open-constraint.ts';
import type { Decoder, TokenRun } from './decoder.ts';
import type { Engine } from './engine.ts';
import type { KvCache } from './kv-cache.ts';
import { candidates, checkSampling, draw, type SamplingOptions, seededRandom } from './sampling.ts';
import { TextStream } from './text-stream.ts';

export interface GenerateOptions extends Partial<SamplingOptions> {
  /** Longest answer, in tokens; default 256. */
  readonly maxTokens?: number;
  /** Texts, or one, that end the answer; they are not part of it. */
  readonly stop?: string | readonly string[];
  /** What the answer has to be; where `maxTokens` cuts it, it is the beginning of that. Not together with `stop`. */
  readonly constraint?: Constraint;
  /** Makes sampling repeatable; without it every answer is another. */
  readonly seed?: number;
  readonly signal?: AbortSignal;
  /** Each piece of text as soon as it can be shown. */
  readonly onText?: (text: string) => void;
}

export interface GenerationResult {
  readonly text: string;
  /** The generated ids, without the one that ended the answer. */
  readonly tokenIds: readonly number[];
  /**
   * `end`: the model ended, or the constraint has nothing more to come; `stop`: a stop string; `length`: maxTokens or the context was
   * used up.
   */
  readonly finishReason: 'end' | 'stop' | 'length';
  /** Tokens of the prompt, soft tokens included. */
  readonly promptTokens: number;
  readonly softTokens: number;
  /** Prompt tokens that a cache already held and that were not read again. */
  readonly cachedTokens: number;
  /** From the call to the first token, in ms. */
  readonly timeToFirstTokenMs: number;
  /** Tokens after the first, over the time they took; 0 if there was only one. */
  readonly tokensPerSecond: number;
}

/** What a session has read: a cache and the tokens in it. Belongs to one decoder. */
export interface ReadState {
  readonly decoder: Decoder;
  readonly cache: KvCache;
  readonly read: TokenRun;
}

export interface GenerateContext {
  /** What was read earlier; it stays the caller's. */
  readonly before?: ReadState | undefined;
  /** A cache that nobody else held was overwritten. */
  readonly onWipe?: () => void;
  /** The prompt is read, and nothing answered. */
  readonly isSilent?: boolean;
}

export const DEFAULT_MAX_TOKENS = 256;

/**
 * @returns the result and what has now been read; the new state's cache is the caller's. Where it fails, the cache that it went on
 *   with is overwritten.
 */
export async function generateText(
  engine: Engine,
  prompt: TokenRun,
  options: GenerateOptions,
  { before, onWipe, isSilent = false }: GenerateContext = {},
): Promise<{ readonly result: GenerationResult; readonly state: ReadState }> {
  const { model } = engine;
  const started = performance.now();
  const sampling = { ...model.config.sampling, ...definedOnly(options) };
  checkSampling(sampling);
  const maxTokens = isSilent ? 0 : checkMaxTokens(options.maxTokens ?? DEFAULT_MAX_TOKENS);
  const random = options.seed === undefined ? Math.random : seededRandom(options.seed);
  const walk = options.constraint && (await openConstraint(model, options.constraint, options.signal));
  const stream = new TextStream((ids) => model.codec.decode(ids), [options.stop ?? []].flat());
  const sequence = [...prompt.ids];
  const history = prompt.ids.filter((_, i) => !prompt.soft?.has(i));
  const generated: number[] = [];

  let { decoder } = engine;
  let cache = beginningOf(decoder, before, prompt);
  const cachedTokens = cache.length;
  let finishReason: GenerationResult['finishReason'] = 'length';
  let firstTokenAt = started;
  try {
    for (;;) {
      throwIfAborted(options.signal);
      if (isSilent) {
        await readRest();
        break;
      }
      const next = await nextToken();
      if (generated.length === 0) firstTokenAt = performance.now();
      if (model.config.eosTokenIds.includes(next)) {
        finishReason = 'end';
        break;
      }
      walk?.advance(next);
      generated.push(next);
      history.push(next);
      sequence.push(next);
      show(stream.push(next));
      if (stream.stopped) {
        finishReason = 'stop';
        break;
      }
      if (walk?.allowed.length === 0) {
        finishReason = 'end';
        break;
      }
      if (generated.length >= maxTokens || sequence.length >= model.config.contextLength) break;
    }
    show(stream.end());
  } catch (error) {
    if (cache.wipe(decoder.runtime)) onWipe?.();
    throw error;
  }
  const seconds = (performance.now() - firstTokenAt) / 1000;
  return {
    result: {
      text: stream.text,
      tokenIds: generated,
      finishReason,
      promptTokens: prompt.ids.length,
      softTokens: prompt.soft?.size ?? 0,
      cachedTokens,
      timeToFirstTokenMs: firstTokenAt - started,
      tokensPerSecond: generated.length > 1 && seconds > 0 ? (generated.length - 1) / seconds : 0,
    },
    state: {
      decoder,
      cache,
      read: { ids: sequence.slice(0, cache.length), soft: prompt.soft },
    },
  };

  function show(text: string): void {
    if (text !== '') options.onText?.(text);
  }

  async function nextToken(): Promise<number> {
    const allowed = walk?.allowed;
    // A token without an alternative need not be predicted: it is read together with what follows.
    if (allowed?.length === 1 && !walk!.isComplete) return allowed[0]!;
    const logits = await readRest();
    const ends = walk?.isComplete ? model.config.eosTokenIds.filter((id) => id < logits.length) : [];
    const among = allowed === undefined || ends.length === 0 ? allowed : [...Array.from(allowed), ...ends];
    return draw(candidates(logits, sampling, history, among), random);
  }

  /** Reads what of the sequence the cache does not hold; logits of its last position. */
  async function readRest(): Promise<Float32Array> {
    for (;;) {
      const from = cache.length;
      const soft = new Map([...(prompt.soft ?? [])].map(([at, vector]) => [at - from, vector]));
      try {
        const read = await decoder.read(
          cache,
          { ids: sequence.slice(from), soft },
          { signal: options.signal, onWipe },
        );
        cache.release();
        cache = read.cache;
        return read.logits;
      } catch (error) {
        const lost = error instanceof E2PError && error.code === 'device-lost';
        if (!lost || !(await engine.recover())) throw error;
        // The lost device took the cache with it: the new decoder reads the sequence from its start.
        cache.release();
        decoder = engine.decoder;
        cache = decoder.emptyCache();
      }
    }
  }
}

/** As much of what was read earlier as the prompt begins with. It is the caller's. */
export function beginningOf(decoder: Decoder, before: ReadState | undefined, prompt: TokenRun): KvCache {
  if (before?.decoder !== decoder) return decoder.emptyCache();
  const { cache, read } = before;
  // Reading must go on with at least one token, or there would be no logits.
  const shared = Math.min(sharedLength(read, prompt), cache.length, prompt.ids.length - 1);
  if (shared === cache.length) return cache.retain();
  const { runtime, model } = decoder;
  return (shared > 0 && cache.beginning(shared, runtime, model.facts.cache)) || decoder.emptyCache();
}

/** Number of leading tokens that two sequences share, soft tokens by their values. */
export function sharedLength(a: TokenRun, b: TokenRun): number {
  let n = 0;
  while (
    n < a.ids.length &&
    n < b.ids.length &&
    a.ids[n] === b.ids[n] &&
    isEqual(a.soft?.get(n), b.soft?.get(n))
  ) {
    n++;
  }
  return n;
}

const isEqual = (a: Float32Array | undefined, b: Float32Array | undefined): boolean =>
  a === b || (a !== undefined && b?.length === a.length && a.every((value, channel) => value === b[channel]));

function checkMaxTokens(value: number): number {
  if (!Number.isInteger(value) || value < 1) {
    throw new E2PError('invalid-argument', `maxTokens is ${value}, expected a whole number from 1`);
  }
  return value;
}

function definedOnly(options: GenerateOptions): Partial<SamplingOptions> {
  const names = ['temperature', 'topK', 'topP', 'minP', 'repetitionPenalty'] as const;
  return Object.fromEntries(names.filter((n) => options[n] !== undefined).map((n) => [n, options[n]]));
}
