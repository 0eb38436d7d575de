/**
 * How much memory the values between the nodes need at most, estimated from the graph alone: each lives from the node that makes it to the last
 * that reads it. Weights are not in it. A bound rather than a measurement: a runtime reuses buffers in place, and rounds them up.
 */
import { inferShapes, type StaticValue } from './infer-shapes.ts';
import { DataType, type OnnxModel } from './onnx-model.ts';
import { sizeOf } from './shape.ts';

const BYTES: Readonly<Record<number, number>> = {
  ...{ [DataType.float64]: 8, [DataType.int64]: 8, [DataType.float16]: 2, [DataType.bfloat16]: 2 },
  ...{ [DataType.int8]: 1, [DataType.uint8]: 1, [DataType.bool]: 1 },
};

/** 0 for a value of unknown shape. */
export const bytesOf = (value: StaticValue | undefined): number =>
  value === undefined ? 0 : sizeOf(value.shape) * (BYTES[value.dataType] ?? 4);

/** Their output is their input's bytes in another shape. */
const SAME_BYTES = new Set(['Reshape', 'Squeeze', 'Unsqueeze', 'Flatten', 'Identity']);

/** Of a model whose inputs have static shapes; its inputs and outputs count. */
export function peakBytes({ graph }: OnnxModel): number {
  const values = inferShapes(graph);
  const weights = new Set(graph.initializers.map((t) => t.name));
  /** Whose buffer a value lies in. */
  const owner = new Map<string, string>();
  const ownerOf = (name: string) => owner.get(name) ?? name;
  for (const { opType, inputs, outputs } of graph.nodes)
    if (SAME_BYTES.has(opType)) owner.set(outputs[0]!, ownerOf(inputs[0]!));

  const lastUse = new Map<string, number>();
  for (const [i, { inputs }] of graph.nodes.entries())
    for (const input of inputs) lastUse.set(ownerOf(input), i);
  for (const { name } of [...graph.outputs, ...graph.inputs]) lastUse.set(ownerOf(name), Infinity);

  let now = graph.inputs
    .filter(({ name }) => !weights.has(name))
    .reduce((sum, { name }) => sum + bytesOf(values.get(name)), 0);
  let most = now;
  for (const [i, { inputs, outputs }] of graph.nodes.entries()) {
    for (const output of outputs) if (ownerOf(output) === output) now += bytesOf(values.get(output));
    most = Math.max(most, now);
    const read = new Set([...inputs, ...outputs].map(ownerOf));
    for (const name of read) {
      if (!weights.has(name) && (lastUse.get(name) ?? -1) <= i) now -= bytesOf(values.get(name));
    }
  }
  return most;
}
