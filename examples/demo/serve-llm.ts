/**
 * A Vite plugin that decides whether the page offers the real LLM, and from where: only with its projector in `public/projectors`; from
 * the Hub, or, with `E2P_LLM=<folder in the Hub's layout>`, from this very server under `/llm/`, so that nothing leaves the machine.
 */
import { createReadStream, existsSync, statSync } from 'node:fs';
import type { IncomingMessage, ServerResponse } from 'node:http';
import { basename, join, resolve, sep } from 'node:path';
import type { Plugin } from 'vite';

/** What the page is told as `__REAL_LLM__`; undefined: it offers none. */
export type RealLlm = { readonly folder: string | undefined; readonly bytes: number } | undefined;

/** On the Hub, projector and tokenizer included. */
const HUB_BYTES = 210e6;

/** The Hub sends large files from hosts of their own. */
const HUB_HOSTS = ['https://huggingface.co', 'https://*.hf.co'] as const;

const FOLDER = './llm/';
const PROJECTOR = 'projectors/smollm2-135m-instruct.safetensors';
const GRAPH = 'onnx/model_q4.onnx';
const LARGE_FILES = [GRAPH, 'tokenizer.json'];

export interface ServeLlmOptions {
  readonly publicDir: string;
  /** Folder of the model on this machine, as `E2P_LLM` has it. */
  readonly folder: string | undefined;
}

export function realLlm({ publicDir, folder }: ServeLlmOptions): RealLlm {
  const projector = join(publicDir, PROJECTOR);
  if (!existsSync(projector)) return undefined;
  if (folder === undefined) return { folder, bytes: HUB_BYTES };
  if (!existsSync(resolve(folder, GRAPH))) throw new Error(`E2P_LLM is ${folder}: it has no ${GRAPH}`);
  const files = [projector, ...LARGE_FILES.map((path) => resolve(folder, path))];
  return {
    folder: `${FOLDER}${basename(resolve(folder))}/`,
    bytes: files.reduce((sum, file) => sum + (statSync(file, { throwIfNoEntry: false })?.size ?? 0), 0),
  };
}

/** Hosts that the engine worker has to reach beside this one. */
export const modelHosts = (llm: RealLlm): readonly string[] =>
  llm !== undefined && llm.folder === undefined ? HUB_HOSTS : [];

export function serveLlm(llm: RealLlm, folder: string | undefined): Plugin {
  const middleware = (
    request: IncomingMessage,
    response: ServerResponse,
    next: (error?: unknown) => void,
  ): void => {
    const path = decodeURIComponent(new URL(request.url ?? '/', 'http://demo').pathname);
    const prefix = llm?.folder?.slice(1);
    if (folder === undefined || prefix === undefined || !path.startsWith(prefix)) return void next();
    const root = resolve(folder);
    const file = resolve(root, path.slice(prefix.length));
    const found = file.startsWith(root + sep) ? statSync(file, { throwIfNoEntry: false }) : undefined;
    if (!found?.isFile()) return void response.writeHead(404).end();
    sendFile(file, found.size, `"${found.size}-${found.mtimeMs}"`, request, response);
  };
  return {
    name: 'e2p-demo-llm',
    config: () => ({ define: { __REAL_LLM__: JSON.stringify(llm) ?? 'undefined' } }),
    configureServer: ({ middlewares }) => void middlewares.use(middleware),
    configurePreviewServer: ({ middlewares }) => void middlewares.use(middleware),
  };
}

/** With byte ranges, which an interrupted download goes on with. */
function sendFile(
  file: string,
  size: number,
  etag: string,
  request: IncomingMessage,
  response: ServerResponse,
): void {
  const [, from, to] = /^bytes=(\d+)-(\d*)$/.exec(request.headers.range ?? '') ?? [];
  const start = Number(from ?? 0);
  const end = Math.min(to ? Number(to) + 1 : size, size);
  const common = { etag, 'accept-ranges': 'bytes' };
  if (from !== undefined && start >= end) {
    return void response.writeHead(416, { ...common, 'content-range': `bytes */${size}` }).end();
  }
  const part = from !== undefined && { 'content-range': `bytes ${start}-${end - 1}/${size}` };
  response.writeHead(part ? 206 : 200, { ...common, 'content-length': end - start, ...part });
  if (request.method === 'HEAD' || end === start) return void response.end();
  const stream = createReadStream(file, { start, end: end - 1 });
  response.on('close', () => stream.destroy());
  stream.on('error', () => response.destroy()).pipe(response);
}
