/**
 * The quantized weights of a graph in float32, in a graph of their own: computed once and fed to the rest, they are shared by all
 * graphs of a model, in all their runs.
 */
import { makeValueInfo } from './builder.ts';
import { inferShapes } from './infer-shapes.ts';
import type { OnnxModel } from './onnx-model.ts';
import { prune } from './prune.ts';
import { sizeOf } from './shape.ts';

/** `weights` has no inputs, and its outputs, of `bytes`, are inputs of `rest`; undefined where no weight is quantized. */
export function splitWeights(model: OnnxModel): {
  readonly weights: OnnxModel | undefined;
  readonly rest: OnnxModel;
  readonly bytes: number;
} {
  const { graph } = model;
  const values = inferShapes(graph);
  const stored = new Set(['', ...graph.initializers.map((t) => t.name)]);
  const wide = new Set<string>();
  const read = new Set<string>();
  for (const { opType, inputs, outputs } of graph.nodes) {
    const isWide = opType === 'DequantizeLinear' ? inputs.every((i) => stored.has(i)) : wide.has(inputs[0]!);
    if (isWide && (opType === 'DequantizeLinear' || opType === 'Cast')) wide.add(outputs[0]!);
    else for (const input of inputs) if (wide.has(input)) read.add(input);
  }
  const infos = [...read].map((name) =>
    makeValueInfo(name, values.get(name)!.dataType, values.get(name)!.shape),
  );
  if (infos.length === 0) return { weights: undefined, rest: model, bytes: 0 };
  const given = new Set(infos.map(({ name }) => name));
  return {
    bytes: [...read].reduce((sum, name) => sum + 4 * sizeOf(values.get(name)!.shape), 0),
    weights: prune({ ...model, graph: { ...graph, inputs: [], outputs: infos } }),
    rest: prune({
      ...model,
      graph: {
        ...graph,
        nodes: graph.nodes.filter(({ outputs }) => !outputs.some((o) => given.has(o))),
        inputs: [...graph.inputs, ...infos],
      },
    }),
  };
}
