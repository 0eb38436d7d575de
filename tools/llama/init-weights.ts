/** Fresh weights for training from nothing. */
import {
  finalNorm,
  type LlamaConfig,
  type LlamaWeights,
  layerWeights,
  llamaWeightShapes,
} from './llama-config.ts';

/**
 * Norms start at 1; matrices are Gaussian, of deviation 1/√(fan-in), the embedding table (which is also the head)
 * of 1/√H; the projections that write to the residual stream are smaller by √(2·layers), so that its variance
 * stays put (GPT-2, section 2.3).
 * @param random uniform numbers in [0, 1)
 */
export function initWeights(config: LlamaConfig, random: () => number): LlamaWeights {
  const weights = new Map<string, Float32Array>();
  const layers = Array.from({ length: config.layers }, (_, i) => layerWeights(i));
  const norms = new Set([finalNorm(config), ...layers.flatMap((w) => [w.inputNorm, w.mlpNorm])]);
  const residual = new Set(layers.flatMap((w) => [w.o, w.down]));
  llamaWeightShapes(config).forEach(({ name, dims }, i) => {
    const length = dims.reduce((product, d) => product * d, 1);
    const fanIn = i === 0 ? config.hiddenSize : dims[0]!;
    const deviation = fanIn ** -0.5 / (residual.has(name) ? Math.sqrt(2 * config.layers) : 1);
    const fill = norms.has(name) ? () => 1 : () => deviation * gaussian(random);
    weights.set(name, Float32Array.from({ length }, fill));
  });
  return weights;
}

/** Box and Muller's transform of two uniform numbers. */
const gaussian = (random: () => number): number =>
  Math.sqrt(-2 * Math.log(1 - random())) * Math.cos(2 * Math.PI * random());
