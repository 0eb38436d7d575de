import { describe, expect, it } from 'vitest';
import { ZOO } from '../testing/zoo/zoo.ts';
import { buildZoo } from '../testing/zoo/zoo-decoder.ts';
import { makeTensor } from './builder.ts';
import { readOnnx, writeOnnx } from './onnx-file.ts';
import { type RandomAccess, readStructure } from './read-structure.ts';

/** Counts what is read. */
function inMemory(bytes: Uint8Array): RandomAccess & { bytesRead: number } {
  return {
    size: bytes.length,
    bytesRead: 0,
    async read(offset, length) {
      if (offset < 0 || offset + length > bytes.length) throw new RangeError(`${offset} + ${length}`);
      this.bytesRead += length;
      return bytes.slice(offset, offset + length);
    },
  };
}

describe('the structure of a file', () => {
  it.each(ZOO)('$name: is the whole file with its larger weights behind offset and length', async (style) => {
    const bytes = writeOnnx(buildZoo(style).model);
    const whole = readOnnx(bytes);
    const structure = readOnnx(await readStructure(inMemory(bytes), 'w.onnx'));
    const initializers = structure.graph.initializers.map((tensor) => {
      const { dataLocation, externalData, ...rest } = tensor;
      if (dataLocation === undefined) return tensor;
      const [location, offset, length] = externalData.map((e) => e.value);
      expect(location).toBe('w.onnx');
      const rawData = bytes.subarray(Number(offset), Number(offset) + Number(length));
      return { ...rest, externalData: [], rawData };
    });
    expect({ ...structure, graph: { ...structure.graph, initializers } }).toEqual(whole);
    expect(
      initializers.every((t, i) => (t.rawData?.length ?? 0) < 1024 || t !== structure.graph.initializers[i]),
    ).toBe(true);
  });

  it('reads little of a file that is mostly weights', async () => {
    const { model } = buildZoo(ZOO[0]!);
    const weights = Array.from({ length: 4 }, (_, i) =>
      makeTensor(`w${i}`, [1 << 20], new Float32Array(1 << 20)),
    );
    const initializers = [...model.graph.initializers, ...weights];
    const bytes = writeOnnx({ ...model, graph: { ...model.graph, initializers } });
    const file = inMemory(bytes);
    const structure = await readStructure(file, 'w.onnx');
    expect(structure.length).toBeLessThan(30_000);
    expect(file.bytesRead).toBeLessThan(bytes.length / 20);
  });

  it('a file cut off anywhere is refused, without a read beyond its end', async () => {
    const bytes = writeOnnx(buildZoo(ZOO[0]!).model);
    let refused = 0;
    for (let length = 0; length < bytes.length; length += 997) {
      const cut = inMemory(bytes.subarray(0, length));
      try {
        readOnnx(await readStructure(cut, 'w.onnx'), 'w.onnx');
      } catch (error) {
        expect(error).toMatchObject({ code: 'invalid-onnx' });
        refused++;
      }
    }
    expect(refused).toBe(Math.ceil(bytes.length / 997));
  });
});
