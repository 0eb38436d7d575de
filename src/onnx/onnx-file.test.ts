import { describe, expect, it } from 'vitest';
import { hasShared, readShared, sharedNote } from '../testing/shared.ts';
import { GraphBuilder, makeTensor } from './builder.ts';
import { readOnnx, writeOnnx } from './onnx-file.ts';
import { readStructure } from './read-structure.ts';

/** y = Slice(x · w): a weight, an int64 beyond 2^53 and a float attribute. */
function smallModel() {
  const g = new GraphBuilder();
  const x = g.input('x', 'float32', ['n', 3]);
  const w = g.tensor('w', [3, 2], Float32Array.of(1, 2, 3, 4, 5, 6));
  const y = g.op('LeakyRelu', [g.matMul(x, w)], { attributes: { alpha: { float: 0.1 } }, outputs: ['y'] });
  g.output(y, 'float32', ['n', 2]);
  const model = g.model();
  const [leaky] = model.graph.nodes.slice(-1);
  const ends = { name: 'ends', type: 7, ints: [2n ** 63n - 1n, -1], strings: [], graphs: [] };
  const nodes = [...model.graph.nodes.slice(0, -1), { ...leaky!, attributes: [...leaky!.attributes, ends] }];
  return { ...model, graph: { ...model.graph, nodes } };
}

describe('ONNX files', () => {
  it('what is written is read back the same, INT64_MAX and negative numbers included', () => {
    const model = smallModel();
    const read = readOnnx(writeOnnx(model));
    expect(read.graph.nodes.at(-1)!.attributes).toMatchObject([
      { name: 'alpha', f: Math.fround(0.1) },
      { name: 'ends', ints: [2n ** 63n - 1n, -1] },
    ]);
    expect(writeOnnx(read)).toEqual(writeOnnx(model));
    expect(read.graph.inputs[0]!.type!.tensor!.shape!.dims).toMatchObject([{ param: 'n' }, { value: 3 }]);
  });

  it('weights are views into the bytes that were read, not copies', () => {
    const bytes = writeOnnx(smallModel());
    const weight = readOnnx(bytes).graph.initializers.find((t) => t.name === 'w')!;
    expect(weight.rawData!.buffer).toBe(bytes.buffer);
    expect(weight.rawData).toEqual(makeTensor('w', [3, 2], Float32Array.of(1, 2, 3, 4, 5, 6)).rawData);
  });

  it('fields it does not know travel along byte for byte', () => {
    const docString = Uint8Array.of((6 << 3) | 2, 2, 0x68, 0x69); // ModelProto.doc_string = "hi"
    const bytes = new Uint8Array([...writeOnnx(smallModel()), ...docString]);
    expect(readOnnx(bytes).unknown).toEqual([docString]);
    expect(writeOnnx(readOnnx(bytes)).slice(-4)).toEqual(docString);
  });

  it.each([
    ['nothing', new Uint8Array(0), 'an empty file'],
    ['text', new TextEncoder().encode('# What lies here'), 'text'],
    ['JSON', new TextEncoder().encode('{ "name": "a package" }'), 'text'],
    ['a page', new TextEncoder().encode('<!doctype html><html></html>'), 'text'],
    [
      'a picture',
      Uint8Array.from(Buffer.from('\x89PNG\r\n\x1a\n\0\0\0\rIHDR', 'latin1')),
      '16 bytes (no protobuf)',
    ],
    ['half a file', writeOnnx(smallModel()).slice(0, 120), '120 bytes (cut short)'],
    ['a model without a graph', Uint8Array.of(8, 10), '2 bytes (no graph or no opset)'],
  ])('%s is refused: which file, what was found, what was expected', async (_, bytes, found) => {
    const refused = {
      code: 'invalid-onnx',
      message: `m.onnx is not a complete ONNX model: found ${found}, expected a ModelProto`,
    };
    expect(() => readOnnx(bytes, 'm.onnx')).toThrow(expect.objectContaining(refused));
    // As in a browser, where a file is read piece by piece.
    const read = async (offset: number, length: number) => bytes.slice(offset, offset + length);
    const structure = readStructure({ size: bytes.length, read }, 'm.onnx');
    await expect(structure.then((part) => readOnnx(part, 'm.onnx'))).rejects.toMatchObject(refused);
  });

  it('2,000 damaged files end in a typed error or a model, soon, and never otherwise', () => {
    const whole = writeOnnx(smallModel());
    let state = 7;
    const random = (below: number) => {
      state = (Math.imul(state, 1664525) + 1013904223) >>> 0;
      return Math.floor((state / 2 ** 32) * below);
    };
    for (let i = 0; i < 2000; i++) {
      const bytes = whole.slice(0, i % 3 === 0 ? random(whole.length) : whole.length);
      for (let flips = random(4); flips >= 0 && bytes.length > 0; flips--) {
        bytes[random(bytes.length)]! ^= 1 << random(8);
      }
      try {
        readOnnx(bytes);
      } catch (error) {
        expect(error).toMatchObject({ code: 'invalid-onnx' });
      }
    }
  });
});

describe.skipIf(!hasShared)(`real files${sharedNote}`, () => {
  it.each([
    'stories260k/onnx/model.onnx',
    'stories260k/onnx/model_q4.onnx',
    'stories260k-external/onnx/model.onnx',
  ])('%s is the same model after reading and writing', (path) => {
    const model = readOnnx(readShared(`models/${path}`));
    const written = writeOnnx(model);
    expect(Buffer.compare(writeOnnx(readOnnx(written)), written)).toBe(0);
    expect(readOnnx(written).graph.nodes).toEqual(model.graph.nodes);
  });
});
