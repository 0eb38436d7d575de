/**
 * The projector of a checkpoint, without training on: as if training had ended there. A checkpoint holds weights and no
 * contract, so this is a training with no step left to make, on the same data and settings; others are refused.
 */
import { readSafetensors } from '../projector/safetensors.ts';
import { type Fingerprint, readCheckpoint, writeCheckpoint } from './checkpoint.ts';
import { type TrainOptions, type TrainResult, train } from './train.ts';

/**
 * The weights that were best for held-out users so far, else the last ones.
 * @throws E2PError as `train` does: `invalid-checkpoint` where the checkpoint is of other data or settings
 */
export async function takeProjector(
  options: TrainOptions & { readonly checkpoint: NonNullable<TrainOptions['checkpoint']> },
): Promise<TrainResult> {
  // What is left of training here must not be saved over a checkpoint that can be gone on from.
  const { checkpoint, onCheckpoint: _, ...others } = options;
  const { bytes, name } = checkpoint;
  const state = readCheckpoint(bytes, name, {});
  const head: { fingerprint: Fingerprint } = JSON.parse(readSafetensors(bytes, name).metadata.e2p!);
  const steps = Number(head.fingerprint.steps);
  const ended = writeCheckpoint({ ...state, step: steps, looked: steps }, head.fingerprint);
  const { projector, report } = await train({ ...others, checkpoint: { bytes: ended, name } });
  const { contract } = projector;
  return {
    projector: {
      ...projector,
      contract: { ...contract, training: { ...contract.training, steps: state.step } },
    },
    report: { ...report, steps: state.step, stoppedEarly: state.step < steps },
  };
}
