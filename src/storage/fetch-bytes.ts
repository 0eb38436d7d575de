/**
 * Bytes over a network that breaks: one stream to its reader, however many requests it takes. After a break it goes on
 * where it stopped, if the server has ranges and the file is still the same one; nothing is ever delivered twice.
 */
import { E2PError } from '../error.ts';
import { canJoin, factsOf, isMissing, isSameVersion } from './response-facts.ts';

/** What talks to the world, and how patient it is. */
export interface Network {
  readonly fetch: typeof fetch;
  /** Attempts in a row that bring less than `least.bytes`, before it gives up. */
  readonly attempts?: number;
  /** Milliseconds without a byte after which a connection counts as dead. */
  readonly stallMs?: number;
  /** A connection that brings fewer bytes than that in so many milliseconds counts as dead too. */
  readonly least?: { readonly bytes: number; readonly ms: number };
  /** Waits; rejects with the signal's reason. */
  readonly sleep?: (ms: number, signal: AbortSignal | undefined) => Promise<void>;
}

const ATTEMPTS = 5;
const STALL_MS = 30_000;
/** A slow mobile line has ten times as much. */
const LEAST = { bytes: 64 * 1024, ms: 60_000 } as const;
/** Half a second, doubled with every attempt; a server may ask for more, up to a minute. */
const FIRST_DELAY_MS = 500;
const LONGEST_DELAY_MS = 60_000;

export interface FetchBytesOptions extends Network {
  readonly url: string;
  /** First byte. Default 0. */
  readonly start?: number;
  /** Behind the last byte. Default: the end of the file. */
  readonly end?: number;
  /** What it says shows whether it is whole, as JSON does. */
  readonly tellsItsEnd?: boolean;
  /** Of the whole file, where somebody else has told. */
  readonly knownSize?: number | undefined;
  /** Bytes from `start` on that may come at most. */
  readonly most?: number;
  /** What the file must still be, where earlier bytes of it are kept. */
  readonly expect?: { readonly version: string | undefined; readonly size: number | undefined } | undefined;
  /** A digest will tell whether bytes of several requests fit, so that no tag has to. */
  readonly isChecked?: boolean;
  readonly signal?: AbortSignal | undefined;
}

export interface ByteStream {
  /** Of the whole file; undefined where the server does not say so in a way that can be relied on. */
  readonly size: number | undefined;
  /**
   * As `size`, for progress and reserved room: also the `Content-Length` of a body that may be compressed, since another origin's
   * `Content-Encoding` is not shown (https://fetch.spec.whatwg.org/#cors-safelisted-response-header-name).
   */
  readonly likelySize: number | undefined;
  /** `ETag`, else `Last-Modified`. */
  readonly version: string | undefined;
  readonly bytes: AsyncGenerator<Uint8Array, void, undefined>;
  /** Ends the connection of a stream that nobody will read. */
  readonly cancel: () => void;
}

/** What is here of a file can't be gone on with. */
export class StartOver extends Error {}

/** The server's file is no longer the one whose first bytes are here. */
export class FileChanged extends StartOver {
  constructor(url: string, why: string) {
    super(`${url} has changed on the server: ${why}`);
  }
}

/**
 * @returns undefined where the server has no such file
 * @throws E2PError `network`, with the status that the server answered; StartOver; the signal's reason.
 */
export async function fetchBytes(options: FetchBytesOptions): Promise<ByteStream | undefined> {
  const { url, start = 0, expect, sleep = wait, attempts = ATTEMPTS, least = LEAST } = options;
  // Behind the last byte nothing can be asked for.
  if (start > 0 && start === expect?.size) {
    return { ...expect, likelySize: expect.size, bytes: none(), cancel: () => undefined };
  }
  const quit = new AbortController();
  const signal = options.signal ? AbortSignal.any([options.signal, quit.signal]) : quit.signal;
  const first = await withRetries(() => request({ ...options, signal }, start), { attempts, sleep, signal });
  if (first === undefined) return undefined;
  const { likelySize, version } = first;
  const size = first.size ?? options.knownSize;
  const end = options.end ?? size;
  const most = start + (options.most ?? Number.POSITIVE_INFINITY);
  const tooLong = () => new E2PError('network', `${url} has more than ${most} bytes, expected no more`);
  if (size !== undefined && options.end === undefined && size > most) {
    quit.abort();
    throw tooLong();
  }

  async function* bytes(): AsyncGenerator<Uint8Array, void, undefined> {
    let at = start;
    let part: Part | undefined = first;
    let failures = 0;
    let slow = 0;
    /** Since the last break. */
    let brought = 0;
    for (;;) {
      let broke: unknown;
      try {
        // What a weak tag names may be other bytes of the same meaning (RFC 9110, 8.8.1), so that they can't be joined.
        if (part === undefined && at > 0 && !options.isChecked && !canJoin(version)) {
          throw new StartOver(`${url} broke off after ${at} bytes, and has no strong ETag to go on with`);
        }
        part ??= await request({ ...options, signal, expect: { version, size } }, at);
        if (part === undefined) throw new FileChanged(url, 'it is gone');
        for await (const piece of part.pieces) {
          const wanted = end === undefined ? piece : piece.subarray(0, end - at);
          at += wanted.length;
          if (at > most) throw tooLong();
          brought += wanted.length;
          if (brought >= least.bytes) failures = 0;
          yield wanted;
          if (at === end) return;
        }
        if (at === end) return;
        if (end === undefined && (await withRetries(() => endsAt(at), { attempts, sleep, signal }))) return;
        broke = new Passing(`${url} ended after ${at} bytes, expected ${end ?? 'more'}`);
      } catch (error) {
        signal.throwIfAborted();
        if (!isPassing(error)) throw error;
        broke = error;
      }
      part = undefined;
      brought = 0;
      if (broke instanceof Passing && broke.isSlow) slow++;
      if (++failures >= attempts || slow >= attempts) throw asNetworkError(broke, url, at);
      await sleep(delay(failures, broke), signal);
    }
  }
  return { size: first.size, likelySize, version, bytes: bytes(), cancel: () => quit.abort() };

  /** Where no size was told: whether the server has nothing behind. One without ranges can't be asked. */
  async function endsAt(at: number): Promise<boolean> {
    if (at === 0 || options.tellsItsEnd) return true;
    // The last byte and one behind it: a range with nothing in it is an error on the console.
    const headers = { Range: `bytes=${at - 1}-${at}` };
    const ask = (init: RequestInit) =>
      inTime(options, signal, (to) => options.fetch(url, { ...init, signal: to })).catch((cause) => {
        signal.throwIfAborted();
        throw new Passing(`${url} could not be asked whether it ends: ${(cause as Error).message}`, {
          cause,
        });
      });
    const response = await ask({ headers }).catch(async () => {
      // A server that compresses parts too is refused by the browser. It is there, so that it was not the line that broke.
      checkStatus(await ask({ method: 'HEAD' }), url, at);
      return undefined;
    });
    if (response === undefined) return true;
    let came = 0;
    if (response.status === 206) {
      for await (const piece of response.body ?? []) {
        came += piece.length;
        if (came > 1) break;
      }
    } else {
      await response.body?.cancel();
      // Without ranges nothing can be known; a server that is not well has said nothing.
      if (response.status !== 416) checkStatus(response, url, at);
    }
    return came <= 1;
  }
}

async function* none(): ByteStream['bytes'] {}

interface Part {
  readonly size: number | undefined;
  readonly likelySize: number | undefined;
  readonly version: string | undefined;
  /** From the byte that was asked for. */
  readonly pieces: AsyncIterable<Uint8Array>;
}

/** A failure that may pass: the connection, or a server that is busy. */
class Passing extends E2PError {
  readonly retryAfterMs: number;
  readonly isSlow: boolean;
  constructor(
    message: string,
    {
      retryAfterMs = 0,
      isSlow = false,
      ...options
    }: { retryAfterMs?: number; isSlow?: boolean; cause?: unknown; status?: number } = {},
  ) {
    super('network', message, options);
    this.retryAfterMs = retryAfterMs;
    this.isSlow = isSlow;
  }
}

async function request(options: FetchBytesOptions, at: number): Promise<Part | undefined> {
  const { url, end, expect, fetch, signal, stallMs = STALL_MS } = options;
  const { least = LEAST } = options;
  const stalled = new AbortController();
  const dead = () => stalled.abort(new Passing(`${url} sent nothing for ${stallMs / 1000} s`));
  const timer = setTimeout(dead, stallMs);
  let response: Response;
  try {
    const isPart = at > 0 || end !== undefined;
    response = await fetch(url, {
      signal: signal ? AbortSignal.any([signal, stalled.signal]) : stalled.signal,
      ...(isPart && { headers: { Range: `bytes=${at}-${end === undefined ? '' : end - 1}` } }),
    });
  } catch (cause) {
    signal?.throwIfAborted();
    if (cause instanceof Passing) throw cause;
    throw new Passing(`${url} could not be fetched: ${(cause as Error).message}`, { cause });
  } finally {
    clearTimeout(timer);
  }
  const stop = () => void response.body?.cancel().catch(() => undefined);
  try {
    if (isMissing(response)) {
      stop();
      return undefined;
    }
    checkStatus(response, url, at);
    const facts = factsOf(response);
    // A part of a file of another version, or of another length, can't go on from what is here.
    for (const key of ['version', 'size'] as const) {
      if (expect?.[key] === undefined || facts[key] === undefined || facts[key] === expect[key]) continue;
      // Nothing is kept yet that it would have to fit.
      if (key === 'version' && (options.isChecked || (at === 0 && isSameVersion(facts[key], expect[key]))))
        continue;
      throw new FileChanged(url, `its ${key} is ${facts[key]} and was ${expect[key]}`);
    }
    if (response.status === 206 && facts.from !== undefined && facts.from !== at) {
      throw new E2PError('network', `${url} sent bytes from ${facts.from} on, expected ${at}`);
    }
    const body = response.body;
    if (body === null) throw new Passing(`${url} sent no body`);
    const skip = response.status === 206 ? 0 : at;
    async function* pieces(): AsyncGenerator<Uint8Array, void, undefined> {
      const reader = body!.getReader();
      let left = skip;
      let waited = 0;
      let brought = 0;
      try {
        for (;;) {
          // Only the server's silence counts, not the time that the reader takes.
          const silence = setTimeout(dead, stallMs);
          const asked = performance.now();
          const { done, value } = await reader.read().finally(() => clearTimeout(silence));
          if (done) return;
          waited += performance.now() - asked;
          brought += value.length;
          if (waited >= least.ms || brought >= least.bytes) {
            if (brought < least.bytes) {
              const found = `sent ${brought} bytes in ${Math.round(waited / 1000)} s`;
              throw new Passing(`${url} ${found}, expected ${least.bytes} at least`, { isSlow: true });
            }
            waited = 0;
            brought = 0;
          }
          const piece = value.subarray(Math.min(left, value.length));
          left -= value.length - piece.length;
          if (piece.length > 0) yield piece;
        }
      } catch (error) {
        throw stalled.signal.aborted ? stalled.signal.reason : error;
      } finally {
        await reader.cancel().catch(() => undefined);
      }
    }
    return { size: facts.size, likelySize: facts.likelySize, version: facts.version, pieces: pieces() };
  } catch (error) {
    stop();
    throw error;
  }
}

function checkStatus(response: Response, url: string, at: number): void {
  const { status, statusText } = response;
  if (status === 200 || status === 206) return;
  if (status === 416) throw new FileChanged(url, `it has no bytes from ${at} on`);
  const message = `${url} answered ${status} ${statusText}, expected ${at > 0 ? 206 : 200}`;
  if (status !== 408 && status !== 429 && status < 500) throw new E2PError('network', message, { status });
  const seconds = Number(response.headers.get('retry-after') ?? 0);
  throw new Passing(message, { status, retryAfterMs: Number.isFinite(seconds) ? seconds * 1000 : 0 });
}

/** As long as the server may be silent, and no longer. */
export async function inTime(
  { stallMs = STALL_MS }: Pick<Network, 'stallMs'>,
  signal: AbortSignal | undefined,
  ask: (signal: AbortSignal) => Promise<Response>,
): Promise<Response> {
  const late = AbortSignal.timeout(stallMs);
  return ask(signal ? AbortSignal.any([signal, late]) : late);
}

/** A body that breaks off rejects with whatever the browser calls it. */
const isPassing = (error: unknown): boolean =>
  error instanceof Passing || !(error instanceof E2PError || error instanceof StartOver);

function asNetworkError(error: unknown, url: string, at: number): E2PError {
  if (error instanceof E2PError) return error;
  return new E2PError('network', `${url} broke off after ${at} bytes: ${(error as Error).message}`, {
    cause: error,
  });
}

function delay(failures: number, error: unknown): number {
  const asked = error instanceof Passing ? error.retryAfterMs : 0;
  const own = FIRST_DELAY_MS * 2 ** (failures - 1) * (0.75 + Math.random() / 2);
  return Math.min(LONGEST_DELAY_MS, Math.max(asked, own));
}

async function withRetries<T>(
  work: () => Promise<T>,
  {
    attempts,
    sleep,
    signal,
  }: Required<Pick<Network, 'attempts' | 'sleep'>> & { signal: AbortSignal | undefined },
): Promise<T> {
  for (let failures = 1; ; failures++) {
    try {
      return await work();
    } catch (error) {
      if (!(error instanceof Passing) || failures >= attempts) throw error;
      await sleep(delay(failures, error), signal);
    }
  }
}

/** Resolves after `ms`; rejects with the signal's reason. */
export function wait(ms: number, signal: AbortSignal | undefined): Promise<void> {
  return new Promise((resolve, reject) => {
    signal?.throwIfAborted();
    const end = () => {
      clearTimeout(timer);
      reject(signal!.reason);
    };
    const timer = setTimeout(() => {
      signal?.removeEventListener('abort', end);
      resolve();
    }, ms);
    signal?.addEventListener('abort', end, { once: true });
  });
}
