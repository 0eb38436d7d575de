import { describe, expect, it } from 'vitest';
import { roundedKeys } from './anchors.ts';
import { type ProjectorContract, parseContract } from './contract.ts';
import { erf } from './erf.ts';
import { type Projector, project, projectAtStrength, readProjector, writeProjector } from './projector.ts';
import { readSafetensors, writeSafetensors } from './safetensors.ts';

const contract: ProjectorContract = {
  version: 1,
  model: { id: 'tiny', hiddenSize: 2, vocabularySize: 9, dtype: 'q4', tableSha256: 'ab' },
  space: { id: 'readers-v1', dim: 3, mean: [1, 2, 3], scale: [2, 2, 2] },
  tokens: 2,
  vectors: 1,
  slot: 'after-bos',
  scaleSide: 'postScale',
  outputRms: 0.5,
};

const projector: Projector = {
  contract,
  hidden: 2,
  weights: {
    normWeight: Float32Array.of(1, 1, 1),
    normBias: Float32Array.of(0, 0.1, 0),
    fc1Weight: Float32Array.of(0.5, -0.3, 0.2, 0.1, 0.4, -0.6),
    fc1Bias: Float32Array.of(0.05, -0.05),
    fc2Weight: Float32Array.of(1, -1, 0.5, 0.25, -0.75, 0.3, 0.2, 0.9),
    fc2Bias: Float32Array.of(0.1, 0, -0.1, 0.2),
    gain: Float32Array.of(1, 2),
    skipWeight: new Float32Array(0),
    sharpness: new Float32Array(0),
  },
};
const user = Float32Array.of(3, 1, 4);

describe('the projector', () => {
  it('computes LayerNorm, Linear, GELU, Linear, RMS scale: values from PyTorch-style arithmetic by hand', () => {
    // x = [1, -0.5, 0.5]; mean 1/3, variance 7/18; LayerNorm adds 0.1 to the second.
    const x = [1, -0.5, 0.5];
    const s = Math.sqrt(7 / 18 + 1e-5);
    const n = x.map((v, i) => (v - 1 / 3) / s + (i === 1 ? 0.1 : 0));
    const a = [
      0.5 * n[0]! - 0.3 * n[1]! + 0.2 * n[2]! + 0.05,
      0.1 * n[0]! + 0.4 * n[1]! - 0.6 * n[2]! - 0.05,
    ];
    const h = a.map((v) => 0.5 * v * (1 + erf(v / Math.SQRT2)));
    const y = [
      h[0]! - h[1]! + 0.1,
      0.5 * h[0]! + 0.25 * h[1]!,
      -0.75 * h[0]! + 0.3 * h[1]! - 0.1,
      0.2 * h[0]! + 0.9 * h[1]! + 0.2,
    ];
    const scaled = (p: number, q: number, gain: number) => {
      const rms = Math.sqrt((p * p + q * q) / 2 + 1e-5);
      return [(p / rms) * 0.5 * gain, (q / rms) * 0.5 * gain];
    };
    const [first, second] = project(projector, user);
    for (const [i, v] of scaled(y[0]!, y[1]!, 1).entries()) expect(first![i]).toBeCloseTo(v, 6);
    for (const [i, v] of scaled(y[2]!, y[3]!, 2).entries()) expect(second![i]).toBeCloseTo(v, 6);
  });

  it('erf meets its table (Abramowitz & Stegun, table 7.1)', () => {
    expect(erf(0.5)).toBeCloseTo(0.5204998778, 9);
    expect(erf(-1)).toBeCloseTo(-0.8427007929, 9);
    expect(erf(2)).toBeCloseTo(0.995322265, 9);
    expect(erf(1.999999)).toBeCloseTo(erf(2.000001), 6);
    expect(erf(3)).toBeCloseTo(0.9999779095, 10);
    expect(erf(-4.9)).toBeCloseTo(-1, 10);
    expect(erf(0)).toBe(0);
  });

  it('strength 0 is the mean user, 1 the user, between them a straight line', () => {
    const mean = project(projector, Float32Array.from(contract.space.mean));
    const full = project(projector, user);
    expect(projectAtStrength(projector, user, 0)).toEqual(mean);
    expect(projectAtStrength(projector, user, 1)).toEqual(full);
    const half = projectAtStrength(projector, user, 0.5);
    for (const [i, v] of half[0]!.entries()) {
      expect(v).toBeCloseTo((mean[0]![i]! + full[0]![i]!) / 2, 6);
    }
  });

  it('is multiplied like a token embedding where it is meant for the side in front of the factor', () => {
    const before = { ...projector, contract: { ...contract, scaleSide: 'preScale' } as const };
    for (const strength of [0, 0.5, 1]) {
      const plain = projectAtStrength(projector, user, strength, 4);
      expect(plain).toEqual(projectAtStrength(projector, user, strength));
      expect(projectAtStrength(before, user, strength, 4)).toEqual(plain.map((v) => v.map((x) => 4 * x)));
    }
    expect(readProjector(writeProjector(before)).contract.scaleSide).toBe('preScale');
  });

  it('is the same after writing and reading', () => {
    const read = readProjector(writeProjector(projector));
    expect(read.contract).toEqual(contract);
    expect(project(read, user)).toEqual(project(projector, user));
    const asBuffer = readProjector(Buffer.concat([Buffer.from('x'), writeProjector(projector)]).subarray(1));
    expect(project(asBuffer, user)).toEqual(project(projector, user));
  });

  it('keeps the directions of keys in whole numbers, and reads the halves of older files', () => {
    const keys = roundedKeys(Float32Array.of(0.5, -0.25, 30, 3), 2);
    expect([...keys]).toEqual([127, -63, 127, 13]);
    const weights = { ...projector.weights, sharpness: Float32Array.of(1) };
    const [fc2Weight, fc2Bias] = [new Float32Array(8), new Float32Array(4)];
    const anchored: Projector = {
      ...{ contract, hidden: 2, anchors: { ids: [3, 5], keys } },
      weights: { ...weights, fc2Weight, fc2Bias },
    };
    const written = readSafetensors(writeProjector(anchored), 'p');
    expect(written.tensors.get('anchor.keys')!.dtype).toBe('I8');
    const halves = new Map(written.tensors).set('anchor.keys', { shape: [2, 2], data: keys, dtype: 'F16' });
    const older = readProjector(writeSafetensors({ ...written, tensors: halves }));
    expect(older.anchors).toEqual(readProjector(writeProjector(anchored)).anchors);
    expect(older.anchors).toEqual(anchored.anchors);
  });

  it('spells a phrase whose key is the nearest, else mixes words', () => {
    const keys = roundedKeys(Float32Array.of(1, 0, -1, 0, 0, 1), 2);
    const anchors = { ids: [3, 5], phrases: [[6, 7, 8]], keys };
    const at = (y: readonly number[]): Projector => ({
      contract: { ...contract, tokens: 1 },
      ...{ hidden: 0, anchors },
      weights: {
        ...{ ...projector.weights, fc1Weight: new Float32Array(0), fc1Bias: new Float32Array(0) },
        ...{ fc2Weight: new Float32Array(6), fc2Bias: Float32Array.from(y), gain: Float32Array.of(1) },
        sharpness: Float32Array.of(3),
      },
    });
    const rows = Float32Array.of(1, 0, 0, 1, 2, 3, 4, 5, 6, 7);
    const soft = (y: readonly number[], strength = 1) => {
      const read = readProjector(writeProjector(at(y)));
      expect(read.anchors).toEqual(anchors);
      return projectAtStrength({ ...read, anchors: { ...anchors, rows } }, user, strength).map((v) => [...v]);
    };
    expect(soft([0.1, 1])).toEqual([
      [2, 3],
      [4, 5],
      [6, 7],
    ]);
    const [mixed, ...more] = soft([1, 0.1]);
    expect(more).toEqual([]);
    expect(mixed![0]).toBeCloseTo(Math.SQRT1_2, 3);
    expect(soft([0.1, 1], 0)).toHaveLength(3);
  });

  it('refuses phrases that could not be spelled', () => {
    const keys = new Float32Array(6).fill(1);
    const written = (phrases: number[][], K = 1) =>
      writeProjector({
        contract: { ...contract, tokens: K },
        ...{ hidden: 2, anchors: { ids: [3, 5], phrases, keys } },
        weights: {
          ...{ ...projector.weights, fc2Weight: new Float32Array(4 * K), fc2Bias: new Float32Array(2 * K) },
          ...{ gain: new Float32Array(K), sharpness: Float32Array.of(1) },
        },
      });
    const refused = (bytes: Uint8Array, reason: RegExp) =>
      expect(() => readProjector(bytes, 'p')).toThrow(reason);
    refused(written([[6, 9]]), /^p: tensor anchor\.phrases holds 9 at element 1, expected token ids below 9/);
    refused(written([Array(9).fill(1)]), /anchor\.phrases is \[1, 9\], expected \[phrases, 1 to 8 tokens\]/);
    refused(written([[-1]]), /a phrase of no token, expected 1 to 8/);
    refused(written([[6, -1, 7]]), /anchor\.phrases holds -1/);
    refused(written([[6, 7]], 2), /expected none without keys, where K is not 1/);
  });
});

describe('a projector file that is not right', () => {
  const refused = (bytes: Uint8Array, reason: string | RegExp) => {
    expect(() => readProjector(bytes, 'p.safetensors')).toThrow(
      expect.objectContaining({ code: 'invalid-projector' }),
    );
    expect(() => readProjector(bytes, 'p.safetensors')).toThrow(reason);
  };
  const withContract = (change: object) =>
    writeSafetensors({
      tensors: readSafetensors(writeProjector(projector), 'p').tensors,
      metadata: { e2p: JSON.stringify({ ...contract, ...change }) },
    });

  it('cut short, empty, or of another format', () => {
    refused(writeProjector(projector).slice(0, -4), /bytes of tensors \(cut short\)/);
    refused(writeProjector(projector).slice(0, 40), /cut short/);
    refused(new Uint8Array(3), /3 bytes/);
    refused(new Uint8Array(0), /found an empty file/);
    refused(
      new TextEncoder().encode('<!doctype html><html lang="en">'),
      /found text, expected a safetensors header/,
    );
  });

  it('a header of other things than names, sizes and places', () => {
    const ofHeader = (header: object) => {
      const json = new TextEncoder().encode(JSON.stringify(header));
      const bytes = new Uint8Array(8 + json.length + 8);
      bytes[0] = json.length;
      bytes.set(json, 8);
      return bytes;
    };
    // Neither has a text that JavaScript would find by itself.
    const odd = { toString: 1, valueOf: 1 };
    const tensor = { dtype: 'F32', shape: [1, 2], data_offsets: [0, 8] };
    refused(ofHeader({ __metadata__: { e2p: odd } }), 'the metadata entry e2p is no text');
    refused(ofHeader({ x: { ...tensor, dtype: odd } }), 'tensor x has dtype {"toString":1,"valueOf":1}');
    refused(
      ofHeader({ x: { ...tensor, shape: [2 ** 40, 0], data_offsets: [0, 0] } }),
      'tensor x has shape [1099511627776,0], expected up to 4 whole numbers from 1',
    );
  });

  it('a number that is not finite', () => {
    const gain = Float32Array.of(1, Number.NaN);
    refused(
      writeProjector({ ...projector, weights: { ...projector.weights, gain } }),
      'gain holds NaN at element 1',
    );
  });

  it('a tensor of the wrong shape or missing', () => {
    const { tensors, metadata } = readSafetensors(writeProjector(projector), 'p');
    const without = new Map(tensors);
    without.delete('fc1.bias');
    refused(writeSafetensors({ tensors: without, metadata }), 'fc1.bias is nothing, expected [2]');
    refused(
      writeSafetensors({ tensors, metadata: { e2p: JSON.stringify({ ...contract, tokens: 3 }) } }),
      'tensor fc2.weight is [4, 2], expected [6, 2]',
    );
  });

  it('a contract of a later version, without a space, or absurd', () => {
    refused(withContract({ version: 4 }), 'contract field version is 4, expected 1 to 3; a newer');
    refused(
      withContract({ version: 3, byQuestion: { temperature: 0 } }),
      'field byQuestion.temperature is 0',
    );
    refused(withContract({ version: 3, byQuestion: { temperature: 1 } }), 'field space.encoder is nothing');
    refused(withContract({ space: { ...contract.space, mean: [1, 2] } }), 'space.mean');
    refused(withContract({ space: { ...contract.space, scale: [1, 0, 1] } }), 'space.scale');
    refused(withContract({ tokens: 1e9 }), 'field tokens is 1000000000');
    refused(withContract({ slot: 'nowhere' }), 'field slot');
    refused(withContract({ slot: { places: [{ at: 'user-end', text: 'no place' }] } }), 'field slot');
    refused(
      withContract({ slot: { placeholder: '' } }),
      'field slot is {"placeholder":""}, expected "after-',
    );
  });

  it('names the field of its contract, what was found and what was expected', () => {
    const { space, model } = contract;
    const encoder = { id: 'e', pooling: 'max', normalize: true, probe: [0, 0, 1] };
    for (const [change, reason] of [
      [{ space: undefined }, 'space is nothing, expected an object'],
      [{ model: { ...model, id: undefined } }, 'model.id is nothing, expected text'],
      [{ model: [] }, 'model is [], expected an object'],
      [{ space: { ...space, mean: [1, null, 3] } }, 'space.mean[1] is null, expected a number'],
      [{ space: { ...space, mean: [1, 1e300, 3] } }, 'space.mean[1] is 1e+300, expected a number of float32'],
      [
        { space: { ...space, scale: [1, 1e-300, 1] } },
        'space.scale[1] is 1e-300, expected a positive number of float32',
      ],
      [{ space: { ...space, scale: [1, 2] } }, 'space.scale is [1,2], expected 3 numbers'],
      [{ space: { ...space, encoder } }, 'space.encoder.pooling is "max", expected "mean" or "cls"'],
      [{ version: 2, vectors: undefined }, 'vectors is nothing, expected a whole number from 1 to 64'],
      [{ scaleSide: 'left' }, 'scaleSide is "left", expected "postScale" or "preScale"'],
      [{ outputRms: 0 }, 'outputRms is 0, expected a positive number'],
      [{ training: { seed: [1] } }, 'training.seed is [1], expected text or a number'],
    ] as const) {
      refused(withContract(change), `p.safetensors: contract field ${reason}`);
    }
    expect(() => parseContract('7', 'p')).toThrow('p: the contract is 7, expected an object');
    expect(() => parseContract('{', 'p')).toThrow('p: the contract is not JSON');
  });

  it('a contract of version 1 has one vector, whatever else it says', () => {
    for (const vectors of [undefined, 3, 'many']) {
      expect(parseContract(JSON.stringify({ ...contract, vectors }), 'p').vectors).toBe(1);
    }
  });

  it('reads only what a contract has, and goes behind the factor where it does not say', () => {
    const json = JSON.stringify({ ...contract, scaleSide: undefined, note: 'more' });
    expect(parseContract(json, 'p')).toEqual(contract);
  });
});
