/**
 * Exports that take `inputs_embeds` keep the embedding lookup in a file of its own (`embed_tokens.onnx`). Joined to
 * one graph, ids in and logits out, they are like any other export. Weights stay in their two files.
 */
import { E2PError } from '../error.ts';
import { indexGraph } from './graph-index.ts';
import { findCache } from './inspect/find-cache.ts';
import { findLookups } from './inspect/find-embedding.ts';
import { findHead } from './inspect/find-head.ts';
import { dataTypeName, type OnnxGraph, type OnnxModel, type OnnxValueInfo, shapeOf } from './onnx-model.ts';
import { raiseOpset } from './raise-opset.ts';
import { pastBranch } from './usual-form.ts';

/** The input [batch, sequence, H] of floats that stands for embeddings, or undefined where there is none. */
export function embeddingsInput(model: OnnxModel): OnnxValueInfo | undefined {
  const { graph } = pastBranch(model);
  const index = indexGraph(graph);
  const cache = findCache(index);
  const columns = findHead(index, new Set(cache.map((c) => c.present)))?.columns;
  // Other lookups are of positions.
  if (findLookups(index, graph.nodes).some(({ rows }) => rows === columns)) return undefined;
  const pasts = new Set(cache.map((c) => c.past));
  const candidates = [...index.inputs.values()].filter(
    (i) => !pasts.has(i.name) && isFloat(i) && shapeOf(i)?.length === 3,
  );
  return candidates.length === 1 ? candidates[0] : undefined;
}

/** @throws E2PError `unsupported-graph` where the two do not fit. */
export function joinEmbeddings(original: OnnxModel, lookup: OnnxModel, lookupFile: string): OnnxModel {
  const decoder = raiseOpset(original, lookup.opsets.find((o) => o.domain === '')?.version ?? 1);
  const refuse = (reason: string): never => {
    throw new E2PError('unsupported-graph', `${lookupFile}: ${reason}`);
  };
  const target = embeddingsInput(decoder) ?? refuse('the decoder has no input for embeddings');
  const [output, ...more] = lookup.graph.outputs.filter(isFloat);
  if (output === undefined || more.length > 0) {
    return refuse(`${lookup.graph.outputs.length} outputs, expected one, of embeddings`);
  }
  const [found, wanted] = [typeName(output), typeName(target)];
  if (found !== wanted) refuse(`gives ${found} embeddings, the decoder takes ${wanted}`);
  const [width, taken] = [shapeOf(output)?.at(-1), shapeOf(target)?.at(-1)];
  if (typeof width === 'number' && typeof taken === 'number' && width !== taken) {
    refuse(`gives embeddings of ${width} numbers, the decoder takes ${taken}`);
  }
  const { names } = indexGraph(decoder.graph);
  const rename = (name: string) => {
    if (name === '') return '';
    if (name === output.name) return target.name;
    return names.has(name) ? `embed_tokens/${name}` : name;
  };
  const renamed = renameValues(lookup.graph, rename);
  return {
    ...decoder,
    irVersion: Math.max(decoder.irVersion, lookup.irVersion),
    opsets: mergedOpsets(decoder, lookup),
    graph: {
      ...decoder.graph,
      nodes: [...renamed.nodes, ...decoder.graph.nodes],
      initializers: [...renamed.initializers, ...decoder.graph.initializers],
      inputs: [...renamed.inputs, ...decoder.graph.inputs.filter((i) => i.name !== target.name)],
      valueInfo: [...renamed.valueInfo.filter((v) => v.name !== target.name), ...decoder.graph.valueInfo],
    },
  };
}

function renameValues(graph: OnnxGraph, rename: (name: string) => string): OnnxGraph {
  const named = <T extends { readonly name: string }>(value: T): T => ({
    ...value,
    name: rename(value.name),
  });
  return {
    ...graph,
    nodes: graph.nodes.map((n) => ({ ...n, inputs: n.inputs.map(rename), outputs: n.outputs.map(rename) })),
    initializers: graph.initializers.map(named),
    inputs: graph.inputs.map(named),
    valueInfo: graph.valueInfo.map(named),
  };
}

/** A lookup's operators mean the same in every newer opset, so the decoder's versions hold. */
function mergedOpsets(decoder: OnnxModel, lookup: OnnxModel): OnnxModel['opsets'] {
  const known = new Set(decoder.opsets.map((o) => o.domain));
  return [...decoder.opsets, ...lookup.opsets.filter((o) => !known.has(o.domain))];
}

const typeName = (value: OnnxValueInfo) => dataTypeName(value.type?.tensor?.elemType ?? 0);
const isFloat = (value: OnnxValueInfo) => ['float32', 'float16'].includes(typeName(value));
