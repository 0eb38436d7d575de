/**
 * A step of projector training, ours on onnxruntime-node against the same model, rows and step in PyTorch on the CPU, in turns, one thread each.
 * `npm run bench training`: small models, and what recomputation costs; without PyTorch only the second. With `--model` and `--pytorch`: a real LLM.
 */
import { type ChildProcess, spawn, spawnSync } from 'node:child_process';
import { mkdirSync, writeFileSync } from 'node:fs';
import { cpus, loadavg } from 'node:os';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { parseArgs } from 'node:util';
import { type BaseModel, createRuntime, loadModel } from '../src/node.ts';
import { writeOnnx } from '../src/onnx/onnx-file.ts';
import { createSoftLoss, type ProjectorExample, trainProjector } from '../src/train.ts';
import { trainBpe } from '../tools/default/train-bpe.ts';
import { exportGraph } from '../tools/llama/export-graph.ts';
import { initWeights } from '../tools/llama/init-weights.ts';
import { hubConfig, type LlamaConfig } from '../tools/llama/llama-config.ts';
import { seededRandom } from '../tools/world/random.ts';
import { measureLlm } from './training-llm.ts';
import { CACHE, keepResults, median, ratioOf, type SmallCase } from './training-results.ts';
import { DIM, HIDDEN, makeRows, makeUsers, OUTPUT_RMS, writeForPython } from './training-rows.ts';

const DEFAULT = 'public/models/e2p-tiny';
const BLOCK_STEPS = 6;

const OPTIONS = {
  model: { type: 'string', multiple: true },
  pytorch: { type: 'string' },
  python: { type: 'string' },
  name: { type: 'string' },
  batch: { type: 'string', default: '8' },
  length: { type: 'string', default: '128' },
  rounds: { type: 'string', default: '8' },
} as const;

interface Case {
  readonly name: string;
  readonly folder: string;
  readonly dtype: 'fp32' | 'q4';
  readonly batch: number;
  readonly length: number;
}

export async function benchTraining(args: readonly string[]): Promise<void> {
  const { values } = parseArgs({ args: [...args], options: OPTIONS });
  const python = [values.python, 'python3', '/usr/bin/python3'].find(
    (name) => name !== undefined && spawnSync(name, ['-c', 'import torch, numpy']).status === 0,
  );
  const { model: models, pytorch, name } = values;
  const [batch = 0, length = 0, rounds = 0] = [values.batch, values.length, values.rounds].map(Number);
  if (models === undefined) return benchSmall(python, rounds);
  if (pytorch === undefined || python === undefined)
    throw new Error('--model needs --pytorch <folder for transformers>, and a --python that has both');
  keepResults({ llm: await measureLlm({ models, pytorch, python, name, batch, length, rounds }) });
}

async function benchSmall(python: string | undefined, rounds: number): Promise<void> {
  const before = loadavg()[0]!;
  mkdirSync(CACHE, { recursive: true });
  const six = largerModel({ layers: 6, hiddenSize: 288, heads: 18, kvHeads: 6, intermediateSize: 768 });
  const cases: Case[] = [
    { name: 'default model, 4 layers, H = 128', folder: DEFAULT, dtype: 'fp32', batch: 32, length: 64 },
    { name: 'default model, 4 layers, H = 128', folder: DEFAULT, dtype: 'q4', batch: 32, length: 64 },
    { name: '6 layers, H = 288', folder: six, dtype: 'fp32', batch: 8, length: 64 },
    { name: '6 layers, H = 288', folder: six, dtype: 'q4', batch: 8, length: 64 },
    { name: '6 layers, H = 288', folder: six, dtype: 'fp32', batch: 16, length: 128 },
  ];
  const measured: SmallCase[] = [];
  let version: string | undefined;
  for (const c of cases) {
    const rowsOfCase = makeRows(c.length);
    const model = await loadModel({ model: c.folder, dtype: c.dtype });
    const { hiddenSize, vocabularySize } = model.facts;
    const kept = await ownSteps(model, rowsOfCase, c, false);
    const again = await ownSteps(model, rowsOfCase, c, true);
    const path = join(CACHE, `${c.folder.replaceAll(/\W+/g, '-')}-${c.length}`);
    const files = writeForPython(path, rowsOfCase, { hiddenSize, vocabularySize });
    const theirs = python === undefined ? undefined : await pytorchSteps(python, c, files);
    version = theirs?.version ?? version;
    const [ours, recomputed, other]: number[][] = [[], [], []];
    for (let round = 0; round < rounds; round++) {
      ours!.push(await kept.block());
      if (theirs) other!.push(await theirs.block());
      recomputed!.push(await again.block());
    }
    await Promise.all([kept.release(), again.release()]);
    theirs?.stop();
    const tokens = c.batch * c.length;
    const rate = (seconds: readonly number[]) => Math.round(tokens / median(seconds));
    const line: SmallCase = {
      ...{ name: c.name, dtype: c.dtype, batch: c.batch, length: c.length, ours: rate(ours!) },
      ...{ theirs: theirs && rate(other!), ratio: theirs && ratioOf(ours!, other!) },
      recompute: ratioOf(recomputed!, ours!),
    };
    console.log(JSON.stringify(line));
    measured.push(line);
  }
  keepResults({
    small: {
      ...{ pytorch: version, blockSteps: BLOCK_STEPS, rounds, cases: measured },
      ...{ processor: cpus()[0]?.model ?? 'unknown', load: [before, loadavg()[0]!] },
    },
  });
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

async function ownSteps(
  model: BaseModel,
  examples: readonly ProjectorExample[],
  { batch }: Case,
  recompute: boolean,
) {
  const runtime = createRuntime({ threads: 1 });
  const { hiddenSize } = model.facts;
  const softLoss = createSoftLoss({ model, hiddenSize, runtime, batch, softTokens: 1, recompute });
  const shape = { dim: DIM, hidden: HIDDEN, tokens: 1, hiddenSize, outputRms: OUTPUT_RMS };
  /** Seconds a step. */
  const block = async (): Promise<number> => {
    let started = 0;
    let seconds = 0;
    await trainProjector({
      ...{ shape, examples, softLoss, runtime, batch, steps: BLOCK_STEPS, seed: 1 },
      users: makeUsers(),
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
