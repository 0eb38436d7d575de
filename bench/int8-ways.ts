/** One model in Node in several ways: with its file's own weights, with floats where it asks for rounded activations, and with some of its products in int8. */
import { loadBaseModel } from '../src/model/base-model.ts';
import { convertWeights } from '../src/model/convert-weights.ts';
import { byLength } from '../src/model/int8-file.ts';
import { planInt8 } from '../src/onnx/int8-weights.ts';
import { handOutNewRows } from '../src/onnx/new-rows.ts';
import { normsOutside } from '../src/onnx/norms-outside.ts';
import { writeOnnx } from '../src/onnx/onnx-file.ts';
import { intAttribute, type OnnxModel, type OnnxNode } from '../src/onnx/onnx-model.ts';
import { personaliseGraph } from '../src/onnx/personalise-graph.ts';
import type { ExternalData, Runtime } from '../src/runtime/runtime.ts';
import { createFolderSource } from '../src/storage/folder-source.ts';

/** Columns that are summed, and those that come out. */
export interface Product {
  readonly summed: number;
  readonly columns: number;
}

const productOf = (node: OnnxNode): Product => ({
  summed: intAttribute(node, 'K', 0),
  columns: intAttribute(node, 'N', 0),
});

export type Ways = Awaited<ReturnType<typeof openWays>>;

export async function openWays(folder: string) {
  const { read, open, name } = createFolderSource(folder);
  // Without a place to keep int8 weights: they are made in memory.
  const stored = await loadBaseModel({ source: { name, read, open: open! }, dtypes: ['q4'] });
  const { model: graph, facts, inputs } = personaliseGraph(stored.table.model, stored.table.path);
  const { weights } = stored.table;
  const file = weights.map(({ path, file }) => ({ path, data: file.data, bytes: file.size }));
  const session = (runtime: Runtime, given: OnnxModel, externalData: readonly ExternalData[]) => {
    const outside = normsOutside(given);
    const rows = handOutNewRows(outside, facts.cache, inputs.lengths !== undefined);
    return runtime.createSession(writeOnnx(rows?.model ?? outside), { externalData });
  };
  return {
    stored,
    /** Runs of many tokens with these products in int8, the others as the file has them. */
    async int8(isInt8: (product: Product) => boolean) {
      const hidden = { ...graph, graph: { ...graph.graph, nodes: graph.graph.nodes.map(hide(isInt8)) } };
      const plan = planInt8(hidden, INT8)!;
      const data = new Uint8Array(plan.bytes);
      let at = 0;
      for await (const piece of convertWeights(plan, weights)) {
        data.set(piece, at);
        at += piece.length;
      }
      const nodes = plan.model.graph.nodes.map(show);
      const many = { ...plan.model, graph: { ...plan.model.graph, nodes } };
      const converted = [{ path: INT8, data }, ...file];
      return {
        ...stored,
        cpuWeights: 'int8' as const,
        createSession: (runtime: Runtime) =>
          byLength(facts.ids.name, (isMany) =>
            isMany ? session(runtime, many, converted) : session(runtime, graph, file),
          ),
      };
    },
  };
}

const INT8 = 'in-memory.int8';
const [SHOWN, HIDDEN] = ['MatMulNBits', 'MatMulNBitsAsStored'];

/** A plan takes no product of another name. */
const hide = (isInt8: (product: Product) => boolean) => (node: OnnxNode) =>
  node.opType === SHOWN && !isInt8(productOf(node)) ? { ...node, opType: HIDDEN } : node;

const show = (node: OnnxNode) => (node.opType === HIDDEN ? { ...node, opType: SHOWN } : node);
