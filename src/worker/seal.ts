/**
 * The seal: between loading (network, no personal data) and using (personal data, no network). Every exit of `exits.ts` is
 * replaced by something that throws, where it lives in the prototype chain and on the global scope itself, for good: a page that is
 * done with it throws the worker away.
 */
import { E2PError } from '../error.ts';
import { GLOBAL_EXITS, METHOD_EXITS, NAVIGATOR_EXITS } from './exits.ts';
import type { ExitState } from './privacy.ts';

/** Shuts every exit that script can shut, and says of each what became of it. */
export function sealExits(scope: object = globalThis): readonly ExitState[] {
  const navigator = (scope as { readonly navigator?: object }).navigator ?? {};
  // Methods first: afterwards their classes can't be reached by name.
  const methods = Object.entries(METHOD_EXITS).flatMap(([className, names]) => {
    const prototype = (scope as Record<string, { readonly prototype?: object } | undefined>)[className]
      ?.prototype;
    if (prototype === undefined) return [];
    return names.map((name) => shut(prototype, name, `${className}.prototype.${name}`, 'method'));
  });
  return [
    ...GLOBAL_EXITS.map((name) =>
      shut(scope, name, name, typeof Reflect.get(scope, name) === 'function' ? 'method' : 'attribute'),
    ),
    ...NAVIGATOR_EXITS.map((name) =>
      shut(navigator, name, `navigator.${name}`, name === 'sendBeacon' ? 'method' : 'attribute'),
    ),
    ...methods,
  ];
}

function shut(holder: object, key: string, name: string, kind: 'method' | 'attribute'): ExitState {
  if (!(key in holder)) return { name, state: 'absent', by: 'absence' };
  const refuse = () => {
    throw new E2PError('sealed', `${name} is shut: the engine has personal data`);
  };
  // A plain function, so that `new` reaches the refusal too.
  const descriptor: PropertyDescriptor =
    kind === 'method'
      ? {
          value: function sealed() {
            refuse();
          },
          writable: false,
          enumerable: true,
          configurable: false,
        }
      : { get: refuse, enumerable: true, configurable: false };
  for (let at: object | null = holder; at !== null; at = Object.getPrototypeOf(at)) {
    if (at !== holder && !Object.hasOwn(at, key)) continue;
    try {
      Object.defineProperty(at, key, descriptor);
    } catch {
      // It is not configurable; the look below tells.
    }
  }
  return isShut(holder, key) ? { name, state: 'shut', by: 'script' } : { name, state: 'open', by: 'nothing' };
}

/** Tries it: nothing but the refusal itself counts. */
function isShut(holder: object, key: string): boolean {
  for (let at: object | null = holder; at !== null; at = Object.getPrototypeOf(at)) {
    if (!Object.hasOwn(at, key)) continue;
    try {
      const { value, get } = Object.getOwnPropertyDescriptor(at, key)!;
      if (get !== undefined) get.call(holder);
      else value.call(holder);
      return false;
    } catch (error) {
      if (!(error instanceof E2PError && error.code === 'sealed')) return false;
    }
  }
  return true;
}
