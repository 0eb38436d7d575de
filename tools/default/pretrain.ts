/**
 * Pretrains a small Llama on documents, on the CPU: data-parallel over worker threads that each compute a gradient
 * on rows of their own; their sum updates the parameters here. Deterministic: seed, documents and number of
 * workers decide every bit, also across a kill and a resume.
 */
import { createHash } from 'node:crypto';
import { once } from 'node:events';
import { Worker } from 'node:worker_threads';
import { E2PError } from '../../src/node.ts';
import { adamWStep, clipGradient, createAdamW, learningRateAt } from '../../src/train.ts';
import { initWeights } from '../llama/init-weights.ts';
import { EMBEDDING, type LlamaConfig, type LlamaWeights, llamaWeightShapes } from '../llama/llama-config.ts';
import { seededRandom } from '../world/random.ts';
import { type PlannedBatch, planBatches, rowLengths, type TokenIds } from './batch-plan.ts';
import { readCheckpoint, writeCheckpoint } from './checkpoint.ts';
import type { GradientDone, GradientJob, WorkerSetup } from './pretrain-worker.ts';

export interface PretrainOptions {
  readonly config: LlamaConfig;
  readonly documents: readonly TokenIds[];
  readonly seed: number;
  /** Weight of every token of a document as a target. Default: 1 each. */
  readonly lossWeights?: (ids: TokenIds) => ArrayLike<number>;
  readonly epochs?: number;
  readonly workers?: number;
  /** Positions in one worker's share of a batch. */
  readonly positions?: number;
  readonly learningRate?: number;
  readonly weightDecay?: number;
  /** File that keeps the state; a run with the same options continues from it. */
  readonly checkpoint?: string;
  /** Minutes between two writes of it. */
  readonly checkpointMinutes?: number;
  readonly onProgress?: (progress: PretrainProgress) => void;
}

export interface PretrainProgress {
  /** Updates made, of `steps`. */
  readonly step: number;
  readonly steps: number;
  /** Mean loss of the updates since the last report, nats per token as weighted. */
  readonly loss: number;
  readonly gradientNorm: number;
  /** Tokens of documents, without padding. */
  readonly tokens: number;
  readonly tokensPerSecond: number;
  readonly secondsLeft: number;
}

const REPORT_EVERY = 50;

/** Trains fresh weights; see {@link PretrainOptions}. */
export async function pretrain(options: PretrainOptions): Promise<LlamaWeights> {
  const { config, documents, seed, workers: count = 2, checkpoint, checkpointMinutes = 2 } = options;
  const layout = flatLayout(config);
  const parameters = new SharedArrayBuffer(4 * layout.size);
  const weights = new Float32Array(parameters);
  const adam = createAdamW(layout.size);
  const plan = planSteps(options, count);

  const run = runIdentity(options, count);
  const saved = checkpoint === undefined ? undefined : readCheckpoint(checkpoint, run);
  if (saved !== undefined) {
    weights.set(saved.arrays[0]);
    adam.mean.set(saved.arrays[1]);
    adam.square.set(saved.arrays[2]);
    adam.step = saved.step;
  } else {
    const random = seededRandom(seed, 'weights');
    for (const [name, values] of initWeights(config, random.next))
      weights.set(values, layout.offsets.get(name));
  }
  const save = () => {
    if (checkpoint !== undefined) {
      writeCheckpoint(checkpoint, { run, step: adam.step, arrays: [weights, adam.mean, adam.square] });
    }
  };

  const team = Array.from({ length: count }, () => startWorker(config, parameters, layout.size));
  try {
    const meter = new Meter(options, plan.length, adam.step);
    let savedAt = performance.now();
    for (let step = adam.step; step < plan.length; step++) {
      const shares = plan[step]!;
      const jobs = jobsOf(shares, documents, options.lossWeights);
      const losses = await Promise.all(team.map((member, i) => member.gradientOf(jobs[i]!)));
      const gradient = sumOf(team.map((member) => member.gradient));
      const gradientNorm = clipGradient(gradient, 1);
      const loss = losses.reduce((sum, done) => sum + done.loss, 0);
      if (!Number.isFinite(loss + gradientNorm)) {
        throw new E2PError(
          'training-failed',
          `the loss of step ${step} is ${loss}, its gradient ${gradientNorm}`,
        );
      }
      const { learningRate: peak = 3e-3, weightDecay = 0.05 } = options;
      const learningRate = learningRateAt(step, { steps: plan.length, peak });
      const { undecayed } = layout;
      adamWStep(weights, gradient, adam, { learningRate, beta2: 0.95, weightDecay, undecayed });
      const tokens = shares.flatMap((s) => s.documents).reduce((sum, d) => sum + documents[d]!.length, 0);
      meter.add(loss, gradientNorm, tokens);
      if (performance.now() - savedAt > checkpointMinutes * 60_000) {
        save();
        savedAt = performance.now();
      }
    }
    save();
  } finally {
    await Promise.all(team.map((member) => member.stop()));
  }
  return layout.unflatten(weights);
}

/** 1 for what the assistant says and for the token that ends it, `promptWeight` for all else. */
export function chatLossWeights({
  assistantId,
  endId,
  promptWeight,
}: {
  readonly assistantId: number;
  readonly endId: number;
  readonly promptWeight: number;
}): (ids: TokenIds) => Float32Array {
  return (ids) => {
    const weights = new Float32Array(ids.length);
    let isReply = false;
    for (const [i, id] of ids.entries()) {
      weights[i] = isReply ? 1 : promptWeight;
      if (id === assistantId) isReply = true;
      else if (id === endId) isReply = false;
    }
    return weights;
  };
}

/** Where each weight lies in the flat vector of all. */
function flatLayout(config: LlamaConfig) {
  const shapes = llamaWeightShapes(config);
  const offsets = new Map<string, number>();
  const undecayed: [number, number][] = [];
  let size = 0;
  for (const { name, dims } of shapes) {
    const end = size + dims.reduce((product, d) => product * d, 1);
    offsets.set(name, size);
    // Gains of norms, and the embedding table: most of its rows get no gradient in a step.
    if (dims.length === 1 || name === EMBEDDING) undecayed.push([size, end]);
    size = end;
  }
  const unflatten = (flat: Float32Array): LlamaWeights =>
    new Map(
      shapes.map(({ name, dims }) => {
        const from = offsets.get(name)!;
        return [name, Float32Array.from(flat.subarray(from, from + dims.reduce((a, b) => a * b, 1)))];
      }),
    );
  return { size, offsets, undecayed, unflatten };
}

/** For every update, one batch for each worker, all of the same length so that none waits for another. */
function planSteps({ documents, seed, epochs = 1, positions = 1024 }: PretrainOptions, count: number) {
  const lengths = rowLengths(documents);
  const rowsOf = (length: number) => Math.max(1, Math.floor(positions / length));
  return Array.from({ length: epochs }, (_, epoch) => {
    const random = seededRandom(seed, `epoch ${epoch}`);
    const batches = planBatches({ documents, lengths, rowsOf: (length) => count * rowsOf(length), random });
    return batches.map(({ length, documents: all }): PlannedBatch[] => {
      const rows = rowsOf(length);
      return Array.from({ length: count }, (_, i) => ({
        length,
        rows,
        documents: all.slice(Math.ceil((all.length * i) / count), Math.ceil((all.length * (i + 1)) / count)),
      }));
    });
  }).flat();
}

function jobsOf(
  shares: readonly PlannedBatch[],
  documents: readonly TokenIds[],
  weigh: PretrainOptions['lossWeights'] = (ids) => new Float32Array(ids.length).fill(1),
): GradientJob[] {
  const jobs = shares.map(({ rows, length, documents: members }) => {
    const ids = new BigInt64Array(rows * length);
    const lossWeights = new Float32Array(rows * length);
    members.forEach((document, row) => {
      const tokens = documents[document]!;
      for (const [i, id] of tokens.entries()) ids[row * length + i] = BigInt(id);
      lossWeights.set(weigh(tokens), row * length);
      // The first token of a row is no target, and must not count in the mean.
      lossWeights[row * length] = 0;
    });
    return { rows, length, ids, lossWeights };
  });
  const total = jobs.reduce((sum, job) => sum + job.lossWeights.reduce((s, w) => s + w, 0), 0);
  for (const { lossWeights } of jobs)
    for (const i of lossWeights.keys()) lossWeights[i] = lossWeights[i]! / total;
  return jobs;
}

function startWorker(config: LlamaConfig, parameters: SharedArrayBuffer, size: number) {
  const shared = new SharedArrayBuffer(4 * size);
  const workerData: WorkerSetup = { config, parameters, gradient: shared };
  const module = new URL('./pretrain-worker.ts', import.meta.url).href;
  // Node hands no TypeScript loader on to workers: the worker registers its own.
  const boot = `import('tsx/esm/api').then(({ register }) => { register(); return import('${module}'); })`;
  const worker = new Worker(boot, { eval: true, execArgv: [], workerData });
  return {
    gradient: new Float32Array(shared),
    gradientOf: async (job: GradientJob): Promise<GradientDone> => {
      worker.postMessage(job);
      const [done] = await once(worker, 'message');
      return done as GradientDone;
    },
    stop: () => worker.terminate(),
  };
}

function sumOf(gradients: readonly Float32Array[]): Float32Array {
  const sum = Float32Array.from(gradients[0]!);
  for (const gradient of gradients.slice(1)) {
    for (let i = 0; i < sum.length; i++) sum[i] = sum[i]! + gradient[i]!;
  }
  return sum;
}

/** Names everything that decides the outcome. */
function runIdentity(
  { documents, lossWeights, checkpoint, onProgress, ...rest }: PretrainOptions,
  workers: number,
) {
  const hash = createHash('sha256');
  hash.update(JSON.stringify({ ...rest, workers, checkpointMinutes: undefined }));
  const first = documents[0];
  if (first !== undefined && lossWeights !== undefined) hash.update(Float32Array.from(lossWeights(first)));
  for (const ids of documents) hash.update(ids);
  return hash.digest('hex');
}

/** Speed and loss since the last report. */
class Meter {
  readonly #options: PretrainOptions;
  readonly #steps: number;
  readonly #first: number;
  readonly #start = performance.now();
  #step: number;
  #tokens = 0;
  #losses: number[] = [];
  #since = { tokens: 0, time: performance.now() };

  constructor(options: PretrainOptions, steps: number, step: number) {
    this.#options = options;
    this.#steps = steps;
    this.#first = step;
    this.#step = step;
  }

  add(loss: number, gradientNorm: number, tokens: number): void {
    this.#step++;
    this.#tokens += tokens;
    this.#losses.push(loss);
    if (this.#step % REPORT_EVERY !== 0 && this.#step !== this.#steps) return;
    const now = performance.now();
    const secondsPerStep = (now - this.#start) / 1000 / (this.#step - this.#first);
    this.#options.onProgress?.({
      step: this.#step,
      steps: this.#steps,
      loss: this.#losses.reduce((sum, l) => sum + l, 0) / this.#losses.length,
      gradientNorm,
      tokens: this.#tokens,
      tokensPerSecond: ((this.#tokens - this.#since.tokens) / (now - this.#since.time)) * 1000,
      secondsLeft: secondsPerStep * (this.#steps - this.#step),
    });
    this.#losses = [];
    this.#since = { tokens: this.#tokens, time: now };
  }
}
