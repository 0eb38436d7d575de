import { existsSync, mkdtempSync, readdirSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { stageFiles } from './stage-files.ts';

const folder = mkdtempSync(join(tmpdir(), 'e2p-stage-'));
const file = join(folder, 'weights.bin');
writeFileSync(file, 'weights');
const proto = Uint8Array.of(1, 2, 3);

describe('weights on disk', () => {
  it('lie beside the proto while a session is made, in folders too, and nothing is left behind', async () => {
    const { model, externalData, done } = await stageFiles(proto, [
      { path: 'a.bin', data: { file } },
      { path: 'deeper/b.bin', data: { file } },
    ]);
    const staged = dirname(model as string);
    expect(externalData).toEqual([]);
    expect(readdirSync(staged, { recursive: true }).map(String).sort()).toEqual(
      ['a.bin', 'deeper', join('deeper', 'b.bin'), 'personalised.onnx'].sort(),
    );
    await done();
    expect(existsSync(staged)).toBe(false);
    expect(existsSync(file)).toBe(true);
  });

  it('are read where no link can be made, and where others are in memory', async () => {
    const missing = stageFiles(proto, [{ path: 'a', data: { file: join(folder, 'nowhere') } }]);
    await expect(missing).rejects.toThrow('ENOENT');
    const mixed = await stageFiles(proto, [
      { path: 'a', data: { file } },
      { path: 'b', data: Uint8Array.of(9) },
    ]);
    expect(mixed.model).toBe(proto);
    expect(mixed.externalData.map(({ data }) => [...(data as Uint8Array)].length)).toEqual([7, 1]);
  });
});
