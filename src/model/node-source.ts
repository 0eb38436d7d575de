/**
 * The files of a base model, for Node: a folder, the URL of one, or a Hub id (`owner/name`) where no such folder exists. A Hub id is looked for in the
 * cache of `hf download` first, and fetched else: into a folder of the caller's, or into memory.
 */
import { statSync } from 'node:fs';
import { E2PError } from '../error.ts';
import type { FileSource } from '../storage/file-source.ts';
import { createFolderSource } from '../storage/folder-source.ts';
import { createFolderStore } from '../storage/folder-store.ts';
import { checkModelFiles, type ModelFiles, modelFilesSource } from '../storage/handed-files.ts';
import { withUrlFolder } from '../storage/url-source.ts';
import { createMemoryStore, type StorageBackend } from '../storage/weight-store.ts';
import { type HubOptions, hubUrl, isHubId } from './hub.ts';
import { hubCacheFolder } from './hub-cache.ts';

export interface NodeSourceOptions {
  readonly model: string | ModelFiles;
  readonly hub?: HubOptions | undefined;
  /** Folder where what is fetched is kept. Default: nowhere. */
  readonly cache?: string | undefined;
  readonly signal?: AbortSignal | undefined;
}

/**
 * @param work once more with the fetched files where those in the cache are not all; told where those are kept
 * @throws E2PError `invalid-model`, `network`; what `work` throws
 */
export async function withNodeSource<T>(
  { model, hub, cache, signal }: NodeSourceOptions,
  work: (source: FileSource, fetched: StorageBackend | undefined) => Promise<T>,
): Promise<T> {
  if (typeof model !== 'string') return work(modelFilesSource(checkModelFiles(model)), undefined);
  const found = statSync(model, { throwIfNoEntry: false });
  if (found?.isDirectory()) return work(createFolderSource(model), undefined);
  if (found !== undefined) throw new E2PError('invalid-model', `${model} is a file, expected a folder`);
  // A mirror may have another model of that name.
  const kept = isHubId(model) && hub?.host === undefined ? hubCacheFolder(model, hub?.revision) : undefined;
  if (kept !== undefined) {
    try {
      return await work({ ...createFolderSource(kept), name: model }, undefined);
    } catch (error) {
      // Of some repositories only other files were fetched.
      if (!(error instanceof E2PError) || error.code !== 'invalid-model') throw error;
    }
  }
  const url = isHubId(model) ? hubUrl(model, hub) : model;
  if (!/^https?:/.test(url)) throw new E2PError('invalid-model', `${model}: no such folder`);
  const store = cache === undefined ? createMemoryStore() : createFolderStore(cache);
  try {
    return await withUrlFolder({ url, store, signal }, (source) => work(source, store.backend));
  } catch (error) {
    // It may have been meant as a path.
    if (!isHubId(model) || !(error instanceof E2PError) || error.code !== 'network') throw error;
    const { status } = error;
    throw new E2PError('network', `${model} is no folder here, and of the Hub ${error.message}`, {
      ...{ cause: error, status },
    });
  }
}
