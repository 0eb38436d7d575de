/** Which caches can be handed out by rows, and which are left as they are. That the rows are right, every export's test shows (model/exports.test.ts). */
import { describe, expect, it } from 'vitest';
import { GraphBuilder } from './builder.ts';
import type { CacheTensor } from './inspect/inspect-graph.ts';
import { handOutNewRows } from './new-rows.ts';
import { shapeOf } from './onnx-model.ts';

const tensor: CacheTensor = {
  ...{ past: 'past', present: 'present', type: 'float32', dims: [undefined, 2, undefined, 4] },
  ...{ batchAxis: 0, lengthAxis: 2 },
};

function graph(make: (g: GraphBuilder) => void) {
  const g = new GraphBuilder();
  g.input('past', 'float32', ['batch', 2, 'past_length', 4]);
  g.input('new', 'float32', ['batch', 2, 'length', 4]);
  make(g);
  g.output('present', 'float32', ['batch', 2, 'all', 4]);
  return g.model();
}
const concat = (inputs: readonly string[], axis: number) => (g: GraphBuilder) => {
  g.op('Concat', inputs, { attributes: { axis }, outputs: ['present'] });
};

describe('a cache that is handed out by rows', () => {
  it.each([2, -2])('is one that new rows are put behind, on axis %s', (axis) => {
    const found = handOutNewRows(graph(concat(['past', 'new'], axis)), [tensor], false)!;
    expect(found.positions).toBeUndefined();
    expect(found.cache).toEqual([{ past: 'past', rows: 'present/new', tensor, lengthAxis: 0 }]);
    const { inputs, outputs } = found.model.graph;
    expect(shapeOf(inputs[0]!)).toEqual(['past_length', 'batch', 2, 4]);
    expect(outputs.map(({ name }) => name)).toEqual(['present/new']);
  });

  it.each([
    ['new rows in front', concat(['new', 'past'], 2)],
    ['another axis', concat(['past', 'new'], 1)],
    [
      'a window that slides',
      (g: GraphBuilder) => {
        const whole = g.op('Concat', ['past', 'new'], { attributes: { axis: 2 } });
        g.op('Slice', [whole, g.ints([1]), g.ints([99]), g.ints([2])], { outputs: ['present'] });
      },
    ],
  ] as const)('is none with %s', (_, make) => {
    expect(handOutNewRows(graph(make), [tensor], false)).toBeUndefined();
  });

  const attention = (g: GraphBuilder) => {
    g.fused('GroupQueryAttention', ['new', 'new', 'new', 'past', 'past_value', 'rows', 'total'], {
      outputs: ['out', 'present', 'present_value'],
    });
  };
  it('is that of GroupQueryAttention where its lengths are told', () => {
    expect(handOutNewRows(graph(attention), [tensor], true)).toMatchObject({
      positions: 'new_rows',
      cache: [{ past: 'past', lengthAxis: 2 }],
    });
    expect(handOutNewRows(graph(attention), [tensor], false)).toBeUndefined();
  });

  it('is all of a model or nothing', () => {
    const state: CacheTensor = { ...tensor, past: 'state', present: 'next_state', lengthAxis: undefined };
    const model = graph((g) => {
      concat(['past', 'new'], 2)(g);
      g.op('Identity', [g.input('state', 'float32', [1, 8])], { outputs: ['next_state'] });
      g.output('next_state', 'float32', [1, 8]);
    });
    expect(handOutNewRows(model, [tensor, state], true)).toBeUndefined();
  });
});
