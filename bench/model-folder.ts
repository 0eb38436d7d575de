/** The base model of a benchmark as a folder: one that is there, or a Hub id or URL, whose files are downloaded into one. */
import { existsSync, mkdirSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { loadBaseModel } from '../src/model/base-model.ts';
import { hubUrl, isHubId } from '../src/model/hub.ts';
import type { Dtype } from '../src/node.ts';
import { withUrlFolder } from '../src/storage/url-source.ts';
import { createMemoryStore } from '../src/storage/weight-store.ts';

export async function modelFolder(model: string, dtype: Dtype, cache: string): Promise<string> {
  if (existsSync(model)) return model;
  const folder = join(cache, model.replaceAll(/[^\w.-]+/g, '-'));
  const whole = join(folder, `.${dtype}-is-whole`);
  if (existsSync(whole)) return folder;
  const url = isHubId(model) ? hubUrl(model) : model;
  await withUrlFolder({ url, store: createMemoryStore() }, async (source) => {
    // Whatever a load asks for is what the folder needs.
    const read = async (path: string) => {
      const bytes = await source.read(path);
      if (bytes !== undefined) {
        mkdirSync(dirname(join(folder, path)), { recursive: true });
        writeFileSync(join(folder, path), bytes);
      }
      return bytes;
    };
    await loadBaseModel({ source: { name: source.name, read }, dtypes: [dtype] });
  });
  writeFileSync(whole, '');
  return folder;
}
