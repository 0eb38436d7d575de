/**
 * For tests only: a local server that plays the Hugging Face Hub: `/{owner}/{name}/resolve/{revision}/{path}`, large
 * files by redirect to a signed address of another origin, ETag, HEAD, byte ranges and CORS, and the API that lists a revision's
 * files with their digests (https://huggingface.co/docs/hub/api). What goes wrong is up to the test.
 */
import { createHash } from 'node:crypto';
import { once } from 'node:events';
import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';

export interface HubServer extends AsyncDisposable {
  readonly url: string;
  /** Where large files come from. */
  readonly storeUrl: string;
  /** `GET /owner/name/resolve/main/config.json`, `GET /store/… bytes=5-` …, in the order they came. */
  readonly requests: string[];
  /** Bytes a second at which large files are sent; undefined = as fast as it goes. */
  rate: number | undefined;
}

export interface HubServerOptions {
  /** `owner/name/revision` → files. */
  readonly repositories: ReadonlyMap<string, ReadonlyMap<string, Uint8Array>>;
  /** Answers a request itself where it returns true. */
  readonly intercept?: (path: string, request: IncomingMessage, response: ServerResponse) => boolean;
}

/** The commit that a revision is at; one that is a commit is at itself. */
export const commitOf = (repository: string): string =>
  /(?<=\/)[0-9a-f]{40}$/.exec(repository)?.[0] ?? createHash('sha1').update(repository).digest('hex');

const digests = new WeakMap<Uint8Array, string>();

/** Hex SHA-256, once for each file. */
function sha256Of(bytes: Uint8Array): string {
  const digest = digests.get(bytes) ?? createHash('sha256').update(bytes).digest('hex');
  digests.set(bytes, digest);
  return digest;
}

/** What the API tells of a revision: large files have a SHA-256, small ones the id of their git blob. */
function describeRevision(repository: string, files: ReadonlyMap<string, Uint8Array>): string {
  const siblings = [...files].map(([rfilename, bytes]) => {
    const blob = createHash('sha1').update(`blob ${bytes.length}\0`).update(bytes).digest('hex');
    const isLarge = rfilename.includes('.onnx');
    const lfs = isLarge && { lfs: { sha256: sha256Of(bytes), size: bytes.length, pointerSize: 132 } };
    return { rfilename, size: bytes.length, blobId: isLarge ? '0'.repeat(40) : blob, ...lfs };
  });
  return JSON.stringify({ sha: commitOf(repository), siblings });
}

export async function startHubServer({ repositories, intercept }: HubServerOptions): Promise<HubServer> {
  const requests: string[] = [];
  const answer = (request: IncomingMessage, response: ServerResponse): void => {
    const path = decodeURIComponent(new URL(request.url!, 'http://hub').pathname);
    requests.push([request.method, path, request.headers.range].filter(Boolean).join(' '));
    for (const [name, value] of Object.entries(CORS)) response.setHeader(name, value);
    if (intercept?.(path, request, response)) return;
    // The hosts of large files once answered preflights with an error.
    if (request.method === 'OPTIONS') return void response.writeHead(403).end();
    const [, api, asked] = /^\/api\/models\/([^/]+\/[^/]+)\/revision\/([^/]+)$/.exec(path) ?? [];
    const listed = repositories.get(`${api}/${asked}`);
    if (listed !== undefined) {
      response.writeHead(200, { 'content-type': 'application/json' });
      return void response.end(describeRevision(`${api}/${asked}`, listed));
    }
    const [, isStore, owner, name, revision, file] =
      /^\/(store\/)?([^/]+)\/([^/]+)\/resolve\/([^/]+)\/(.+)$/.exec(path) ?? [];
    const isAsked = (key: string) => key === `${owner}/${name}/${revision}` || commitOf(key) === revision;
    const bytes = [...repositories].find(([key]) => isAsked(key))?.[1].get(file ?? '');
    if (bytes === undefined) response.writeHead(404).end('Entry not found');
    // As on the Hub, weights come from a host of their own, each time from another signed address.
    else if (!isStore && file!.includes('.onnx')) {
      const location = `${hub.storeUrl}/store${path}?Signature=${requests.length}`;
      response.writeHead(302, { location }).end();
    } else
      void send(bytes, isStore ? hub.rate : undefined, request, response).catch(() => response.destroy());
  };
  const servers = await Promise.all([listen(createServer(answer)), listen(createServer(answer))]);
  const [url, storeUrl] = servers.map(
    (server) => `http://127.0.0.1:${(server.address() as AddressInfo).port}`,
  );
  const hub: HubServer = {
    ...{ url: url!, storeUrl: storeUrl!, requests, rate: undefined },
    [Symbol.asyncDispose]: async () => {
      for (const server of servers) {
        server.closeAllConnections();
        await new Promise((resolve) => server.close(resolve));
      }
    },
  };
  return hub;
}

/** What the Hub lets a page of another origin read; it does not allow `Range` beyond what needs no preflight. */
const CORS = {
  'access-control-allow-origin': '*',
  'access-control-expose-headers': 'Accept-Ranges, Content-Range, ETag',
};

async function listen(server: Server): Promise<Server> {
  await once(server.listen(0, '127.0.0.1'), 'listening');
  return server;
}

/** Pieces in which a body is sent that has a rate. */
const PIECE = 64 * 1024;

async function send(
  bytes: Uint8Array,
  rate: number | undefined,
  request: IncomingMessage,
  response: ServerResponse,
): Promise<void> {
  const [, from, to] = /^bytes=(\d+)-(\d*)$/.exec(request.headers.range ?? '') ?? [];
  const start = Number(from ?? 0);
  const end = Math.min(bytes.length, to ? Number(to) + 1 : bytes.length);
  const headers = { etag: `"${sha256Of(bytes)}"`, 'accept-ranges': 'bytes', 'content-length': end - start };
  if (from === undefined) response.writeHead(200, headers);
  else response.writeHead(206, { ...headers, 'content-range': `bytes ${start}-${end - 1}/${bytes.length}` });
  if (request.method === 'HEAD') return void response.end();
  if (rate === undefined) return void response.end(bytes.subarray(start, end));
  for (let at = start; at < end && !response.destroyed; at += PIECE) {
    response.write(bytes.subarray(at, Math.min(end, at + PIECE)));
    await new Promise((resolve) => setTimeout(resolve, (PIECE / rate) * 1000));
  }
  response.end();
}
