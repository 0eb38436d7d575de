import { fileURLToPath } from 'node:url';
import { beforeAll, describe, expect, it } from 'vitest';
import { type BaseModel, loadBaseModel } from '../model/base-model.ts';
import { createNodeRuntime } from '../runtime/node-runtime.ts';
import { createWasmRuntime } from '../runtime/web-runtime.ts';
import type { FileSource } from '../storage/file-source.ts';
import { createFolderSource } from '../storage/folder-source.ts';
import { hasShared, sharedNote, sharedPath, softReference } from '../testing/shared.ts';
import { Decoder, type TokenRun } from './decoder.ts';
import { argmax } from './sampling.ts';

const load = (folder: string, dtype: 'fp32' | 'q4' = 'fp32'): Promise<BaseModel> =>
  loadBaseModel({ source: inMemory(createFolderSource(sharedPath(`models/${folder}`))), dtypes: [dtype] });
/** The model that ships with the library. */
const loadShipped = () =>
  loadBaseModel({
    source: createFolderSource(fileURLToPath(new URL('../../public/models/e2p-tiny', import.meta.url))),
    dtypes: ['fp32'],
  });
/** As the browser has files, which WASM can take. */
const inMemory = ({ name, read }: FileSource): FileSource => ({ name, read });

const maxDifference = (a: ArrayLike<number>, b: ArrayLike<number>): number =>
  Array.from(a).reduce((max, v, i) => Math.max(max, Math.abs(v - b[i]!)), 0);

const cosine = (a: readonly number[], b: readonly number[]): number => {
  const dot = (x: readonly number[], y: readonly number[]) => x.reduce((sum, v, i) => sum + v * y[i]!, 0);
  return dot(a, b) / Math.sqrt(dot(a, a) * dot(b, b));
};

/** The prompt of a reference case with its vector as a soft token under placeholder id 0. */
const withVector = (c: ReturnType<typeof softReference>['cases'][number]): TokenRun => ({
  ids: [...c.prompt_ids.slice(0, c.insert_at), 0, ...c.prompt_ids.slice(c.insert_at)],
  soft: new Map([[c.insert_at, Float32Array.from(c.vector)]]),
});

async function logitsOf(decoder: Decoder, run: TokenRun): Promise<Float32Array> {
  const empty = decoder.emptyCache();
  const { cache, logits } = await decoder.read(empty, run);
  empty.release();
  cache.release();
  return logits;
}

describe.skipIf(!hasShared)(`soft tokens against PyTorch${sharedNote}`, () => {
  const runtimes = { node: createNodeRuntime(), wasm: undefined as never };
  beforeAll(async () => {
    runtimes.wasm = (await createWasmRuntime('a test')) as never;
  });

  for (const [device, folder] of [
    ['node', 'stories260k'],
    ['node', 'stories260k-position-ids'],
    ['node', 'stories260k-external'],
    ['wasm', 'stories260k'],
    ['wasm', 'stories260k-position-ids'],
  ] as const) {
    it(`${folder} on ${device}: logits to 1e-4 at every place, and the same greedy text`, async () => {
      const decoder = await Decoder.create(await load(folder), runtimes[device]);
      for (const c of softReference().cases) {
        let { cache, logits } = await decoder.read(decoder.emptyCache(), withVector(c));
        expect(maxDifference(logits, c.expected_last_logits), c.id).toBeLessThan(1e-4);
        const greedy: number[] = [];
        for (;;) {
          greedy.push(argmax(logits));
          if (greedy.length === 16) break;
          ({ cache, logits } = await decoder.read(cache, { ids: greedy.slice(-1) }));
        }
        expect(greedy, c.id).toEqual(c.greedy_next_16_ids);
      }
    });
  }

  it('the same in chunks of 4 tokens, with the soft token in any of them', async () => {
    const runtime = { ...runtimes.node, prefillChunk: 4, lost: false };
    const decoder = await Decoder.create(await load('stories260k'), runtime);
    for (const c of softReference().cases) {
      const logits = await logitsOf(decoder, withVector(c));
      expect(maxDifference(logits, c.expected_last_logits), c.id).toBeLessThan(1e-4);
    }
  });

  it.each([
    'stories260k',
    'stories260k-q4-gather',
  ])('%s in 4 bits: a vector moves the logits as it does in float32, but for rounding', async (folder) => {
    const exact = await Decoder.create(await load('stories260k'), runtimes.node);
    const decoder = await Decoder.create(await load(folder, 'q4'), runtimes.node);
    const cosines: number[] = [];
    for (const c of softReference().cases) {
      const plain = { ids: c.prompt_ids };
      const [with4, without4] = [await logitsOf(decoder, withVector(c)), await logitsOf(decoder, plain)];
      const without = await logitsOf(exact, plain);
      cosines.push(
        cosine(
          c.expected_last_logits.map((v, i) => v - without[i]!),
          [...with4].map((v, i) => v - without4[i]!),
        ),
      );
    }
    expect(cosines.toSorted((a, b) => a - b)[cosines.length >> 1]).toBeGreaterThan(0.9);
  });

  it("a token's own embedding as a soft token equals the token, in 4 bits too", async () => {
    for (const dtype of ['fp32', 'q4'] as const) {
      const model = await load('stories260k', dtype);
      const decoder = await Decoder.create(model, runtimes.node);
      const c = softReference().cases.find((one) => one.token_id !== null)!;
      const [before, after] = [c.prompt_ids.slice(0, 1), c.prompt_ids.slice(1)];
      const asToken = await logitsOf(decoder, { ids: [...before, c.token_id!, ...after] });
      const ignored = await logitsOf(decoder, { ids: [...before, 0, ...after] });
      const vector = dtype === 'fp32' ? Float32Array.from(c.vector) : await rowOf(decoder, c.token_id!);
      const asVector = await logitsOf(decoder, {
        ids: [...before, 0, ...after],
        soft: new Map([[1, vector]]),
      });
      expect(maxDifference(asVector, asToken)).toBeLessThan(1e-6);
      expect(maxDifference(asVector, ignored)).toBeGreaterThan(0.1);
    }
  });
});

describe('reading tokens', () => {
  it('refuses what does not fit the context and stays usable', async () => {
    const decoder = await Decoder.create(await loadShipped(), createNodeRuntime());
    const empty = decoder.emptyCache();
    const tooLong = decoder.read(empty, { ids: new Array(513).fill(5) });
    await expect(tooLong).rejects.toMatchObject({ code: 'context-overflow' });
    await expect(tooLong).rejects.toThrow('513 tokens do not fit the context of 512');
    const { logits } = await decoder.read(empty, { ids: [1, 403] });
    expect(logits).toHaveLength(2048);
  });

  it('a failed run leaves the next one right', async () => {
    const decoder = await Decoder.create(await loadShipped(), createNodeRuntime());
    const good = await logitsOf(decoder, { ids: [1, 403, 407] });
    await expect(logitsOf(decoder, { ids: [1, 99_999] })).rejects.toMatchObject({ code: 'runtime-failed' });
    expect(await logitsOf(decoder, { ids: [1, 403, 407] })).toEqual(good);
  });

  it('scores a text as the product of its steps, in one chunk or in several', async () => {
    const ids = [1, 403, 407, 261, 378, 432, 383];
    const model = await loadShipped();
    const whole = await Decoder.create(model, createNodeRuntime());
    const pieces = await Decoder.create(model, { ...createNodeRuntime(), prefillChunk: 2, lost: false });
    const expected: number[] = [];
    for (let i = 3; i < ids.length; i++) {
      const logits = await logitsOf(whole, { ids: ids.slice(0, i) });
      const sum = logits.reduce((total, v) => total + Math.exp(v), 0);
      expected.push(logits[ids[i]!]! - Math.log(sum));
    }
    for (const decoder of [whole, pieces]) {
      expect(maxDifference(await decoder.score({ ids }, 3), expected)).toBeLessThan(1e-4);
    }
  });

  it('scores several endings of one beginning, which is read once, with a soft token in it or behind it', async () => {
    const decoder = await Decoder.create(await loadShipped(), createNodeRuntime());
    const soft = new Map(
      [1, 3].map((at) => [at, Float32Array.from({ length: 128 }, (_, i) => Math.sin(i + at))]),
    );
    const endings = [[261, 378], [432, 383, 261], [500]].map((end) => ({
      ids: [1, 0, 407, 0, ...end],
      soft,
    }));
    const { cache: read } = await decoder.read(decoder.emptyCache(), { ids: [1, 0, 407], soft });
    for (const run of endings) {
      const scores = await decoder.score(run, 4, { read });
      expect(maxDifference(scores, await decoder.score(run, 4))).toBeLessThan(1e-5);
    }
    expect(read.feeds).toBeDefined();
    await expect(decoder.score(endings[0]!, 3, { read })).rejects.toThrow(
      '3 tokens were read, expected fewer',
    );
    const tooLong = decoder.score({ ids: new Array(513).fill(5) }, 4, { read });
    await expect(tooLong).rejects.toMatchObject({ code: 'context-overflow' });
  });

  it('stops between chunks when aborted, and the cache it was given is still whole', async () => {
    const runtime = { ...createNodeRuntime(), prefillChunk: 2, lost: false };
    const decoder = await Decoder.create(await loadShipped(), runtime);
    const start = (await decoder.read(decoder.emptyCache(), { ids: [1, 403] })).cache;
    const controller = new AbortController();
    const read = decoder.read(
      start,
      { ids: [407, 261, 378, 432] },
      { signal: controller.signal, onProgress: () => controller.abort() },
    );
    await expect(read).rejects.toMatchObject({ name: 'AbortError' });
    const { cache } = await decoder.read(start, { ids: [407] });
    expect(cache.length).toBe(3);
  });
});

/** A row of the q4 table as the graph itself dequantises it: run the lookup alone. */
async function rowOf(decoder: Decoder, id: number): Promise<Float32Array> {
  const { readOnnx, writeOnnx } = await import('../onnx/onnx-file.ts');
  const { makeValueInfo } = await import('../onnx/builder.ts');
  const { readShared } = await import('../testing/shared.ts');
  const model = readOnnx(readShared('models/stories260k/onnx/model_q4.onnx'));
  const { ids, embedding } = decoder.model.facts;
  const nodes = model.graph.nodes.filter((n) => n.outputs.includes(embedding.value));
  const graph = {
    ...model.graph,
    nodes,
    inputs: model.graph.inputs.filter((i) => i.name === ids.name),
    outputs: [makeValueInfo(embedding.value, 'float32')],
    valueInfo: [],
  };
  const session = await decoder.runtime.createSession(writeOnnx({ ...model, graph }));
  const feeds = { [ids.name]: decoder.runtime.tensor('int64', BigInt64Array.of(BigInt(id)), [1, 1]) };
  return (await session.run(feeds))[embedding.value]!.data as Float32Array;
}
