/**
 * A linear probe: softmax regression on standardised embeddings. What it can't read off an embedding, a small
 * projector can hardly pass on to a language model.
 */
export interface ProbeData {
  readonly rows: readonly ArrayLike<number>[];
  readonly labels: readonly number[];
}

/** Accuracy in [0, 1] on `test` after full-batch gradient descent on `train`. Deterministic. */
export function probeAccuracy(train: ProbeData, test: ProbeData, classes: number, steps = 150): number {
  const standardise = standardiser(train.rows);
  const rows = train.rows.map(standardise);
  const width = rows[0]!.length;
  const weights = new Float64Array(classes * width);
  const rate = 1;
  for (let step = 0; step < steps; step++) {
    const gradient = new Float64Array(classes * width);
    rows.forEach((row, i) => {
      const shares = softmax(scores(weights, row, classes));
      for (let c = 0; c < classes; c++) {
        const error = shares[c]! - (train.labels[i] === c ? 1 : 0);
        for (let k = 0; k < width; k++) gradient[c * width + k]! += error * row[k]!;
      }
    });
    for (let k = 0; k < weights.length; k++) {
      weights[k]! -= rate * (gradient[k]! / rows.length + 1e-3 * weights[k]!);
    }
  }
  const hits = test.rows.filter((row, i) => {
    const score = scores(weights, standardise(row), classes);
    return score.indexOf(Math.max(...score)) === test.labels[i];
  });
  return hits.length / test.rows.length;
}

/** To mean 0 and deviation 1 of the given rows, with a constant 1 at the end for the bias. */
function standardiser(rows: readonly ArrayLike<number>[]): (row: ArrayLike<number>) => number[] {
  const width = rows[0]!.length;
  const columns = Array.from({ length: width }, (_, k) => rows.map((row) => row[k]!));
  const means = columns.map((column) => column.reduce((sum, x) => sum + x, 0) / rows.length);
  const deviations = columns.map((column, k) =>
    Math.sqrt(column.reduce((sum, x) => sum + (x - means[k]!) ** 2, 0) / rows.length),
  );
  return (row) => [...Array.from(row, (x, k) => (x - means[k]!) / (deviations[k]! || 1)), 1];
}

function scores(weights: Float64Array, row: readonly number[], classes: number): number[] {
  return Array.from({ length: classes }, (_, c) =>
    row.reduce((sum, x, k) => sum + x * weights[c * row.length + k]!, 0),
  );
}

function softmax(values: readonly number[]): number[] {
  const top = Math.max(...values);
  const powers = values.map((value) => Math.exp(value - top));
  const total = powers.reduce((sum, power) => sum + power, 0);
  return powers.map((power) => power / total);
}
