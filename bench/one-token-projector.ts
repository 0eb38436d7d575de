/** A projector of one soft token behind BOS, its weights of chance: for what personalisation costs, which does not depend on what it says. */

import type { BaseModel, Runtime } from '../src/node.ts';
import { writeProjector } from '../src/projector/projector.ts';

const DIM = 64;

export async function oneTokenProjector(
  model: BaseModel,
  runtime: Runtime,
): Promise<Uint8Array<ArrayBuffer>> {
  const { hiddenSize, vocabularySize } = model.facts;
  const none = new Float32Array(0);
  const bytes = writeProjector({
    hidden: 0,
    contract: {
      version: 2,
      model: {
        ...{ id: model.name, hiddenSize, vocabularySize, dtype: model.dtype },
        tableSha256: await model.tableSha256(),
      },
      space: {
        ...{ id: 'of chance', dim: DIM },
        ...{ mean: Array<number>(DIM).fill(0), scale: Array<number>(DIM).fill(1) },
      },
      ...{ tokens: 1, vectors: 1, slot: 'after-bos', scaleSide: 'postScale' },
      outputRms: await model.embeddingRms(runtime),
    },
    weights: {
      ...{ normWeight: new Float32Array(DIM).fill(1), normBias: new Float32Array(DIM) },
      ...{ fc1Weight: none, fc1Bias: none, skipWeight: none, sharpness: none },
      fc2Weight: Float32Array.from({ length: hiddenSize * DIM }, (_, i) => Math.sin(i)),
      ...{ fc2Bias: new Float32Array(hiddenSize), gain: Float32Array.of(1) },
    },
  });
  return new Uint8Array(bytes);
}
