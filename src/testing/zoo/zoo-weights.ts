/** For tests only: weights that depend on nothing but their names, and constants as torch writes them. */
import type { OnnxModel } from '../../onnx/onnx-model.ts';

/** Every initializer of at most 64 bytes as a `Constant` node. */
export function constantsAsNodes(model: OnnxModel): OnnxModel {
  const { graph } = model;
  const isSmall = (t: (typeof graph.initializers)[number]) => (t.rawData?.length ?? 0) <= 64;
  const nodes = graph.initializers.filter(isSmall).map((tensor) => ({
    opType: 'Constant',
    domain: '',
    name: `Constant/${tensor.name}`,
    inputs: [],
    outputs: [tensor.name],
    attributes: [{ name: 'value', type: 4, t: { ...tensor, name: '' }, ints: [], strings: [], graphs: [] }],
  }));
  const initializers = graph.initializers.filter((t) => !isSmall(t));
  return { ...model, graph: { ...graph, initializers, nodes: [...nodes, ...graph.nodes] } };
}

/** Uniform numbers that depend on a name (mulberry32 on an FNV-1a hash). */
export function seeded(name: string): () => number {
  let state = 2166136261;
  for (const char of name) state = Math.imul(state ^ char.charCodeAt(0), 16777619);
  return () => {
    state = (state + 0x6d2b79f5) | 0;
    let t = Math.imul(state ^ (state >>> 15), 1 | state);
    t = (t + Math.imul(t ^ (t >>> 7), 61 | t)) ^ t;
    return ((t ^ (t >>> 14)) >>> 0) / 4294967296;
  };
}

export function bytes(name: string, length: number): Uint8Array {
  const random = seeded(name);
  return Uint8Array.from({ length }, () => Math.floor(random() * 256));
}
