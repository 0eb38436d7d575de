/** Which heads are widened once. That it changes no token, model/real-llm-exports.test.ts shows on Optimum's int8 export of the real LLM. */
import { describe, expect, it } from 'vitest';
import { GraphBuilder } from './builder.ts';
import { widensHead } from './head-table.ts';

const bytes = new Uint8Array(12);

function graph(make: (g: GraphBuilder, scale: string, zero: string) => string) {
  const g = new GraphBuilder();
  g.input('hidden', 'float32', [1, 'length', 4]);
  const table = make(
    g,
    g.tensor('scale', [], Float32Array.of(0.1)),
    g.tensor('zero', [], Uint8Array.of(128)),
  );
  g.op('MatMul', ['hidden', table], { outputs: ['logits'] });
  g.output('logits', 'float32', [1, 'length', 3]);
  return g.model();
}

describe('a head that is dequantised at every run', () => {
  it.each([
    ['as stored', (g: GraphBuilder) => g.tensor('table', [4, 3], bytes)],
    ['turned', (g: GraphBuilder) => g.op('Transpose', [g.tensor('table', [3, 4], bytes)])],
  ] as const)('is found, %s', (_, table) => {
    expect(widensHead(graph((g, scale, zero) => g.op('DequantizeLinear', [table(g), scale, zero])))).toBe(
      true,
    );
  });

  it('is none where other weights are dequantised too, whose kernels would go', () => {
    const model = graph((g, scale, zero) => {
      g.op('DequantizeLinear', [g.tensor('layer', [4, 3], bytes), scale, zero]);
      return g.op('DequantizeLinear', [g.tensor('table', [4, 3], bytes), scale, zero]);
    });
    expect(widensHead(model)).toBe(false);
  });

  it('is none of floats, or of 4 bits', () => {
    expect(widensHead(graph((g) => g.tensor('table', [4, 3], new Float32Array(12))))).toBe(false);
    const packed = graph((g, scale) =>
      g.op('DequantizeLinear', [g.tensor('table', [4, 3], bytes.subarray(0, 6), 'uint4'), scale]),
    );
    expect(widensHead(packed)).toBe(false);
  });
});
