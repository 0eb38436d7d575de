/** Parts of the engine on a page's main thread, for tests that need more than the public surface shows. */
import { Decoder } from '../../src/generate/decoder.ts';
import { loadDefaultModel } from '../../src/generate/default-model.ts';
import { Engine } from '../../src/generate/engine.ts';
import { LocalPersonalizer } from '../../src/generate/personalizer.ts';
import { argmax } from '../../src/generate/sampling.ts';
import { openUser, Personalizer } from '../../src/index.ts';
import { loadBaseModel } from '../../src/model/base-model.ts';
import type { Dtype } from '../../src/model/model-config.ts';
import { operatorsOf } from '../../src/onnx/inspect/inspect-graph.ts';
import { writeOnnx } from '../../src/onnx/onnx-file.ts';
import { createLanguageModel } from '../../src/prompt-api/index.ts';
import type { DeviceRequest } from '../../src/runtime/device-choice.ts';
import { checkOperators } from '../../src/runtime/operators.ts';
import type { Runtime } from '../../src/runtime/runtime.ts';
import {
  createWasmRuntime,
  createWebRuntime,
  importWebGpu,
  prepareFallback,
} from '../../src/runtime/web-runtime.ts';
import { withUrlFolder } from '../../src/storage/url-source.ts';
import { createMemoryStore } from '../../src/storage/weight-store.ts';
import { OPERATOR_SAMPLES, operatorSample } from '../../src/testing/operator-samples.ts';
import { type SoakWorld, soak } from '../../src/testing/soak.ts';
import { buildZoo } from '../../src/testing/zoo/zoo-decoder.ts';
import {
  embeddingTable,
  handFedReader,
  largestDifference,
  plainReader,
  softReader,
  someVector,
} from '../../src/testing/zoo/zoo-run.ts';
import { H, type ZooStyle } from '../../src/testing/zoo/zoo-style.ts';

export interface HarnessCase {
  readonly ids: readonly number[];
  readonly at: number;
  readonly vector: readonly number[];
}

/** Last logits for each case, and greedy tokens of the first; on the main thread. */
async function open(model: string, dtype: Dtype, device: DeviceRequest) {
  const base = new URL(model, location.href).href;
  const loaded = await withUrlFolder({ url: base, store: createMemoryStore() }, (source) =>
    loadBaseModel({ source, dtypes: [dtype] }),
  );
  const runtime = await createWebRuntime({
    device,
    activationType: loaded.facts.activationType,
    attention: loaded.config.attention,
    operators: loaded.facts.operators,
  });
  return { model: loaded, runtime };
}

async function softLogits(model: string, dtype: Dtype, device: DeviceRequest, cases: readonly HarnessCase[]) {
  const { model: loaded, runtime } = await open(model, dtype, device);
  const decoder = await Decoder.create(loaded, runtime);
  const logits: number[][] = [];
  const greedy: number[] = [];
  /** Of the first case, its end read behind a cut of the cache. */
  const again: number[] = [];
  let cacheLocation = '';
  for (const [i, { ids, at, vector }] of cases.entries()) {
    const soft = new Map([[at, Float32Array.from(vector)]]);
    const all = [...ids.slice(0, at), 0, ...ids.slice(at)];
    let step = await decoder.read(decoder.emptyCache(), { ids: all, soft });
    logits.push([...step.logits]);
    // What a cut of the cache holds: the soft token, and two tokens behind it.
    if (i === 0) {
      const begun = step.cache.beginning(at + 3)!;
      again.push(...(await decoder.read(begun, { ids: all.slice(at + 3) })).logits);
    }
    cacheLocation = Object.values(step.cache.feeds)[0]!.location;
    for (let n = 0; i === 0 && n < 4; n++) {
      greedy.push(argmax(step.logits));
      if (n < 3) step = await decoder.read(step.cache, { ids: greedy.slice(-1) });
    }
  }
  return { logits, again, greedy, cacheLocation, device: runtime.device, prefillChunk: runtime.prefillChunk };
}

/** When a GPU goes away: at a run of the model (the prompt is read in several, then a token in each), before it or so much later. */
export interface Loss {
  readonly run: number;
  readonly afterMs: number | undefined;
  /** Counted from where the model is tried on the device. */
  readonly atLoad?: boolean;
}

/** A GPU that goes away in the middle of a text, as after a driver reset; and the text of a CPU alone. */
async function loseDevice(model: string, dtype: Dtype, prompt: string, loss: Loss) {
  const { run: lastRun, afterMs, atLoad = false } = loss;
  const { model: loaded, runtime } = await open(model, dtype, 'webgpu');
  const { env } = await importWebGpu();
  const gpu = (await env.webgpu.device) as GPUDevice;
  const fallback = await prepareFallback(loaded.facts.operators);
  let runs = 0;
  let counts = atLoad;
  const fragile: Runtime = Object.create(runtime, {
    createSession: {
      value: async (...args: Parameters<Runtime['createSession']>) => {
        const session = await runtime.createSession(...args);
        const run: typeof session.run = (...args) => {
          if (counts) runs++;
          const isLast = counts && runs === lastRun;
          if (isLast && afterMs === undefined) gpu.destroy();
          else if (isLast) setTimeout(() => gpu.destroy(), afterMs);
          return session.run(...args);
        };
        return { ...session, run };
      },
    },
  });
  const write = async (engine: Engine) => {
    const personalizer = new LocalPersonalizer(engine, undefined);
    const session = await personalizer.createSession();
    const text = await session.prompt(prompt, { maxTokens: 8, temperature: 0 });
    return { text, device: personalizer.device };
  };
  const expected = await write(
    await Engine.create({ model: loaded, runtime: await fallback('for comparison') }),
  );
  const engine = await Engine.create({ model: loaded, runtime: fragile, fallback });
  counts = true;
  return {
    ...(await write(engine)),
    expected: expected.text,
  };
}

/** Each style of the zoo: largest differences of logits (see `src/onnx/zoo.test.ts`, which does this in Node). */
async function zooParity(device: 'wasm' | 'webgpu', styles: readonly ZooStyle[]) {
  const results: { name: string; own: number; byHand: number; changed: number }[] = [];
  for (const style of styles) {
    const zoo = buildZoo(style);
    const runtime = await createWebRuntime({
      device,
      activationType: 'float32',
      attention: undefined,
      operators: operatorsOf(zoo.model.graph),
    });
    const table = await embeddingTable(style, runtime);
    const soft = await softReader(zoo, runtime);
    const byId = await (await plainReader(zoo, runtime))([{ ids: [3, 17, 4] }, { ids: [39] }]);
    const ownRow = new Map([[1, table.slice(17 * H, 18 * H)]]);
    const own = await soft([{ ids: [3, 0, 4], soft: ownRow }, { ids: [39] }]);
    const pieces = [{ ids: [3, 0, 4], soft: new Map([[1, someVector('a')]]) }, { ids: [39] }];
    const vector = await soft(pieces);
    const byHand = await (await handFedReader(style, runtime, table))(pieces);
    results.push({
      name: style.name,
      own: largestDifference(own, byId),
      byHand: largestDifference(vector, byHand),
      changed: largestDifference(vector, byId),
    });
  }
  return results;
}

/**
 * Samples of operators that a session can't be made of, on a backend: `told` by our table, and `found` by onnxruntime.
 * `streaming`: on the CPU of the bundle for JSPI.
 */
async function missingOperators(backend: 'wasm' | 'streaming' | 'webgpu') {
  const runtime = await (backend === 'webgpu'
    ? createWebRuntime({ device: 'webgpu', activationType: 'float32', attention: undefined, operators: [] })
    : createWasmRuntime('a test', backend === 'streaming' ? { operators: [] } : {}));
  const told: string[] = [];
  const found: string[] = [];
  const why: string[] = [];
  for (const [name, sample] of Object.entries(OPERATOR_SAMPLES)) {
    const note = (list: string[]) => (error: unknown) => {
      list.push(name);
      why.push((error as Error).message);
    };
    const check = async () => checkOperators([sample.operator], runtime, 'model.onnx');
    await check().catch(note(told));
    await runtime.createSession(writeOnnx(operatorSample(sample))).catch(note(found));
  }
  return { told, found, why };
}

/**
 * As shares of the soak: how long an engine lasts before its frame is taken out of the page, and until when that happens. The last one goes on to the
 * end, so that its memory is looked at for long enough.
 */
const [ENGINE_LASTS, CRASHES_UNTIL] = [1 / 24, 1 / 4];

/** The sealed engine, and a vault, under a soak. `letRunsFail` reaches into the engine that is there, from outside the page. */
async function soakPublic(model: string, seconds: number, letRunsFail: () => Promise<void>) {
  const { readers, stories } = await loadDefaultModel();
  const user = await openUser({ policyVersion: '1', name: 'soak' });
  await user.consent.grant('personalise');
  await user.embedding.set(readers[0]!.embedding);
  const create = () =>
    Personalizer.create({
      ...{ model, projector: `${model}/projector.safetensors`, device: 'wasm', user },
      // From the device, where an engine was there before.
      persist: false,
    });
  let personalizer = await create();
  let crashed = 0;
  let [began, born] = [0, 0];
  const world: SoakWorld = {
    createSession: (options) => personalizer.createSession(options),
    setUser: async (index) => {
      await user.consent.grant('personalise');
      // A vault is one person's: sessions would go on with a newer embedding.
      await user.embedding.delete(personalizer.space!.id);
      await user.embedding.set(readers[index]!.embedding);
    },
    users: 3,
    prompts: stories.slice(0, 3),
    endings: [
      { code: 'no-user', end: () => personalizer.user.clear() },
      { code: 'consent-required', end: () => user.consent.withdraw('personalise') },
      {
        code: 'runtime-failed',
        message: 'the engine worker stopped: its frame was taken out',
        end: async () => {
          const now = performance.now();
          const isOld = now - born > 1000 * seconds * ENGINE_LASTS;
          if (!isOld || now - began > 1000 * seconds * CRASHES_UNTIL) return;
          document.querySelector('html > iframe')!.remove();
          await personalizer.destroy();
          personalizer = await create();
          await letRunsFail();
          crashed++;
          born = performance.now();
        },
      },
    ],
  };
  const onReady = async () => {
    await letRunsFail();
    began = performance.now();
    born = began;
  };
  const report = await soak(world, { seconds, random: Math.random, onReady });
  await personalizer.destroy();
  return { report, crashed, frames: document.querySelectorAll('iframe').length };
}

const harness = {
  soakPublic,
  createLanguageModel,
  openUser,
  missingOperators,
  zooParity,
  softLogits,
  loseDevice,
  Personalizer,
};
export type Harness = typeof harness;
Object.assign(globalThis, { harness });
