/**
 * How the open gate lets through what loading needs: requests that carry nothing, the weights' storage on this device, helper threads
 * of onnxruntime. What is opened is remembered, so that it can be cut at the seal.
 */
import { E2PError } from '../error.ts';
import { isHelperThread } from '../runtime/helper-thread.ts';
import { WEIGHTS } from '../storage/weights-name.ts';
import { OPENS_BY_NAME } from './exits.ts';

// Taken now: later code may replace them.
const { apply, construct, getOwnPropertyDescriptor } = Reflect;
const {
  Request: NativeRequest,
  URL: NativeURL,
  AbortController: NativeAbortController,
  AbortSignal: NativeAbortSignal,
} = globalThis;
const anyOf = NativeAbortSignal.any.bind(NativeAbortSignal);
const abortNow = NativeAbortController.prototype.abort;
const requestMethod = getOwnPropertyDescriptor(NativeRequest.prototype, 'method')!.get!;
const hrefOf = getOwnPropertyDescriptor(NativeURL.prototype, 'href')!.get!;
const requestSignal = getOwnPropertyDescriptor(NativeRequest.prototype, 'signal')!.get!;

export interface Openings {
  /** What stands in for an exit while the gate is open. */
  pass(name: string, original: Callable): Callable;
  /** Cuts everything that went through: requests under way are aborted, files and databases closed. */
  close(): void;
  readonly helpers: Helpers;
}

/** Helper threads: workers that onnxruntime starts while it loads. */
export interface Helpers {
  /** Handed to those that run this worker's own file, behind `#` in their address. */
  hint: string;
  /** Those that run another file, which puts up no gate. */
  strangers: number;
}

/** A list of its own links: an index of an array could be caught by a setter on `Array.prototype`. */
interface End {
  readonly run: () => unknown;
  readonly next: End | undefined;
}

type Callable = (this: unknown, ...args: unknown[]) => unknown;

export function openOpenings(scope: object): Openings {
  const closing = new NativeAbortController();
  let ends: End | undefined;
  const { href = '' } = (scope as { readonly location?: { readonly href?: string } }).location ?? {};
  const own = href.split('#')[0]!;
  const ownOrigin = NativeURL.canParse(own) ? `${new NativeURL(own).origin}/` : undefined;
  const helpers: Helpers = { hint: '', strangers: 0 };
  const abort = methodOf(scope, 'WritableStream', 'abort');
  const closeFile = methodOf(scope, 'FileSystemSyncAccessHandle', 'close');

  /** GET and HEAD have no body, so that none can be written to after the seal. */
  const fetch = (original: Callable): Callable =>
    async function passFetch(...[input, init]) {
      const request = new NativeRequest(input as RequestInfo, init as RequestInit);
      const method = apply(requestMethod, request, []) as string;
      if (method !== 'GET' && method !== 'HEAD') {
        throw new E2PError(
          'sealed',
          `fetch with ${method} is shut in the engine worker: it loads, and sends nothing`,
        );
      }
      const signal = anyOf([apply(requestSignal, request, []) as AbortSignal, closing.signal]);
      return apply(original, undefined, [request, { __proto__: null, signal }]);
    };

  /** Nobody but onnxruntime needs other workers, and only from this origin. */
  const worker = (original: Callable): Callable =>
    function passWorker(...[address, options]) {
      const name = String((options as WorkerOptions | undefined)?.name);
      const url = apply(hrefOf, new NativeURL(String(address), own), []) as string;
      if (!isHelperThread(name) || ownOrigin === undefined || !begins(url, ownOrigin)) {
        throw new E2PError(
          'sealed',
          'Worker is shut in the engine worker, but for helper threads of onnxruntime',
        );
      }
      const isOurs = url === own || begins(url, `${own}#`);
      if (!isOurs) helpers.strangers++;
      return construct(original, [
        isOurs ? `${own}#${helpers.hint}` : url,
        { __proto__: null, name, type: 'module' },
      ]);
    };

  /** The name is made a string once, so that it can't be another when it is used. */
  const named = (name: string, original: Callable): Callable =>
    function passNamed(this: unknown, ...[first, ...others]) {
      const wanted = String(first);
      if (!begins(wanted, WEIGHTS)) {
        throw new E2PError('sealed', `${name} is shut in the engine worker, but for the storage of weights`);
      }
      const args = [wanted, ...others];
      return new.target === undefined ? apply(original, this, args) : construct(original, args);
    };

  /** Keeps how to end what a method opens. */
  const tracked = (original: Callable, end: Callable): Callable =>
    async function passTracked(this: unknown, ...args) {
      const opened = await apply(original, this, args);
      ends = { run: () => apply(end, opened, []), next: ends };
      return opened;
    };

  return {
    pass: (name, original) => {
      if (name === 'fetch') return fetch(original);
      if (name === 'Worker') return worker(original);
      if (OPENS_BY_NAME.includes(name)) return named(name, original);
      if (name === 'FileSystemFileHandle.prototype.createWritable') {
        return tracked(original, abort);
      }
      if (name === 'FileSystemFileHandle.prototype.createSyncAccessHandle')
        return tracked(original, closeFile);
      return original;
    },
    close: () => {
      apply(abortNow, closing, [
        new E2PError('sealed', 'the engine worker was sealed while a request was under way'),
      ]);
      for (let at = ends; at !== undefined; at = at.next) {
        try {
          // A stream that is closed already refuses with a promise, a file with an error.
          void Promise.resolve(at.run()).catch(() => undefined);
        } catch {}
      }
    },
    helpers,
  };
}

/** As `startsWith`, which later code may replace. */
function begins(text: string, start: string): boolean {
  for (let i = 0; i < start.length; i++) if (text[i] !== start[i]) return false;
  return true;
}

function methodOf(scope: object, className: string, name: string): Callable {
  const owner = Reflect.get(scope, className) as { readonly prototype: object } | undefined;
  return ((owner && Reflect.get(owner.prototype, name)) ?? (() => undefined)) as Callable;
}
