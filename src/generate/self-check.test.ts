/** Decoders that structure alone can't judge: what is not right is refused or warned of when it is loaded. */
import { describe, expect, it } from 'vitest';
import { loadBaseModel } from '../model/base-model.ts';
import { GraphBuilder } from '../onnx/builder.ts';
import { readOnnx, writeOnnx } from '../onnx/onnx-file.ts';
import { DataType, type OnnxGraph } from '../onnx/onnx-model.ts';
import { createNodeRuntime } from '../runtime/node-runtime.ts';
import { createFolderSource } from '../storage/folder-source.ts';
import { exportRows, structureFolder } from '../testing/exports/structure.ts';
import type { ExportRow } from '../testing/exports/structure-folder.ts';
import { hasShared, sharedNote, sharedPath } from '../testing/shared.ts';
import { Engine } from './engine.ts';

const runtime = createNodeRuntime();
const eager = (name: string) =>
  exportRows().find((row) => row.exporter === 'optimum-eager' && row.architecture === name)!;
const LLAMA = eager('llama');
/** Structure does not show that its routing looks at no other token. */
const MOE = eager('qwen3_moe');

/** Attention in small operators, changed, with random weights. */
async function engineOf(row: ExportRow, change: (graph: OnnxGraph) => OnnxGraph) {
  const folder = structureFolder(row);
  const source = {
    ...folder,
    read: async (path: string) => {
      const bytes = await folder.read(path);
      if (path !== 'onnx/model.onnx' || bytes === undefined) return bytes;
      const model = readOnnx(bytes, path);
      return writeOnnx({ ...model, graph: change(model.graph) });
    },
  };
  return Engine.create({ model: await loadBaseModel({ source, dtypes: ['fp32'] }), runtime });
}

describe('a decoder that is checked when it is loaded', () => {
  it('is refused where its attention looks ahead', async () => {
    // A mask that says nothing of what stands ahead, as an encoder's.
    const engine = engineOf(LLAMA, (graph) => {
      const scores = new Set(graph.nodes.flatMap((n) => (n.opType === 'Softmax' ? [n.inputs[0]!] : [])));
      const g = new GraphBuilder('padding/');
      const [rows, zero] = [g.op('Unsqueeze', ['attention_mask', g.ints([1, 2])]), g.float(0)];
      const mask = g.mul(g.op('Cast', [rows], { attributes: { to: DataType.float32 } }), zero);
      const nodes = graph.nodes.map((node) =>
        node.opType === 'Add' && scores.has(node.outputs[0]!)
          ? { ...node, inputs: [node.inputs[0]!, mask] }
          : node,
      );
      return {
        ...graph,
        nodes: [...g.nodes, ...nodes],
        initializers: [...graph.initializers, ...g.initializers],
      };
    });
    await expect(engine).rejects.toMatchObject({
      code: 'unsupported-graph',
      message: expect.stringMatching(
        /token 2 of 4 has other logits behind a cache, .* with another token behind it/,
      ),
    });
  });

  it('is refused where what was read is not where its mask looks for it', async () => {
    const engine = engineOf(LLAMA, (graph) => {
      const pasts = new Set(graph.inputs.map(({ name }) => name));
      const nodes = graph.nodes.map((node) =>
        node.opType === 'Concat' && pasts.has(node.inputs[0]!)
          ? { ...node, inputs: node.inputs.toReversed() }
          : node,
      );
      return { ...graph, nodes };
    });
    await expect(engine).rejects.toMatchObject({
      code: 'unsupported-graph',
      message: expect.stringMatching(/token 2 of 4 has other logits behind a cache/),
    });
  });

  it('is warned of where it computes nonsense, as random weights do', async () => {
    const { warning } = await engineOf(MOE, (graph) => graph);
    expect(warning).toMatch(/less likely than by chance .* compute nonsense on node/);
  });

  it.skipIf(!hasShared)(`is not warned of where it was trained${sharedNote}`, async () => {
    const source = createFolderSource(sharedPath('models/stories260k-position-ids'));
    const model = await loadBaseModel({ source, dtypes: ['fp32', 'q4'] });
    expect((await Engine.create({ model, runtime })).warning).toBeUndefined();
  });
});
