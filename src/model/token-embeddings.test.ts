/** Rows of the embedding table, against the model's own lookup run on all of it, and against tables read by hand. */
import { PbfWriter } from 'pbf';
import { describe, expect, it } from 'vitest';
import { fromFloat16 } from '../onnx/float16.ts';
import { readOnnx, writeOnnx } from '../onnx/onnx-file.ts';
import { createNodeRuntime } from '../runtime/node-runtime.ts';
import type { FileSource } from '../storage/file-source.ts';
import { createFolderSource } from '../storage/folder-source.ts';
import { hasShared, readShared, sharedNote, sharedPath } from '../testing/shared.ts';
import { ZOO } from '../testing/zoo/zoo.ts';
import { buildZoo } from '../testing/zoo/zoo-decoder.ts';
import { type Files, sourceOf, zooFolder } from '../testing/zoo/zoo-folder.ts';
import { H, V, type ZooStyle } from '../testing/zoo/zoo-style.ts';
import { loadBaseModel } from './base-model.ts';
import type { Dtype } from './model-config.ts';

const runtime = createNodeRuntime();
/** As WASM with JSPI is. */
const withoutGather = {
  ...runtime,
  lost: false,
  lacks: { 'com.microsoft.GatherBlockQuantized': 'WebGPU' },
};

/** Of the whole table, by the exporter's own graph. */
async function wholeTable(style: ZooStyle): Promise<Float32Array> {
  const { model } = buildZoo(style, 'lookup');
  const session = await runtime.createSession(writeOnnx(model));
  const ids = Array.from({ length: V }, (_, i) => i);
  const feed =
    style.ids === 'int32'
      ? runtime.tensor('int32', Int32Array.from(ids), [1, V])
      : runtime.tensor('int64', BigInt64Array.from(ids, BigInt), [1, V]);
  const run = await session.run({ input_ids: feed });
  const { data } = run[session.outputNames[0]!]!;
  return style.float === 'float16' ? fromFloat16(data as Uint16Array) : (data as Float32Array);
}

/** Files that are read by ranges, and that no session can be given. */
function rangesOnly(source: FileSource): { source: FileSource; bytes: () => number } {
  let read = 0;
  return {
    bytes: () => read,
    source: {
      ...source,
      open: async (path) => {
        const file = await source.open!(path);
        return (
          file && {
            size: file.size,
            read: (offset, length) => {
              read += length;
              return file.read(offset, length);
            },
            data: { file: '/nowhere' },
          }
        );
      },
    },
  };
}

/** As a browser has them. */
const blobs = (files: Files): FileSource => ({
  ...sourceOf(files),
  open: async (path) => {
    const bytes = files.get(path);
    if (bytes === undefined) return undefined;
    const data = new Blob([bytes as Uint8Array<ArrayBuffer>]);
    const read = async (offset: number, length: number) =>
      new Uint8Array(await data.slice(offset, offset + length).arrayBuffer());
    return { size: data.size, read, data };
  },
});

const row = (values: Float32Array, id: number, width: number) => values.slice(id * width, (id + 1) * width);

describe('token embeddings', () => {
  const ids = [7, 0, V - 1, 7, 3, 4, 5];

  it.each(ZOO)('$name: are what the lookup gives', async (style) => {
    const table = await wholeTable(style);
    const wanted = ids.flatMap((id) => [...row(table, id, H)]);
    const { source } = rangesOnly(blobs(zooFolder(style)));
    const model = await loadBaseModel({ source, dtypes: ['fp32'] });
    expect([...(await model.tokenEmbeddings(runtime, ids))]).toEqual(wanted);
    expect([...(await model.tokenEmbeddings(withoutGather, ids))]).toEqual(wanted);
    expect(await model.tokenEmbeddings(runtime, [])).toHaveLength(0);
  });

  it.each([
    'int8',
    'dequantized',
  ] as const)('%s table whose bytes are varints: a session over all of it', async (embedding) => {
    const style: ZooStyle = { name: 'varints', embedding };
    const { model: original } = buildZoo(style);
    const initializers = original.graph.initializers.map(({ rawData, ...tensor }) => {
      if (tensor.name !== 'table_int8') return { ...tensor, ...(rawData && { rawData }) };
      const writer = new PbfWriter();
      for (const v of new Int8Array(rawData!)) writer.writeVarint(v);
      return { ...tensor, int32Data: writer.finish() };
    });
    const bytes = writeOnnx({ ...original, graph: { ...original.graph, initializers } });
    const files = new Map([...zooFolder(style), ['onnx/model.onnx', bytes] as const]);
    const model = await loadBaseModel({ source: blobs(files), dtypes: ['fp32'] });
    const table = await wholeTable(style);
    expect([...(await model.tokenEmbeddings(runtime, ids))]).toEqual(
      ids.flatMap((id) => [...row(table, id, H)]),
    );
  });

  it('of an id beyond the table are refused', async () => {
    const model = await loadBaseModel({ source: sourceOf(zooFolder(ZOO[0]!)), dtypes: ['fp32'] });
    for (const id of [-1, V, 1.5]) {
      await expect(model.tokenEmbeddings(runtime, [3, id])).rejects.toThrow(
        `token id ${id}, expected a whole number from 0 to 39`,
      );
    }
  });
});

describe.skipIf(!hasShared)(`token embeddings of stories260k${sharedNote}`, () => {
  const load = (folder: string, dtype: Dtype) =>
    loadBaseModel({
      source: rangesOnly(createFolderSource(sharedPath(`models/${folder}`))).source,
      dtypes: [dtype],
    });
  const ids = [511, 0, 260, 261, 13];
  const { graph } = hasShared
    ? readOnnx(readShared('models/stories260k/onnx/model.onnx'), 'm')
    : { graph: { initializers: [] } };
  const raw = graph.initializers.find((t) => t.name === 'model.embed_tokens.weight')?.rawData;
  const table = new Float32Array(Uint8Array.from(raw ?? []).buffer);
  const wanted = ids.flatMap((id) => [...row(table, id, 64)]);

  it.each([
    ['stories260k', 'fp32'],
    ['stories260k-external', 'fp32'],
    ['stories260k-position-ids', 'fp32'],
    ['stories260k-q4-gather', 'q4'],
  ] as const)('%s, %s: the float table', async (folder, dtype) => {
    const model = await load(folder, dtype);
    expect([...(await model.tokenEmbeddings(runtime, ids))]).toEqual(wanted);
    const rms = Math.sqrt(table.reduce((sum, v) => sum + v * v, 0) / table.length);
    expect(await model.embeddingRms(runtime)).toBeCloseTo(rms, 6);
  });

  it('in 4 bits: at most half a step from the float table', async () => {
    const values = await (await load('stories260k', 'q4')).tokenEmbeddings(runtime, ids);
    for (let block = 0; block < values.length; block += 32) {
      const floats = wanted.slice(block, block + 32);
      // Symmetric, 8 = zero: the largest has 8 steps.
      const step = Math.max(...floats.map(Math.abs)) / 8;
      const errors = floats.map((v, i) => Math.abs(v - values[block + i]!));
      expect(Math.max(...errors)).toBeLessThan(step * 1.001);
      expect(Math.max(...errors)).toBeGreaterThan(0);
    }
  });
});

describe.skipIf(!hasShared)(`token embeddings of SmolLM2${sharedNote}`, () => {
  const folder = sharedPath('models/smollm2-135m-instruct');

  it('8 bits shared with the head: by ranges, with the RMS that PyTorch has over all rows', async () => {
    const { source, bytes } = rangesOnly(createFolderSource(folder));
    const model = await loadBaseModel({ source, dtypes: ['q4'] });
    const before = bytes();
    const ends = await model.tokenEmbeddings(runtime, [49_151, 0]);
    expect(bytes() - before).toBe(2 * (576 + 18 * 4 + 18));
    expect(await model.tokenEmbeddings(withoutGather, [49_151, 0])).toEqual(ends);
    // 9,973 is a prime: in a wild order, every row once.
    const ids = Array.from({ length: 49_152 }, (_, i) => (i * 9_973) % 49_152);
    const all = await model.tokenEmbeddings(runtime, ids);
    expect([...row(all, 0, 576)]).toEqual([...row(ends, 1, 576)]);
    const { token_embedding_rms: expected } = JSON.parse(
      new TextDecoder().decode(readShared('reference/smollm2-reference.json')),
    );
    const rms = Math.sqrt(all.reduce((sum, v) => sum + v * v, 0) / all.length);
    expect(rms).toBeCloseTo(expected, 6);
    expect(await model.embeddingRms(runtime)).toBeCloseTo(expected, 3);
  });
});
