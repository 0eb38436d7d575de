/** The page of the GPU check: what `plan.json` asks for, one finding after the other, told to the server as it is found. */
import { Personalizer } from '../../src/index.ts';
import { loadBaseModel } from '../../src/model/base-model.ts';
import type { Dtype } from '../../src/model/model-config.ts';
import { createWasmRuntime, createWebRuntime } from '../../src/runtime/web-runtime.ts';
import type { FileSource } from '../../src/storage/file-source.ts';
import { checkExport } from '../../src/testing/exports/check-export.ts';
import { type ExportRow, folderOf } from '../../src/testing/exports/structure-folder.ts';
import { countGpuCalls } from '../../src/testing/gpu-calls.ts';
import type { DemoPeople } from '../../tools/smollm2/demo-people.ts';
import { checkModel } from './check-model.ts';
import type { Finding, Plan } from './plan.ts';
import { randomModel } from './random-model.ts';
import type { PlacementFound, TextFound } from './report.ts';

const tell = (finding: Finding) => fetch('/found', { method: 'POST', body: JSON.stringify(finding) });
const log = (text: string) => tell({ kind: 'log', text });
const calls = countGpuCalls();
const getJson = async (path: string) => (await fetch(path)).json();

/** A failure is a finding: the others go on. */
async function step(name: string, work: () => Promise<void>): Promise<void> {
  await log(name);
  try {
    await work();
  } catch (error) {
    const text = error instanceof Error ? `${error.message}\n${error.stack}` : String(error);
    await tell({ kind: 'failures', found: { step: name, error: text } });
  }
}

async function run(): Promise<void> {
  const plan = (await getJson('/plan.json')) as Plan;
  const adapter = await navigator.gpu?.requestAdapter({ powerPreference: 'high-performance' });
  if (!adapter || (adapter.info.isFallbackAdapter && !plan.smoke)) {
    const what = adapter ? `only ${adapter.info.description || 'a fallback adapter'}` : 'no WebGPU adapter';
    await tell({ kind: 'no-gpu', text: what });
    return;
  }
  const { vendor, architecture, device, description } = adapter.info;
  await tell({
    kind: 'device',
    adapter: { vendor, architecture, device, description },
    browser: /Chrome\/[\d.]+/.exec(navigator.userAgent)?.[0] ?? navigator.userAgent,
    features: [...adapter.features].sort(),
  });
  await step('placement', async () => {
    await tell({ kind: 'placements', found: await placement() });
  });
  for (const text of plan.texts) await step(`${text.model} writes`, () => write(text));
  for (const { name, url, dtype, layers, train } of plan.models) {
    await step(`${name} ${dtype}`, () =>
      compareModel(
        url === undefined ? randomModel(layers === undefined ? {} : { layers }) : folderAt(url, name),
        dtype,
        train,
        plan.smoke,
      ),
    );
  }
  const cpu = await createWasmRuntime('the reference', { threads: false });
  const half = adapter.features.has('shader-f16');
  for (const row of plan.exports) {
    if (!half && /f16|fp16/.test(row.exporter)) continue;
    await step(`${row.exporter} of ${row.architecture}`, async () => {
      const found = await checkExport({ source: await stored(row), runtime: await gpu(), reference: cpu });
      const { exporter, architecture, generates, trains } = row;
      await tell({
        kind: 'exports',
        found: { exporter, architecture, ...found, expected: { generates, trains } },
      });
    });
  }
  await tell({ kind: 'done' });
}

async function placement(): Promise<PlacementFound> {
  const frame = document.createElement('iframe');
  frame.src = 'placement.html';
  const told = new Promise<PlacementFound | { readonly error: string }>((resolve) => {
    addEventListener('message', ({ data }) => resolve(data), { once: true });
  });
  document.body.append(frame);
  const found = await told;
  frame.remove();
  if ('error' in found) throw new Error(found.error);
  return found;
}

/** onnxruntime lets the device go with its last session, so that one is made as it is needed. */
const gpu = () =>
  createWebRuntime({ device: 'webgpu', activationType: 'float32', attention: undefined, operators: [] });

function folderAt(url: string, name: string): FileSource {
  return {
    name,
    read: async (path) => {
      const response = await fetch(`${url}/${path}`);
      return response.ok ? new Uint8Array(await response.arrayBuffer()) : undefined;
    },
  };
}

async function stored(row: ExportRow): Promise<FileSource> {
  const { body } = await fetch(`/structures/${row.file}`);
  const plain = body!.pipeThrough(new DecompressionStream('gzip'));
  return folderOf(row, new Uint8Array(await new Response(plain).arrayBuffer()));
}

async function compareModel(source: FileSource, dtype: Dtype, train: boolean, smoke: boolean): Promise<void> {
  const model = await loadBaseModel({ source, dtypes: [dtype] });
  const { activationType, operators } = model.facts;
  const runtime = await createWebRuntime({
    ...{ device: 'webgpu', activationType, operators },
    attention: model.config.attention,
  } as const);
  const cpu = await createWasmRuntime('the reference');
  const text = Array.from(
    { length: 160 },
    (_, i) => `The ${i}th day was ${i % 7 ? 'dry' : 'wet'}, and we sang.`,
  );
  const read = model.codec.encode(text.join(' '));
  // A tokenizer of letters has few tokens; the others have rows too.
  const ids = Array.from({ length: 1400 }, (_, i) => read[i % read.length]!);
  await tell({
    kind: 'models',
    found: await checkModel({ model, gpu: runtime, cpu, ids, train, smoke, log, calls }),
  });
}

async function write({ model, dtype, projector, prompt, people }: Plan['texts'][number]): Promise<void> {
  const personalizer = await Personalizer.create({
    ...{ model, dtype, device: 'webgpu', persist: false, recheck: false },
    projector,
  });
  const { device, reason } = personalizer.device;
  const { users, space } = await someUsers(people);
  for (const { who, values } of [{ who: 'nobody', values: undefined }, ...users]) {
    if (values !== undefined) await personalizer.user.set({ space, values });
    const session = await personalizer.createSession();
    // The first text compiles shaders.
    await session.generate(prompt, { temperature: 0, maxTokens: 8 });
    const again = await personalizer.createSession();
    const result = await again.generate(prompt, { temperature: 0, maxTokens: 48 });
    const found: TextFound = {
      ...{ model, dtype, device, reason, prompt, who, text: result.text, tokens: result.tokenIds.length },
      ...{ firstTokenMs: result.timeToFirstTokenMs, tokensPerSecond: result.tokensPerSecond },
    };
    await tell({ kind: 'texts', found });
  }
  await personalizer.destroy();
}

async function someUsers(path: string) {
  const { space, dim, people } = (await getJson(`${path}.json`)) as DemoPeople;
  const vectors = new Float32Array(await (await fetch(`${path}.bin`)).arrayBuffer());
  let before = 0;
  const users = people.slice(0, 3).map(({ lines }) => {
    const values = vectors.slice(before * dim, (before + lines.length) * dim);
    before += lines.length;
    return { who: lines.join(' '), values };
  });
  return { users, space };
}

await run();
