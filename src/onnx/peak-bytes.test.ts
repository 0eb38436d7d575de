import { describe, expect, it } from 'vitest';
import { exportGraph } from '../../tools/llama/export-graph.ts';
import { initWeights } from '../../tools/llama/init-weights.ts';
import { seededRandom } from '../generate/sampling.ts';
import { GraphBuilder } from './builder.ts';
import { peakBytes } from './peak-bytes.ts';
import { trainingGraph } from './training-graph.ts';

describe('the most that values need at once', () => {
  it('counts a value from the node that makes it to the last that reads it', () => {
    const g = new GraphBuilder();
    const x = g.input('x', 'float32', [10]);
    const a = g.op('Exp', [x]);
    const b = g.op('Concat', [a, a], { attributes: { axis: 0 } });
    g.output(g.op('ReduceSum', [b], { outputs: ['y'], attributes: { keepdims: 0 } }), 'float32', []);
    // x, a and b live while b is made.
    expect(peakBytes(g.model({ name: 'm' }))).toBe(4 * (10 + 10 + 20));
  });

  it('a reshaped value is the same bytes', () => {
    const g = new GraphBuilder();
    const x = g.input('x', 'float32', [4, 5]);
    const flat = g.reshape(g.op('Exp', [x]), [20]);
    g.output(g.op('Neg', [g.reshape(flat, [2, 10])], { outputs: ['y'] }), 'float32', [2, 10]);
    expect(peakBytes(g.model({ name: 'm' }))).toBe(4 * 60);
  });

  it('grows with every layer that is kept, and hardly where activations are computed again', () => {
    const bytes = (layers: number, recompute: boolean) => {
      const config = {
        ...{ vocabSize: 64, hiddenSize: 32, intermediateSize: 96, layers, heads: 2, kvHeads: 1, headDim: 16 },
        ...{ maxPositions: 64, rmsEpsilon: 1e-5, ropeTheta: 10_000 },
      };
      const weights = initWeights(config, seededRandom(1));
      const model = exportGraph({ config, weights, dtype: 'q4' });
      return peakBytes(trainingGraph(model, { batch: 4, length: 64, targets: 8, recompute }));
    };
    expect(bytes(8, false) / bytes(2, false)).toBeGreaterThan(3);
    expect(bytes(8, true) / bytes(2, true)).toBeLessThan(1.8);
    expect(bytes(8, true) / bytes(8, false)).toBeLessThan(0.35);
  });
});
