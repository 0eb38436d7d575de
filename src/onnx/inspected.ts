/** A model in its usual form and what was found in it; thousands of nodes are looked through once, however many rewrites begin with it. */
import { type GraphFacts, inspectGraph } from './inspect/inspect-graph.ts';
import type { OnnxModel } from './onnx-model.ts';
import { usualForm } from './usual-form.ts';

export interface Inspected {
  readonly plain: OnnxModel;
  readonly facts: GraphFacts;
}

/** What is made of a model, once for each; a failure is not kept. */
export function once<T>(make: (model: OnnxModel, fileName: string) => T) {
  const made = new WeakMap<OnnxModel, T>();
  return (model: OnnxModel, fileName = 'model.onnx'): T => {
    const found = made.get(model) ?? make(model, fileName);
    made.set(model, found);
    return found;
  };
}

/** @throws E2PError `unsupported-graph` with the reason. `fileName` appears in messages only. */
export const inspected = once((model, fileName): Inspected => {
  const plain = usualForm(model, fileName);
  return { plain, facts: inspectGraph(plain, fileName) };
});
