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
const sdpa = (name: string) =>
  exportRows().find((row) => row.exporter === 'optimum-sdpa' && row.architecture === name)!;
const LLAMA = sdpa('llama');

type Change = (graph: OnnxGraph) => OnnxGraph;

async function outcomeOf(change: Change, row = LLAMA) {
  const folder = structureFolder(row);
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

function withoutNames(value: OnnxValueInfo): OnnxValueInfo {
  const tensor = value.type!.tensor!;
  const dims = tensor.shape!.dims.map((dim) => ({ ...dim, param: '' }));
  return { ...value, type: { ...value.type, tensor: { ...tensor, shape: { ...tensor.shape, dims } } } };
}

/** A cache of fixed length, of which the oldest is dropped where something new comes. */
const rolling: Change = (graph) => {
  const sized = resized(({ name }, _, axis) => (/^(past|present)/.test(name) && axis === 2 ? 16 : undefined))(
    graph,
  );
  const numbers = { newest: [-16], end: [2 ** 31], 'the length': [2] };
  const nodes = sized.nodes.flatMap((node) => {
    const [present = ''] = node.outputs;
    if (node.opType !== 'Concat' || !present.startsWith('present')) return [node];
    const longer = `${present}/longer`;
    const last = makeNode('Slice', [longer, 'newest', 'end', 'the length'], [present]);
    return [{ ...node, outputs: [longer] }, last];
  });
  const constants = Object.entries(numbers).map(([name, values]) =>
    makeTensor(name, [1], BigInt64Array.from(values, BigInt)),
  );
  return { ...sized, nodes, initializers: [...sized.initializers, ...constants] };
};

/** Rounded to whole numbers of a fixed scale, as all that is computed in a statically quantised file. */
const rounded: Change = (graph) => {
  const nodes = graph.nodes.map((node) =>
    node.outputs[0] === 'logits' ? { ...node, outputs: ['unrounded'] } : node,
  );
  const zero = ['scale', 'zero'] as const;
  return {
    ...graph,
    nodes: [
      ...nodes,
      makeNode('QuantizeLinear', ['unrounded', ...zero], ['whole']),
      makeNode('DequantizeLinear', ['whole', ...zero], ['logits']),
    ],
    initializers: [
      ...graph.initializers,
      makeTensor('scale', [], Float32Array.of(0.1)),
      makeTensor('zero', [], Uint8Array.of(128)),
    ],
  };
};

/** Every layer would attend to it; here it is added at the end. */
const withEncoder: Change = (graph) => {
  const added = cutBeforeHead((hidden, cut) => ({
    nodes: [
      makeNode('ReduceMean', ['encoder_hidden_states'], ['mean']),
      makeNode('Add', [hidden, 'mean'], [cut]),
    ],
  }))(graph);
  const states = makeValueInfo('encoder_hidden_states', 'float32', ['batch', 'read', 64]);
  return { ...added, inputs: [...added.inputs, states] };
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

  it.each([
    // As converters to float16 leave their casts.
    ['with nodes in no order', (graph: OnnxGraph) => ({ ...graph, nodes: graph.nodes.toReversed() })],
    [
      'whose sizes have no names, and whose ids are reshaped',
      (graph: OnnxGraph) => ({ ...graph, inputs: graph.inputs.map(withoutNames), valueInfo: [] }),
    ],
  ] as const)('%s', async (_, change) => {
    expect(await outcomeOf(change, sdpa('gpt2'))).toEqual({ generates: 'right', trains: 'right' });
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
    ['a cache of fixed length that drops the oldest', rolling, 'has a fixed length, expected an open one'],
    ['activations that are rounded to a fixed scale', rounded, 'is rounded to integers of a fixed scale'],
    [
      'what an encoder read',
      withEncoder,
      'the input encoder_hidden_states float32[batch, read, 64] is no cache',
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
