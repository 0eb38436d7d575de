/**
 * For tests only: a local server that plays the Hugging Face Hub: `/{owner}/{name}/resolve/{revision}/{path}`, large
 * files by redirect to another path, ETag, HEAD and byte ranges, and the API that lists a revision's files with their
 * digests (https://huggingface.co/docs/hub/api). What goes wrong is up to the test.
 */
import { createHash } from 'node:crypto';
import { createServer, type IncomingMessage, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';

export interface HubServer extends AsyncDisposable {
  readonly url: string;
  /** `GET /owner/name/resolve/main/config.json` …, in the order they came. */
  readonly requests: readonly string[];
}

export interface HubServerOptions {
  /** `owner/name/revision` → files. */
  readonly repositories: ReadonlyMap<string, ReadonlyMap<string, Uint8Array>>;
  /** Answers a request itself where it returns true. */
  readonly intercept?: (path: string, request: IncomingMessage, response: ServerResponse) => boolean;
}

/** The commit that a revision is at. */
export const commitOf = (repository: string): string => createHash('sha1').update(repository).digest('hex');

/** What the API tells of a revision: large files have a SHA-256, small ones the id of their git blob. */
function describeRevision(repository: string, files: ReadonlyMap<string, Uint8Array>): string {
  const siblings = [...files].map(([rfilename, bytes]) => {
    const blob = createHash('sha1').update(`blob ${bytes.length}\0`).update(bytes).digest('hex');
    const sha256 = createHash('sha256').update(bytes).digest('hex');
    const isLarge = rfilename.includes('.onnx');
    const lfs = isLarge && { lfs: { sha256, size: bytes.length, pointerSize: 132 } };
    return { rfilename, size: bytes.length, blobId: isLarge ? '0'.repeat(40) : blob, ...lfs };
  });
  return JSON.stringify({ sha: commitOf(repository), siblings });
}

export async function startHubServer({ repositories, intercept }: HubServerOptions): Promise<HubServer> {
  const requests: string[] = [];
  const server = createServer((request, response) => {
    const path = decodeURIComponent(new URL(request.url!, 'http://hub').pathname);
    requests.push(`${request.method} ${path}`);
    if (intercept?.(path, request, response)) return;
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
    // As on the Hub, weights come from a host of their own.
    else if (!isStore && file!.includes('.onnx'))
      response.writeHead(302, { location: `/store${path}` }).end();
    else send(bytes, `"${revision}-${bytes.length}"`, request, response);
  });
  await new Promise<void>((resolve) => {
    server.listen(0, '127.0.0.1', resolve);
  });
  const { port } = server.address() as AddressInfo;
  return {
    url: `http://127.0.0.1:${port}`,
    requests,
    [Symbol.asyncDispose]: async () => {
      server.closeAllConnections();
      await new Promise((resolve) => {
        server.close(resolve);
      });
    },
  };
}

function send(bytes: Uint8Array, etag: string, request: IncomingMessage, response: ServerResponse): void {
  const [, from, to] = /^bytes=(\d+)-(\d*)$/.exec(request.headers.range ?? '') ?? [];
  const start = Number(from ?? 0);
  const end = to ? Number(to) + 1 : bytes.length;
  const headers = { etag, 'accept-ranges': 'bytes', 'content-length': end - start };
  if (from === undefined) response.writeHead(200, headers);
  else response.writeHead(206, { ...headers, 'content-range': `bytes ${start}-${end - 1}/${bytes.length}` });
  response.end(request.method === 'HEAD' ? undefined : bytes.subarray(start, end));
}
