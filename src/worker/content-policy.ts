/**
 * Content-Security-Policies (https://www.w3.org/TR/CSP3/) that an app serves: for its page, for the loader, and for the engine where the
 * app serves that from an address of its own instead of having it born in a frame (`sealed-frame.ts`).
 */
import { frameScriptHash } from './sealed-frame.ts';

export interface PolicyOptions {
  /** Origins that models come from, besides the page's own: `https://huggingface.co`. */
  readonly modelHosts?: readonly string[];
}

type Directives = Readonly<Record<string, readonly string[]>>;

/** For the response that carries the engine's file: nothing may be asked for. */
export function enginePolicy(): string {
  return format({
    'default-src': ["'none'"],
    'script-src': ["'wasm-unsafe-eval'"],
  });
}

/** For the response that carries the loader, which may ask for models and is told nothing. */
export function loaderPolicy({ modelHosts = [] }: PolicyOptions = {}): string {
  return format({
    'default-src': ["'none'"],
    'script-src': ["'self'"],
    'connect-src': ["'self'", ...modelHosts],
  });
}

/** For the page: what a page around the engine needs, and nothing else. The frame's script and the engine in it are the only ones not of a file. */
export async function pagePolicy({ modelHosts = [] }: PolicyOptions = {}): Promise<string> {
  return format({
    'default-src': ["'none'"],
    'script-src': ["'self'", await frameScriptHash(), "'wasm-unsafe-eval'"],
    'worker-src': ["'self'", 'blob:'],
    'style-src': ["'self'"],
    'img-src': ["'self'", 'data:'],
    'connect-src': ["'self'", ...modelHosts],
    'base-uri': ["'none'"],
    'form-action': ["'none'"],
    'frame-ancestors': ["'none'"],
  });
}

const format = (directives: Directives): string =>
  Object.entries(directives)
    .map(([name, sources]) => [name, ...sources].join(' '))
    .join('; ');
