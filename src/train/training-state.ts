/** Everything that a step of training changes: what a checkpoint keeps. */
export interface TrainingState {
  /** Updates made. */
  readonly step: number;
  /** All weights in the order of `projectorParameters`. */
  readonly parameters: Float32Array;
  /** AdamW's moments, of the same length. */
  readonly mean: Float32Array;
  readonly square: Float32Array;
  /** By the loss of held-out users. */
  readonly best: BestWeights | undefined;
  /** The step at which held-out users were last looked at. */
  readonly looked: number;
}

export interface BestWeights {
  readonly step: number;
  /** Nats per target token. */
  readonly loss: number;
  readonly parameters: Float32Array;
}
