/**
 * Makes a model's proto small without touching its weights: every larger initializer becomes external data
 * (location, offset, length) that points into the bytes the model was read from. The runtime is then given
 * those very bytes, or the file that holds them, so weights are never copied or re-encoded.
 */
import type { OnnxModel, OnnxTensor } from './onnx-model.ts';

/** Constants below this size stay inline: shape arithmetic wants to read them while the session is made. */
const MIN_EXTERNAL_BYTES = 1024;

/** `location` is the name under which the runtime is given `bytes`, the buffer that `readOnnx` parsed. */
export function referToWeights(model: OnnxModel, bytes: Uint8Array, location: string): OnnxModel {
  const initializers = model.graph.initializers.map((tensor) => refer(tensor, bytes, location));
  return { ...model, graph: { ...model.graph, initializers } };
}

function refer(tensor: OnnxTensor, bytes: Uint8Array, location: string): OnnxTensor {
  const data = tensor.rawData ?? tensor.floatData;
  if (data === undefined || data.length < MIN_EXTERNAL_BYTES || data.buffer !== bytes.buffer) return tensor;
  const offset = data.byteOffset - bytes.byteOffset;
  if (offset < 0 || offset + data.length > bytes.length) return tensor;
  const { rawData, floatData, ...rest } = tensor;
  return {
    ...rest,
    dataLocation: 1,
    externalData: [
      { key: 'location', value: location },
      { key: 'offset', value: String(offset) },
      { key: 'length', value: String(data.length) },
    ],
  };
}

/** Files outside of the proto that a model refers to. */
export function externalLocations(model: OnnxModel): string[] {
  const locations = model.graph.initializers.flatMap((t) =>
    t.externalData.filter((e) => e.key === 'location').map((e) => e.value),
  );
  return [...new Set(locations)];
}
