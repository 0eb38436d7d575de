import { describe, expect, it } from 'vitest';
import { type Projector, writeProjector } from '../projector/projector.ts';
import { inspectProjector } from './inspect-projector.ts';

/** Of words: K = 2, anchored with keys, linear with a residual matrix; its names try to steer the terminal. */
const ofWords: Projector = {
  contract: {
    version: 2,
    model: { id: 'own\x1b[2Jer/llm', hiddenSize: 6, vocabularySize: 49_152, dtype: 'q4', tableSha256: 'ab' },
    space: {
      ...{ id: 'lines', dim: 3, mean: [0, 0, 0], scale: [1, 1, 1] },
      encoder: { id: 'owner/encoder', pooling: 'cls', normalize: false, probe: [1, 2, 3] },
    },
    ...{ tokens: 2, vectors: 16, scaleSide: 'postScale', outputRms: 0.5 },
    slot: {
      places: [
        { at: 'system-start', text: '{soft}' },
        { at: 'user-end', text: ' About{soft}.' },
      ],
    },
    training: {
      ...{ steps: 1200, users: 900, dataSha256: 'cd', heldOutLoss: 1.23456, bestStep: 900 },
      ...{ dpEpsilon: 8, dpDelta: 1e-5, dpClip: 0.1, dpNoise: 0.91234, dpSampling: 0.125, dpSteps: 300 },
    },
  },
  hidden: 0,
  anchors: { ids: [5, 7, 9, 11], keys: new Float32Array(16).fill(0.5) },
  weights: {
    normWeight: new Float32Array(3),
    normBias: new Float32Array(3),
    fc1Weight: new Float32Array(0),
    fc1Bias: new Float32Array(0),
    fc2Weight: new Float32Array(24),
    fc2Bias: new Float32Array(8),
    gain: new Float32Array(2),
    skipWeight: new Float32Array(24),
    sharpness: new Float32Array(1),
  },
};

/** Of clicks: one vector, an inner layer, free soft tokens. */
const { anchors: _, ...free } = ofWords;
const { encoder: __, ...space } = ofWords.contract.space;
const ofClicks: Projector = {
  ...free,
  contract: {
    ...ofWords.contract,
    ...{ version: 1, vectors: 1, slot: { placeholder: '<|me|>' }, space, training: {} },
  },
  hidden: 2,
  weights: {
    ...ofWords.weights,
    fc1Weight: new Float32Array(6),
    fc1Bias: new Float32Array(2),
    fc2Bias: new Float32Array(12),
    skipWeight: new Float32Array(0),
    sharpness: new Float32Array(0),
  },
};

describe('e2p inspect of a projector', () => {
  it('reads as sentences: one of clicks', () => {
    const bytes = writeProjector(ofClicks);
    const [name, size, , ...rest] = inspectProjector(bytes, 'p.safetensors', false).split('\n');
    expect([name, size]).toEqual([
      'p.safetensors',
      `  file         ${bytes.length.toLocaleString('en')} bytes, contract version 1`,
    ]);
    expect(rest).toEqual([
      '  fingerprint  none: in another precision than q4 another model would not be noticed',
      '  embeddings   lines, 3 numbers each',
      '  soft tokens  2 for a user',
      '  slot         at "<|me|>" in the prompt',
      '  layers       3 → 2 → 12; 52 parameters',
      '  anchors      none: soft tokens are free vectors',
      '  drift        not seen: nothing tells how its users lie',
      '  quality      not recorded: e2p evaluate measures it',
      '  privacy      not trained with noise: who has the file may find out who was',
      '  training     not told',
    ]);
  });

  it('reads as sentences: one of words, whose texts stay texts', () => {
    const text = inspectProjector(writeProjector(ofWords), 'p.safetensors', false);
    expect(text.split('\n').slice(2)).toEqual([
      '  model        own�[2Jer/llm in q4 (V = 49,152, H = 6)',
      '  fingerprint  none: in another precision than q4 another model would not be noticed',
      '  embeddings   lines, 3 numbers each',
      '  encoder      owner/encoder makes them from text (cls pooling, not normalised)',
      '  soft tokens  2 for each of up to 16 vectors of a user',
      '  slot         system start: {soft}',
      '               user end: " About{soft}."',
      '  layers       3 → 8, linear, with a residual matrix; 65 parameters',
      '  anchors      4 words of the vocabulary, found by keys in the file',
      '  drift        not seen: nothing tells how its users lie',
      '  quality      held-out users: 1.2346 nats per target token at step 900, whose weights were kept',
      '  privacy      ε = 8 at δ = 0.00001 for each of 900 users being trained on or not (DP-SGD, noise 0.912 × clip 0.1, 12.5 % of them in each of 300 steps); not for held-out users, who chose the step',
      '  training     steps 1200, users 900',
    ]);
  });

  it('as data, without long lists', () => {
    const json = inspectProjector(writeProjector(ofWords), 'p.safetensors', true);
    expect(json.length).toBeLessThan(2000);
    expect(JSON.parse(json)).toMatchObject({
      model: { dtype: 'q4', hiddenSize: 6, fingerprint: false },
      space: { id: 'lines', dim: 3, encoder: { id: 'owner/encoder' } },
      ...{ tokens: 2, vectors: 16, parameters: 65, slot: ofWords.contract.slot },
      layers: { dim: 3, hidden: 0, output: 4, residual: true },
      anchors: { words: 4, phrases: 0, keys: true },
      quality: { heldOutLoss: 1.23456, bestStep: 900 },
    });
  });

  it("gives the reader's own error for a bad file", () => {
    const refused = (bytes: Uint8Array, why: RegExp) =>
      expect(() => inspectProjector(bytes, 'p.safetensors', false)).toThrow(why);
    const bytes = writeProjector(ofWords);
    refused(bytes.subarray(0, 5), /^p\.safetensors: found 5 bytes, expected a safetensors file/);
    refused(bytes.subarray(0, bytes.length - 4), /^p\.safetensors: found \d+ bytes of tensors \(cut short\)/);
    refused(new TextEncoder().encode('some notes, not weights'), /found text, expected a safetensors header/);
  });
});
