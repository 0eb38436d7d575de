/**
 * Does this backend compute float16 rightly? Activations of real models reach thousands, whose squares no half can hold: a norm has to add them
 * up in floats. One over such values is compared with the plain formula, beside the largest halves, which have to come back as they are.
 */
import { GraphBuilder } from '../onnx/builder.ts';
import { fromFloat16, MAX_FLOAT16, toFloat16 } from '../onnx/float16.ts';
import { writeOnnx } from '../onnx/onnx-file.ts';
import type { Runtime } from './runtime.ts';

const WIDTH = 256;
const EPSILON = 1e-5;

/** Largest error, of a root mean square of 1 and of the largest half; of a right backend below 1e-2. */
export async function halfError(runtime: Runtime): Promise<number> {
  const g = new GraphBuilder();
  const x = g.input('x', 'float16', ['rows', WIDTH]);
  const gain = g.input('gain', 'float16', [WIDTH]);
  g.op('SimplifiedLayerNormalization', [x, gain], {
    outputs: ['normed'],
    attributes: { axis: -1, epsilon: { float: EPSILON } },
  });
  g.op('Mul', [x, gain], { outputs: ['same'] });
  for (const name of ['normed', 'same']) g.output(name, 'float16', ['rows', WIDTH]);
  const session = await runtime.createSession(writeOnnx(g.model()));
  const sizes = [1, 300, 5_000, MAX_FLOAT16];
  const rows = sizes.flatMap((size) =>
    Array.from({ length: WIDTH }, (_, i) => Math.cos(i * 0.7548776) * size),
  );
  const given = fromFloat16(toFloat16(Float32Array.from(rows)));
  const dims = [sizes.length, WIDTH];
  const { normed, same } = await session.run({
    x: runtime.tensor('float16', toFloat16(given), dims),
    gain: runtime.tensor('float16', toFloat16(new Float32Array(WIDTH).fill(1)), [WIDTH]),
  });
  await session.release();
  const [found, back] = [normed, same].map((tensor) => fromFloat16(tensor!.data as Uint16Array));
  let worst = 0;
  for (let row = 0; row < sizes.length; row++) {
    const values = given.subarray(row * WIDTH, (row + 1) * WIDTH);
    const rms = Math.sqrt(values.reduce((sum, v) => sum + v * v, 0) / WIDTH + EPSILON);
    for (const [i, value] of values.entries()) {
      const at = row * WIDTH + i;
      const errors = [Math.abs(found![at]! - value / rms), Math.abs(back![at]! - value) / MAX_FLOAT16];
      for (const error of errors) if (!(error <= worst)) worst = error;
    }
  }
  return Number.isNaN(worst) ? Number.POSITIVE_INFINITY : worst;
}
