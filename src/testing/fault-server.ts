/**
 * For tests only: a file server on which things go wrong on demand. It counts the body bytes that it sent, so that a test can
 * say how much was fetched twice.
 */
import { once } from 'node:events';
import { createServer, type IncomingMessage, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';

/** What goes wrong with one request. */
export interface Fault {
  /** The connection is cut, or falls silent, behind so many body bytes. */
  readonly cutAfter?: number;
  /** The body ends in good order behind so many bytes, and no length was told. */
  readonly endAfter?: number;
  readonly stallAfter?: number;
  /** Claimed in Content-Length instead of the truth. */
  readonly claimLength?: number;
  /** Ranges are not understood: 200 with the whole file. */
  readonly noRanges?: boolean;
  /** A range that begins elsewhere than was asked for. */
  readonly shiftRange?: number;
  readonly status?: number;
  /** No answer at all. */
  readonly down?: boolean;
  readonly headers?: Readonly<Record<string, string>>;
  /** Instead of the file. */
  readonly body?: Uint8Array | string;
  /** Bytes a second. */
  readonly rate?: number;
}

export interface FaultServer extends AsyncDisposable {
  readonly url: string;
  /** By path, `/m/config.json`. May be changed while it runs. */
  readonly files: Map<string, Uint8Array>;
  /** Asked before each request; `n` counts those of the same method and path from 0. */
  fault: (method: string, path: string, n: number) => Fault | undefined;
  /** `GET /m/x bytes=5-` … in the order they came. */
  readonly log: string[];
  /** Body bytes sent of a path, for requests since the last reset. */
  sent(path: string): number;
  reset(): void;
  close(): Promise<void>;
}

/** Pieces in which bodies are sent, so that a cut is where it was asked for. */
const PIECE = 16 * 1024;

export async function startFaultServer(): Promise<FaultServer> {
  const files = new Map<string, Uint8Array>();
  const log: string[] = [];
  let sent = new Map<string, number>();
  const counts = new Map<string, number>();
  const server = createServer(
    (request, response) => void answer(request, response).catch(() => response.destroy()),
  );

  async function answer(request: IncomingMessage, response: ServerResponse): Promise<void> {
    const method = request.method ?? '';
    // An answer that goes on behind a reset, to a page that is gone, counts no longer.
    const counted = sent;
    const path = decodeURIComponent(new URL(request.url!, 'http://server').pathname);
    const cors = {
      'access-control-allow-origin': '*',
      'access-control-allow-headers': 'range',
      'access-control-expose-headers': 'etag, content-range, content-length',
    };
    if (method === 'OPTIONS') return void response.writeHead(204, cors).end();
    const range = request.headers.range;
    log.push([method, path, range].filter(Boolean).join(' '));
    const key = `${method} ${path}`;
    const n = counts.get(key) ?? 0;
    counts.set(key, n + 1);
    const fault = api.fault(method, path, n) ?? {};
    if (fault.down) return void response.destroy();
    const body = fault.body === undefined ? files.get(path) : Buffer.from(fault.body);
    if (body === undefined || (fault.status ?? 200) >= 400) {
      return void response.writeHead(fault.status ?? 404, { ...cors, ...fault.headers }).end();
    }
    const etag = `"${hashOf(body)}"`;
    const [, from, to] = (!fault.noRanges && /^bytes=(\d+)-(\d*)$/.exec(range ?? '')) || [];
    const start = Math.max(0, Number(from ?? 0) + (fault.shiftRange ?? 0));
    const end = Math.min(body.length, to ? Number(to) + 1 : body.length);
    if (start >= body.length && from !== undefined) return void response.writeHead(416, cors).end();
    const headers: Record<string, string | number> = {
      ...cors,
      etag,
      ...(fault.endAfter === undefined && { 'content-length': fault.claimLength ?? end - start }),
      ...(from !== undefined && { 'content-range': `bytes ${start}-${end - 1}/${body.length}` }),
      ...fault.headers,
    };
    if (headers.etag === '') delete headers.etag;
    const closed = once(response.setMaxListeners(0), 'close');
    response.writeHead(from === undefined ? 200 : 206, headers);
    if (method === 'HEAD') return void response.end();
    const last = Math.min(end, start + (fault.endAfter ?? end));
    for (let at = start; at < last; ) {
      const limit = Math.min(
        fault.cutAfter ?? Number.POSITIVE_INFINITY,
        fault.stallAfter ?? Number.POSITIVE_INFINITY,
      );
      const piece = body.subarray(at, Math.min(last, at + PIECE, start + limit));
      if (piece.length === 0) {
        if (fault.stallAfter !== undefined) return;
        return void response.destroy();
      }
      response.write(piece);
      at += piece.length;
      counted.set(path, (counted.get(path) ?? 0) + piece.length);
      if (fault.rate !== undefined) await pause((piece.length / fault.rate) * 1000);
      if (response.writableNeedDrain) await Promise.race([once(response, 'drain'), closed]);
      if (response.destroyed) return;
    }
    response.end();
  }

  const api: FaultServer = {
    url: '',
    files,
    fault: () => undefined,
    log,
    sent: (path) => sent.get(path) ?? 0,
    reset: () => {
      log.length = 0;
      sent = new Map();
      counts.clear();
      api.fault = () => undefined;
    },
    close: async () => {
      server.closeAllConnections();
      await new Promise((resolve) => server.close(resolve));
    },
    [Symbol.asyncDispose]: () => api.close(),
  };
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  return Object.assign(api, { url: `http://127.0.0.1:${(server.address() as AddressInfo).port}` });
}

const pause = (ms: number) => new Promise((resolve) => setTimeout(resolve, ms));

/** FNV-1a: a new version gets a new ETag. */
function hashOf(bytes: Uint8Array): string {
  let hash = 2166136261;
  for (const byte of bytes) hash = Math.imul(hash ^ byte, 16777619);
  return (hash >>> 0).toString(16);
}

/** Bytes that look like weights: no two chunks alike. */
export function someBytes(length: number, seed = 1): Uint8Array<ArrayBuffer> {
  const bytes = new Uint8Array(length);
  let state = seed >>> 0 || 1;
  for (let i = 0; i < length; i++) {
    state ^= state << 13;
    state ^= state >>> 17;
    state ^= state << 5;
    bytes[i] = state;
  }
  return bytes;
}

/** An `e2p-manifest.json` of files. */
export async function manifestOf(
  files: Readonly<Record<string, Uint8Array<ArrayBuffer>>>,
  chunkBytes: number,
): Promise<Uint8Array> {
  const entries = await Promise.all(
    Object.entries(files).map(async ([path, bytes]) => {
      const chunks: string[] = [];
      for (let at = 0; at < bytes.length; at += chunkBytes)
        chunks.push(await sha256(bytes.slice(at, at + chunkBytes)));
      return [path, { size: bytes.length, sha256: await sha256(bytes), chunks }] as const;
    }),
  );
  return new TextEncoder().encode(
    JSON.stringify({ version: 1, chunkBytes, files: Object.fromEntries(entries) }),
  );
}

async function sha256(bytes: Uint8Array<ArrayBuffer>): Promise<string> {
  return Buffer.from(await crypto.subtle.digest('SHA-256', bytes)).toString('hex');
}
