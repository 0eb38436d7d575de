/** A projector's weights as one flat vector, the form in which an optimiser sees them: the order is that of `projectorParameters`. */
import { E2PError } from '../error.ts';
import type { ProjectorWeights } from '../projector/projector.ts';
import { gaussian } from './draw-batches.ts';
import { type ProjectorShape, projectorParameters } from './projector-graph.ts';

/** Each parameter's range [from, to) in the flat vector. */
export interface ParameterRange {
  readonly name: keyof ProjectorWeights;
  readonly dims: readonly number[];
  readonly from: number;
  readonly to: number;
}
export type ParameterLayout = readonly ParameterRange[];

export function parameterLayout(shape: ProjectorShape): ParameterLayout {
  let at = 0;
  return projectorParameters(shape).map(({ name, dims }) => {
    const from = at;
    at += dims.reduce((p, d) => p * d, 1);
    return { name, dims, from, to: at };
  });
}

/** @throws E2PError `contract-mismatch` where a weight has another size. */
export function flatten(weights: ProjectorWeights, layout: ParameterLayout): Float32Array {
  const parameters = new Float32Array(layout.at(-1)!.to);
  for (const { name, from, to } of layout) {
    const values = weights[name] ?? new Float32Array(0);
    if (values.length !== to - from) {
      throw new E2PError(
        'contract-mismatch',
        `the projector to begin with has ${values.length} numbers in ${name}, expected ${to - from}`,
      );
    }
    parameters.set(values, from);
  }
  return parameters;
}

export function unflatten(parameters: Float32Array, layout: ParameterLayout): ProjectorWeights {
  // A linear projector has no inner layer, a free one no sharpness, most have no skip.
  const empty = () => new Float32Array(0);
  const absent = { fc1Weight: empty(), fc1Bias: empty(), skipWeight: empty(), sharpness: empty() };
  const present = layout.map(({ name, from, to }) => [name, parameters.slice(from, to)]);
  return { ...absent, ...(Object.fromEntries(present) as Omit<ProjectorWeights, keyof typeof absent>) };
}

/** exp of it is the sharpness that anchoring begins with: cosines a fiftieth apart differ by a factor e, so that few words share a line. */
export const INITIAL_SHARPNESS = Math.log(50);

const BESIDE_SKIP = 0.1;

/**
 * Matrices as PyTorch's Linear starts them, uniform in ±1/√inputs; norms and gains 1, biases 0. A skip starts as the identity, and
 * the layers beside it small: the projector begins as a look-up by the embedding as it is.
 */
export function initialParameters(layout: ParameterLayout, random: () => number): Float32Array {
  const parameters = new Float32Array(layout.at(-1)!.to);
  const residual = layout.some(({ name }) => name === 'skipWeight');
  for (const { name, dims, from, to } of layout) {
    if (name === 'skipWeight') {
      const columns = dims[1]!;
      for (let row = 0; row < dims[0]!; row++) parameters[from + row * columns + (row % columns)] = 1;
    } else if (name === 'gateWeight') {
      // Every gate begins as 1, as if there were none.
    } else if (dims.length === 2) {
      const bound = (name === 'fc2Weight' && residual ? BESIDE_SKIP : 1) / Math.sqrt(dims[1]!);
      for (let i = from; i < to; i++) parameters[i] = (2 * random() - 1) * bound;
    } else if (name === 'normWeight' || name === 'gain') parameters.fill(1, from, to);
    // The mean user is all zeros and passes the norm as its bias; from zero it would have no direction.
    else if (name === 'fc2Bias') for (let i = from; i < to; i++) parameters[i] = 0.1 * gaussian(random);
    else if (name === 'sharpness') parameters[from] = INITIAL_SHARPNESS;
  }
  return parameters;
}
