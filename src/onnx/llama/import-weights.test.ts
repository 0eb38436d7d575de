import { describe, expect, it } from 'vitest';
import { seededRandom } from '../../generate/sampling.ts';
import { readOnnx, writeOnnx } from '../onnx-file.ts';
import { exportGraph } from './export-graph.ts';
import { importWeights } from './import-weights.ts';
import { initWeights } from './init-weights.ts';
import { type LlamaConfig, llamaWeightShapes } from './llama-config.ts';

const config: LlamaConfig = {
  vocabSize: 40,
  hiddenSize: 64,
  intermediateSize: 96,
  layers: 2,
  heads: 4,
  kvHeads: 2,
  headDim: 16,
  maxPositions: 32,
  rmsEpsilon: 1e-5,
  ropeTheta: 10000,
};
const weights = initWeights(config, seededRandom(1));
const exported = (dtype: 'fp32' | 'q4') => readOnnx(writeOnnx(exportGraph({ config, weights, dtype })));

describe('weights read back from an export', () => {
  it('are the same in float32', () => {
    expect(importWeights(exported('fp32'), config)).toEqual(weights);
  });

  it('are near in four bits', () => {
    const read = importWeights(exported('q4'), config);
    for (const { name } of llamaWeightShapes(config)) {
      const [a, b] = [weights.get(name)!, read.get(name)!];
      const error = Math.sqrt(
        a.reduce((s, v, i) => s + (v - b[i]!) ** 2, 0) / a.reduce((s, v) => s + v * v, 0),
      );
      expect(error, name).toBeLessThan(0.12);
    }
  });

  it('a weight of another size is named', () => {
    expect(() => importWeights(exported('q4'), { ...config, layers: 3 })).toThrow(/model\.layers\.2/);
  });
});
