/** Weights outside of the proto: initializers that name a file, an offset and a length. */
import type { OnnxModel } from './onnx-model.ts';

/** Files outside of the proto that a model refers to. */
export function externalLocations(model: OnnxModel): string[] {
  const locations = model.graph.initializers.flatMap((t) =>
    t.externalData.filter((e) => e.key === 'location').map((e) => e.value),
  );
  return [...new Set(locations)];
}

/** The same model, its files named without `./` in front: runtimes look for the name as it is written. */
export function plainLocations(model: OnnxModel): OnnxModel {
  if (!externalLocations(model).some((location) => location.startsWith('./'))) return model;
  const initializers = model.graph.initializers.map((tensor) => ({
    ...tensor,
    externalData: tensor.externalData.map((entry) =>
      entry.key === 'location' ? { ...entry, value: entry.value.replace(/^(\.\/)+/, '') } : entry,
    ),
  }));
  return { ...model, graph: { ...model.graph, initializers } };
}
