/**
 * Where `hf download` and Transformers keep what they fetched of the Hub (huggingface_hub's cache: `models--owner--name/` with a commit for each
 * branch in `refs/`, and its files in `snapshots/`). Read only: nothing is written there.
 */
import { existsSync, readFileSync } from 'node:fs';
import { homedir } from 'node:os';
import { join } from 'node:path';

type Environment = Readonly<Record<string, string | undefined>>;

/** The folder of a repository's files at a branch, tag or commit; undefined where none was fetched. */
export function hubCacheFolder(
  model: string,
  revision = 'main',
  env: Environment = process.env,
): string | undefined {
  const home = env.HF_HOME ?? join(env.XDG_CACHE_HOME ?? join(homedir(), '.cache'), 'huggingface');
  const repository = join(env.HF_HUB_CACHE ?? join(home, 'hub'), `models--${model.replace('/', '--')}`);
  // A branch's name may hold slashes, but leads nowhere else.
  if (revision.split('/').some((part) => part.startsWith('.') || part === '')) return undefined;
  const ref = join(repository, 'refs', revision);
  const commit = existsSync(ref) ? readFileSync(ref, 'utf8').trim() : revision;
  const folder = join(repository, 'snapshots', commit);
  return /^\w+$/.test(commit) && existsSync(folder) ? folder : undefined;
}
