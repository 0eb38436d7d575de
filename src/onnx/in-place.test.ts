/** Which decoders may run on buffers that stay where they are. That it is right there, `e2e/gpu.spec.ts` shows in a browser. */
import { describe, expect, it } from 'vitest';
import { GraphBuilder } from './builder.ts';
import { inPlaceObstacles } from './in-place.ts';
import type { GraphFacts } from './inspect/inspect-graph.ts';

interface Variant {
  readonly attributes?: Readonly<Record<string, number | { readonly float: number }>>;
  readonly bias?: boolean;
  readonly head?: string;
  readonly present?: string;
  readonly fed?: boolean;
  readonly axes?: number;
}

/** One layer of attention and a head, as far as that matters. */
function obstacles({
  attributes = {},
  bias,
  head = 'MatMul',
  present = 'present',
  fed = true,
  axes = 3,
}: Variant) {
  const g = new GraphBuilder();
  for (const name of ['q', 'past', 'past_value']) g.input(name, 'float32', ['batch', 2, 'length', 4]);
  for (const name of ['rows', 'total']) g.input(name, 'int32', [1]);
  const inputs = [
    'q',
    'q',
    'q',
    'past',
    'past_value',
    'rows',
    'total',
    ...(bias ? ['', '', '', 'bias'] : []),
  ];
  g.fused('GroupQueryAttention', inputs, { outputs: ['out', present, 'present_value'], attributes });
  if (present !== 'present') g.op('Cast', [present], { outputs: ['present'], attributes: { to: 1 } });
  g.op(head, ['out', 'weight'], { outputs: ['logits'] });
  g.output('logits', 'float32', ['batch', 'length', 9].slice(3 - axes));
  const pair = (past: string, made: string) => ({
    ...{
      past,
      present: made,
      type: 'float32',
      dims: [undefined, 2, undefined, 4],
      batchAxis: 0,
      lengthAxis: 2,
    },
  });
  const facts = {
    cache: [pair('past', 'present'), pair('past_value', 'present_value')],
    head: { logits: 'logits' },
  } as unknown as GraphFacts;
  const lengths = fed ? { rows: 'rows', total: 'total' } : undefined;
  return inPlaceObstacles(g.model(), facts, { lengths, needsMask: false });
}

describe('a decoder on buffers that stay', () => {
  it('grows in place and repeats its steps where the cache is that of GroupQueryAttention', () => {
    expect(obstacles({})).toEqual({ cache: undefined, capture: undefined });
  });

  it.each([
    ['lengths of the attention are not fed', { fed: false }],
    ['the cache is not that of GroupQueryAttention alone', { present: 'half' }],
    ['attention has a smooth softmax', { attributes: { smooth_softmax: 1 } }],
    ['attention has capped scores', { attributes: { softcap: { float: 30 } } }],
    ['attention has a bias or a sink', { bias: true }],
    ['the logits have no three axes', { axes: 2 }],
  ] as const)('does neither where %s', (reason, variant) => {
    expect(obstacles(variant)).toEqual({ cache: reason, capture: reason });
  });

  it.each([
    ['attention has a sliding window', { attributes: { local_window_size: 512 } }],
    ['the logits are a copy (Reshape)', { head: 'Reshape' }],
  ] as const)('repeats nothing where %s, of which onnxruntime would not tell', (reason, variant) => {
    expect(obstacles(variant)).toEqual({ cache: undefined, capture: reason });
  });
});
