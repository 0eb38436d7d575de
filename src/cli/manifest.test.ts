import { createHash } from 'node:crypto';
import { mkdirSync, mkdtempSync, readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { describe, expect, it, vi } from 'vitest';
import { CHUNK_BYTES, MANIFEST_NAME, parseManifest } from '../storage/manifest.ts';
import { command } from './manifest.ts';

const sha256 = (bytes: Uint8Array) => createHash('sha256').update(bytes).digest('hex');

describe('e2p manifest', () => {
  it('describes every file whole and by chunks, and neither hidden files nor itself', async () => {
    const folder = mkdtempSync(join(tmpdir(), 'e2p-manifest-'));
    const weights = Uint8Array.from({ length: CHUNK_BYTES + 100_001 }, (_, i) => i * 31);
    const exact = weights.subarray(0, CHUNK_BYTES);
    mkdirSync(join(folder, 'onnx'));
    writeFileSync(join(folder, 'onnx/model.onnx'), weights);
    writeFileSync(join(folder, 'exact.bin'), exact);
    writeFileSync(join(folder, 'empty.txt'), '');
    writeFileSync(join(folder, '.hidden'), 'x');
    // Twice: the second run meets the first one's result.
    await command.run([folder]);
    const log = vi.spyOn(console, 'log');
    await command.run([folder]);
    expect(log.mock.calls.flat().join()).toContain(sha256(readFileSync(join(folder, MANIFEST_NAME))));
    log.mockRestore();
    const { files } = parseManifest(readFileSync(join(folder, MANIFEST_NAME)));
    expect({ ...files }).toEqual({
      'empty.txt': { size: 0, sha256: sha256(new Uint8Array()), chunks: [] },
      'exact.bin': { size: CHUNK_BYTES, sha256: sha256(exact), chunks: [sha256(exact)] },
      'onnx/model.onnx': {
        size: weights.length,
        sha256: sha256(weights),
        chunks: [sha256(exact), sha256(weights.subarray(CHUNK_BYTES))],
      },
    });
    expect(readdirSync(folder)).not.toContain(`${MANIFEST_NAME}.part`);
  });

  it('says what is wrong with its arguments', async () => {
    const empty = mkdtempSync(join(tmpdir(), 'e2p-manifest-'));
    await expect(command.run([])).rejects.toThrow(
      'found 0 arguments without an option name, expected one <folder>',
    );
    await expect(command.run([join(empty, 'nowhere')])).rejects.toThrow(/nowhere: no such folder/);
    await expect(command.run([empty])).rejects.toThrow(/has no files/);
    mkdirSync(join(empty, MANIFEST_NAME));
    writeFileSync(join(empty, 'config.json'), '{}');
    await expect(command.run([empty])).rejects.toThrow(
      /e2p-manifest\.json could not be written: it is a folder/,
    );
  });
});
