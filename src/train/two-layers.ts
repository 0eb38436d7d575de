/** One hidden layer of rectified units in plain arithmetic: what attackers are made of. */

/** Parameters in one vector: [hidden, inputs], [hidden], [outputs, hidden], [outputs]. */
export interface TwoLayers {
  readonly size: number;
  /** Uniform weights, biases 0; small where the second layer begins. */
  initial(random: () => number): Float32Array;
  forward(row: Float32Array, parameters: Float32Array): Float64Array;
  /** Of the row that `forward` was last called with: adds to `gradient`. */
  backward(
    row: Float32Array,
    errors: ArrayLike<number>,
    parameters: Float32Array,
    gradient: Float32Array,
  ): void;
  /** Where the outputs' biases begin. */
  readonly biases: number;
}

const HIDDEN = 64;

export function twoLayers(inputs: number, outputs: number): TwoLayers {
  const at = [0, HIDDEN * inputs, HIDDEN * (inputs + 1), HIDDEN * (inputs + 1 + outputs)] as const;
  const hidden = new Float64Array(HIDDEN);
  return {
    size: at[3] + outputs,
    biases: at[3],
    initial: (random) => {
      const parameters = new Float32Array(at[3] + outputs);
      for (let i = 0; i < at[1]; i++) parameters[i] = (random() - 0.5) * Math.sqrt(6);
      for (let i = at[2]; i < at[3]; i++) parameters[i] = (random() - 0.5) / Math.sqrt(HIDDEN);
      return parameters;
    },
    forward: (row, p) => {
      for (let h = 0; h < HIDDEN; h++) {
        const start = h * inputs;
        let sum = p[at[1] + h]!;
        for (let i = 0; i < inputs; i++) sum += p[start + i]! * row[i]!;
        hidden[h] = Math.max(0, sum);
      }
      return Float64Array.from({ length: outputs }, (_, o) => {
        let sum = p[at[3] + o]!;
        for (let h = 0; h < HIDDEN; h++) sum += p[at[2] + o * HIDDEN + h]! * hidden[h]!;
        return sum;
      });
    },
    backward: (row, errors, parameters, gradient) => {
      const back = new Float64Array(HIDDEN);
      for (let o = 0; o < outputs; o++) {
        gradient[at[3] + o]! += errors[o]!;
        for (let h = 0; h < HIDDEN; h++) {
          gradient[at[2] + o * HIDDEN + h]! += errors[o]! * hidden[h]!;
          back[h]! += errors[o]! * parameters[at[2] + o * HIDDEN + h]!;
        }
      }
      for (let h = 0; h < HIDDEN; h++) {
        if (hidden[h] === 0) continue;
        const start = h * inputs;
        gradient[at[1] + h]! += back[h]!;
        for (let i = 0; i < inputs; i++) gradient[start + i]! += back[h]! * row[i]!;
      }
    },
  };
}
