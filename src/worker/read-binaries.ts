/** onnxruntime's WebAssembly, fetched where there is a network for an engine that has none. The browser's HTTP cache keeps it. */
import { BUNDLER_HINT, E2PError, throwIfAborted } from '../error.ts';
import { describeBytes } from '../onnx/describe-bytes.ts';
import type { Binaries, Bundle } from '../runtime/device-choice.ts';
import { WASM_BYTES } from '../runtime/wasm-bytes.ts';
import type { FetchProgress } from '../storage/file-source.ts';
import { everySoOften, type FilePlan } from '../storage/total-progress.ts';
import type { LoadParams } from './protocol.ts';

type Urls = LoadParams['wasm'];

export interface ReadBinariesOptions {
  readonly urls: Urls;
  readonly signal: AbortSignal;
  readonly onProgress: (progress: Pick<FetchProgress, 'file' | 'loaded' | 'total'>) => void;
}

export const planBinaries = (bundles: readonly Bundle[], urls: Urls): FilePlan =>
  new Map(bundles.map((bundle) => [fileOf(urls[bundle]), WASM_BYTES[bundle]]));

export async function readBinaries(
  bundles: readonly Bundle[],
  { urls, signal, onProgress }: ReadBinariesOptions,
): Promise<Binaries> {
  const expected = `expected onnxruntime's WebAssembly: ${BUNDLER_HINT}`;
  const report = everySoOften(onProgress);
  const read = bundles.map(async (bundle) => {
    const url = urls[bundle];
    const failed = (cause: unknown) => {
      throwIfAborted(signal);
      throw new E2PError('network', `${url} could not be fetched, ${expected}`, { cause });
    };
    const response = await fetch(url, { signal }).catch(failed);
    const { ok, status, headers, body } = response;
    if (!ok) throw new E2PError('network', `${url} answered ${status}, ${expected}`, { status });
    const file = fileOf(url);
    let loaded = 0;
    const counter = new TransformStream<Uint8Array<ArrayBuffer>, Uint8Array<ArrayBuffer>>({
      transform: (piece, to) => {
        loaded += piece.length;
        report({ file, loaded, total: Math.max(loaded, WASM_BYTES[bundle]) });
        to.enqueue(piece);
      },
    });
    const bytes = await new Response(body?.pipeThrough(counter)).arrayBuffer().catch(failed);
    report({ file, loaded, total: loaded });
    // "\0asm", https://webassembly.github.io/spec/core/binary/modules.html; a server for one page answers everything with that.
    if (bytes.byteLength < 8 || new DataView(bytes).getUint32(0) !== 0x0061736d) {
      throw new E2PError(
        'network',
        `${url} answered with ${headers.get('content-type') ?? 'no type'} (${describeBytes(new Uint8Array(bytes))}), ${expected}`,
      );
    }
    return [bundle, bytes] as const;
  });
  return Object.fromEntries(await Promise.all(read));
}

const fileOf = (url: string): string => new URL(url).pathname.split('/').at(-1)!;
