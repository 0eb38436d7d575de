/** Where a model lies: a repository of the Hugging Face Hub, or of a server with the same layout. */

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
