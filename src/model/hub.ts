/** Where a model lies: a repository of the Hugging Face Hub, or of a server with the same layout. */
import { E2PError } from '../error.ts';

/** A mirror of the Hub, and which revision of a repository. */
export interface HubOptions {
  /** Default `https://huggingface.co`. */
  readonly host?: string;
  /** Path of a repository's files, with `{model}` and `{revision}`. Default `/{model}/resolve/{revision}/`. */
  readonly template?: string;
  /** Branch, tag or commit. Default `main`. */
  readonly revision?: string;
}

/** `owner/name`, with nothing before or behind: `./owner/name` and `/owner/name` are paths. */
export const isHubId = (model: string): boolean => /^[\w-][\w.-]*\/[\w.-]+$/.test(model);

/** @param what names it, should it be no address */
export function absoluteUrl(what: string, url: string): string {
  try {
    if (typeof url === 'string' && url !== '') return new URL(url, globalThis.location.href).href;
  } catch {
    // Told below.
  }
  throw new E2PError(
    'invalid-argument',
    `the address of ${what} is ${typeof url === 'string' ? JSON.stringify(url) : typeof url}, expected a URL`,
  );
}

/** Absolute URL of a folder that is given as one, or as a Hub id. @throws E2PError `invalid-argument` */
export function folderUrl(what: string, model: string, hub?: HubOptions): string {
  return absoluteUrl(what, typeof model === 'string' && isHubId(model) ? hubUrl(model, hub) : model);
}

/** The URL of the folder that holds a Hub repository's files; ends in a slash. */
export function hubUrl(
  model: string,
  {
    host = 'https://huggingface.co',
    template = '/{model}/resolve/{revision}/',
    revision = 'main',
  }: HubOptions = {},
): string {
  const path = template.replaceAll('{model}', model).replaceAll('{revision}', encodeURIComponent(revision));
  return host.replace(/\/$/, '') + path + (path.endsWith('/') ? '' : '/');
}
