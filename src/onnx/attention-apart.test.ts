/** Attention in nodes of its own against the operator, in WASM: the same values, cut anywhere the same bits; and what is left to the operator. */
import { describe, expect, it } from 'vitest';
import type { Tensor } from '../runtime/runtime.ts';
import { createWasmRuntime } from '../runtime/web-runtime.ts';
import { seeded } from '../testing/zoo/zoo-weights.ts';
import { attentionApart } from './attention-apart.ts';
import { type AttributeValue, GraphBuilder } from './builder.ts';
import type { CacheTensor } from './inspect/inspect-graph.ts';
import { writeOnnx } from './onnx-file.ts';

const runtime = await createWasmRuntime('a test', { threads: false });
const [KV, D, ROOM] = [2, 32, 384];

interface Shape {
  readonly heads: number;
  readonly isPacked: boolean;
  readonly attributes: Readonly<Record<string, AttributeValue>>;
  /** Channels that the tables turn. */
  readonly turned?: number;
}

const cache = ['k', 'v'].map(
  (x): CacheTensor => ({
    ...{ past: `past_${x}`, present: `present_${x}`, type: 'float32', batchAxis: 0, lengthAxis: 2 },
    dims: [undefined, KV, undefined, undefined],
  }),
);

function graph({ heads, isPacked, attributes, turned = D }: Shape) {
  const g = new GraphBuilder();
  const widths = isPacked ? [heads + 2 * KV] : [heads, KV, KV];
  const given = widths.map((n, i) => g.input(`x${i}`, 'float32', ['batch', 'new', n * D]));
  const pasts = cache.map(({ past }) => g.input(past, 'float32', ['batch', KV, 'room', D]));
  const lengths = [g.input('rows', 'int32', ['batch']), g.input('total', 'int32', [])];
  const angles = (of: (x: number) => number) =>
    Float32Array.from({ length: (ROOM * turned) / 2 }, (_, i) => of(i / 7));
  const tables = [Math.cos, Math.sin].map((of, i) => g.tensor(`table${i}`, [ROOM, turned / 2], angles(of)));
  const inputs = [...given, ...(isPacked ? ['', ''] : []), ...pasts, ...lengths, ...tables];
  g.fused('GroupQueryAttention', inputs, {
    attributes: { num_heads: heads, kv_num_heads: KV, do_rotary: 1, ...attributes },
    outputs: ['y', ...cache.map(({ present }) => present)],
  });
  g.output('y', 'float32', ['batch', 'new', heads * D]);
  for (const { present } of cache) g.output(present, 'float32', ['batch', KV, 'all', D]);
  return g.model();
}

interface Piece {
  readonly from: number;
  readonly to: number;
  /** Of each row of the batch, what counts behind this piece. */
  readonly lengths: readonly number[];
}

/** y of the last piece, of the operator or apart; its cache is kept in a buffer with room. */
async function attended(shape: Shape, pieces: readonly Piece[], isApart: boolean): Promise<Float32Array> {
  const model = graph(shape);
  const apart = attentionApart(model, cache, D)!;
  const session = await runtime.createSession(writeOnnx(isApart ? apart.model : model));
  const batch = pieces[0]!.lengths.length;
  const kept = cache.map(() => new Float32Array(batch * KV * ROOM * D));
  const widths = shape.isPacked ? [shape.heads + 2 * KV] : [shape.heads, KV, KV];
  const random = seeded('x');
  const all = widths.map((n) => Float32Array.from({ length: batch * ROOM * n * D }, () => 4 * random() - 2));
  let y = new Float32Array();
  for (const { from, to, lengths } of pieces) {
    const count = to - from;
    // The same values at a place, whatever the piece.
    const xs = all.map((x, i) => {
      const width = widths[i]! * D;
      const rows = Array.from({ length: batch }, (_, b) => [
        ...x.subarray((b * ROOM + from) * width, (b * ROOM + to) * width),
      ]);
      return [`x${i}`, runtime.tensor('float32', Float32Array.from(rows.flat()), [batch, count, width])];
    });
    const outputs = await session.run({
      ...Object.fromEntries(xs),
      ...Object.fromEntries(
        cache.map(({ past }, i) => [past, runtime.tensor('float32', kept[i]!, [batch, KV, ROOM, D])]),
      ),
      rows: runtime.tensor(
        'int32',
        Int32Array.from(lengths, (l) => l - 1),
        [batch],
      ),
      total: runtime.tensor('int32', Int32Array.of(Math.max(to, ...lengths)), []),
    });
    for (const [i, { present }] of cache.entries()) {
      const rows = outputs[isApart ? apart.cache[i]!.rows : present] as Tensor;
      const length = rows.dims[2]!;
      for (let o = 0; o < batch * KV; o++) {
        // A row goes on behind what counts in it.
        const start = from === 0 ? 0 : lengths[Math.floor(o / KV)]! - count;
        const first = isApart ? 0 : start;
        const values = (rows.data as Float32Array).subarray((o * length + first) * D);
        kept[i]!.set(values.subarray(0, count * D), (o * ROOM + start) * D);
      }
    }
    y = Float32Array.from(outputs.y!.data as Float32Array);
  }
  await session.release();
  return y;
}

const apartBy = (a: Float32Array, b: Float32Array) =>
  Math.max(...a.map((value, i) => Math.abs(value - b[i]!)));

describe('attention in nodes of its own', () => {
  it.each<[string, Shape]>([
    ['three heads to a pair of keys, packed', { heads: 6, isPacked: true, attributes: {} }],
    ['one head each', { heads: 2, isPacked: false, attributes: { scale: { float: 0.2 } } }],
    ['channels turned in pairs', { heads: 4, isPacked: false, attributes: { rotary_interleaved: 1 } }],
    ['half of the channels turned', { heads: 4, isPacked: true, attributes: {}, turned: D / 2 }],
    ['nothing turned', { heads: 4, isPacked: true, attributes: { do_rotary: 0 } }],
  ])('computes what the operator does: %s', async (_, shape) => {
    const pieces = [
      { from: 0, to: 5, lengths: [5] },
      { from: 5, to: 9, lengths: [9] },
      { from: 9, to: 10, lengths: [10] },
    ];
    for (const some of [pieces.slice(0, 1), pieces.slice(0, 2), pieces]) {
      const [found, expected] = [await attended(shape, some, true), await attended(shape, some, false)];
      expect(found).toHaveLength(expected.length);
      expect(apartBy(found, expected)).toBeLessThan(1e-5);
    }
  });

  it('computes it for rows of different lengths, padded behind', async () => {
    const shape = { heads: 4, isPacked: true, attributes: {} };
    const pieces = [
      { from: 0, to: 6, lengths: [6, 3] },
      { from: 6, to: 7, lengths: [7, 4] },
    ];
    const [found, expected] = [await attended(shape, pieces, true), await attended(shape, pieces, false)];
    expect(apartBy(found, expected)).toBeLessThan(1e-5);
  });

  it('gives the last of 300 tokens the same bits however they are cut', async () => {
    const shape = { heads: 6, isPacked: true, attributes: {} };
    const cut = (...ends: readonly number[]) =>
      ends.map((to, i) => ({ from: ends[i - 1] ?? 0, to, lengths: [to] }));
    const whole = await attended(shape, cut(300), true);
    const last = whole.subarray(-6 * D);
    for (const ends of [
      [299, 300],
      [64, 128, 300],
      [257, 296, 300],
    ]) {
      expect((await attended(shape, cut(...ends), true)).subarray(-6 * D)).toEqual(last);
    }
  });

  it.each<[string, Readonly<Record<string, AttributeValue>>]>([
    ['a window', { local_window_size: 16 }],
    ['capped scores', { softcap: { float: 30 } }],
    ['a sink', { smooth_softmax: 1 }],
  ])('is not for %s', (_, attributes) => {
    expect(attentionApart(graph({ heads: 4, isPacked: true, attributes }), cache, D)).toBeUndefined();
  });

  it('is not for halves, nor where a size is unknown', () => {
    const model = graph({ heads: 4, isPacked: true, attributes: {} });
    const halves = cache.map((tensor): CacheTensor => ({ ...tensor, type: 'float16' }));
    expect(attentionApart(model, halves, D)).toBeUndefined();
    expect(attentionApart(model, cache, undefined)).toBeUndefined();
  });
});
