/** Whether a projector can be trained through a model: told by making the graph for it, without running anything. */
import { E2PError } from '../error.ts';
import type { CacheHeads } from './cache-dims.ts';
import type { OnnxModel } from './onnx-model.ts';
import { trainingGraph } from './training-graph.ts';

/** Any would do: what is refused does not depend on it. */
const SMALL = { batch: 2, length: 8, targets: 2 };

/**
 * The reason for which it can't, or undefined where it can.
 * @param heads sizes of the cache as config.json has them, for a file that leaves them open
 */
export function whyNotTrainable(
  model: OnnxModel,
  heads?: CacheHeads | undefined,
  fileName = 'model.onnx',
): string | undefined {
  try {
    trainingGraph(model, { ...SMALL, heads, fileName });
    return undefined;
  } catch (error) {
    if (error instanceof E2PError) return error.message;
    throw error;
  }
}
