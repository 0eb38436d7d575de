/**
 * The rewrite this project stands on: `Where(soft_mask, soft_embeds, embeddings)` behind the embedding lookup
 * and its scale. A soft token can then stand anywhere in the prompt, under any placeholder id, and a prompt
 * without one runs as before: mask [1, 1, 1] = false and vectors [1, 1, 1] = 0 broadcast.
 */
import { makeNode, makeValueInfo } from './builder.ts';
import { freshName, indexGraph } from './graph-index.ts';
import type { GraphFacts } from './inspect/inspect-graph.ts';
import type { OnnxModel } from './onnx-model.ts';

/** Names of the added inputs. */
export interface SoftTokenInputs {
  /** bool [batch, sequence, 1] (each dim may be 1): true where a soft token stands. */
  readonly mask: string;
  /** [batch, sequence, H] (each dim may be 1), in the type of the embeddings: the soft tokens. */
  readonly embeds: string;
}

export function addSoftTokens(
  model: OnnxModel,
  facts: GraphFacts,
): { readonly model: OnnxModel; readonly inputs: SoftTokenInputs } {
  const { graph } = model;
  const index = indexGraph(graph);
  const { value, type } = facts.embedding;
  const mask = freshName(index, 'soft_mask');
  const embeds = freshName(index, 'soft_embeds');
  const embeddings = freshName(index, `${value}/tokens`);

  // The lookup gets a new output name and Where takes the old one, so no consumer changes.
  const nodes = graph.nodes.flatMap((node) => {
    if (!node.outputs.includes(value)) return [node];
    const renamed = { ...node, outputs: node.outputs.map((o) => (o === value ? embeddings : o)) };
    return [renamed, makeNode('Where', [mask, embeds, embeddings], [value])];
  });
  const inputs = [
    ...graph.inputs,
    makeValueInfo(mask, 'bool', ['soft_batch', 'soft_sequence', 1]),
    makeValueInfo(embeds, type, ['embeds_batch', 'embeds_sequence', 'embeds_hidden']),
  ];
  return { model: { ...model, graph: { ...graph, nodes, inputs } }, inputs: { mask, embeds } };
}
