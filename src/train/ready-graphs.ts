/**
 * Training graphs that are kept ready, one for each pair of padded lengths, since making one costs as much as a tenth of a step or more. A large
 * batch has a graph of fewer rows. Invariant: what they hold stays within a bound, unless one graph alone is above it.
 */
import type { TrainingGraphOptions } from '../onnx/training-graph.ts';
import type { Runtime, RuntimeSession } from '../runtime/runtime.ts';
import { type Trainable, trainingModel } from './training-model.ts';

export interface ReadyGraphsOptions {
  readonly model: Trainable;
  readonly runtime: Runtime;
  /**
   * Bytes of all graphs kept, each with the memory of its runs and the weights. Where given, every run has the whole batch. Default: an
   * eighth of the machine's memory, 3 GB where the runtime does not know it; a batch whose run needs more than 2 GB then goes through in equal parts.
   */
  readonly keptBytes?: number | undefined;
}

export interface ReadyGraph {
  readonly session: RuntimeSession;
  /** Rows that it takes: a divisor of the batch. */
  readonly rows: number;
}

export interface ReadyGraphs {
  /** Makes room, and the graph, where it is not there. What it gives is valid until it is asked again. */
  take(graph: TrainingGraphOptions): Promise<ReadyGraph>;
  release(): Promise<void>;
}

/** Others run beside it, and of a machine of 24 GB it is what was measured: docs/training.md, memory. */
const SHARE_OF_MEMORY = 1 / 8;
/** In a browser: a WASM heap ends at 4 GB. */
const KEPT_BYTES = 3e9;
/** The same on every machine, so that results are too; a thousand tokens or so of a model of 135 M parameters. */
export const RUN_BYTES = 2e9;
/** Held for the nodes of a graph: measured for a decoder of 30 layers, 5,600 nodes. */
const GRAPH_BYTES = 25e6;

/** As many rows of the batch as a run within `limit` takes, in equal parts; at least one. */
export function rowsPerRun(
  model: Trainable<'trainingBytes'>,
  graph: TrainingGraphOptions,
  limit: number,
): number {
  const { trainingBytes } = trainingModel(model);
  const fits = (batch: number) => trainingBytes({ ...graph, batch }) <= limit;
  for (let parts = 1; parts < graph.batch; parts++) {
    if (graph.batch % parts === 0 && fits(graph.batch / parts)) return graph.batch / parts;
  }
  return 1;
}

interface Plan {
  readonly graph: TrainingGraphOptions;
  /** Bytes that it holds alone, between runs too: pages asked for anew in each were a seventh of a step of a 135M model. */
  readonly bytes: number;
  /** Bytes that it holds together with the others. */
  readonly shared: number;
}

export function createReadyGraphs({ model: given, runtime, keptBytes }: ReadyGraphsOptions): ReadyGraphs {
  const model = trainingModel(given);
  const bound = keptBytes ?? (runtime.memoryBytes && runtime.memoryBytes * SHARE_OF_MEMORY) ?? KEPT_BYTES;
  const limit = keptBytes === undefined ? RUN_BYTES : Infinity;
  const plans = new Map<string, Plan>();
  /** The one used last stands last. */
  const sessions = new Map<string, RuntimeSession>();
  const plan = (wanted: TrainingGraphOptions): Plan => {
    const graph = { ...wanted, batch: rowsPerRun(model, wanted, limit) };
    const shared = model.unpackedBytes(runtime, graph);
    return { graph, shared, bytes: model.weightBytes + GRAPH_BYTES + model.trainingBytes(graph) - shared };
  };
  return {
    take: async (wanted) => {
      const key = JSON.stringify(wanted);
      const planned = plans.get(key) ?? plan(wanted);
      plans.set(key, planned);
      const { graph, bytes, shared } = planned;
      // Room is made first, so that two large graphs never stand side by side.
      const others = [...sessions].filter(([other]) => other !== key);
      let held = others.reduce((sum, [other]) => sum + plans.get(other)!.bytes, bytes + shared);
      for (const [other, unused] of others) {
        if (held <= bound) break;
        held -= plans.get(other)!.bytes;
        sessions.delete(other);
        await unused.release();
      }
      const session = sessions.get(key) ?? (await model.createTrainingSession(runtime, graph));
      sessions.delete(key);
      sessions.set(key, session);
      return { session, rows: graph.batch };
    },
    release: async () => {
      for (const session of sessions.values()) await session.release();
      sessions.clear();
    },
  };
}
