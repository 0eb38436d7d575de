/** The workers, from the page: one that loads, and one that knows the person and is born without a way out. */
import { BUNDLERS_PAGE, E2PError } from '../error.ts';
import type { Bundle } from '../runtime/device-choice.ts';
import { openSealedWorker, type Place, type SealedWorker } from './sealed-frame.ts';
import { WorkerLink } from './worker-link.ts';

/** Where a page serves files of the package's folder `sealed/` itself; whatever is absent the library finds by itself. */
export interface SealedFiles {
  /**
   * URL of `engine.js`, served from the page's own origin with the Content-Security-Policy that `e2p csp` prints: for pages whose own
   * policy does not allow the frame that the engine is otherwise born in.
   */
  readonly engine?: string | undefined;
  /** URL of `loader.js`, of the page's own origin: for pages whose own policy allows no worker of a blob, or no request to where models are. */
  readonly loader?: string | undefined;
  /** URL of a folder with the three `.wasm` files: for bundlers that do not know `new URL('…', import.meta.url)`. */
  readonly wasm?: string | undefined;
}

// Each written out: bundlers look for exactly this.
const JSPI = new URL('../../sealed/ort-wasm-simd-threaded.jspi.wasm', import.meta.url);
const WASM = new URL('../../sealed/ort-wasm-simd-threaded.wasm', import.meta.url);
const WEBGPU = new URL('../../sealed/ort-wasm-simd-threaded.asyncify.wasm', import.meta.url);

/** Absolute URLs of onnxruntime's WebAssembly. */
export function wasmUrls(folder: string | undefined): Readonly<Record<Bundle, string>> {
  const { href } = globalThis.location;
  const base = folder === undefined ? undefined : new URL(folder.replace(/\/*$/, '/'), href);
  // Some bundlers (Turbopack) make of `new URL` what has a path alone.
  const place = (own: URL, name: string) => (base ? new URL(name, base) : new URL(own, href)).href;
  return {
    jspi: place(JSPI, 'ort-wasm-simd-threaded.jspi.wasm'),
    wasm: place(WASM, 'ort-wasm-simd-threaded.wasm'),
    webgpu: place(WEBGPU, 'ort-wasm-simd-threaded.asyncify.wasm'),
  };
}

/** One for the page's life: its worker may not have been fetched yet when it would be revoked. */
let loaderBlob: string | undefined;

/** What it is asked fails with `runtime-failed` where the page's policy forbids the worker, or `address` is no script. */
export async function openLoader(address: string | undefined): Promise<WorkerLink> {
  if (address === undefined && loaderBlob === undefined) {
    const { default: text } = await import('../../sealed/loader-text.js');
    loaderBlob = URL.createObjectURL(new Blob([text], { type: 'text/javascript' }));
  }
  const { worker, stopped } = startWorker(address ?? loaderBlob!, 'e2p-loader');
  const link = new WorkerLink({ port: worker, close: () => worker.terminate() });
  void stopped.then((why) => link.close(new E2PError('runtime-failed', `the loader stopped: ${why}`)));
  return link;
}

/** @param address of the engine's file, where the page serves it itself */
export async function openEngine(place: Place, address: string | undefined): Promise<WorkerLink> {
  const opened =
    address === undefined
      ? await openSealedWorker((await import('../../sealed/engine-text.js')).default, 'e2p-engine', place)
      : openWorkerAt(address, 'e2p-engine');
  const link = new WorkerLink(opened);
  void opened.stopped.then((why) =>
    link.close(new E2PError('runtime-failed', `the engine worker stopped: ${why}`)),
  );
  opened.port.start();
  return link;
}

export async function openTrainer(place: Place): Promise<SealedWorker> {
  return openSealedWorker((await import('../../sealed/trainer-text.js')).default, 'e2p-train', place);
}

/** The engine from an address of its own, whose response has to bring the policy. */
function openWorkerAt(address: string, name: string): SealedWorker {
  const { worker, stopped } = startWorker(address, name);
  const { port1, port2 } = new MessageChannel();
  worker.postMessage(undefined, [port2]);
  return {
    port: port1,
    stopped,
    close: () => {
      port1.close();
      worker.terminate();
    },
  };
}

/** @returns the worker, and why, should it stop by itself or never start */
function startWorker(address: string, name: string) {
  const url = new URL(address, globalThis.location.href).href;
  const worker = new Worker(url, { name });
  const stopped = new Promise<string>((resolve) => {
    worker.onerror = ({ message }) => resolve(message || whyNotStarted(url));
  });
  return { worker, stopped };
}

/** A browser does not say why a worker could not be fetched. */
async function whyNotStarted(url: string): Promise<string> {
  if (url.startsWith('blob:')) {
    return `the browser started no worker of a blob; a Content-Security-Policy has to allow worker-src blob: (npx e2p csp), or sealed/loader.js be served and named by the option 'loader' (${BUNDLERS_PAGE})`;
  }
  const came = await fetch(url).then(
    ({ status, headers }) => `${status} with ${headers.get('content-type') ?? 'no type'}`,
    () => 'nothing',
  );
  return `${url} could not be started: it answered ${came}, expected a script of e2p-web/sealed from the page's own origin (${BUNDLERS_PAGE})`;
}
