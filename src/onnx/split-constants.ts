/**
 * What a graph computes from its weights alone, in a graph of its own: 4-bit weights in float32 above all. Computed once and fed to the
 * rest, it is shared by all graphs of a model, in all their runs.
 */
import { makeValueInfo } from './builder.ts';
import { inferShapes } from './infer-shapes.ts';
import type { OnnxModel } from './onnx-model.ts';
import { bytesOf } from './peak-bytes.ts';
import { prune } from './prune.ts';

/** Less is computed faster than it is handed over. */
const LEAST_BYTES = 1e5;

/** `constants` has no inputs, and its outputs are inputs of `rest`; undefined where there is nothing of that kind. */
export function splitConstants(model: OnnxModel): {
  readonly constants: OnnxModel | undefined;
  readonly rest: OnnxModel;
} {
  const { graph } = model;
  const values = inferShapes(graph);
  const known = new Set(['', ...graph.initializers.map((t) => t.name)]);
  const isConstant = (inputs: readonly string[]) => inputs.every((i) => known.has(i));
  const made = new Set<string>();
  const read = new Set<string>();
  for (const { inputs, outputs } of graph.nodes) {
    if (isConstant(inputs)) for (const output of outputs) known.add(output) && made.add(output);
    else for (const input of inputs) if (made.has(input)) read.add(input);
  }
  const infos = [...read].flatMap((name) => {
    const value = values.get(name);
    return value !== undefined && bytesOf(value) >= LEAST_BYTES
      ? [makeValueInfo(name, value.dataType, value.shape)]
      : [];
  });
  if (infos.length === 0) return { constants: undefined, rest: model };
  const given = new Set(infos.map(({ name }) => name));
  return {
    constants: prune({ ...model, graph: { ...graph, inputs: [], outputs: infos } }),
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
