/** What a product costs in onnxruntime on this CPU, by how its weights and activations are kept: one of the size of a feed-forward layer, random numbers. */
import { GraphBuilder } from '../src/onnx/builder.ts';
import { writeOnnx } from '../src/onnx/onnx-file.ts';
import type { Runtime } from '../src/runtime/runtime.ts';
import type { KernelTime } from './int8-results.ts';

const [TOKENS, SUMMED, COLUMNS] = [128, 576, 1536];
/** One after the other, more than caches hold. */
const WEIGHTS = 12;
const ROUNDS = 8;
const BLOCK = 32;

const KERNELS = [
  { name: '4 bits in blocks, float activations (`accuracy_level` 0)', bits: 4, level: 0 },
  { name: '4 bits in blocks, int8 activations in blocks (`accuracy_level` 4)', bits: 4, level: 4 },
  { name: '8 bits in blocks, int8 activations in blocks', bits: 8, level: 4 },
  { name: 'float weights', bits: 32 },
  { name: 'int8 weights, int8 activations, no blocks', bits: undefined },
] as const;
type Kernel = (typeof KERNELS)[number];

/** Milliseconds of CPU time of one product, the least of several rounds in which each kernel has its turn. */
export async function timeKernels(runtime: Runtime, isLeast: boolean): Promise<KernelTime[]> {
  const [rounds, count] = isLeast ? [1, 1] : [ROUNDS, WEIGHTS];
  const sessions = await Promise.all(
    KERNELS.map((kernel) => runtime.createSession(writeOnnx(graphOf(kernel, count)))),
  );
  const floats = runtime.tensor('float32', numbers(TOKENS * SUMMED), [TOKENS, SUMMED]);
  const bytes = runtime.tensor('uint8', codes(TOKENS * SUMMED), [TOKENS, SUMMED]);
  const least = KERNELS.map(() => Number.POSITIVE_INFINITY);
  for (let round = 0; round < rounds; round++) {
    for (const [i, session] of sessions.entries()) {
      const began = process.cpuUsage();
      await session.run({ x: KERNELS[i]!.bits === undefined ? bytes : floats });
      const { user, system } = process.cpuUsage(began);
      least[i] = Math.min(least[i]!, (user + system) / 1000 / count);
    }
  }
  await Promise.all(sessions.map((session) => session.release()));
  return KERNELS.map(({ name }, i) => ({ name, ms: Number(least[i]!.toFixed(3)) }));
}

function graphOf(kernel: Kernel, count: number) {
  const g = new GraphBuilder();
  g.input('x', kernel.bits === undefined ? 'uint8' : 'float32', [TOKENS, SUMMED]);
  const products = Array.from({ length: count }, (_, i) => product(g, kernel, i));
  g.output(
    products.reduce((a, b) => g.op('Add', [a, b])),
    'float32',
    [TOKENS, COLUMNS],
  );
  return g.model();
}

function product(g: GraphBuilder, { bits, ...kernel }: Kernel, i: number): string {
  const all = SUMMED * COLUMNS;
  if (bits === 32) return g.matMul('x', g.tensor(`w${i}`, [SUMMED, COLUMNS], numbers(all)));
  if (bits === undefined) {
    const weights = g.tensor(`w${i}`, [SUMMED, COLUMNS], new Int8Array(codes(all)));
    const scales = g.tensor(`s${i}`, [COLUMNS], numbers(COLUMNS));
    const zero = g.tensor(`z${i}`, [], Uint8Array.of(128));
    return g.fused('MatMulIntegerToFloat', ['x', weights, g.float(1), scales, zero]);
  }
  const blocks = SUMMED / BLOCK;
  const dims = [COLUMNS, blocks, (BLOCK * bits) / 8];
  const weights = g.tensor(`w${i}`, dims, codes((all * bits) / 8));
  const scales = g.tensor(`s${i}`, [COLUMNS * blocks], numbers(COLUMNS * blocks));
  const level = 'level' in kernel ? kernel.level : 0;
  const attributes = { K: SUMMED, N: COLUMNS, bits, block_size: BLOCK, accuracy_level: level };
  return g.fused('MatMulNBits', ['x', weights, scales], { attributes });
}

const numbers = (count: number) => Float32Array.from({ length: count }, (_, i) => Math.sin(i) / 8);
const codes = (count: number) => Uint8Array.from({ length: count }, (_, i) => (i * 73) & 255);
