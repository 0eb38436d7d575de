/** The decode loop: read the prompt, then draw, show and read one token at a time until the answer ends or the caller aborts. */
import { throwIfAborted } from '../error.ts';
import { yieldToEvents } from '../runtime/event-loop.ts';
import type { Highest } from '../runtime/gpu-highest.ts';
import { Answer, type GenerateOptions, type GenerationResult } from './answer.ts';
import type { Decoder, ReadResult, TokenRun } from './decoder.ts';
import type { Engine } from './engine.ts';
import type { KvCache } from './kv-cache.ts';
import { PromptLookup } from './prompt-lookup.ts';
import type { Newer } from './renewal.ts';

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
  /** The prompt ends with the answer's first words. */
  readonly isBegun?: boolean;
  /** Given what was read by an answer that the signal ended; the cache is the receiver's. Absent: it is overwritten. */
  readonly onAborted?: (state: ReadState) => void;
  /** Aborted with the session, of which nothing may stay. */
  readonly ended?: AbortSignal;
  /** A newer version for the prompt's slots, asked for before each token. */
  readonly newer?: (slots: TokenRun['soft']) => Newer | undefined;
}

/**
 * @returns the result and what has now been read; the new state's cache is the caller's. Where it fails, the cache that it went on
 *   with is overwritten, but for an abort where `onAborted` is given.
 */
export async function generateText(
  engine: Engine,
  given: TokenRun,
  options: GenerateOptions,
  { before, onWipe, isSilent = false, isBegun, onAborted, ended, newer }: GenerateContext = {},
): Promise<{ readonly result: GenerationResult; readonly state: ReadState }> {
  const { signal } = options;
  let prompt = given;
  let mayRenew = newer !== undefined;
  const answer = await Answer.open(engine.model, prompt, options, isBegun);
  const { sequence } = answer;
  let { decoder } = engine;
  let cache = beginningOf(decoder, before, prompt);
  const cachedTokens = cache.length;
  const lookup = new PromptLookup(sequence);
  /** Tokens that were guessed behind `start` and read, and the logits in front of each and behind them all. */
  let ahead:
    | { readonly start: number; readonly ids: readonly number[]; readonly rows: readonly Float32Array[] }
    | undefined;
  let result: GenerationResult;
  try {
    throwIfAborted(signal);
    if (isSilent) await readRest();
    else while (answer.add(answer.forced ?? (await readNext()))) throwIfAborted(signal);
    // In the last step too: what it showed was held back.
    throwIfAborted(signal);
    forgetWrong();
    result = answer.end(cachedTokens);
  } catch (error) {
    // What is said next may begin alike. Of a session that ends nothing stays.
    if (onAborted !== undefined && error === signal?.reason && !ended?.aborted) {
      forgetWrong();
      onAborted(stateNow());
    } else if (cache.wipe()) onWipe?.();
    throw error;
  }
  return { result, state: stateNow() };

  function stateNow(): ReadState {
    return { decoder, cache, read: { ids: sequence.slice(0, cache.length), soft: prompt.soft } };
  }

  /** Reads what of the sequence the cache does not hold, and draws what comes next; on another decoder where this one's device fails. */
  async function readNext(): Promise<number> {
    for (;;) {
      const logits = (await readNewer()) ?? foreseen() ?? (await readRest());
      try {
        return answer.choose(logits);
      } catch (error) {
        await goOn(error);
      }
    }
  }

  /** The sequence with a newer version in its slots, if there is one. What was read before is given up only where this was. */
  async function readNewer(): Promise<Float32Array | Highest | undefined> {
    const found = mayRenew ? newer?.(prompt.soft) : undefined;
    if (found === undefined) return undefined;
    const empty = decoder.emptyCache();
    const run = { ids: sequence, soft: found.soft };
    const how = { signal, onWipe };
    let read: Omit<ReadResult, 'logits'> & { readonly logits: Float32Array | Highest };
    try {
      read = await (answer.needsFew ? decoder.readFew(empty, run, how) : decoder.read(empty, run, how));
    } catch {
      found.failed();
      throwIfAborted(signal);
      // The answer ends as it began; the next turn tries again.
      mayRenew = false;
      return undefined;
    } finally {
      empty.release();
    }
    forgetWrong();
    if (cache.wipe()) onWipe?.();
    cache = read.cache;
    prompt = { ...prompt, soft: found.soft };
    found.taken();
    return read.logits;
  }

  /** @returns logits of the last position */
  async function readRest(): Promise<Float32Array | Highest> {
    for (;;) {
      const from = cache.length;
      // Soft tokens are the prompt's alone.
      const soft =
        from < prompt.ids.length
          ? new Map([...(prompt.soft ?? [])].map(([at, vector]) => [at - from, vector]))
          : undefined;
      try {
        const run = { ids: sequence.slice(from), soft };
        const guess = nextGuess();
        if (guess.length > 0) return await readAhead(run.ids, guess);
        const how = { signal, onWipe };
        const read = await (isSilent || answer.needsFew
          ? decoder.readFew(cache, run, how)
          : decoder.read(cache, run, how));
        cache.release();
        cache = read.cache;
        return read.logits;
      } catch (error) {
        await goOn(error);
      }
    }
  }

  /** Of an answer that is under way, and waits for one token only. */
  function nextGuess(): readonly number[] {
    const isNext = sequence.length > prompt.ids.length && sequence.length - cache.length === 1;
    return isNext && options.promptLookup !== false && decoder.readsAhead
      ? lookup.guess().slice(0, answer.left - 1)
      : [];
  }

  async function readAhead(ids: readonly number[], guess: readonly number[]): Promise<Float32Array> {
    if (signal !== undefined) await yieldToEvents();
    throwIfAborted(signal);
    const { cache: longer, rows } = await decoder.readRows(cache, { ids: [...ids, ...guess] });
    cache.release();
    cache = longer;
    ahead = { start: sequence.length, ids: guess, rows };
    return rows[0]!;
  }

  /** Logits behind the sequence where all that was added to it had been guessed. */
  function foreseen(): Float32Array | undefined {
    const right = guessedRightly();
    if (ahead !== undefined && ahead.start + right === sequence.length) return ahead.rows[right];
    forgetWrong();
    return undefined;
  }

  /** Number of guessed tokens, from the first on, that were then written. */
  function guessedRightly(): number {
    const { start = 0, ids = [] } = ahead ?? {};
    const wrong = ids.findIndex((id, i) => sequence[start + i] !== id);
    return wrong < 0 ? ids.length : wrong;
  }

  /** What was guessed and not written is cut off what was read. */
  function forgetWrong(): void {
    if (ahead === undefined) return;
    const right = guessedRightly();
    lookup.told(right);
    const begun = cache.beginning(ahead.start + right)!;
    cache.release();
    cache = begun;
    ahead = undefined;
  }

  /** What a device that was lost, or computes wrongly, has read is worth nothing: the new decoder reads the sequence from its start. */
  async function goOn(error: unknown): Promise<void> {
    await engine.recover(decoder, error);
    // What a lost device held is gone, and nothing to overwrite.
    if (decoder.runtime.lost) cache.release();
    else if (cache.wipe()) onWipe?.();
    decoder = engine.decoder;
    cache = decoder.emptyCache();
    ahead = undefined;
  }
}

/** As much of what was read earlier as the prompt begins with. It is the caller's. */
export function beginningOf(decoder: Decoder, before: ReadState | undefined, prompt: TokenRun): KvCache {
  if (before?.decoder !== decoder) return decoder.emptyCache();
  const { cache, read } = before;
  // Reading must go on with at least one token, or there would be no logits.
  const shared = Math.min(sharedLength(read, prompt), cache.length, prompt.ids.length - 1);
  if (shared === cache.length) return cache.retain();
  return (shared > 0 && cache.beginning(shared)) || decoder.emptyCache();
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
