/** What the training graphs of a model compute from its weights alone: computed by the first of them on a runtime, then there for all. */

import type { OnnxModel } from '../onnx/onnx-model.ts';
import { splitConstants } from '../onnx/split-constants.ts';
import type { Feeds, Runtime, RuntimeSession } from '../runtime/runtime.ts';

type Create = (graph: OnnxModel) => Promise<RuntimeSession>;

/** One for each model; makes sessions that are fed the weights beside what they are given. */
export function createUnpackedWeights(): (
  runtime: Runtime,
  graph: OnnxModel,
  create: Create,
) => Promise<RuntimeSession> {
  /** The last ones: graphs of a model differ in sizes, not in what they do with its weights. */
  const last = new WeakMap<Runtime, { readonly graph: string; readonly weights: Promise<Feeds> }>();
  const compute = async (constants: OnnxModel, create: Create): Promise<Feeds> => {
    const session = await create(constants);
    return session.run({}).finally(() => session.release());
  };
  return async (runtime, whole, create) => {
    const { constants, rest } = splitConstants(whole);
    if (constants === undefined) return create(rest);
    const graph = JSON.stringify(constants.graph.nodes);
    let known = last.get(runtime);
    if (known?.graph !== graph) {
      known = { graph, weights: compute(constants, create) };
      last.set(runtime, known);
      known.weights.catch(() => last.delete(runtime));
    }
    const weights = await known.weights;
    const session = await create(rest);
    return { ...session, run: (feeds) => session.run({ ...weights, ...feeds }) };
  };
}
