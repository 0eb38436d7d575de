/** Learning rates over a training: a linear warm-up, then half a cosine down to a small rest. */
export interface CosineSchedule {
  /** Updates in all. */
  readonly steps: number;
  readonly peak: number;
  /** Updates until the peak is reached. Default: 5 % of `steps`. */
  readonly warmUp?: number;
  /** The last rate as a share of the peak. Default 0.05. */
  readonly floor?: number;
}

/** The rate of update `step`, counted from 0. The first is peak / warmUp, the last peak · floor. */
export function learningRateAt(
  step: number,
  { steps, peak, warmUp = Math.ceil(0.05 * steps), floor = 0.05 }: CosineSchedule,
): number {
  if (step < warmUp) return (peak * (step + 1)) / warmUp;
  const progress = Math.min(1, (step - warmUp) / Math.max(1, steps - 1 - warmUp));
  return peak * (floor + (1 - floor) * 0.5 * (1 + Math.cos(Math.PI * progress)));
}
