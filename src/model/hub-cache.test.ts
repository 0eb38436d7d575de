import { mkdirSync, mkdtempSync, symlinkSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect, it } from 'vitest';
import { Personalizer } from '../node.ts';
import { ZOO } from '../testing/zoo/zoo.ts';
import { zooFolder } from '../testing/zoo/zoo-folder.ts';
import { hubCacheFolder } from './hub-cache.ts';

const COMMIT = '0123456789abcdef0123456789abcdef01234567';

/** As huggingface_hub leaves it: links into `blobs/`. */
function cacheWith(files: ReadonlyMap<string, Uint8Array>): string {
  const cache = mkdtempSync(join(tmpdir(), 'e2p-hub-cache-'));
  const repository = join(cache, 'models--tests--zoo');
  for (const folder of ['blobs', 'refs', `snapshots/${COMMIT}/onnx`]) {
    mkdirSync(join(repository, folder), { recursive: true });
  }
  writeFileSync(join(repository, 'refs/main'), COMMIT);
  for (const [i, [path, bytes]] of [...files].entries()) {
    writeFileSync(join(repository, 'blobs', `b${i}`), bytes);
    symlinkSync(join(repository, 'blobs', `b${i}`), join(repository, 'snapshots', COMMIT, path));
  }
  return cache;
}

it('finds what hf download fetched, by branch and by commit', () => {
  const cache = cacheWith(new Map());
  const folder = join(cache, 'models--tests--zoo/snapshots', COMMIT);
  const env = { HF_HUB_CACHE: cache };
  expect(hubCacheFolder('tests/zoo', 'main', env)).toBe(folder);
  expect(hubCacheFolder('tests/zoo', COMMIT, env)).toBe(folder);
  expect(hubCacheFolder('tests/zoo', 'other', env)).toBeUndefined();
  expect(hubCacheFolder('tests/zoo', '..', env)).toBeUndefined();
  expect(hubCacheFolder('tests/none', 'main', env)).toBeUndefined();
});

it('a Hub id that can not be fetched may have been meant as a folder, and the error says both', async () => {
  const failed = Personalizer.create({ model: 'tests/none', hub: { host: 'http://127.0.0.1:9' } });
  await expect(failed).rejects.toMatchObject({
    code: 'network',
    message: expect.stringMatching(
      /^tests\/none is no folder here, and of the Hub http:\/\/127\.0\.0\.1:9.* could not be/,
    ),
  });
});

it('a Hub id that was fetched before needs no network', async () => {
  process.env.HF_HUB_CACHE = cacheWith(zooFolder(ZOO[0]!));
  try {
    await using personalizer = await Personalizer.create({ model: 'tests/zoo', dtype: 'fp32' });
    expect(personalizer.model.name).toBe('tests/zoo');
  } finally {
    delete process.env.HF_HUB_CACHE;
  }
});
