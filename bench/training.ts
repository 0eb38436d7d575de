/**
 * A step of projector training, ours on onnxruntime-node against the same model, rows and step in PyTorch on the CPU, in turns, one thread each.
 * And what recomputation costs. `npm run bench training`; without PyTorch only the second.
 */
import { type ChildProcess, spawn, spawnSync } from 'node:child_process';
import { mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { bootstrapMean } from '../src/evaluate/bootstrap.ts';
import { loadBaseModel } from '../src/model/base-model.ts';
import { exportGraph } from '../src/onnx/llama/export-graph.ts';
import { initWeights } from '../src/onnx/llama/init-weights.ts';
import { hubConfig, type LlamaConfig } from '../src/onnx/llama/llama-config.ts';
import { writeOnnx } from '../src/onnx/onnx-file.ts';
import { createNodeRuntime } from '../src/runtime/node-runtime.ts';
import { createFolderSource } from '../src/storage/folder-source.ts';
import { createSoftLoss } from '../src/train/soft-loss.ts';
import { type ProjectorExample, trainProjector } from '../src/train/train-projector.ts';
import { trainBpe } from '../tools/default/train-bpe.ts';
import { seededRandom } from '../tools/world/random.ts';
import { writeResults } from './results.ts';
import { table } from './results-table.ts';

const CACHE = '.cache/bench-training';
const DEFAULT = 'public/models/e2p-tiny';
const [DIM, HIDDEN, TARGETS, BLOCK_STEPS, ROUNDS] = [64, 128, 16, 6, 12];
const USERS = 64;

interface Case {
  readonly name: string;
  readonly folder: string;
  readonly dtype: 'fp32' | 'q4';
  readonly batch: number;
  readonly length: number;
}

export async function benchTraining(): Promise<void> {
  mkdirSync(CACHE, { recursive: true });
  const six = largerModel({ layers: 6, hiddenSize: 288, heads: 18, kvHeads: 6, intermediateSize: 768 });
  const cases: Case[] = [
    { name: 'default model, 4 layers, H = 128', folder: DEFAULT, dtype: 'fp32', batch: 32, length: 64 },
    { name: 'default model, 4 layers, H = 128', folder: DEFAULT, dtype: 'q4', batch: 32, length: 64 },
    { name: '6 layers, H = 288', folder: six, dtype: 'fp32', batch: 8, length: 64 },
    { name: '6 layers, H = 288', folder: six, dtype: 'q4', batch: 8, length: 64 },
    { name: '6 layers, H = 288', folder: six, dtype: 'fp32', batch: 16, length: 128 },
  ];
  const python = ['python3', '/usr/bin/python3'].find(
    (name) => spawnSync(name, ['-c', 'import torch, numpy']).status === 0,
  );
  const rows: string[][] = [];
  let version = '';
  for (const c of cases) {
    const rowsOfCase = makeRows(c);
    const model = await loadBaseModel({ source: createFolderSource(c.folder), dtypes: [c.dtype] });
    const { hiddenSize, vocabularySize } = model.facts;
    const kept = await ownSteps(model, rowsOfCase, c, false);
    const again = await ownSteps(model, rowsOfCase, c, true);
    const files = writeForPython(c, rowsOfCase, { hiddenSize, vocabularySize });
    const theirs = python === undefined ? undefined : await pytorchSteps(python, c, files);
    version = theirs?.version ?? version;
    const [ours, recomputed, other]: number[][] = [[], [], []];
    for (let round = 0; round < ROUNDS; round++) {
      ours!.push(await kept.block());
      if (theirs) other!.push(await theirs.block());
      recomputed!.push(await again.block());
    }
    await Promise.all([kept.release(), again.release()]);
    theirs?.stop();
    const tokens = c.batch * c.length;
    const rate = (seconds: readonly number[]) => `${Math.round(tokens / median(seconds))}`;
    const line = [
      ...[c.name, c.dtype, `${c.batch} × ${c.length}`, rate(ours!)],
      theirs ? rate(other!) : 'not measured',
      theirs ? ratio(other!, ours!) : 'not measured',
      ratio(recomputed!, ours!),
    ];
    console.log(line.join('  '));
    rows.push(line);
  }
  const note = python === undefined ? 'PyTorch was not installed.' : `PyTorch ${version} (float32).`;
  writeResults(
    'training',
    'training',
    `## A step of projector training

Made by \`npm run bench training\`. One step: projector forward, base model forward with the loss of ${TARGETS} target tokens a row, backward to the soft token, projector backward, clipping, AdamW. K = 1, rows of one
length without padding, random tokens; \`trainProjector\` on onnxruntime-node against \`examples/pytorch\` in ${note} One thread each, blocks of ${BLOCK_STEPS} steps in turns, ${ROUNDS} rounds; tokens/s are medians (batch × length), ratios geometric means with 95 % bootstrap intervals over
rounds. PyTorch has no 4-bit step: its side of a q4 line is the same model in float32.

${table(['model', 'ours in', 'batch × length', 'ours, tokens/s', 'PyTorch, tokens/s', 'time of PyTorch / ours', 'time with recomputation / without'], rows)}

Not measured: GPUs, more threads, other versions of PyTorch.`,
  );
}

/** Random weights: a step costs the same. */
function largerModel(
  sizes: Pick<LlamaConfig, 'layers' | 'hiddenSize' | 'heads' | 'kvHeads' | 'intermediateSize'>,
): string {
  const config = {
    ...{ ...sizes, vocabSize: 4096, headDim: 16, maxPositions: 256, rmsEpsilon: 1e-5, ropeTheta: 10_000 },
  };
  const folder = join(CACHE, `${sizes.layers}x${sizes.hiddenSize}`);
  mkdirSync(join(folder, 'onnx'), { recursive: true });
  const weights = initWeights(config, seededRandom(1, 'bench').next);
  for (const [dtype, file] of [
    ['fp32', 'model.onnx'],
    ['q4', 'model_q4.onnx'],
  ] as const)
    writeFileSync(join(folder, 'onnx', file), writeOnnx(exportGraph({ config, weights, dtype })));
  writeFileSync(join(folder, 'config.json'), JSON.stringify({ ...hubConfig(config), eos_token_id: 2 }));
  const bpe = trainBpe({ texts: ['nothing is said here'], vocabSize: 300 });
  writeFileSync(join(folder, 'tokenizer.json'), JSON.stringify(bpe.tokenizer));
  writeFileSync(join(folder, 'tokenizer_config.json'), JSON.stringify(bpe.config));
  return folder;
}

const userOf = (i: number) => Float32Array.from({ length: DIM }, (_, k) => Math.sin(i * 1.7 + k * 2.3));

function makeRows({ length }: Case): ProjectorExample[] {
  const random = seededRandom(2, 'rows');
  return Array.from({ length: 256 }, (_, i) => ({
    ids: Array.from({ length }, () => 10 + random.below(1000)),
    ...{ targetFrom: length - TARGETS, softPositions: [1], user: i % USERS },
  }));
}

async function ownSteps(
  model: Awaited<ReturnType<typeof loadBaseModel>>,
  examples: readonly ProjectorExample[],
  { batch }: Case,
  recompute: boolean,
) {
  const runtime = createNodeRuntime({ threads: 1 });
  const { hiddenSize } = model.facts;
  const softLoss = createSoftLoss({ model, hiddenSize, runtime, batch, softTokens: 1, recompute });
  const shape = { dim: DIM, hidden: HIDDEN, tokens: 1, hiddenSize, outputRms: 0.05 };
  /** Seconds a step. */
  const block = async (): Promise<number> => {
    let started = 0;
    let seconds = 0;
    await trainProjector({
      ...{ shape, examples, softLoss, runtime, batch, steps: BLOCK_STEPS, seed: 1 },
      users: Array.from({ length: USERS }, (_, i) => userOf(i)),
      onProgress: ({ step }) => {
        if (step === 1) started = performance.now();
        seconds = (performance.now() - started) / 1000;
      },
    });
    return seconds / (BLOCK_STEPS - 1);
  };
  await block();
  return { block, release: () => softLoss.release() };
}

function writeForPython(
  { folder, length }: Case,
  examples: readonly ProjectorExample[],
  sizes: { readonly hiddenSize: number; readonly vocabularySize: number },
): { readonly rows: string; readonly users: string } {
  const zeros = Array.from({ length: DIM }, () => 0);
  const space = { id: 's', dim: DIM, mean: zeros, scale: zeros.map(() => 1) };
  const contract = { model: sizes, space, tokens: 1, slot: 'after-bos', outputRms: 0.05 };
  const name = join(CACHE, `${folder.replaceAll(/\W+/g, '-')}-${length}`);
  const lines = examples.map(({ user, ...row }) => JSON.stringify({ user: `u${user}`, ...row }));
  writeFileSync(`${name}.rows.jsonl`, [JSON.stringify({ contract }), ...lines].join('\n'));
  const users = Array.from({ length: USERS }, (_, i) =>
    JSON.stringify({ user: `u${i}`, embedding: [...userOf(i)] }),
  );
  writeFileSync(`${name}.users.jsonl`, users.join('\n'));
  return { rows: `${name}.rows.jsonl`, users: `${name}.users.jsonl` };
}

async function pytorchSteps(
  python: string,
  { folder, batch }: Case,
  files: { readonly rows: string; readonly users: string },
) {
  const args = ['bench/training-step.py', folder, files.rows, files.users, `${batch}`, `${HIDDEN}`];
  const child: ChildProcess = spawn(python, ['-B', ...args], {
    stdio: ['pipe', 'pipe', 'inherit'],
    env: { ...process.env, OMP_NUM_THREADS: '1' },
  });
  const lines = createInterface({ input: child.stdout! })[Symbol.asyncIterator]();
  const next = async (): Promise<string> => {
    const { value, done } = await lines.next();
    if (done) throw new Error('bench/training-step.py ended early');
    return value;
  };
  const version = (await next()).split(' ')[1]!;
  const block = async (): Promise<number> => {
    child.stdin!.write(`${BLOCK_STEPS}\n`);
    return Number((await next()).split(' ')[0]) / (BLOCK_STEPS - 1);
  };
  await block();
  return { version, block, stop: () => child.kill() };
}

const median = (values: readonly number[]) => values.toSorted((a, b) => a - b)[values.length >> 1]!;

/** Geometric mean of a / b over rounds, with its interval. */
function ratio(a: readonly number[], b: readonly number[]): string {
  const { mean, low, high } = bootstrapMean(a.map((v, i) => Math.log(v / b[i]!)));
  return `${Math.exp(mean).toFixed(2)} [${Math.exp(low).toFixed(2)}, ${Math.exp(high).toFixed(2)}]`;
}
