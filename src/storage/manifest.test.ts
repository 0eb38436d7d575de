import { describe, expect, it } from 'vitest';
import { parseManifest } from './manifest.ts';

const digest = 'ab'.repeat(32);
const file = { size: 70_000, sha256: digest, chunks: [digest, digest] };
const valid = { version: 1, chunkBytes: 65_536, files: { 'onnx/model.onnx': file } };
const parse = (value: unknown) =>
  parseManifest(
    new TextEncoder().encode(typeof value === 'string' ? value : JSON.stringify(value)),
    'm.json',
  );

describe('a manifest', () => {
  it('tells size and digests of each file', () => {
    expect(parse(valid).files['onnx/model.onnx']).toEqual(file);
  });

  it('may describe an empty file, and files with names that objects have too', () => {
    const empty = { size: 0, sha256: digest, chunks: [] };
    const { files } = parse({ ...valid, files: { constructor: empty } });
    expect(Object.keys(files)).toEqual(['constructor']);
    expect(files.toString).toBeUndefined();
  });

  it('may have any other character in its names, which the reader of addresses would take for its own', () => {
    expect(Object.keys(parse({ ...valid, files: { 'a?b#c%20d': file } }).files)).toEqual(['a?b#c%20d']);
  });

  it.each([
    ['not JSON', '{', /m\.json is not JSON/],
    ['a list', [], /the manifest is \[\], expected an object/],
    ['another version', { ...valid, version: 2 }, /version is 2, expected 1/],
    ['chunks of nothing', { ...valid, chunkBytes: 0 }, /chunkBytes is 0, expected a whole number from 65536/],
    ['no files', { ...valid, files: undefined }, /files is nothing, expected an object/],
    ['a negative size', { ...valid, files: { a: { ...file, size: -1 } } }, /files\["a"\]\.size is -1/],
    [
      'too few chunks',
      { ...valid, files: { a: { ...file, chunks: [digest] } } },
      /2 digests for 70000 bytes/,
    ],
    ['a short digest', { ...valid, files: { a: { ...file, sha256: 'ab' } } }, /sha256 is "ab", expected 64/],
    [
      'no digest',
      { ...valid, files: { a: { ...file, sha256: undefined } } },
      /sha256 is nothing, expected 64/,
    ],
    [
      'too many files',
      { ...valid, files: Object.fromEntries(Array.from({ length: 10_001 }, (_, i) => [i, file])) },
      /field files is \{.{59}, expected at most 10000 files/,
    ],
    ['a bad chunk', { ...valid, files: { a: { ...file, chunks: [digest, 3] } } }, /chunks\[1\] is 3/],
    ['a way out', { ...valid, files: { '../a': file } }, /a path is "\.\.\/a", expected a relative one/],
    ['an absolute path', { ...valid, files: { '/a': file } }, /a path is "\/a"/],
    ['another address', { ...valid, files: { 'http://x/a': file } }, /a path is "http/],
  ])('is refused with %s', (_, value, message) => {
    expect(() => parse(value)).toThrow(message);
    expect(() => parse(value)).toThrow(expect.objectContaining({ code: 'invalid-manifest' }));
  });
});
