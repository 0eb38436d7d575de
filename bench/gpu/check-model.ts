/** One model on the GPU and on the CPU of the same browser: does it compute the same, and how fast. */

import { Decoder } from '../../src/generate/decoder.ts';
import { argmax } from '../../src/generate/sampling.ts';
import type { BaseModel, Runtime } from '../../src/node.ts';
import { TRAINING } from '../../src/onnx/training-graph.ts';
import { callsPerStep, type GpuCalls } from '../../src/testing/gpu-calls.ts';
import { floatsOf, integersOf } from '../../src/testing/zoo/zoo-gradient.ts';
import { trainingModel } from '../../src/train/training-model.ts';
import type { DecodeWay, DeviceTimes, ModelFound } from './report.ts';

const PREFILLS = [16, 128, 512] as const;
const CONTEXTS = [32, 256, 1024] as const;
/** Runs of each length; the first compiles shaders and is left out. */
const ROUNDS = { webgpu: 7, other: 2 } as const;
const STEPS = { webgpu: 32, other: 8 } as const;
const GREEDY = 64;
const TRAINING_ROWS = { batch: 4, length: 64, targets: 16, softTokens: 4 } as const;

export interface ModelCheck {
  readonly model: BaseModel;
  readonly gpu: Runtime;
  readonly cpu: Runtime;
  /** Of an ordinary text, 1,100 at least. */
  readonly ids: readonly number[];
  readonly train: boolean;
  /** Of the check itself: little of everything. */
  readonly smoke: boolean;
  readonly log: (what: string) => void;
  /** Of WebGPU so far. */
  readonly calls: () => GpuCalls;
}

export async function checkModel(check: ModelCheck): Promise<ModelFound> {
  const { model, gpu, cpu, ids, log } = check;
  const { facts } = model;
  const started = performance.now();
  const onGpu = await Decoder.create(model, gpu);
  const createdGpu = performance.now();
  const onCpu = await Decoder.create(model, cpu);
  const createdCpu = performance.now();
  log('differences');
  const differences = await compare(check, onGpu, onCpu);
  log('greedy');
  const greedy = await compareGreedy(ids.slice(0, 24), onGpu, onCpu, check.smoke ? 2 : GREEDY);
  const times: DeviceTimes[] = [];
  for (const [decoder, createMs] of [
    [onGpu, createdGpu - started],
    [onCpu, createdCpu - createdGpu],
  ] as const) {
    log(`times, ${decoder.runtime.device}`);
    times.push(await timesOf(decoder, ids, createMs, check.smoke));
  }
  await onGpu.release();
  await onCpu.release();
  const ways: DecodeWay[] = [];
  for (const way of ['repeated', 'in place', 'copied'] as const) {
    log(`decoding, ${way}`);
    ways.push(await decodeWay(check, way));
  }
  log('training');
  return {
    ...{ name: model.name, dtype: model.dtype, activations: facts.activationType },
    ...{ layers: facts.cache.length / 2, hiddenSize: facts.hiddenSize, vocabulary: facts.head.columns },
    ...{ differences, greedy, times, ways },
    ...(check.train && { training: await compareTraining(model, gpu, cpu, ids) }),
  };
}

async function compare({ model, gpu, ids, smoke }: ModelCheck, onGpu: Decoder, onCpu: Decoder) {
  const prompt = ids.slice(0, Math.min(smoke ? 40 : 300, model.config.contextLength));
  const expected = await lastLogits(onCpu, { ids: prompt });
  const pieces: Record<number, number> = {};
  for (const length of [31, 128, 300]) {
    pieces[length] = apart(await readInPieces(onGpu, length, prompt), expected);
  }
  const at = 5;
  const soft = (vector: Float32Array) => ({
    ids: ids.slice(0, 24).with(at, 0),
    soft: new Map([[at, vector]]),
  });
  const own = await model.tokenEmbeddings(gpu, [ids[at]!]);
  const other = own.map((v, i) => v + Math.sin(i) * Math.abs(v));
  return {
    pieces,
    ownEmbedding: apart(
      await lastLogits(onGpu, soft(own)),
      await lastLogits(onGpu, { ids: ids.slice(0, 24) }),
    ),
    softToken: apart(await lastLogits(onGpu, soft(other)), await lastLogits(onCpu, soft(other))),
  };
}

async function lastLogits(
  decoder: Decoder,
  run: Parameters<Decoder['read']>[1],
): Promise<Float32Array<ArrayBuffer>> {
  const { cache, logits } = await decoder.read(decoder.emptyCache(), run);
  cache.release();
  return new Float32Array(logits);
}

async function readInPieces(decoder: Decoder, piece: number, ids: readonly number[]): Promise<Float32Array> {
  let cache = decoder.emptyCache();
  let logits = new Float32Array(0);
  for (let from = 0; from < ids.length; from += piece) {
    const part = ids.slice(from, from + piece);
    const all = await decoder.readAll({ ids: part }, cache);
    cache.release();
    cache = all.cache;
    logits = all.logits.slice(all.logits.length - decoder.model.facts.head.columns);
  }
  cache.release();
  return logits;
}

/** Largest difference, of the largest value. */
function apart(found: Float32Array, expected: Float32Array): number {
  const scale = expected.reduce((most, v) => Math.max(most, Math.abs(v)), 0);
  return expected.reduce((most, v, i) => Math.max(most, Math.abs(v - (found[i] ?? Number.NaN))), 0) / scale;
}

async function compareGreedy(prompt: readonly number[], gpu: Decoder, cpu: Decoder, of: number) {
  let [a, b] = [
    await gpu.read(gpu.emptyCache(), { ids: prompt }),
    await cpu.read(cpu.emptyCache(), { ids: prompt }),
  ];
  const end = (same: number, margin?: number) => {
    for (const { cache } of [a, b]) cache.release();
    return { same, of, ...(margin !== undefined && { margin }) };
  };
  for (let same = 0; same < of; same++) {
    const [left, right] = [argmax(a.logits), argmax(b.logits)];
    if (left !== right) return end(same, b.logits[right]! - b.logits[left]!);
    const before = [a.cache, b.cache];
    a = await gpu.read(a.cache, { ids: [left] });
    b = await cpu.read(b.cache, { ids: [left] });
    for (const cache of before) cache.release();
  }
  return end(of);
}

async function timesOf(
  decoder: Decoder,
  ids: readonly number[],
  createMs: number,
  smoke: boolean,
): Promise<DeviceTimes> {
  const { model, runtime } = decoder;
  const rounds = runtime.backend === 'webgpu' && !smoke ? ROUNDS.webgpu : ROUNDS.other;
  const vector = await model.tokenEmbeddings(runtime, [ids[0]!]);
  const softRun = (length: number) => ({
    ids: ids.slice(0, length),
    soft: new Map([4, 5, 6, 7].map((at) => [at, vector] as const)),
  });
  const prefillMs: Record<number, number> = {};
  const softPrefillMs: Record<number, number> = {};
  const longest = smoke ? 64 : model.config.contextLength;
  const fits = (length: number) => length <= longest;
  for (const length of PREFILLS.filter(fits)) {
    const [plain, soft]: [number[], number[]] = [[], []];
    for (let round = 0; round < rounds; round++) {
      plain.push(await timed(() => lastLogits(decoder, { ids: ids.slice(0, length) })));
      soft.push(await timed(() => lastLogits(decoder, softRun(length))));
    }
    prefillMs[length] = median(plain.slice(1));
    softPrefillMs[length] = median(soft.slice(1));
  }
  const { decodeMs } = await decodeTimes(decoder, ids, smoke);
  const { device, threads, prefillChunk } = runtime;
  return { device, threads, prefillChunk, createMs, prefillMs, softPrefillMs, decodeMs };
}

/** The steps of an answer, of which the highest logits are enough. */
async function decodeTimes(decoder: Decoder, ids: readonly number[], smoke: boolean, calls?: () => GpuCalls) {
  const { model, runtime } = decoder;
  const steps = runtime.backend === 'webgpu' && !smoke ? STEPS.webgpu : STEPS.other;
  const longest = smoke ? 64 : model.config.contextLength;
  const decodeMs: Record<number, number> = {};
  let perStep: GpuCalls | undefined;
  for (const context of CONTEXTS.filter((length) => length + steps <= longest)) {
    let { cache } = await decoder.readFew(decoder.emptyCache(), { ids: ids.slice(0, context) });
    const took: number[] = [];
    let before = calls?.();
    for (let i = 0; i < steps; i++) {
      // The first two compile, and bind what stays.
      if (i === 2) before = calls?.();
      const start = performance.now();
      const next = await decoder.readFew(cache, { ids: [ids[context + i]!] });
      cache.release();
      cache = next.cache;
      took.push(performance.now() - start);
    }
    if (before !== undefined) perStep ??= callsPerStep(before, calls!(), steps - 2);
    cache.release();
    decodeMs[context] = median(took.slice(2));
  }
  return { decodeMs, perStep };
}

/** The steps of an answer in one of the ways they can be run, and what they ask of WebGPU. */
export async function decodeWay(
  { model, gpu, ids, smoke, calls }: Pick<ModelCheck, 'model' | 'gpu' | 'ids' | 'smoke' | 'calls'>,
  way: DecodeWay['way'],
): Promise<DecodeWay> {
  const not = 'for comparison';
  const { cache, capture } = model.inPlace;
  const inPlace = {
    cache: way === 'copied' ? not : cache,
    capture: way === 'repeated' ? capture : not,
  };
  const decoder = await Decoder.create({ ...model, inPlace }, gpu);
  const { decodeMs, perStep } = await decodeTimes(decoder, ids, smoke, calls);
  await decoder.release();
  return { way, reason: decoder.reason, decodeMs, calls: perStep! };
}

async function timed(work: () => Promise<unknown>): Promise<number> {
  const start = performance.now();
  await work();
  return performance.now() - start;
}

const median = (values: readonly number[]) => values.toSorted((a, b) => a - b)[values.length >> 1]!;

async function compareTraining(model: BaseModel, gpu: Runtime, cpu: Runtime, ids: readonly number[]) {
  const { batch, length, targets, softTokens } = TRAINING_ROWS;
  const { hiddenSize } = model.facts;
  const rows = Array.from({ length: batch }, (_, row) => ids.slice(row * length, (row + 1) * length));
  const predicting = Array.from({ length: targets }, (_, i) => length - targets - 1 + i);
  const soft = Float32Array.from({ length: batch * softTokens * hiddenSize }, (_, i) => Math.sin(i) / 8);
  const run = async (runtime: Runtime) => {
    const session = await trainingModel(model).createTrainingSession(runtime, TRAINING_ROWS);
    const feeds = () => ({
      [TRAINING.ids]: integersOf(runtime, rows.flat(), [batch, length]),
      [TRAINING.soft]: floatsOf(runtime, soft, [batch, softTokens, hiddenSize]),
      [TRAINING.softPositions]: integersOf(
        runtime,
        rows.flatMap(() => [3, 4, 5, 6]),
        [batch, softTokens],
      ),
      [TRAINING.predicting]: integersOf(
        runtime,
        rows.flatMap(() => predicting),
        [batch, targets],
      ),
      [TRAINING.targets]: integersOf(
        runtime,
        rows.flatMap((row) => predicting.map((at) => row[at + 1]!)),
        [batch, targets],
      ),
      [TRAINING.weights]: floatsOf(runtime, Array(batch * targets).fill(1), [batch, targets]),
    });
    const once = () => session.run(feeds());
    const out = await once();
    const took = [await timed(once), await timed(once), await timed(once)];
    const found = {
      loss: Number(out[TRAINING.loss]!.data[0]),
      gradient: new Float32Array(out[TRAINING.gradient]!.data as Float32Array),
      ms: median(took),
    };
    await session.release();
    return found;
  };
  const [found, expected] = [await run(gpu), await run(cpu)];
  const difference = Math.hypot(...found.gradient.map((v, i) => v - expected.gradient[i]!));
  return {
    lossDifference: Math.abs(found.loss - expected.loss) / expected.loss,
    gradientDifference: difference / Math.hypot(...expected.gradient),
    ...{ batch, length, gpuMs: found.ms, cpuMs: expected.ms },
  };
}
