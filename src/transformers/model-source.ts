/** Where the files of the pipeline's model are read once more: Transformers.js does not hand on those that it read. */
import { E2PError } from '../error.ts';
import { hubUrl, isHubId } from '../model/hub.ts';
import type { FileSource } from '../storage/file-source.ts';
import { openBlob } from '../storage/file-source.ts';
import { checkModelFiles, type ModelFiles, modelFilesSource } from '../storage/handed-files.ts';

/** The cache of Transformers.js in a browser, by URL. */
const CACHE = 'transformers-cache';

/** @param model files; in Node also the path of a folder; the URL of a folder, or a Hub id */
export function modelSource(model: string | ModelFiles): FileSource {
  if (typeof model !== 'string') return modelFilesSource(checkModelFiles(model));
  const fs = nodeFiles();
  if (fs?.existsSync(model)) {
    return blobSource(model, async (path) => {
      const file = `${model}/${path}`;
      return fs.existsSync(file) ? fs.openAsBlob(file) : undefined;
    });
  }
  const url = isHubId(model) ? hubUrl(model) : model.replace(/\/?$/, '/');
  return blobSource(model, (path) => fetchCached(url + path));
}

/** A projector's file: itself, its path in Node, or its URL. @throws E2PError `network` */
export async function readFileBytes(file: string | Blob): Promise<Uint8Array> {
  const fs = nodeFiles();
  const isPath = typeof file === 'string' && fs?.existsSync(file);
  const blob =
    typeof file !== 'string' ? file : isPath ? await fs!.openAsBlob(file) : await fetchCached(file);
  if (blob === undefined) throw new E2PError('network', `${file} was not found, expected a file`);
  return new Uint8Array(await blob.arrayBuffer());
}

const nodeFiles = (): typeof import('node:fs') | undefined =>
  globalThis.process?.getBuiltinModule?.('node:fs');

function blobSource(name: string, find: (path: string) => Promise<Blob | undefined>): FileSource {
  return {
    name,
    read: async (path) => {
      const blob = await find(path);
      return blob && new Uint8Array(await blob.arrayBuffer());
    },
    open: async (path) => {
      const blob = await find(path);
      return blob && openBlob(blob);
    },
  };
}

/** Undefined where the server has no such file. */
async function fetchCached(url: string): Promise<Blob | undefined> {
  // No `caches` outside of a secure context, and none in Node.
  const kept = await globalThis.caches?.match(url, { cacheName: CACHE });
  const response =
    kept ??
    (await fetch(url).catch((cause) => {
      throw new E2PError('network', `${url} could not be fetched`, { cause });
    }));
  const { status } = response;
  // A server for one page answers everything with that.
  const isPage = (response.headers.get('content-type') ?? '').startsWith('text/html');
  if (status === 404 || (response.ok && isPage)) return undefined;
  if (!response.ok) throw new E2PError('network', `${url} answered ${status}`, { status });
  return response.blob();
}
