/**
 * Whether products of 8-bit integers are exact here. On x86 without VNNI (before 2019, roughly) onnxruntime adds two of them in 16 bits, and what does
 * not fit is cut off: 255·127 twice is twice as much as fits.
 */
import { GraphBuilder } from '../onnx/builder.ts';
import { writeOnnx } from '../onnx/onnx-file.ts';
import type { Runtime } from './runtime.ts';

const [ROWS, COLUMNS, SUMMED] = [16, 32, 64];

export async function hasWholeProducts(runtime: Runtime): Promise<boolean> {
  const g = new GraphBuilder();
  g.input('x', 'uint8', [ROWS, SUMMED]);
  const weights = g.tensor('w', [SUMMED, COLUMNS], new Int8Array(SUMMED * COLUMNS).fill(127));
  const zero = g.tensor('zero', [], Uint8Array.of(128));
  const inputs = ['x', weights, g.float(1), g.float(1), zero];
  g.output(g.fused('MatMulIntegerToFloat', inputs, { outputs: ['y'] }), 'float32', [ROWS, COLUMNS]);
  const session = await runtime.createSession(writeOnnx(g.model()));
  try {
    const x = new Uint8Array(ROWS * SUMMED).fill(255);
    const { y } = await session.run({ x: runtime.tensor('uint8', x, [ROWS, SUMMED]) });
    return (y!.data as Float32Array).every((value) => value === SUMMED * 127 * (255 - 128));
  } finally {
    await session.release();
  }
}
