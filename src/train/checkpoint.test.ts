import { describe, expect, it } from 'vitest';
import type { ProjectorContract } from '../projector/contract.ts';
import { readProjector, writeProjector } from '../projector/projector.ts';
import { type Checkpoint, readCheckpoint, resumeCheckpoint, writeCheckpoint } from './checkpoint.ts';
import { parameterLayout, unflatten } from './parameters.ts';
import { finishProjector, type PlannedProjector, shapeOf } from './planned-projector.ts';
import type { TrainingState } from './training-state.ts';

const contract: ProjectorContract = {
  version: 2,
  model: { id: 'm', hiddenSize: 4, vocabularySize: 16, dtype: 'q4', tableSha256: 'ab' },
  space: { id: 'users', dim: 2, mean: [0.1, 0.2], scale: [1, 2.5] },
  ...{ tokens: 2, vectors: 3, slot: { places: [{ at: 'user-end', text: ' About{soft}.' }] } },
  ...{ scaleSide: 'postScale', outputRms: 0.7 },
  training: { batch: 8, seed: 1, dataSha256: 'cd', users: 5, examples: 9 },
};
const planned: PlannedProjector = {
  ...{ contract, hidden: 0, residual: true },
  // As the file holds them.
  anchors: { ids: [3, 5, 7], keys: Float32Array.of(127, 0, -5, 1, 127, 2, 64, -3, -127) },
};
const layout = parameterLayout(shapeOf(planned));
const numbers = (scale: number) =>
  Float32Array.from({ length: layout.at(-1)!.to }, (_, i) => scale * Math.sin(i + 1));
const state: TrainingState = {
  ...{ step: 30, looked: 25, parameters: numbers(1), mean: numbers(0.1), square: numbers(0.01) },
  best: { step: 20, loss: 2.5, parameters: numbers(2) },
};
const settings = { learningRate: 0.01, slot: 'x' };
const projector = finishProjector(planned, unflatten(numbers(2), layout), {
  ...{ steps: 30, heldOutLoss: 2.5, bestStep: 20 },
});
const checkpoint: Checkpoint = { projector, state, settings };
const bytes = writeCheckpoint(checkpoint);
const resume = (now: Partial<ProjectorContract>, other = {}) =>
  resumeCheckpoint(
    { bytes, name: 'c' },
    { contract: { ...contract, ...now }, settings: { ...settings, ...other } },
  );

describe('a checkpoint', () => {
  it('holds state, settings, and a projector with its whole contract', () => {
    expect(readCheckpoint(bytes, 'c')).toEqual(checkpoint);
    expect(resume({})).toEqual(state);
  });

  it('is a projector file, of the best weights', () => {
    const { weights, contract: written, anchors } = readProjector(bytes);
    expect(writeProjector(readProjector(bytes))).toEqual(writeProjector(projector));
    expect(weights).toEqual(projector.weights);
    expect(anchors).toEqual(planned.anchors);
    expect(written.training).toMatchObject({ steps: 30, bestStep: 20, heldOutLoss: 2.5, examples: 9 });
  });

  it.each<[string, Partial<ProjectorContract>, string]>([
    ['space', { space: { ...contract.space, id: 'podcasts' } }, 'space.id = users, found podcasts'],
    ['standardisation', { space: { ...contract.space, scale: [1, 2.6] } }, 'space.scale.1 = 2.5, found 2.6'],
    ['model', { model: { ...contract.model, tableSha256: 'ef' } }, 'model.tableSha256 = ab, found ef'],
    [
      'slot',
      { slot: 'after-bos' },
      'slot = {"places":[{"at":"user-end","text":" About{soft}."}]}, found after-bos',
    ],
    ['seed', { training: { ...contract.training, seed: 2 } }, 'training.seed = 1, found 2'],
    [
      'encoder',
      { space: { ...contract.space, encoder: { id: 'e', pooling: 'cls', normalize: true, probe: [1, 0] } } },
      'space.encoder = nothing, found {"id":"e",',
    ],
  ])('of another contract is refused, naming the field: %s', (_, now, said) => {
    expect(() => resume(now)).toThrow(`c: it was made with contract field ${said}`);
  });

  it('of other settings is refused, what is rounded another way is not', () => {
    expect(() => resume({}, { learningRate: 0.02 })).toThrow(
      'it was made with learningRate = 0.01, found 0.02',
    );
    expect(() => resume({}, { looked: 3 })).toThrow('it was made with looked = nothing, found 3');
    expect(resume({ outputRms: 0.70000001 })).toEqual(state);
  });

  it('that is none is refused', () => {
    expect(() => readCheckpoint(writeProjector(projector), 'p')).toThrow('p: it is no checkpoint, expected');
    const cut = { ...state, mean: new Float32Array(3) };
    const short = writeCheckpoint({ ...checkpoint, state: cut });
    expect(() => readCheckpoint(short, 'c')).toThrow(/^c: tensor adamw\.mean has 3 numbers, expected \d+$/);
  });
});
