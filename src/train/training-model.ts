/** What training asks of a base model: its graph with a loss and a backward pass, and how much memory a run of that takes. */
import type { BaseModel } from '../model/base-model.ts';
import { externalDataOf } from '../model/graph-files.ts';
import { writeOnnx } from '../onnx/onnx-file.ts';
import { DataType, type OnnxModel } from '../onnx/onnx-model.ts';
import { peakBytes } from '../onnx/peak-bytes.ts';
import { splitWeights } from '../onnx/split-weights.ts';
import { type TrainingGraphOptions, trainingGraph } from '../onnx/training-graph.ts';
import type { Runtime, RuntimeSession } from '../runtime/runtime.ts';
import { createUnpackedWeights } from './unpacked-weights.ts';

export interface TrainingModel {
  /** Bytes of the files with weights: what each session on a CPU may hold again. */
  readonly weightBytes: number;
  /**
   * The graph that a projector is trained on (`onnx/training-graph.ts`).
   * @throws E2PError `unsupported-graph` naming the operator that has no gradient, `runtime-failed`.
   */
  createTrainingSession(runtime: Runtime, options: TrainingGraphOptions): Promise<RuntimeSession>;
  /** Bytes that a run of that session needs at most between its nodes, estimated from the graph; weights are not in it. */
  trainingBytes(options: TrainingGraphOptions): number;
  /** Of these the weights in float32, which all such graphs of a runtime share. */
  unpackedBytes(runtime: Runtime, options: TrainingGraphOptions): number;
}

/** One for each base model, whose training graphs share the unpacked weights. */
const known = new WeakMap<BaseModel, TrainingModel>();

/** A base model, or what is asked of one. */
export type Trainable<K extends keyof TrainingModel = keyof TrainingModel> =
  | BaseModel
  | Pick<TrainingModel, K>;

export function trainingModel<K extends keyof TrainingModel = keyof TrainingModel>(
  given: Trainable<K>,
): Pick<TrainingModel, K> {
  if (!isBase(given)) return given;
  const found = known.get(given) ?? create(given);
  known.set(given, found);
  return found;
}

/** What brings its own training graphs is no longer asked for ours. */
const isBase = (given: object): given is BaseModel => 'table' in given && !('trainingBytes' in given);

function create({ table, config, weightBytes }: BaseModel): TrainingModel {
  const { model, path, weights } = table;
  const externalData = externalDataOf(weights);
  const hasHalves = model.graph.initializers.some((t) => t.dataType === DataType.float16);
  const trained = (options: TrainingGraphOptions) =>
    trainingGraph(model, { heads: config.attention, fileName: path, ...options });
  const withUnpacked = createUnpackedWeights();
  return {
    weightBytes,
    createTrainingSession: async (runtime, options) => {
      const createSession = (graph: OnnxModel) =>
        runtime.createSession(writeOnnx(graph), { externalData, lean: true, asWritten: !hasHalves });
      return isUnpacked(runtime, options)
        ? withUnpacked(runtime, trained(options), createSession)
        : createSession(trained(options));
    },
    trainingBytes: (options) => peakBytes(trained(options)),
    unpackedBytes: (runtime, options) =>
      isUnpacked(runtime, options) ? splitWeights(trained(options)).bytes : 0,
  };
}

/** Only Node takes what is fed where it lies; who recomputes has no memory for it, and a look forward is soon done. */
const isUnpacked = (runtime: Runtime, { recompute, gradient }: TrainingGraphOptions): boolean =>
  runtime.device === 'node' && !recompute && gradient !== false;
