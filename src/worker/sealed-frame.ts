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
  /** Ends the worker and everything in it. */
  close(): void;
}

/** Makes the worker of the text that it is sent, and tells when it stops. The only script that the frame runs. */
const FRAME_SCRIPT = `addEventListener('message', ({ data, ports: [port, told] }) => {
  const url = URL.createObjectURL(new Blob([data.text], { type: 'text/javascript' }));
  const worker = new Worker(url, { name: data.name });
  worker.onerror = ({ message }) => told.postMessage(message || 'it could not be started');
  worker.postMessage(undefined, [port]);
}, { once: true });`;

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

/** @param onStop told once, should the worker stop by itself */
export async function openSealedWorker(
  text: string,
  name: string,
  place: Place,
  onStop: (why: string) => void,
): Promise<SealedWorker> {
  const frame = document.createElement('iframe');
  frame.hidden = true;
  frame.sandbox.add('allow-scripts', ...(place === 'same-origin' ? ['allow-same-origin'] : []));
  frame.allow = 'cross-origin-isolated';
  frame.srcdoc = await frameText();
  const loaded = new Promise((resolve) => frame.addEventListener('load', resolve, { once: true }));
  document.documentElement.append(frame);
  await loaded;
  const target = frame.contentWindow;
  if (target === null) throw new E2PError('runtime-failed', 'the frame of the engine was removed');
  const [messages, told] = [new MessageChannel(), new MessageChannel()];
  told.port1.onmessage = ({ data }) => onStop(String(data));
  target.postMessage({ text, name }, '*', [messages.port2, told.port2]);
  return {
    port: messages.port1,
    close: () => {
      messages.port1.close();
      told.port1.close();
      frame.remove();
    },
  };
}

/** The same worker from an address of its own, whose response has to bring the policy. */
export function openWorkerAt(address: string, name: string, onStop: (why: string) => void): SealedWorker {
  const worker = new Worker(new URL(address, globalThis.location.href), { name });
  worker.onerror = ({ message }) => onStop(message || `${address} could not be started`);
  const { port1, port2 } = new MessageChannel();
  worker.postMessage(undefined, [port2]);
  return {
    port: port1,
    close: () => {
      port1.close();
      worker.terminate();
    },
  };
}
