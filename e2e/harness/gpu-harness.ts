/** What the library does with buffers of its own on the GPU, on a page's main thread, with every call to WebGPU counted. */
import { Decoder } from '../../src/generate/decoder.ts';
import type { KvCache } from '../../src/generate/kv-cache.ts';
import { loadBaseModel } from '../../src/model/base-model.ts';
import type { Findings } from '../../src/runtime/findings.ts';
import type { Highest } from '../../src/runtime/gpu-highest.ts';
import { WebGpuMemory } from '../../src/runtime/gpu-memory.ts';
import type { Runtime } from '../../src/runtime/runtime.ts';
import { createWasmRuntime, createWebRuntime, importWebGpu } from '../../src/runtime/web-runtime.ts';
import { callsPerStep, countGpuCalls, type GpuCalls } from '../../src/testing/gpu-calls.ts';
import { byRank, highestOn, type Rows } from '../../src/testing/highest-rows.ts';

async function highestOf(rows: Rows, type: 'float32' | 'float16') {
  const { Tensor } = await importWebGpu();
  const adapter = await navigator.gpu.requestAdapter();
  const device = await adapter!.requestDevice();
  const found = await highestOn(await WebGpuMemory.open(device, { Tensor } as never), rows, type);
  device.destroy();
  return found;
}

/** Whether a device is trusted to find the highest, where it compares the other way round. */
async function trustsWrongOrder(): Promise<boolean> {
  const { Tensor } = await importWebGpu();
  const adapter = await navigator.gpu.requestAdapter();
  const device = await adapter!.requestDevice();
  Object.assign(device, {
    createShaderModule: ({ code }: GPUShaderModuleDescriptor) =>
      GPUDevice.prototype.createShaderModule.call(device, {
        code: code.replace('keys[a] > keys[b]', 'keys[a] < keys[b]'),
      }),
  });
  const { selects } = await WebGpuMemory.open(device, { Tensor } as never);
  device.destroy();
  return selects;
}

const calls = countGpuCalls();

const LONG = Array.from({ length: 250 }, (_, i) => 3 + ((i * 389) % 990));
const OTHER = Array.from({ length: 45 }, (_, i) => 5 + ((i * 271) % 980));

type Folder = 'random' | 'window';
/** A model that the test serves. */
const load = (folder: Folder) =>
  loadBaseModel({
    source: {
      name: 'random weights',
      read: async (path) => {
        const response = await fetch(`/${folder}/${path}`);
        return response.ok ? new Uint8Array(await response.arrayBuffer()) : undefined;
      },
    },
    dtypes: ['q4'],
  });

/** A device on which what is repeated is not computed, and nothing says so. */
const withStaleRepeats = (runtime: Runtime): Runtime => ({
  ...runtime,
  lost: false,
  createSession: async (...args) => {
    const session = await runtime.createSession(...args);
    const recorded = new Set<number>();
    const run: typeof session.run = async (feeds, inPlace) => {
      const { graph } = inPlace ?? {};
      if (graph === undefined || !recorded.has(graph)) {
        if (graph !== undefined) recorded.add(graph);
        return session.run(feeds, inPlace);
      }
      inPlace?.before?.();
      await inPlace?.after?.();
      return {};
    };
    return { ...session, run };
  },
});

/** A model on the GPU, as `how` says. */
async function open(how: 'repeated' | 'in place' | 'copied', folder: Folder, findings?: Findings) {
  const loaded = await load(folder);
  const obstacle = 'a test wants it so';
  const inPlace = {
    cache: how === 'copied' ? obstacle : loaded.inPlace.cache,
    capture: how === 'copied' ? obstacle : loaded.inPlace.capture,
  };
  const runtime = how === 'in place' ? withStaleRepeats(await gpuRuntime()) : await gpuRuntime();
  return Decoder.create({ ...loaded, inPlace }, runtime, false, findings);
}

/** Opened twice: what is found of it, and how much is asked of the GPU for that. */
async function openTwice(how: 'repeated' | 'in place') {
  const known: Record<string, number> = {};
  const onFound: Findings['onFound'] = (key, found) => {
    known[key] = found;
  };
  const loads = [];
  for (let load = 0; load < 2; load++) {
    const before = calls().passes;
    const decoder = await open(how, 'random', { known, onFound, canReload: false });
    loads.push({
      ...{ reason: decoder.reason, passes: calls().passes - before },
      found: Object.entries(known).map(([key, value]) => [key.split(' | ').at(-2), value]),
    });
    await decoder.release();
  }
  return loads;
}

let opened: Promise<Runtime> | undefined;
const gpuRuntime = () =>
  (opened ??= createWebRuntime({
    device: 'webgpu',
    activationType: 'float32',
    attention: undefined,
    operators: [],
  }));

/** The most probable token that was not there yet, since weights of chance would say the same again and again; and its logit. */
const chosen = (logits: Float32Array | Highest, before: readonly number[]) => {
  const { ids, values } = 'ids' in logits ? logits : byRank(logits);
  const rank = ids.findIndex((id) => !before.includes(id));
  return [ids[rank]!, values[rank]!] as const;
};

/** Greedy tokens behind what was read, of which the cache is let go, and what the steps asked of the GPU. */
async function greedy(decoder: Decoder, begun: Awaited<ReturnType<Decoder['readFew']>>, count: number) {
  let read = begun;
  const tokens: number[] = [];
  const tops: number[] = [];
  const steps: GpuCalls[] = [];
  for (;;) {
    const [token, top] = chosen(read.logits, tokens);
    tops.push(top);
    if (tokens.push(token) === count) return { tokens, tops, steps, cache: read.cache };
    const before = calls();
    const next = await decoder.readFew(read.cache, { ids: tokens.slice(-1) });
    read.cache.release();
    read = next;
    steps.push(callsPerStep(before, calls(), 1));
  }
}

/** What sessions do with a decoder, one after the other and at once. */
async function talk(decoder: Decoder, length: number) {
  const read = (ids: readonly number[], before?: KvCache) =>
    decoder.readFew(before ?? decoder.emptyCache(), { ids });
  // Past 256 tokens, for which a first store has room.
  const long = await greedy(decoder, await read(LONG.slice(0, length)), 12);
  long.cache.wipe();
  const second = await greedy(decoder, await read(OTHER), 6);
  // Two go on behind the same text, at the same time.
  const base = second.cache;
  const branches = await Promise.all(
    [7, 900].map(async (id) => greedy(decoder, await read([id], base.retain()), 5)),
  );
  for (const { cache } of branches) cache.release();
  for (const _ of branches) base.release();
  // A question is taken back, and another one asked.
  const begun = base.beginning(30)!;
  const again = await greedy(decoder, await read(OTHER.slice(0, 9), begun), 5);
  for (const cache of [begun, again.cache, base]) cache.wipe();
  let batch = await decoder.readBatch([{ ids: OTHER.slice(0, 20) }, { ids: LONG.slice(0, 9) }]);
  const rows: number[][] = [];
  for (let i = 0; i < 4; i++) {
    rows.push(batch.logits.map((row) => chosen(row, rows.flat())[0]));
    const next = await decoder.readNext(batch.cache, rows.at(-1)!);
    batch.cache.release();
    batch = next;
  }
  batch.cache.wipe();
  const answers = [long, second, ...branches, again];
  const scores = [...(await decoder.score({ ids: OTHER.slice(0, 40) }, 5))];
  return {
    tokens: [...answers.map(({ tokens }) => tokens), ...rows],
    numbers: [...answers.flatMap(({ tops }) => tops), ...scores],
    steps: [...long.steps, ...second.steps],
  };
}

async function onGpu(how: Parameters<typeof open>[0], length: number, folder: Folder = 'random') {
  const decoder = await open(how, folder);
  const found = await talk(decoder, length);
  const rows = how === 'copied' ? undefined : await rowsLeft(decoder);
  await decoder.release();
  return { ...found, rows, reason: decoder.reason };
}

const onCpu = async (length: number, folder: Folder = 'random') =>
  talk(await Decoder.create(await load(folder), await createWasmRuntime('the reference')), length);

/** Of 20 positions, which still have a number that is not 0: held at 20 and at 12, at 12 alone, by nobody. */
async function rowsLeft(decoder: Decoder) {
  const long = await decoder.readFew(decoder.emptyCache(), { ids: OTHER.slice(0, 20) });
  const short = long.cache.beginning(12)!;
  const tensors = Object.values(short.feeds);
  const left = async () => {
    const rows = Array<boolean>(20).fill(false);
    for (const tensor of tensors) {
      const [, heads, capacity, size] = tensor.dims as [number, number, number, number];
      const values = await decoder.runtime.gpu!.read(tensor, heads * capacity * size);
      for (const [i, value] of values.entries()) {
        const row = Math.floor(i / size) % capacity;
        if (value !== 0) rows[row] = true;
      }
    }
    return rows;
  };
  const read = await left();
  long.cache.wipe();
  const longGone = await left();
  short.wipe();
  return { read, longGone, allGone: await left() };
}

const harness = { highestOf, trustsWrongOrder, openTwice, onGpu, onCpu };
export type GpuHarness = typeof harness;
Object.assign(globalThis, { gpuHarness: harness });
