/** A second projector for the default model: it reads a space of its own, and turns what it reads around. */
import { readProjector, writeProjector } from '../projector/projector.ts';

export const TONE_SPACE = 'tone-v1';

/** @param shipped the default model's projector */
export function toneProjector(shipped: Uint8Array): Uint8Array<ArrayBuffer> {
  const projector = readProjector(shipped);
  const { contract, weights } = projector;
  const written = writeProjector({
    ...projector,
    contract: { ...contract, space: { ...contract.space, id: TONE_SPACE } },
    weights: { ...weights, fc1Weight: weights.fc1Weight.map((weight) => -weight) },
  });
  return new Uint8Array(written);
}
