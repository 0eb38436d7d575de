/**
 * Memory of loading a model of more than 300 MB: ours against `InferenceSession.create(bytes)` and Transformers.js, each
 * in a process of its own. `npm run bench load`
 */
import { spawnSync } from 'node:child_process';
import { copyFileSync, existsSync, mkdirSync, statSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { exportGraph } from '../src/onnx/llama/export-graph.ts';
import { hubConfig, type LlamaConfig, llamaWeightShapes } from '../src/onnx/llama/llama-config.ts';
import { writeOnnx } from '../src/onnx/onnx-file.ts';

const FOLDER = '.cache/bench/load';
const OUT = 'docs/results/loading.md';
const ROUNDS = 5;
const WAYS = ['bytes', 'transformers', 'e2p-web'] as const;
type Way = (typeof WAYS)[number];
const LABELS: Readonly<Record<Way, string>> = {
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
}

export async function benchLoad(): Promise<void> {
  const bytes = makeModel();
  const samples: Record<Way, Sample[]> = { bytes: [], transformers: [], 'e2p-web': [] };
  for (let round = 0; round < ROUNDS; round++) {
    for (const way of WAYS) samples[way].push(measure(way));
  }
  const rows = WAYS.map((way) => {
    const of = (key: keyof Sample) => median(samples[way].map((s) => s[key]));
    const mb = (key: 'peak' | 'after') => `${Math.round(of(key) / 1e6)} MB`;
    return `| ${LABELS[way]} | ${mb('peak')} | ${mb('after')} | ${(of('milliseconds') / 1000).toFixed(2)} s |`;
  });
  const text = `# Memory of loading a model

Made by \`npm run bench load\`. A Llama with random float32 weights in one file of ${Math.round(bytes / 1e6)} MB. Each way in a Node process of its
own, ${ROUNDS} rounds in turn, medians; resident memory above what the process had with its modules loaded. Mapped files count as
resident where they were touched. The file was in the system's cache.

| onnxruntime-node on the CPU | peak | with the session made | time |
| --- | --- | --- | --- |
${rows.join('\n')}

Not measured yet: Chromium.
`;
  writeFileSync(OUT, text);
  console.log(text);
}

function measure(way: Way): Sample {
  const child = spawnSync(process.execPath, ['--import', 'tsx', 'bench/load-child.ts', way, FOLDER], {
    encoding: 'utf8',
  });
  if (child.status !== 0) throw new Error(`${way}: ${child.stderr}`);
  return JSON.parse(child.stdout.trim().split('\n').at(-1)!);
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
