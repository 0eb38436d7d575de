import { existsSync, mkdirSync, mkdtempSync, readdirSync, symlinkSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { GraphBuilder } from '../onnx/builder.ts';
import { writeOnnx } from '../onnx/onnx-file.ts';
import { DataType } from '../onnx/onnx-model.ts';
import { createNodeRuntime } from './node-runtime.ts';
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

  it("make a model that runs where they are symbolic links, as in the Hub's cache", async () => {
    mkdirSync(join(folder, 'blobs'));
    mkdirSync(join(folder, 'snapshot'));
    writeFileSync(join(folder, 'blobs', '5a1e'), Float32Array.of(3, 4));
    const linked = join(folder, 'snapshot', 'weights.bin');
    symlinkSync(join('..', 'blobs', '5a1e'), linked);
    const g = new GraphBuilder();
    const externalData = Object.entries({ location: 'weights.bin', offset: '0', length: '8' });
    const weights = { name: 'w', dims: [2], dataType: DataType.float32, stringData: [], dataLocation: 1 };
    g.initializers.push({ ...weights, externalData: externalData.map(([key, value]) => ({ key, value })) });
    g.op('Mul', [g.input('x', 'float32', [2]), 'w'], { outputs: ['y'] });
    g.output('y', 'float32', [2]);
    const runtime = createNodeRuntime();
    const files = [{ path: 'weights.bin', data: { file: linked } }];
    const session = await runtime.createSession(writeOnnx(g.model()), { externalData: files });
    const { y } = await session.run({ x: runtime.tensor('float32', Float32Array.of(10, 100), [2]) });
    expect([...(y!.data as Float32Array)]).toEqual([30, 400]);
    await session.release();
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
