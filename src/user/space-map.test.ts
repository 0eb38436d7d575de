import { describe, expect, it } from 'vitest';
import { readSafetensors, writeSafetensors } from '../projector/safetensors.ts';
import { mapEmbedding, readSpaceMap, type SpaceMap, writeSpaceMap } from './space-map.ts';

const map: SpaceMap = {
  ...{ from: { id: 'v4', dim: 3 }, to: { id: 'v3', dim: 2 }, residual: 0.125, anchors: 80 },
  weight: Float32Array.of(1, 2, 3, 0, -1, 0.5),
  bias: Float32Array.of(10, 20),
};
const bytes = writeSpaceMap(map);
const refused = (file: Uint8Array, why: RegExp) =>
  expect(() => readSpaceMap(file, 'm.safetensors')).toThrow(
    expect.objectContaining({ code: 'invalid-data', message: expect.stringMatching(why) }),
  );

describe('a map between embedding spaces', () => {
  it('comes out of its file as it went in', () => {
    expect(readSpaceMap(bytes)).toEqual(map);
    expect(bytes.length).toBeLessThan(500);
  });

  it('maps a vector, and each of a set', () => {
    const { space, values } = mapEmbedding(map, { space: 'v4', values: [1, 1, 1, 2, 0, 4] });
    expect([space, ...values]).toEqual(['v3', 16, 19.5, 24, 22]);
  });

  it('leaves what it was given as it is', () => {
    const given = Float32Array.of(1, 1, 1);
    mapEmbedding(map, { space: 'v4', values: given });
    expect([...given]).toEqual([1, 1, 1]);
  });

  it('refuses another space, another length, and what is no number', () => {
    const code = { code: 'invalid-embedding' };
    const mapping = (space: string, values: number[]) => () => mapEmbedding(map, { space, values });
    expect(mapping('v3', [1, 1, 1])).toThrow(expect.objectContaining(code));
    expect(mapping('v4', [1, 1])).toThrow(expect.objectContaining(code));
    expect(mapping('v4', [1, Number.NaN, 1])).toThrow(expect.objectContaining(code));
    expect(mapping('v4', [3e38, 3e38, 3e38])).toThrow(/not finite at index 0/);
  });

  it('refuses a file that is something else, and names what is wrong', () => {
    const { tensors, metadata } = readSafetensors(bytes, 'm');
    const facts = JSON.parse(metadata['e2p-map']!);
    const changed = (fields: object) =>
      writeSafetensors({ tensors, metadata: { 'e2p-map': JSON.stringify({ ...facts, ...fields }) } });
    refused(new Uint8Array(4), /m\.safetensors: found .*expected a safetensors file/);
    refused(writeSafetensors({ tensors, metadata: {} }), /the metadata entry e2p-map is missing/);
    refused(writeSafetensors({ tensors, metadata: { 'e2p-map': '{' } }), /e2p-map is not JSON/);
    refused(changed({ version: 2 }), /map field version is 2, expected 1; a newer e2p-web may read it/);
    refused(changed({ from: { id: 'v4', dim: 4 } }), /tensor weight is \[2, 3\], expected \[2, 4\]/);
    refused(changed({ residual: -1 }), /map field residual is -1, expected a number from 0/);
  });
});
