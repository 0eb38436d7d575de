/**
 * Bytes over a network that breaks: one stream to its reader, however many requests it takes. After a break it goes on
 * where it stopped, if the server has ranges and the file is still the same one; nothing is ever delivered twice.
 */
import { E2PError } from '../error.ts';

/** What talks to the world, and how patient it is. */
export interface Network {
  readonly fetch: typeof fetch;
  /** Attempts without a single new byte before it gives up. */
  readonly attempts?: number;
  /** Milliseconds without a byte after which a connection counts as dead. */
  readonly stallMs?: number;
  /** Waits; rejects with the signal's reason. */
  readonly sleep?: (ms: number, signal: AbortSignal | undefined) => Promise<void>;
}

const ATTEMPTS = 5;
const STALL_MS = 30_000;
/** Half a second, doubled with every attempt; a server may ask for more, up to a minute. */
const FIRST_DELAY_MS = 500;
const LONGEST_DELAY_MS = 60_000;

export interface FetchBytesOptions extends Network {
  readonly url: string;
  /** First byte. Default 0. */
  readonly start?: number;
  /** Behind the last byte. Default: the end of the file. */
  readonly end?: number;
  /** What the file must still be, where earlier bytes of it are kept. */
  readonly expect?: { readonly version: string | undefined; readonly size: number | undefined } | undefined;
  readonly signal?: AbortSignal | undefined;
}

export interface ByteStream {
  /** Of the whole file; undefined where the server does not say. */
  readonly size: number | undefined;
  /** `ETag`, else `Last-Modified`. */
  readonly version: string | undefined;
  readonly bytes: AsyncGenerator<Uint8Array, void, undefined>;
  /** Ends the connection of a stream that nobody will read. */
  readonly cancel: () => void;
}

/** The server's file is no longer the one whose first bytes are here. */
export class FileChanged extends Error {
  constructor(url: string, why: string) {
    super(`${url} has changed on the server: ${why}`);
  }
}

/**
 * @returns undefined where the server has no such file
 * @throws E2PError `network`; FileChanged; the signal's reason.
 */
export async function fetchBytes(options: FetchBytesOptions): Promise<ByteStream | undefined> {
  const { url, start = 0, expect, sleep = wait, attempts = ATTEMPTS } = options;
  // Behind the last byte nothing can be asked for.
  if (start > 0 && start === expect?.size) return { ...expect, bytes: none(), cancel: () => undefined };
  const quit = new AbortController();
  const signal = options.signal ? AbortSignal.any([options.signal, quit.signal]) : quit.signal;
  const first = await withRetries(() => request({ ...options, signal }, start), { attempts, sleep, signal });
  if (first === undefined) return undefined;
  const { size, version } = first;
  const end = options.end ?? size;

  async function* bytes(): AsyncGenerator<Uint8Array, void, undefined> {
    let at = start;
    let part: Part | undefined = first;
    let failures = 0;
    for (;;) {
      let broke: unknown;
      try {
        part ??= await request({ ...options, signal, expect: { version, size } }, at);
        if (part === undefined) throw new FileChanged(url, 'it is gone');
        for await (const piece of part.pieces) {
          const wanted = end === undefined ? piece : piece.subarray(0, end - at);
          at += wanted.length;
          if (wanted.length > 0) failures = 0;
          yield wanted;
          if (at === end) return;
        }
        if (end === undefined) return;
        broke = new E2PError('network', `${url} ended after ${at} bytes, expected ${end}`);
      } catch (error) {
        signal.throwIfAborted();
        if (!isPassing(error)) throw error;
        broke = error;
      }
      part = undefined;
      if (++failures >= attempts) throw asNetworkError(broke, url, at);
      await sleep(delay(failures, broke), signal);
    }
  }
  return { size, version, bytes: bytes(), cancel: () => quit.abort() };
}

async function* none(): ByteStream['bytes'] {}

interface Part {
  readonly size: number | undefined;
  readonly version: string | undefined;
  /** From the byte that was asked for. */
  readonly pieces: AsyncIterable<Uint8Array>;
}

/** A failure that may pass: the connection, or a server that is busy. */
class Passing extends E2PError {
  readonly retryAfterMs: number;
  constructor(message: string, retryAfterMs = 0, options?: { readonly cause?: unknown }) {
    super('network', message, options);
    this.retryAfterMs = retryAfterMs;
  }
}

async function request(options: FetchBytesOptions, at: number): Promise<Part | undefined> {
  const { url, end, expect, fetch, signal, stallMs = STALL_MS } = options;
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
    throw new Passing(`${url} could not be fetched: ${(cause as Error).message}`, 0, { cause });
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
      try {
        for (;;) {
          // Only the server's silence counts, not the time that the reader takes.
          const silence = setTimeout(dead, stallMs);
          const { done, value } = await reader.read().finally(() => clearTimeout(silence));
          if (done) return;
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
    return { size: facts.size, version: facts.version, pieces: pieces() };
  } catch (error) {
    stop();
    throw error;
  }
}

/** Single-page servers answer an unknown path with their start page, and so do the login pages of public networks. */
export function isMissing(response: Response): boolean {
  const isPage = response.headers.get('content-type')?.startsWith('text/html') ?? false;
  return response.status === 404 || response.status === 410 || (response.ok && isPage);
}

function checkStatus(response: Response, url: string, at: number): void {
  const { status, statusText } = response;
  if (status === 200 || status === 206) return;
  if (status === 416) throw new FileChanged(url, `it has no bytes from ${at} on`);
  const message = `${url} answered ${status} ${statusText}, expected ${at > 0 ? 206 : 200}`;
  if (status !== 408 && status !== 429 && status < 500) throw new E2PError('network', message);
  const seconds = Number(response.headers.get('retry-after') ?? 0);
  throw new Passing(message, Number.isFinite(seconds) ? seconds * 1000 : 0);
}

/** Size and version of the whole file, and where this part of it begins, as far as the server tells. */
function factsOf({ status, headers }: Response) {
  const [, from, total] = /^bytes (\d+)-\d+\/(\d+|\*)$/.exec(headers.get('content-range') ?? '') ?? [];
  const length = headers.get('content-encoding') ? null : headers.get('content-length');
  const size = status === 206 ? total : (length ?? undefined);
  return {
    size: size === undefined || size === '*' ? undefined : Number(size),
    version: versionOf(headers),
    from: from === undefined ? undefined : Number(from),
  };
}

export function versionOf(headers: Headers): string | undefined {
  return headers.get('etag') ?? headers.get('last-modified') ?? undefined;
}

/** A body that breaks off rejects with whatever the browser calls it. */
const isPassing = (error: unknown): boolean =>
  error instanceof Passing || !(error instanceof E2PError || error instanceof FileChanged);

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
