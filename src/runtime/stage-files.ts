/**
 * Weights on disk, for onnxruntime-node: it maps external data into memory where it finds them beside the model's own
 * file, and never copies them. So the small rewritten proto is written to a folder of its own that has hard links to
 * the weights (onnxruntime refuses symbolic links that lead out of the folder), and the folder is removed again. A
 * `Blob` is read: onnxruntime-node takes none.
 */
import { link, mkdir, mkdtemp, readFile, realpath, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import type { ExternalData, StagedModel } from './runtime.ts';

export async function stageFiles(
  model: Uint8Array,
  externalData: readonly ExternalData[],
): Promise<StagedModel> {
  const named = externalData.flatMap(({ path, data }) => ('file' in data ? [{ path, file: data.file }] : []));
  // A link to a symbolic link, as the Hub's cache has them, would lead out of the folder.
  const onDisk = await Promise.all(
    named.map(async ({ path, file }) => ({ path, file: await realpath(file) })),
  );
  if (onDisk.length > 0 && onDisk.length === externalData.length) {
    // Links work within one file system only: the folder of temporary files, else that of the weights.
    for (const parent of [tmpdir(), dirname(onDisk[0]!.file)]) {
      const staged = await linkInto(parent, model, onDisk);
      if (staged !== undefined) return staged;
    }
  }
  const read = externalData.map(async ({ path, data }) => ({ path, data: await readWhole(data) }));
  return { model, externalData: await Promise.all(read), done: async () => {} };
}

async function readWhole(data: ExternalData['data']): Promise<Uint8Array> {
  if (data instanceof Uint8Array) return data;
  return new Uint8Array(data instanceof Blob ? await data.arrayBuffer() : await readFile(data.file));
}

/** Undefined where links can't be made there. */
async function linkInto(
  parent: string,
  model: Uint8Array,
  files: readonly { readonly path: string; readonly file: string }[],
): Promise<StagedModel | undefined> {
  let folder: string | undefined;
  // A file that is mapped can't be removed on Windows; the system's own clean-up takes it then.
  const done = async () => {
    if (folder !== undefined) await rm(folder, { recursive: true, force: true }).catch(() => undefined);
  };
  try {
    folder = await mkdtemp(join(parent, 'e2p-'));
    for (const { path, file } of files) {
      await mkdir(dirname(join(folder, path)), { recursive: true });
      await link(file, join(folder, path));
    }
    const proto = join(folder, 'personalised.onnx');
    await writeFile(proto, model, { flag: 'wx' });
    return { model: proto, externalData: [], done };
  } catch {
    await done();
    return undefined;
  }
}
