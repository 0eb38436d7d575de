/**
 * Where a worker that knows the person is born: in a frame of our own whose Content-Security-Policy, set before its first line runs,
 * allows no request at all. The worker inherits it (https://w3c.github.io/webappsec-csp/#initialize-global-object-csp, for blob addresses), so that the browser keeps it shut and not our script.
 */
import { E2PError } from '../error.ts';

/**
 * `opaque`: an origin of its own, without any storage; no secure context, hence no WebGPU. `same-origin`: WebGPU, and storage that the
 * worker's first line has to shut.
 */
export type Place = 'opaque' | 'same-origin';

export interface SealedWorker {
  readonly port: MessagePort;
  /** Why, should the worker stop by itself. */
  readonly stopped: Promise<string>;
  /** Ends the worker and everything in it. */
  close(): void;
}

/** Makes the worker of the text that it is sent, says so, and tells when it stops. The only script that the frame runs. */
const FRAME_SCRIPT = `addEventListener('message', ({ data, ports: [port, told] }) => {
  const url = URL.createObjectURL(new Blob([data.text], { type: 'text/javascript' }));
  const worker = new Worker(url, { name: data.name });
  worker.onerror = ({ message }) => told.postMessage({ stopped: message || 'it could not be started' });
  worker.postMessage(undefined, [port]);
  told.postMessage({ started: true });
}, { once: true });`;

/** Longest wait for the frame's script, which takes a millisecond where it may run, in ms. */
const FRAME_PATIENCE_MS = 10_000;

/** For a page with a policy of its own: what it has to allow in \`script-src\`. */
export async function frameScriptHash(): Promise<string> {
  const digest = await crypto.subtle.digest('SHA-256', new TextEncoder().encode(FRAME_SCRIPT));
  return `'sha256-${btoa(String.fromCharCode(...new Uint8Array(digest)))}'`;
}

export const framePolicy = (hash: string): string =>
  [
    "default-src 'none'",
    `script-src ${hash} 'wasm-unsafe-eval'`,
    'worker-src blob:',
    "connect-src 'none'",
    "frame-src 'none'",
    "form-action 'none'",
    "base-uri 'none'",
  ].join('; ');

export async function frameText(): Promise<string> {
  const policy = framePolicy(await frameScriptHash());
  return `<!doctype html><meta http-equiv="Content-Security-Policy" content="${policy}"><script>${FRAME_SCRIPT}</script>`;
}

/** @throws E2PError `unsupported-device` where there is no page to put the frame into; `sealed` where the page's policy forbids it */
export async function openSealedWorker(text: string, name: string, place: Place): Promise<SealedWorker> {
  if (typeof document === 'undefined') {
    const expected = "a page, or the option 'engine' with the address of sealed/engine.js";
    throw new E2PError(
      'unsupported-device',
      `there is no document to make the engine's frame in, expected ${expected}`,
    );
  }
  const frame = document.createElement('iframe');
  frame.hidden = true;
  frame.sandbox.add('allow-scripts', ...(place === 'same-origin' ? ['allow-same-origin'] : []));
  frame.allow = 'cross-origin-isolated';
  frame.srcdoc = await frameText();
  const [messages, told] = [new MessageChannel(), new MessageChannel()];
  let takenOut = () => {};
  // As a page does that empties itself; the worker is then gone without a word.
  const watch = new MutationObserver(() => {
    if (!frame.isConnected) takenOut();
  });
  const close = () => {
    watch.disconnect();
    messages.port1.close();
    told.port1.close();
    frame.remove();
  };
  const loaded = new Promise((resolve) => frame.addEventListener('load', resolve, { once: true }));
  document.documentElement.append(frame);
  watch.observe(document.documentElement, { childList: true });
  await loaded;
  let start = () => {};
  const started = new Promise<boolean>((resolve) => {
    start = () => resolve(true);
    setTimeout(resolve, FRAME_PATIENCE_MS, false);
  });
  const stopped = new Promise<string>((resolve) => {
    takenOut = () => resolve('its frame was taken out of the page');
    told.port1.onmessage = ({ data }: MessageEvent<{ readonly stopped?: string }>) =>
      data.stopped === undefined ? start() : resolve(data.stopped);
  });
  frame.contentWindow?.postMessage({ text, name }, '*', [messages.port2, told.port2]);
  if (!(await started)) {
    close();
    const policy = `script-src ${await frameScriptHash()} 'wasm-unsafe-eval'; worker-src blob:`;
    throw new E2PError(
      'sealed',
      `the page's Content-Security-Policy keeps the engine's frame from running, expected one that allows ${policy} (npx e2p csp), or the option 'engine'`,
    );
  }
  return { port: messages.port1, stopped, close };
}
