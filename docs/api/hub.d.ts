/** A mirror of the Hub, and which revision of a repository. */
interface HubOptions {
  /** Default `https://huggingface.co`. */
  readonly host?: string;
  /** Path of a repository's files, with `{model}` and `{revision}`. Default `/{model}/resolve/{revision}/`. */
  readonly template?: string;
  /** Branch, tag or commit. Default `main`. */
  readonly revision?: string;
}
export { HubOptions as t };