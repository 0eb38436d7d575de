/** Weights in blocks as int8: what they compute in WASM against the weights as they are, and when they are made. */
import { describe, expect, it } from 'vitest';
import { Decoder } from '../generate/decoder.ts';
import { GraphBuilder } from '../onnx/builder.ts';
import { planInt8 } from '../onnx/int8-weights.ts';
import { writeOnnx } from '../onnx/onnx-file.ts';
import type { OnnxModel } from '../onnx/onnx-model.ts';
import { bytesOf } from '../runtime/out-of-memory.ts';
import { createWasmRuntime } from '../runtime/web-runtime.ts';
import { createFolderSource } from '../storage/folder-source.ts';
import { seeded } from '../testing/zoo/zoo-weights.ts';
import { loadBaseModel } from './base-model.ts';
import { convertWeights } from './convert-weights.ts';
import { isInt8Wanted } from './cpu-weights.ts';

const runtime = await createWasmRuntime('a test', { threads: false });

/** y [rows, N] of x [rows, K] by the graph as it is, or by its plan. */
async function products(
  model: OnnxModel,
  x: Float32Array,
  isInt8: boolean,
  bandBytes?: number,
): Promise<Float32Array> {
  const plan = planInt8(model, 'w.int8', bandBytes)!;
  const pieces: Uint8Array<ArrayBuffer>[] = [];
  for await (const piece of convertWeights(plan, [])) pieces.push(piece);
  const data = new Uint8Array(await new Blob(pieces).arrayBuffer());
  expect(data).toHaveLength(plan.bytes);
  const session = isInt8
    ? await runtime.createSession(writeOnnx(plan.model), { externalData: [{ path: 'w.int8', data }] })
    : await runtime.createSession(writeOnnx(model));
  const columns = Number(model.graph.inputs[0]!.type!.tensor!.shape!.dims[1]!.value);
  const { y } = await session.run({ x: runtime.tensor('float32', x, [x.length / columns, columns]) });
  const values = Float32Array.from(y!.data as Float32Array);
  await session.release();
  return values;
}

interface Shape {
  readonly bits: 4 | 8;
  readonly K: number;
  readonly N: number;
  readonly isZeroGiven: boolean;
  readonly hasBias: boolean;
}

function blocks({ bits, K, N, isZeroGiven, hasBias }: Shape): OnnxModel {
  const random = seeded(`${bits} ${K} ${N}`);
  const count = Math.ceil(K / 32);
  const bytes = (n: number) => Uint8Array.from({ length: n }, () => 256 * random());
  const floats = (n: number) => Float32Array.from({ length: n }, () => 0.01 + 0.02 * random());
  const g = new GraphBuilder();
  g.input('x', 'float32', ['rows', K]);
  const inputs = [
    'x',
    g.tensor('w', [N, count, 4 * bits], bytes(N * count * 4 * bits)),
    g.tensor('s', [N * count], floats(N * count)),
    isZeroGiven
      ? g.tensor('z', [N * Math.ceil((count * bits) / 8)], bytes(N * Math.ceil((count * bits) / 8)))
      : '',
    '',
    hasBias ? g.tensor('b', [N], floats(N)) : '',
  ];
  while (inputs.at(-1) === '') inputs.pop();
  const attributes = { K, N, bits, block_size: 32 };
  g.output(g.fused('MatMulNBits', inputs, { attributes, outputs: ['y'] }), 'float32', ['rows', N]);
  return g.model();
}

/** Like activations of an LLM: most of them small, one of a row a hundred times as large. */
function activations(rows: number, K: number): Float32Array {
  const random = seeded('x');
  return Float32Array.from({ length: rows * K }, (_, i) => (random() - 0.5) * (i % K === 5 ? 100 : 1));
}

const rms = (values: Float32Array) => Math.sqrt(values.reduce((sum, v) => sum + v * v, 0) / values.length);

describe('products of int8 weights', () => {
  for (const shape of [
    { bits: 4, K: 192, N: 40, isZeroGiven: true, hasBias: false },
    { bits: 8, K: 96, N: 33, isZeroGiven: true, hasBias: true },
    { bits: 4, K: 64, N: 16, isZeroGiven: false, hasBias: false },
    // Not whole blocks of 32, and no power of two to turn.
    { bits: 4, K: 75, N: 16, isZeroGiven: false, hasBias: false },
  ] as const) {
    it(`are those of ${shape.bits} bits, ${shape.K} × ${shape.N}, to 3 %`, async () => {
      const model = blocks(shape);
      const x =
        shape.K % 2 === 0
          ? activations(3, shape.K)
          : activations(3, shape.K).map((v) => Math.max(-0.5, Math.min(0.5, v)));
      const [exact, found] = [await products(model, x, false), await products(model, x, true)];
      expect(rms(exact.map((v, i) => v - found[i]!)) / rms(exact)).toBeLessThan(0.03);
    });
  }

  it('do not depend on which rows come with a row, and are 0 of zeros', async () => {
    const model = blocks({ bits: 4, K: 192, N: 40, isZeroGiven: true, hasBias: false });
    const x = activations(3, 192);
    x.fill(0, 192, 384);
    const together = await products(model, x, true);
    expect(together.subarray(40, 80)).toEqual(new Float32Array(40));
    for (const row of [0, 2]) {
      const alone = await products(model, x.slice(192 * row, 192 * (row + 1)), true);
      expect(together.slice(40 * row, 40 * (row + 1))).toEqual(alone);
    }
  });

  it('come in bands where a weight is large, which together are the whole', async () => {
    const model = blocks({ bits: 4, K: 192, N: 210, isZeroGiven: false, hasBias: false });
    const plan = planInt8(model, 'w.int8', 192 * 128)!;
    expect(plan.bands.map(({ firstRow, rows }) => [firstRow, rows])).toEqual([
      [0, 128],
      [128, 82],
    ]);
    const x = activations(2, 192);
    const [exact, found] = [await products(model, x, false), await products(model, x, true, 192 * 128)];
    expect(rms(exact.map((v, i) => v - found[i]!)) / rms(exact)).toBeLessThan(0.03);
  });

  it('are left alone where columns are reordered or scales are not float32', () => {
    const model = blocks({ bits: 4, K: 64, N: 16, isZeroGiven: false, hasBias: false });
    const { graph } = model;
    const half = graph.initializers.map((t) => (t.name === 's' ? { ...t, dataType: 10 } : t));
    expect(planInt8({ ...model, graph: { ...graph, initializers: half } }, 'w')).toBeUndefined();
    const reordered = graph.nodes.map((node) => ({ ...node, inputs: ['x', 'w', 's', '', 'g'] }));
    expect(planInt8({ ...model, graph: { ...graph, nodes: reordered } }, 'w')).toBeUndefined();
  });
});

it('counts when memory is: its bytes are those that a session is told to need', async () => {
  const { name, read } = createFolderSource('public/models/e2p-tiny');
  const model = await loadBaseModel({ source: { name, read }, dtypes: ['q4'], int8: async () => true });
  let needed = 0;
  const counting: typeof runtime = {
    ...runtime,
    createSession: (graph, options) => {
      needed = bytesOf(new Uint8Array(), options!.externalData!);
      return runtime.createSession(graph, options);
    },
  };
  await (await model.createSession(counting)).release();
  // More than the 4-bit file that it was made of.
  expect(needed).toBeGreaterThan(model.weightBytes);
});

it('is wanted by default for models of 16 MiB or more', () => {
  expect([2 ** 20, 2 ** 24].map((bytes) => isInt8Wanted('auto', bytes))).toEqual([false, true]);
  expect([isInt8Wanted('int8', 1), isInt8Wanted('as-stored', 2 ** 30)]).toEqual([true, false]);
});

it('a model in int8 says nearly what it says as stored, however its text is cut', async () => {
  // In memory, as WASM takes files.
  const { name, read: readFile } = createFolderSource('public/models/e2p-tiny');
  const source = { name, read: readFile };
  const read = (isInt8: boolean) => loadBaseModel({ source, dtypes: ['q4'], int8: async () => isInt8 });
  const [stored, int8] = await Promise.all([read(false), read(true)]);
  expect([stored.cpuWeights, int8.cpuWeights]).toEqual(['as-stored', 'int8']);
  const [before, after] = [await Decoder.create(stored, runtime), await Decoder.create(int8, runtime)];
  const ids = stored.codec.encode(
    'The river runs through the valley, and people walk along it in the evening.',
  );
  const nats = async (decoder: Decoder) => -(await decoder.score({ ids }, 1)).reduce((a, b) => a + b, 0);
  expect(Math.abs((await nats(after)) - (await nats(before))) / ids.length).toBeLessThan(0.02);
  const whole = await after.read(after.emptyCache(), { ids });
  const begun = await after.read(after.emptyCache(), { ids: ids.slice(0, 7) });
  const rest = await after.read(begun.cache, { ids: ids.slice(7) });
  expect(Math.max(...whole.logits.map((v, i) => Math.abs(v - rest.logits[i]!)))).toBeLessThan(1e-3);
  // In pieces, of which only the last has logits.
  const pieces = await Decoder.create(int8, { ...runtime, prefillChunk: 4 });
  const cut = await pieces.read(pieces.emptyCache(), { ids });
  expect(Math.max(...whole.logits.map((v, i) => Math.abs(v - cut.logits[i]!)))).toBeLessThan(1e-3);
  // Asked to be exact, it computes with the file's weights.
  const exact = await Decoder.create(int8, runtime, true);
  const same = await Decoder.create(stored, runtime, true);
  expect(await nats(exact)).toBe(await nats(same));
});
