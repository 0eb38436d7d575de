/**
 * The quantized weights of a model in float32: dequantized by its first training graph on a runtime, then there for all, until the last
 * of them is released.
 */
import type { OnnxModel } from '../onnx/onnx-model.ts';
import { splitWeights } from '../onnx/split-weights.ts';
import type { Feeds, Runtime, RuntimeSession } from '../runtime/runtime.ts';

type Create = (graph: OnnxModel) => Promise<RuntimeSession>;

/** One for each model; makes sessions that are fed the weights beside what they are given. */
export function createUnpackedWeights(): (
  runtime: Runtime,
  graph: OnnxModel,
  create: Create,
) => Promise<RuntimeSession> {
  const known = new Map<Runtime, { readonly feeds: Promise<Feeds>; sessions: number }>();
  const unpack = async (weights: OnnxModel, create: Create): Promise<Feeds> => {
    const session = await create(weights);
    return session.run({}).finally(() => session.release());
  };
  return async (runtime, graph, create) => {
    const { weights, rest } = splitWeights(graph);
    if (weights === undefined) return create(rest);
    const found = known.get(runtime) ?? { feeds: unpack(weights, create), sessions: 0 };
    known.set(runtime, found);
    found.sessions++;
    const leave = () => {
      if (--found.sessions === 0) known.delete(runtime);
    };
    try {
      const all = await found.feeds;
      const fed = Object.fromEntries(weights.graph.outputs.map(({ name }) => [name, all[name]!]));
      const session = await create(rest);
      return {
        ...session,
        run: (feeds) => session.run({ ...fed, ...feeds }),
        release: () => session.release().finally(leave),
      };
    } catch (error) {
      leave();
      throw error;
    }
  };
}
