/** How the structure of a large graph is read: once, and out of what was kept of it where a source keeps files. */
import { expect, it } from 'vitest';
import { makeTensor } from '../onnx/builder.ts';
import { readOnnx, writeOnnx } from '../onnx/onnx-file.ts';
import { AT_A_GLANCE, readStructure } from '../onnx/read-structure.ts';
import type { FileSource, OpenFile } from '../storage/file-source.ts';
import { ZOO } from '../testing/zoo/zoo.ts';
import { buildZoo } from '../testing/zoo/zoo-decoder.ts';
import { readProto } from './graph-files.ts';

const PATH = 'onnx/model.onnx';

/** A graph with `bytes` more of weights, in a source that keeps what is made of it. */
function graphOf(bytes: number) {
  const { model } = buildZoo(ZOO[0]!);
  const weight = makeTensor('more', [bytes / 4], new Float32Array(bytes / 4));
  const initializers = [...model.graph.initializers, weight];
  const all = writeOnnx({ ...model, graph: { ...model.graph, initializers } });
  const kept = new Map<string, Uint8Array>();
  let reads = 0;
  const open = (data = new Blob([Uint8Array.from(all)])): OpenFile => ({
    size: all.length,
    read: async (offset, length) => {
      reads++;
      return all.slice(offset, offset + length);
    },
    data,
  });
  const source: FileSource = {
    name: 'kept',
    read: async () => undefined,
    make: async ({ path, from, size, pieces }) => {
      expect(from).toEqual([PATH]);
      if (!kept.has(path)) {
        for await (const piece of pieces()) kept.set(path, piece);
        expect(kept.get(path)).toHaveLength(await size());
      }
      const found = kept.get(path)!;
      const read = async (offset: number, length: number) => found.subarray(offset, offset + length);
      return { size: found.length, read, data: new Blob([Uint8Array.from(found)]) };
    },
  };
  return { all, kept, open, source, reads: () => reads };
}

it('is kept of a large graph, and then nothing of the graph is read', async () => {
  const { all, kept, open, source, reads } = graphOf(AT_A_GLANCE);
  const first = await readProto(source, PATH, open());
  expect([...kept.keys()]).toEqual([`${PATH}.structure`]);
  const before = reads();
  expect(before).toBeGreaterThan(10);
  expect(await readProto(source, PATH, open())).toEqual(first);
  expect(reads()).toBe(before);
  const read = async (offset: number, length: number) => all.slice(offset, offset + length);
  expect(first).toEqual(readOnnx(await readStructure({ size: all.length, read }, 'model.onnx')));
});

it('of a small one is read at a glance, and not kept', async () => {
  const { kept, open, source, reads } = graphOf(1024);
  await readProto(source, PATH, open());
  expect([reads(), kept.size]).toEqual([1, 0]);
});

it('of a file that is open is parsed once; under another path anew', async () => {
  const { open, source } = graphOf(1024);
  const data = new Blob([]);
  const [a, b] = await Promise.all([open(data), open(data)].map((file) => readProto(source, PATH, file)));
  expect(a).toBe(b);
  expect(await readProto(source, 'model.onnx', open(data))).not.toBe(a);
});

it('that can not be read is not remembered', async () => {
  const { open, source } = graphOf(1024);
  const file = open(new Blob([]));
  const failing = { ...file, read: () => Promise.reject(new Error('gone')) };
  await expect(readProto(source, PATH, failing)).rejects.toThrow('gone');
  await expect(readProto(source, PATH, file)).resolves.toBeDefined();
});
