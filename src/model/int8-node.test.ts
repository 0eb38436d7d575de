/** Weights as int8 in Node: kept beside the file, made anew when it changes, and what prompts are read with. */
import { cpSync, mkdtempSync, readdirSync, rmSync, statSync, utimesSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { ChunkSize } from '../generate/chunk-size.ts';
import { Decoder } from '../generate/decoder.ts';
import { type LoadProgress, Personalizer } from '../node.ts';
import { createNodeRuntime } from '../runtime/node-runtime.ts';
import { hasWholeProducts } from '../runtime/whole-products.ts';
import { createFolderSource } from '../storage/folder-source.ts';
import { loadBaseModel } from './base-model.ts';

const folder = mkdtempSync(join(tmpdir(), 'e2p-int8-'));
const runtime = createNodeRuntime();
beforeAll(() => cpSync('public/models/e2p-tiny', folder, { recursive: true }));
afterAll(() => rmSync(folder, { recursive: true }));

const made = () => readdirSync(join(folder, 'onnx')).filter((name) => name.includes('.int8'));
const read = (isWanted: boolean) =>
  loadBaseModel({
    ...{ source: createFolderSource(folder), dtypes: ['q4'] },
    int8: async () => isWanted,
  });

it('they are made once, and again when the file has changed', async () => {
  await read(true);
  const [first] = made();
  const { mtimeMs } = statSync(join(folder, 'onnx', first!));
  await read(true);
  expect(made()).toEqual([first]);
  expect(statSync(join(folder, 'onnx', first!)).mtimeMs).toBe(mtimeMs);
  for (const name of readdirSync(join(folder, 'onnx')).filter((n) => !n.includes('.int8'))) {
    utimesSync(join(folder, 'onnx', name), 1, 1);
  }
  await read(true);
  expect(made()).toHaveLength(1);
  expect(made()).not.toEqual([first]);
});

it('prompts are read with them and answers are not, the same whatever was measured', async () => {
  const [stored, int8] = await Promise.all([read(false), read(true)]);
  const [before, after] = [await Decoder.create(stored, runtime), await Decoder.create(int8, runtime)];
  const text = 'The river runs through the valley, and people walk along it in the evening. ';
  const ids = stored.codec.encode(text.repeat(5));
  expect(ids.length).toBeGreaterThan(64);
  const nats = async (decoder: Decoder) => -(await decoder.score({ ids }, 1)).reduce((a, b) => a + b, 0);
  const [a, b] = [await nats(before), await nats(after)];
  expect(a).not.toBe(b);
  expect(Math.abs(a - b) / ids.length).toBeLessThan(0.02);
  // A few tokens, as of an answer, have the file's own weights.
  const few = { ids: ids.slice(0, 3) };
  const [own, same] = [
    await before.read(before.emptyCache(), few),
    await after.read(after.emptyCache(), few),
  ];
  expect(same.logits).toEqual(own.logits);
  const size = new ChunkSize(int8, runtime);
  for (const tokens of [64, 64, 128, 128, 256, 256]) size.note(tokens, 1, 0);
  expect([size.next(0), size.next(1)]).toEqual([128, 128]);
  await Promise.all([before.release(), after.release()]);
});

it('a personalizer has them where it is asked to, and says so', async () => {
  const stages: LoadProgress['stage'][] = [];
  const options = {
    model: folder,
    dtype: 'q4',
    onProgress: (p: LoadProgress) => stages.push(p.stage),
  } as const;
  for (const name of made()) rmSync(join(folder, 'onnx', name));
  for (const cpuWeights of ['auto', 'int8'] as const) {
    const personalizer = await Personalizer.create({ ...options, cpuWeights });
    const isInt8 = cpuWeights === 'int8' && (await hasWholeProducts(runtime));
    expect(personalizer.model.weights).toBe(isInt8 ? 'int8' : 'as-stored');
    expect(stages.includes('convert')).toBe(isInt8);
    await personalizer.destroy();
  }
});
