/**
 * A gate in front of every exit of `exits.ts`, put up before any other code of the worker runs, and shut from the beginning. The browser's
 * policy shuts requests and imports (`sealed-frame.ts`); this shuts what a policy has no word for: storage, locks and channels of the page's
 * origin. Since it was there first, whoever keeps a reference (`const open = indexedDB.open`) keeps a shut one.
 */
import { E2PError } from '../error.ts';
import { GLOBAL_EXITS, METHOD_EXITS, NAVIGATOR_EXITS } from './exits.ts';
import type { ExitState } from './privacy.ts';

// Taken now: later code may replace them.
const { apply, defineProperty, getOwnPropertyDescriptor, getPrototypeOf } = Reflect;

export interface Gate {
  /** Tries each exit, and says what became of it. */
  look(): readonly ExitState[];
}

type Callable = (this: unknown, ...args: unknown[]) => unknown;

/** One property that was replaced, and what must be found there as long as the worker lives. */
interface Barrier {
  readonly holder: object;
  readonly key: string;
  /** Undefined: it was neither a function nor an attribute, and is left as it is. */
  readonly guard: Callable | undefined;
}

/**
 * @param scope the global scope of a worker
 * @param harmless names that are left as they are
 */
export function putUpGate(scope: object = globalThis, harmless: readonly string[] = []): Gate {
  const exits = new Map<string, Barrier[]>();

  const guardOf = (name: string, original: Callable): Callable => {
    function guard(): unknown {
      throw new E2PError('sealed', `${name} is shut in the engine worker`);
    }
    const { prototype } = original as { readonly prototype?: object };
    if (typeof prototype === 'object') {
      // `instanceof` still works, and an object's `constructor` leads back to the gate.
      defineProperty(guard, 'prototype', { value: prototype, writable: false });
      defineProperty(prototype, 'constructor', { value: guard, writable: false, configurable: false });
    }
    return guard;
  };

  const guard = (start: object, key: string, name: string): void => {
    if (harmless.includes(name)) return;
    const barriers: Barrier[] = [];
    exits.set(name, barriers);
    for (let holder: object | null = start; holder !== null; holder = getPrototypeOf(holder)) {
      const found = getOwnPropertyDescriptor(holder, key);
      if (found === undefined) continue;
      const original = (found.get ?? found.value) as Callable | undefined;
      if (typeof original !== 'function') {
        barriers.push({ holder, key, guard: undefined });
        continue;
      }
      const replaced = guardOf(name, original);
      const what = found.get !== undefined ? { get: replaced } : { value: replaced, writable: false };
      try {
        defineProperty(holder, key, { ...what, enumerable: found.enumerable === true, configurable: false });
      } catch {
        // The look tells.
      }
      barriers.push({ holder, key, guard: replaced });
    }
  };

  const classOf = (name: string) =>
    (Reflect.get(scope, name) as { readonly prototype?: object } | undefined)?.prototype;
  for (const [className, names] of Object.entries(METHOD_EXITS)) {
    const prototype = classOf(className);
    for (const name of names) {
      if (prototype !== undefined) guard(prototype, name, `${className}.prototype.${name}`);
    }
  }
  const navigator = (scope as { readonly navigator?: object }).navigator ?? {};
  for (const name of NAVIGATOR_EXITS) guard(navigator, name, `navigator.${name}`);
  for (const name of GLOBAL_EXITS) guard(scope, name, name);

  return { look: () => [...exits].map(([name, barriers]) => stateOf(name, barriers)) };
}

function stateOf(name: string, barriers: readonly Barrier[]): ExitState {
  if (barriers.length === 0) return { name, state: 'absent', by: 'absence' };
  return barriers.every(isShut)
    ? { name, state: 'shut', by: 'script' }
    : { name, state: 'open', by: 'nothing' };
}

/** Only the gate itself is called, never what might be a real exit; and nothing but its refusal counts. */
function isShut({ holder, key, guard }: Barrier): boolean {
  if (guard === undefined) return false;
  const found = getOwnPropertyDescriptor(holder, key);
  if ((found?.get ?? found?.value) !== guard || found?.configurable !== false) return false;
  try {
    apply(guard, holder, []);
    return false;
  } catch (error) {
    return error instanceof E2PError && error.code === 'sealed';
  }
}
