/**
 * Memory of loading a model of more than 300 MB: ours against `InferenceSession.create(bytes)` and Transformers.js, each
 * in a process of its own, in Node and in Chromium. `npm run bench load`
 */
import { spawnSync } from 'node:child_process';
import { copyFileSync, existsSync, mkdirSync, statSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { writeOnnx } from '../src/onnx/onnx-file.ts';
import { exportGraph } from '../tools/llama/export-graph.ts';
import { hubConfig, type LlamaConfig, llamaWeightShapes } from '../tools/llama/llama-config.ts';
import { type BenchPage, openBenchPage } from './chromium-page.ts';
import { LOAD_WAYS, type LoadDevice, type LoadWay } from './load-ways.ts';
import type { Bench } from './page/page.ts';
import { sum, watchMemory } from './process-memory.ts';
import { writeResults } from './results.ts';

declare const bench: Bench;

const FOLDER = '.cache/bench/load';
const ROUNDS = 5;
const PAGE_ROUNDS = 3;
const LABELS: Readonly<Record<LoadWay, string>> = {
  bytes: '`InferenceSession.create(bytes)`',
  transformers: 'Transformers.js 4.3.1, `from_pretrained`',
  'e2p-web': 'e2p-web',
};

const CONFIG: LlamaConfig = {
  vocabSize: 32_000,
  hiddenSize: 768,
  intermediateSize: 2048,
  layers: 8,
  heads: 12,
  kvHeads: 12,
  headDim: 64,
  maxPositions: 512,
  rmsEpsilon: 1e-5,
  ropeTheta: 10_000,
};

interface Sample {
  /** Bytes above what the process had with its modules loaded. */
  readonly peak: number;
  readonly after: number;
  readonly milliseconds: number;
  /** Peak over all processes of a browser. */
  readonly everywhere?: number;
}

export async function benchLoad(): Promise<void> {
  const bytes = makeModel();
  const node = collect();
  for (let round = 0; round < ROUNDS; round++) {
    for (const way of LOAD_WAYS) node[way].push(measure(way));
  }
  await using chromium = await openBenchPage();
  const pages = { webgpu: collect(), wasm: collect() };
  for (const device of ['webgpu', 'wasm'] as const) {
    // The first visit of each way fills the stores.
    for (let round = 0; round <= PAGE_ROUNDS; round++) {
      for (const way of LOAD_WAYS) {
        const sample = await measurePage(chromium, way, device);
        console.log(device, way, round, sample);
        if (round > 0) pages[device][way].push(sample);
      }
    }
  }
  writeResults(
    'loading',
    'memory',
    `## Memory of loading a model

Made by \`npm run bench load\`. A Llama with random float32 weights in one file of ${Math.round(bytes / 1e6)} MB. Each way in a process of its
own, ${ROUNDS} rounds in turn in Node and ${PAGE_ROUNDS} in Chromium ${chromium.version}, medians; resident memory above what the process had
with its modules loaded. Mapped files count as resident where they were touched. The file was in the system's cache.

| onnxruntime-node on the CPU | peak | with the session made | time |
| --- | --- | --- | --- |
${table(node)}

In Chromium it is a second visit with the same profile: e2p-web reads the file from OPFS, the others get it from a server on the same
machine, unless the browser or Transformers.js has cached it. The session is made on the main thread; memory is that of
the renderer process, and in the last column the sum over all of the browser's processes, each at its own peak.

| WebGPU (software adapter), renderer | peak | with the session made | time | peak, all processes |
| --- | --- | --- | --- | --- |
${table(pages.webgpu)}

| WASM, one thread, renderer | peak | with the session made | time | peak, all processes |
| --- | --- | --- | --- | --- |
${table(pages.wasm)}

Not measured: a real GPU, a browser without JSPI (there a file is read whole, as Firefox and Safari do), and other sizes.`,
  );
}

type Samples = Record<LoadWay, Sample[]>;
const collect = (): Samples => ({ bytes: [], transformers: [], 'e2p-web': [] });

function table(samples: Samples): string {
  const rows = LOAD_WAYS.map((way) => {
    const of = (read: (sample: Sample) => number) => median(samples[way].map(read));
    const mb = (value: number) => `${Math.round(value / 1e6)} MB`;
    const cells = [
      LABELS[way],
      mb(of((s) => s.peak)),
      mb(of((s) => s.after)),
      `${(of((s) => s.milliseconds) / 1000).toFixed(2)} s`,
      ...(samples[way][0]?.everywhere === undefined ? [] : [mb(of((s) => s.everywhere!))]),
    ];
    return `| ${cells.join(' | ')} |`;
  });
  return rows.join('\n');
}

function measure(way: LoadWay): Sample {
  const child = spawnSync(process.execPath, ['--import', 'tsx', 'bench/load-child.ts', way, FOLDER], {
    encoding: 'utf8',
  });
  if (child.status !== 0) throw new Error(`${way}: ${child.stderr}`);
  return JSON.parse(child.stdout.trim().split('\n').at(-1)!);
}

async function measurePage(chromium: BenchPage, way: LoadWay, device: LoadDevice): Promise<Sample> {
  await chromium.relaunch();
  await chromium.page.evaluate(([w, d]) => bench.prepareLoad(w, d), [way, device] as const);
  const grownBy = await watchMemory(chromium);
  const milliseconds = await chromium.page.evaluate(() => bench.load());
  const grown = await grownBy();
  const renderers = grown.filter(({ type }) => type === 'renderer');
  return {
    peak: sum(renderers.map((p) => p.peak)),
    after: sum(renderers.map((p) => p.after)),
    everywhere: sum(grown.map((p) => p.peak)),
    milliseconds,
  };
}

/** Makes the model where it is not there yet; gives the size of its file. */
function makeModel(): number {
  const file = join(FOLDER, 'onnx/model.onnx');
  if (!existsSync(file)) {
    let state = 1;
    const random = () => {
      state = (Math.imul(state, 1664525) + 1013904223) >>> 0;
      return (state / 2 ** 32 - 0.5) * 0.05;
    };
    const weights = new Map(
      llamaWeightShapes(CONFIG).map(({ name, dims }) => {
        const values = new Float32Array(dims.reduce((a, b) => a * b, 1));
        for (let i = 0; i < values.length; i++) values[i] = random();
        return [name, values];
      }),
    );
    mkdirSync(join(FOLDER, 'onnx'), { recursive: true });
    writeFileSync(file, writeOnnx(exportGraph({ config: CONFIG, weights, dtype: 'fp32' })));
    const ids = { bos_token_id: 1, eos_token_id: 2 };
    writeFileSync(join(FOLDER, 'config.json'), JSON.stringify({ ...hubConfig(CONFIG), ...ids }));
    for (const name of ['generation_config.json', 'tokenizer.json', 'tokenizer_config.json']) {
      copyFileSync(join('public/models/e2p-tiny', name), join(FOLDER, name));
    }
  }
  return statSync(file).size;
}

const median = (values: readonly number[]) => values.toSorted((a, b) => a - b)[values.length >> 1]!;
