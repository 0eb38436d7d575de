/** Weights outside of the proto: initializers that name a file, an offset and a length. */
import type { OnnxModel } from './onnx-model.ts';

/** Files outside of the proto that a model refers to. */
export function externalLocations(model: OnnxModel): string[] {
  const locations = model.graph.initializers.flatMap((t) =>
    t.externalData.filter((e) => e.key === 'location').map((e) => e.value),
  );
  return [...new Set(locations)];
}
