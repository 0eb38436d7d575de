import { describe, expect, it } from 'vitest';
import { structureModel } from '../../testing/exports/structure.ts';
import { hasShared, readShared, sharedNote } from '../../testing/shared.ts';
import { GraphBuilder } from '../builder.ts';
import { readOnnx } from '../onnx-file.ts';
import type { OnnxModel } from '../onnx-model.ts';
import { inspectGraph } from './inspect-graph.ts';

const V = 12;
const H = 4;
const random = (length: number) => Float32Array.from({ length }, (_, i) => Math.sin(i * 1.3));

/** ids → embedding (→ scale) → head → logits; names carry no meaning on purpose. */
function tinyLm({ scale = 1, turned = false, learnedPositions = false, extraInput = false } = {}): OnnxModel {
  const g = new GraphBuilder('v');
  const ids = g.input('a', 'int64', ['b', 's']);
  const table = g.tensor('t', turned ? [H, V] : [V, H], random(V * H));
  let x = g.gather(turned ? g.transpose(table, [1, 0]) : table, ids);
  if (scale !== 1) x = g.mul(x, g.float(scale));
  if (learnedPositions) {
    const positions = g.input('p', 'int64', ['b', 's']);
    x = g.add(x, g.gather(g.tensor('pt', [20, H], random(20 * H)), positions));
  }
  if (extraInput) x = g.add(x, g.input('mystery', 'float32', [1]));
  const past = g.input('k', 'float32', ['b', 'l']);
  g.op('Concat', [past, g.op('ReduceMean', [x], { attributes: { axes: [2], keepdims: 0 } })], {
    attributes: { axis: 1 },
    outputs: ['n'],
  });
  g.output('n', 'float32', ['b', 'l2']);
  const head = turned ? table : g.transpose(table, [1, 0]);
  g.op('MatMul', [x, head], { outputs: ['z'] });
  g.output('z', 'float32', ['b', 's', V]);
  return g.model();
}

describe('inspecting a graph', () => {
  it('finds lookup and head by structure, whatever the names', () => {
    const facts = inspectGraph(tinyLm());
    expect(facts).toMatchObject({ hiddenSize: H, vocabularySize: V, ids: { name: 'a', type: 'int64' } });
    expect(facts.head).toMatchObject({ logits: 'z', operator: 'MatMul' });
    expect(facts.embedding).toMatchObject({ table: 't', scale: 1, type: 'float32' });
  });

  it('a table shared with the head, turned, gives the same sizes', () => {
    expect(inspectGraph(tinyLm({ turned: true }))).toMatchObject({ hiddenSize: H, vocabularySize: V });
  });

  it('the soft token goes in behind the scale of the lookup', () => {
    const model = tinyLm({ scale: 2 });
    const facts = inspectGraph(model);
    expect(facts.embedding.scale).toBe(2);
    const producer = model.graph.nodes.find((n) => n.outputs.includes(facts.embedding.value))!;
    expect(producer.opType).toBe('Mul');
  });

  it('an input without a known role is refused by name', () => {
    expect(() => inspectGraph(tinyLm({ extraInput: true }))).toThrow(/input mystery has no known role/);
    expect(() => inspectGraph(tinyLm({ extraInput: true }))).toThrow(
      expect.objectContaining({ code: 'unsupported-graph' }),
    );
  });

  it('a graph without a lookup, or without a head, is refused with the reason', () => {
    const model = tinyLm();
    const { graph } = model;
    const noLookup = {
      ...model,
      graph: { ...graph, nodes: graph.nodes.filter((n) => n.opType !== 'Gather') },
    };
    expect(() => inspectGraph(noLookup)).toThrow('no embedding lookup found');
    const noHead = { ...model, graph: { ...graph, nodes: graph.nodes.filter((n) => n.opType !== 'MatMul') } };
    expect(() => inspectGraph(noHead)).toThrow('no LM head found');
  });

  it('a cache that is written in place, and embeddings in bfloat16, are refused as what they are', () => {
    const model = structureModel({ file: 'optimum-eager.llama.onnx.gz' });
    const { graph } = model;
    const pasts = new Set(graph.inputs.map(({ name }) => name));
    const inPlace = graph.nodes.map((node) =>
      node.opType === 'Concat' && pasts.has(node.inputs[0]!)
        ? { ...node, opType: 'TensorScatter', inputs: [...node.inputs, 'write_indices'] }
        : node,
    );
    expect(() => inspectGraph({ ...model, graph: { ...graph, nodes: inPlace } })).toThrow(
      /a buffer of fixed length that is written in place \(TensorScatter, .*expected one that grows/,
    );
    expect(() => inspectGraph(structureModel({ file: 'genai-bf16.llama.onnx.gz' }))).toThrow(
      'the embeddings are bfloat16, expected float32 or float16',
    );
  });
});

describe.skipIf(!hasShared)(`real models${sharedNote}`, () => {
  const of = (path: string) => inspectGraph(readOnnx(readShared(`models/${path}`)));

  it('stories260k fp32', () => {
    const facts = of('stories260k/onnx/model.onnx');
    expect(facts).toMatchObject({ hiddenSize: 64, vocabularySize: 512, weightBits: 32 });
    expect(facts).toMatchObject({
      attentionMask: { name: 'attention_mask', type: 'int64' },
      positionIds: undefined,
    });
    expect(facts.cache).toHaveLength(10);
    expect(facts.cache[0]).toMatchObject({
      past: 'past_key_values.0.key',
      present: 'present.0.key',
      dims: [undefined, 4, undefined, 16],
      batchAxis: 0,
      lengthAxis: 2,
    });
  });

  it('stories260k in 4 bits: sizes from a packed table', () => {
    const facts = of('stories260k/onnx/model_q4.onnx');
    expect(facts).toMatchObject({ hiddenSize: 64, vocabularySize: 512, weightBits: 4 });
    expect(facts.embedding.operator).toBe('GatherBlockQuantized');
    expect(facts.head.operator).toBe('MatMulNBits');
  });

  it('positions as an input, weights outside of the proto', () => {
    expect(of('stories260k-position-ids/onnx/model.onnx').positionIds?.name).toBe('position_ids');
    expect(of('stories260k-external/onnx/model.onnx')).toMatchObject({ hiddenSize: 64, vocabularySize: 512 });
  });
});
