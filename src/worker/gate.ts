/**
 * A gate in front of every exit of `exits.ts`, put up before any other code of the worker runs. While it is open it lets through what
 * loading needs and nothing else; `seal()` shuts it for good. Since the gate was there first, whoever kept a reference (`const f = fetch`)
 * kept a gated one, and nothing that was connected while it was open stays connected.
 */
import { E2PError } from '../error.ts';
import { GLOBAL_EXITS, isForLoading, METHOD_EXITS, NAVIGATOR_EXITS } from './exits.ts';
import { type Helpers, openOpenings } from './openings.ts';
import type { ExitState } from './privacy.ts';

// Taken now: later code may replace them.
const { apply, construct, defineProperty, getOwnPropertyDescriptor, getPrototypeOf } = Reflect;

export interface Gate {
  /** Shuts every exit, cuts what is still connected, tries each exit, and says what became of it. */
  seal(): readonly ExitState[];
  readonly helpers: Helpers;
}

type Callable = (this: unknown, ...args: unknown[]) => unknown;

/** One property that was replaced, and what must be found there as long as the worker lives. */
interface Barrier {
  readonly holder: object;
  readonly key: string;
  /** Undefined: it was neither a function nor an attribute, and is left as it is. */
  readonly guard: Callable | undefined;
}

/** @param scope the global scope of a worker */
export function putUpGate(scope: object = globalThis): Gate {
  const openings = openOpenings(scope);
  const exits = new Map<string, Barrier[]>();
  let isSealed = false;

  const guardOf = (name: string, original: Callable, pass: Callable | undefined): Callable => {
    function guard(this: unknown, ...args: unknown[]): unknown {
      if (isSealed || pass === undefined)
        throw new E2PError('sealed', `${name} is shut in the engine worker`);
      return new.target === undefined ? apply(pass, this, args) : construct(pass, args);
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
    const barriers: Barrier[] = [];
    exits.set(name, barriers);
    const passes = isForLoading(name);
    for (let holder: object | null = start; holder !== null; holder = getPrototypeOf(holder)) {
      const found = getOwnPropertyDescriptor(holder, key);
      if (found === undefined) continue;
      const original = (found.get ?? found.value) as Callable | undefined;
      if (typeof original !== 'function') {
        barriers.push({ holder, key, guard: undefined });
        continue;
      }
      const isAttribute = found.get !== undefined;
      const replaced = guardOf(name, original, passes ? openings.pass(name, original) : undefined);
      const what = isAttribute ? { get: replaced } : { value: replaced, writable: false };
      try {
        defineProperty(holder, key, { ...what, enumerable: found.enumerable === true, configurable: false });
      } catch {
        // The look in `seal` tells.
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

  return {
    seal: () => {
      isSealed = true;
      openings.close();
      return [...exits].map(([name, barriers]) => stateOf(name, barriers));
    },
    helpers: openings.helpers,
  };
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
