import { describe, expect, it } from 'vitest';
import { createNodeRuntime } from '../runtime/node-runtime.ts';
import { hasShared, readShared, sharedNote } from '../testing/shared.ts';
import { externalLocations } from './external-weights.ts';
import { inspectGraph } from './inspect/inspect-graph.ts';
import { keepPositions } from './last-position.ts';
import { readOnnx, writeOnnx } from './onnx-file.ts';
import { readStructure } from './read-structure.ts';
import { addSoftTokens } from './soft-token.ts';

describe.skipIf(!hasShared)(`rewrites of a real graph${sharedNote}`, () => {
  const bytes = hasShared ? readShared('models/stories260k/onnx/model.onnx') : new Uint8Array();
  const runtime = createNodeRuntime();

  it('a soft-token graph without a soft token gives the very same logits', async () => {
    const original = readOnnx(bytes);
    const { model, inputs } = addSoftTokens(original, inspectGraph(original));
    const plain = await (await runtime.createSession(bytes)).run(feeds());
    const soft = await (await runtime.createSession(writeOnnx(model))).run({
      ...feeds(),
      [inputs.mask]: runtime.tensor('bool', Uint8Array.of(0), [1, 1, 1]),
      [inputs.embeds]: runtime.tensor('float32', Float32Array.of(0), [1, 1, 1]),
    });
    expect(soft.logits!.data).toEqual(plain.logits!.data);
  });

  it('kept positions are the rows of the full logits, in the order asked for', async () => {
    const original = readOnnx(bytes);
    const { model, input } = keepPositions(original, inspectGraph(original));
    const plain = await (await runtime.createSession(bytes)).run(feeds());
    const kept = await (await runtime.createSession(writeOnnx(model))).run({
      ...feeds(),
      [input]: runtime.tensor('int64', BigInt64Array.of(3n, 1n), [2]),
    });
    const row = (at: number) => (plain.logits!.data as Float32Array).slice(at * 512, (at + 1) * 512);
    expect(kept.logits!.dims).toEqual([1, 2, 512]);
    const found = kept.logits!.data as Float32Array;
    for (const [i, v] of [...row(3), ...row(1)].entries()) expect(found[i]).toBeCloseTo(v, 4);
  });

  it('weights stay where they are: the rewritten proto is small and runs on the original bytes', async () => {
    const file = { size: bytes.length, read: async (at: number, n: number) => bytes.subarray(at, at + n) };
    const proto = await readStructure(file, 'model.onnx');
    const model = readOnnx(proto);
    expect(proto.length).toBeLessThan(bytes.length / 20);
    expect(externalLocations(model)).toEqual(['model.onnx']);
    const session = await runtime.createSession(proto, {
      externalData: [{ path: 'model.onnx', data: bytes }],
    });
    const plain = await (await runtime.createSession(bytes)).run(feeds());
    expect((await session.run(feeds())).logits!.data).toEqual(plain.logits!.data);
  });

  function feeds() {
    const past = Object.fromEntries(
      [0, 1, 2, 3, 4].flatMap((l) =>
        ['key', 'value'].map((kind) => [
          `past_key_values.${l}.${kind}`,
          runtime.tensor('float32', new Float32Array(0), [1, 4, 0, 16]),
        ]),
      ),
    );
    return {
      ...past,
      input_ids: runtime.tensor('int64', BigInt64Array.of(1n, 403n, 407n, 261n), [1, 4]),
      attention_mask: runtime.tensor('int64', new BigInt64Array(4).fill(1n), [1, 4]),
    };
  }
});
