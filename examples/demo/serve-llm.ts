/**
 * A Vite plugin that decides whether the page offers the real LLM, and from where: only with its projector in `public/projectors`; from
 * the Hub; with `E2P_LLM=<origin of a mirror>` from there; with `E2P_LLM=<folder in the Hub's layout>` from this very server under
 * `/llm/`. The sentence encoder comes from the same mirror or the Hub, or with `E2P_ENCODER=<folder>` from this server too, so that nothing
 * leaves the machine.
 */
import { createReadStream, existsSync, statSync } from 'node:fs';
import type { IncomingMessage, ServerResponse } from 'node:http';
import { basename, join, resolve, sep } from 'node:path';
import type { Plugin } from 'vite';

/** What the page is told as `__REAL_LLM__`; undefined: it offers none. */
export type RealLlm =
  | {
      readonly folder: string | undefined;
      /** Likewise of the sentence encoder. */
      readonly encoder: string | undefined;
      /** Origins that the engine worker has to reach beside this one: the Hub or a mirror, then where it sends large files from. */
      readonly hosts: readonly string[];
      readonly bytes: number;
    }
  | undefined;

/** On the Hub, projector and tokenizer included. */
const HUB_BYTES = 210e6;

/** The Hub sends large files from hosts of their own. */
const HUB_HOSTS = ['https://huggingface.co', 'https://*.hf.co'] as const;

/** Of what this server has itself. */
const FOLDERS = { E2P_LLM: './llm/', E2P_ENCODER: './encoder/' } as const;
const PROJECTOR = 'projectors/smollm2-135m-instruct.safetensors';
const GRAPH = 'onnx/model_q4.onnx';
const LARGE_FILES = [GRAPH, 'tokenizer.json'];
const ENCODER_GRAPH = 'onnx/model_quantized.onnx';

export interface ServeLlmOptions {
  readonly publicDir: string;
  /** As `E2P_LLM` has it: a folder on this machine, or a mirror and, after a space, each other origin that it sends files from. */
  readonly from: string | undefined;
  /** As `E2P_ENCODER` has it: a folder on this machine. */
  readonly encoderFrom: string | undefined;
}

/** A mirror and, behind it, where it sends files from; not a folder. */
const isMirror = (from: string): boolean => /^https?:/.test(from);

/** Address of a folder that this server has. */
function served(variable: keyof typeof FOLDERS, folder: string, graph: string): string {
  if (!existsSync(resolve(folder, graph))) throw new Error(`${variable} is ${folder}: it has no ${graph}`);
  return `${FOLDERS[variable]}${basename(resolve(folder))}/`;
}

export function realLlm({ publicDir, from, encoderFrom }: ServeLlmOptions): RealLlm {
  const projector = join(publicDir, PROJECTOR);
  if (!existsSync(projector)) return undefined;
  const encoder = encoderFrom && served('E2P_ENCODER', encoderFrom, ENCODER_GRAPH);
  const hosts = from !== undefined && isMirror(from) ? from.split(' ') : HUB_HOSTS;
  if (from === undefined || isMirror(from)) return { folder: undefined, encoder, hosts, bytes: HUB_BYTES };
  const files = [projector, ...LARGE_FILES.map((path) => resolve(from, path))];
  return {
    folder: served('E2P_LLM', from, GRAPH),
    encoder,
    hosts: encoder === undefined ? hosts : [],
    bytes: files.reduce((sum, file) => sum + (statSync(file, { throwIfNoEntry: false })?.size ?? 0), 0),
  };
}

export function serveLlm(llm: RealLlm, { from, encoderFrom }: ServeLlmOptions): Plugin {
  const folders = [
    [llm?.folder, from],
    [llm?.encoder, encoderFrom],
  ] as const;
  const middleware = (
    request: IncomingMessage,
    response: ServerResponse,
    next: (error?: unknown) => void,
  ): void => {
    const path = decodeURIComponent(new URL(request.url ?? '/', 'http://demo').pathname);
    const [at, folder] = folders.find(([at]) => at !== undefined && path.startsWith(at.slice(1))) ?? [];
    if (at === undefined || folder === undefined) return void next();
    const root = resolve(folder);
    const file = resolve(root, path.slice(at.length - 1));
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
