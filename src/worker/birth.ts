/**
 * The first lines of a worker that will know the person. Imported before everything else, so that the browser's own `fetch` is asked what
 * its policy lets through, and then the gate stands before any code of others runs.
 */
import { putUpGate } from './gate.ts';

/** Needs no network: an address that is its own answer, which the policy of `sealed-frame.ts` refuses all the same. */
const isRefused = (attempt: Promise<unknown>): Promise<boolean> =>
  attempt.then(
    () => false,
    () => true,
  );
const script = 'data:text/javascript,';
/** What refuses them tells its own text, also where it only reports. */
const policies: string[] = [];
globalThis.addEventListener('securitypolicyviolation', (event) =>
  policies.push((event as SecurityPolicyViolationEvent).originalPolicy),
);
const tried = Promise.all([isRefused(fetch('data:,')), isRefused(import(/* @vite-ignore */ script))]);

/** An opaque origin has no storage that would have to be shut, so that helper threads of onnxruntime may start there. */
const isOpaque = globalThis.origin === 'null';
const gate = putUpGate(globalThis, isOpaque ? ['Worker'] : []);

/** What shuts this worker. */
export async function lookAround() {
  const [shutsRequests, shutsImports] = await tried;
  // The events are tasks of their own, and come after the refusals.
  await new Promise((resolve) => setTimeout(resolve, 20));
  // The browser sends its reports whatever the policy refuses, with the address that was refused.
  const isReported = policies.some((policy) => /(^|;)\s*report-(uri|to)\b/i.test(policy));
  return { isOpaque, shutsRequests, shutsImports, isReported, gated: gate.look() };
}

/** To the page, and to nobody else. */
export const connected = new Promise<MessagePort>((resolve) => {
  globalThis.addEventListener('message', ({ ports }: MessageEvent) => resolve(ports[0]!), { once: true });
});
