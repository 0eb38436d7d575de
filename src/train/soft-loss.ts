/**
 * The base model's side of projector training: how well do these soft tokens make the frozen model say the
 * targets, and in which direction would they do better? One onnxruntime session per row length, made when it is
 * first needed.
 */
import { E2PError } from '../error.ts';
import type { LlamaConfig, LlamaWeights } from '../onnx/llama/llama-config.ts';
import { softLossGraph } from '../onnx/llama/loss-graph.ts';
import { writeOnnx } from '../onnx/onnx-file.ts';
import type { Runtime, RuntimeSession } from '../runtime/runtime.ts';

/** A tokenised example: a prompt with places for soft tokens, then the target. */
export interface TrainingRow {
  /** The whole sequence; ids at the places of soft tokens are not read. */
  readonly ids: readonly number[];
  /** Where soft token k stands, for each of the K. */
  readonly softPositions: readonly number[];
  /** Index of the first target token; everything from there on is learned. */
  readonly targetFrom: number;
}

export interface SoftLossResult {
  /** Mean negative log-likelihood per target token of the batch, in nats. */
  readonly loss: number;
  /** d loss / d soft [batch, K, H] */
  readonly gradient: Float32Array;
}

export interface SoftLossOptions {
  readonly config: LlamaConfig;
  readonly weights: LlamaWeights;
  readonly runtime: Runtime;
  readonly batch: number;
  /** K */
  readonly softTokens: number;
}

export type SoftLoss = (rows: readonly TrainingRow[], soft: Float32Array) => Promise<SoftLossResult>;

/** Rows are padded to a multiple of this, so that few graphs serve all lengths. */
const LENGTH_STEP = 16;

/** The length that a row is padded to. */
export const paddedLength = (row: TrainingRow): number =>
  Math.ceil(row.ids.length / LENGTH_STEP) * LENGTH_STEP;

export function createSoftLoss({ config, weights, runtime, batch, softTokens }: SoftLossOptions): SoftLoss {
  const sessions = new Map<number, Promise<RuntimeSession>>();
  const sessionFor = (length: number): Promise<RuntimeSession> => {
    let session = sessions.get(length);
    if (session === undefined) {
      const graph = softLossGraph({ config, weights, batch, length, softTokens });
      session = runtime.createSession(writeOnnx(graph));
      sessions.set(length, session);
    }
    return session;
  };
  return async (rows, soft) => {
    if (rows.length !== batch) {
      throw new E2PError('invalid-argument', `${rows.length} rows, expected a batch of ${batch}`);
    }
    const length = Math.max(...rows.map(paddedLength));
    const ids = new BigInt64Array(batch * length);
    const positions = new BigInt64Array(batch * softTokens);
    const lossWeights = new Float32Array(batch * length);
    const targets = rows.reduce((sum, row) => sum + row.ids.length - row.targetFrom, 0);
    for (const [b, row] of rows.entries()) {
      ids.set(row.ids.map(BigInt), b * length);
      positions.set(row.softPositions.map(BigInt), b * softTokens);
      lossWeights.fill(1 / targets, b * length + row.targetFrom, b * length + row.ids.length);
    }
    const outputs = await (await sessionFor(length)).run({
      input_ids: runtime.tensor('int64', ids, [batch, length]),
      soft_embeds: runtime.tensor('float32', soft, [batch, softTokens, config.hiddenSize]),
      soft_positions: runtime.tensor('int64', positions, [batch, softTokens]),
      loss_weights: runtime.tensor('float32', lossWeights, [batch, length]),
    });
    return {
      loss: (outputs.loss!.data as Float32Array)[0]!,
      gradient: outputs['grad/soft_embeds']!.data as Float32Array,
    };
  };
}
