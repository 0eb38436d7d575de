/**
 * For tests only: a local server that plays the Hugging Face Hub: `/{owner}/{name}/resolve/{revision}/{path}`, large
 * files by redirect to another path, ETag, HEAD and byte ranges. What goes wrong is up to the test.
 */
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

export async function startHubServer({ repositories, intercept }: HubServerOptions): Promise<HubServer> {
  const requests: string[] = [];
  const server = createServer((request, response) => {
    const path = decodeURIComponent(new URL(request.url!, 'http://hub').pathname);
    requests.push(`${request.method} ${path}`);
    if (intercept?.(path, request, response)) return;
    const [, isStore, owner, name, revision, file] =
      /^\/(store\/)?([^/]+)\/([^/]+)\/resolve\/([^/]+)\/(.+)$/.exec(path) ?? [];
    const bytes = repositories.get(`${owner}/${name}/${revision}`)?.get(file ?? '');
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
