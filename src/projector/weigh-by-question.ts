/**
 * A person as one vector that follows what is asked: the mean of their vectors, each weighted by how near it is to the question's
 * (after PPlug, arXiv 2409.11901, whose encoder weighs a person's past texts by the input at hand). With one vector, or a temperature that
 * grows, it is the plain mean.
 */

/** In a projector's contract: its vectors are weighed so, and not read one by one. */
export interface QuestionWeighting {
  /** τ of softmax(cos(vector, question) / τ): the smaller, the more the nearest vector counts alone. */
  readonly temperature: number;
}

/**
 * Σ w_i v_i with w = softmax(cos(v_i, question) / τ).
 * @param vectors [dim] each
 * @param question [dim], by the encoder of the same space; absent: nothing was asked yet, all count alike
 */
export function weighByQuestion(
  vectors: readonly Float32Array[],
  question: Float32Array | undefined,
  { temperature }: QuestionWeighting,
): Float32Array {
  const scores = vectors.map((vector) =>
    question === undefined ? 0 : cosine(vector, question) / temperature,
  );
  const highest = Math.max(...scores);
  const weights = scores.map((score) => Math.exp(score - highest));
  const total = weights.reduce((sum, weight) => sum + weight, 0);
  return Float32Array.from(vectors[0]!, (_, i) =>
    vectors.reduce((sum, vector, n) => sum + (weights[n]! / total) * vector[i]!, 0),
  );
}

/** 0 where one of them has no direction. */
function cosine(a: Float32Array, b: Float32Array): number {
  const dot = (x: Float32Array, y: Float32Array) => x.reduce((sum, v, i) => sum + v * y[i]!, 0);
  const lengths = Math.sqrt(dot(a, a) * dot(b, b));
  return lengths > 0 ? dot(a, b) / lengths : 0;
}
