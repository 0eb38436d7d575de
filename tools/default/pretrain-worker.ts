/**
 * One of the workers of `pretrain.ts`: an onnxruntime session of its own (one thread) for each row length, and a
 * share of the memory: it reads the parameters and writes its gradient.
 */
import { parentPort, workerData } from 'node:worker_threads';
import { InferenceSession, Tensor } from 'onnxruntime-node';
import { writeOnnx } from '../../src/onnx/onnx-file.ts';
import { type LlamaConfig, llamaWeightShapes } from '../llama/llama-config.ts';
import { pretrainGraph } from '../llama/loss-graph.ts';

export interface WorkerSetup {
  readonly config: LlamaConfig;
  /** All weights behind one another, in the order of `llamaWeightShapes`. */
  readonly parameters: SharedArrayBuffer;
  /** This worker's own, of the same layout. */
  readonly gradient: SharedArrayBuffer;
}

/** A batch [rows, length]; weights of the loss are already divided by the sum over all workers. */
export interface GradientJob {
  readonly rows: number;
  readonly length: number;
  readonly ids: BigInt64Array;
  readonly lossWeights: Float32Array;
}

export interface GradientDone {
  readonly loss: number;
}

const { config, parameters, gradient } = workerData as WorkerSetup;
const shared = new Float32Array(parameters);
const target = new Float32Array(gradient);
// onnxruntime takes no shared memory: parameters are copied into tensors of the worker's own.
const own = new Float32Array(shared.length);
let offset = 0;
const weights = llamaWeightShapes(config).map(({ name, dims }) => {
  const size = dims.reduce((product, d) => product * d, 1);
  const view = own.subarray(offset, offset + size);
  const weight = { name, offset, tensor: new Tensor('float32', view, dims) };
  offset += size;
  return weight;
});
const sessions = new Map<string, Promise<InferenceSession>>();

function sessionFor({ rows, length }: GradientJob): Promise<InferenceSession> {
  const key = `${rows}x${length}`;
  const known = sessions.get(key);
  if (known !== undefined) return known;
  const session = InferenceSession.create(writeOnnx(pretrainGraph({ config, batch: rows, length })), {
    intraOpNumThreads: 1,
    interOpNumThreads: 1,
    logSeverityLevel: 3,
  });
  sessions.set(key, session);
  return session;
}

async function gradientOf(job: GradientJob): Promise<GradientDone> {
  const session = await sessionFor(job);
  own.set(shared);
  const dims = [job.rows, job.length];
  const out = await session.run({
    ...Object.fromEntries(weights.map(({ name, tensor }) => [name, tensor])),
    input_ids: new Tensor('int64', job.ids, dims),
    loss_weights: new Tensor('float32', job.lossWeights, dims),
  });
  for (const { name, offset } of weights) target.set(out[`grad/${name}`]!.data as Float32Array, offset);
  return { loss: (out.loss!.data as Float32Array)[0]! };
}

parentPort!.on('message', async (job: GradientJob) => {
  try {
    parentPort!.postMessage(await gradientOf(job));
  } catch (error) {
    // An error event in the parent, as from any other throw of a worker.
    process.nextTick(() => {
      throw error;
    });
  }
});
