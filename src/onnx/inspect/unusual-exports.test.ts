/** An export changed as other exporters write it: it gives the same logits, or is refused as what it is. */
import { describe, expect, it } from 'vitest';
import { createNodeRuntime } from '../../runtime/node-runtime.ts';
import { checkExport } from '../../testing/exports/check-export.ts';
import { exportRows, structureFolder, structureModel } from '../../testing/exports/structure.ts';
import { makeNode, makeTensor, makeValueInfo } from '../builder.ts';
import { readOnnx, writeOnnx } from '../onnx-file.ts';
import type { OnnxGraph, OnnxNode, OnnxValueInfo } from '../onnx-model.ts';
import { usualForm } from '../usual-form.ts';
import { inspectGraph } from './inspect-graph.ts';

const runtime = createNodeRuntime();
const LLAMA = exportRows().find((row) => row.exporter === 'optimum-sdpa' && row.architecture === 'llama')!;

type Change = (graph: OnnxGraph) => OnnxGraph;

async function outcomeOf(change: Change) {
  const folder = structureFolder(LLAMA);
  const read = async (path: string) => {
    const bytes = await folder.read(path);
    if (path !== 'onnx/model.onnx' || bytes === undefined) return bytes;
    const model = readOnnx(bytes, path);
    return writeOnnx({ ...model, graph: change(model.graph) });
  };
  return checkExport({ source: { ...folder, read }, runtime });
}

const inspected = (change: Change) => () => {
  const model = structureModel(LLAMA);
  return inspectGraph(usualForm({ ...model, graph: change(model.graph) }, 'm.onnx'), 'm.onnx');
};

/** Sizes of inputs and outputs, changed. */
const resized =
  (dimOf: (value: OnnxValueInfo, param: string, axis: number) => number | undefined): Change =>
  (graph) => {
    const change = (value: OnnxValueInfo): OnnxValueInfo => {
      const tensor = value.type?.tensor;
      if (tensor?.shape === undefined) return value;
      const dims = tensor.shape.dims.map((dim, axis) => {
        const size = dimOf(value, dim.param ?? '', axis);
        return size === undefined ? dim : { value: size, param: '' };
      });
      return { ...value, type: { ...value.type, tensor: { ...tensor, shape: { ...tensor.shape, dims } } } };
    };
    return { ...graph, inputs: graph.inputs.map(change), outputs: graph.outputs.map(change) };
  };

/** What stands between the last norm and the head. */
const cutBeforeHead =
  (
    make: (
      hidden: string,
      cut: string,
    ) => { nodes: readonly OnnxNode[]; numbers?: Readonly<Record<string, readonly number[]>> },
  ): Change =>
  (graph) => {
    const head = graph.nodes.find((node) => node.outputs.includes('logits'))!;
    const { nodes, numbers = {} } = make(head.inputs[0]!, 'cut');
    const kept = graph.nodes.map((node) =>
      node === head ? { ...node, inputs: ['cut', ...node.inputs.slice(1)] } : node,
    );
    const constants = Object.entries(numbers).map(([name, values]) =>
      makeTensor(name, [values.length], BigInt64Array.from(values, BigInt)),
    );
    return {
      ...graph,
      nodes: [
        ...kept.filter((n) => n.outputs[0] !== 'logits'),
        ...nodes,
        kept.find((n) => n.outputs[0] === 'logits')!,
      ],
      initializers: [...graph.initializers, ...constants],
      outputs: graph.outputs.map((o) =>
        o.name === 'logits' ? { name: 'logits', type: { tensor: { elemType: 1 } } } : o,
      ) as OnnxGraph['outputs'],
    };
  };

describe('an export in another form generates and trains as before', () => {
  it.each([
    [
      'fixed to one row',
      resized((_, param, axis) => (axis === 0 && param.includes('batch') ? 1 : undefined)),
    ],
    [
      'whose head reads the last position alone, by an index',
      cutBeforeHead((hidden, cut) => ({
        nodes: [makeNode('Gather', [hidden, 'last'], [cut], { axis: 1 })],
        numbers: { last: [-1] },
      })),
    ],
    [
      'whose head reads the last position alone, by a slice backwards',
      cutBeforeHead((hidden, cut) => ({
        nodes: [makeNode('Slice', [hidden, 'from', 'to', 'axis', 'step'], [cut])],
        numbers: { from: [-1], to: [-2], axis: [1], step: [-1] },
      })),
    ],
  ] as const)('%s', async (_, change) => {
    expect(await outcomeOf(change)).toEqual({ generates: 'right', trains: 'right' });
  });

  it('with an input that nothing reads', () => {
    const found = inspected((graph) => ({
      ...graph,
      inputs: [...graph.inputs, makeValueInfo('token_type_ids', 'int64', ['batch', 'sequence'])],
    }));
    expect(found().positionIds?.name).not.toBe('token_type_ids');
  });
});

describe('what could not be right is refused', () => {
  it.each([
    [
      'a fixed length',
      resized(({ name }, _, axis) => (name === 'input_ids' && axis === 1 ? 9 : undefined)),
      'input_ids is fixed to 9 tokens, expected an open length',
    ],
    [
      'a cache of fixed length',
      resized(({ name }, _, axis) => (name.startsWith('past') && axis === 2 ? 16 : undefined)),
      'has a fixed length, expected an open one',
    ],
    [
      'positions turned before the head',
      cutBeforeHead((hidden, cut) => ({
        nodes: [makeNode('Slice', [hidden, 'from', 'to', 'axis', 'step'], [cut])],
        numbers: { from: [-1], to: [-1000], axis: [1], step: [-1] },
      })),
      'cut by Slice',
    ],
    [
      'ids that are read elsewhere too, for which a soft token has no value',
      cutBeforeHead((hidden, cut) => ({
        nodes: [
          makeNode('Equal', ['input_ids', 'zero'], ['is zero']),
          makeNode('Cast', ['is zero'], ['one or none'], { to: 1 }),
          makeNode('Unsqueeze', ['one or none', 'axis'], ['factor']),
          makeNode('Mul', [hidden, 'factor'], [cut]),
        ],
        numbers: { zero: [0], axis: [2] },
      })),
      'the ids are also read by Equal',
    ],
  ] as const)('%s', (_, change, reason) => {
    expect(inspected(change)).toThrow(reason);
  });
});
