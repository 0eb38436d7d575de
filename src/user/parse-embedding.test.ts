import { describe, expect, it } from 'vitest';
import { writeSafetensors } from '../projector/safetensors.ts';
import { type ParseEmbeddingOptions, parseEmbedding } from './parse-embedding.ts';

/**
 * Written by NumPy 2.4.6, once: `numpy.lib.format.write_array` of `x = numpy.array([0.1, -2.5, 65504, 6e-8])` in the named dtype and
 * version; `matrix` is `numpy.stack([x, x / 2])` in float32, `fortran` the same through `asfortranarray`.
 */
const NPY = {
  'f4 v1':
    'k05VTVBZAQB2AHsnZGVzY3InOiAnPGY0JywgJ2ZvcnRyYW5fb3JkZXInOiBGYWxzZSwgJ3NoYXBlJzogKDQsKSwgfSAgICAgICAgICAgICAgICAgICAgICAgICAgICAgICAgICAgICAgICAgICAgICAgICAgICAgICAgICAgIArNzMw9AAAgwADgf0dZ2YAz',
  'f8 v2':
    'k05VTVBZAgB0AAAAeydkZXNjcic6ICc8ZjgnLCAnZm9ydHJhbl9vcmRlcic6IEZhbHNlLCAnc2hhcGUnOiAoNCwpLCB9ICAgICAgICAgICAgICAgICAgICAgICAgICAgICAgICAgICAgICAgICAgICAgICAgICAgICAgICAgIAqamZmZmZm5PwAAAAAAAATAAAAAAAD870AraaQpKxtwPg==',
  'f2 v3':
    'k05VTVBZAwB0AAAAeydkZXNjcic6ICc8ZjInLCAnZm9ydHJhbl9vcmRlcic6IEZhbHNlLCAnc2hhcGUnOiAoNCwpLCB9ICAgICAgICAgICAgICAgICAgICAgICAgICAgICAgICAgICAgICAgICAgICAgICAgICAgICAgICAgIApmLgDB/3sBAA==',
  matrix:
    'k05VTVBZAQB2AHsnZGVzY3InOiAnPGY0JywgJ2ZvcnRyYW5fb3JkZXInOiBGYWxzZSwgJ3NoYXBlJzogKDIsIDQpLCB9ICAgICAgICAgICAgICAgICAgICAgICAgICAgICAgICAgICAgICAgICAgICAgICAgICAgICAgICAgIArNzMw9AAAgwADgf0dZ2YAzzcxMPQAAoL8A4P9GWdkAMw==',
  fortran:
    'k05VTVBZAQB2AHsnZGVzY3InOiAnPGY0JywgJ2ZvcnRyYW5fb3JkZXInOiBUcnVlLCAnc2hhcGUnOiAoMiwgNCksIH0gICAgICAgICAgICAgICAgICAgICAgICAgICAgICAgICAgICAgICAgICAgICAgICAgICAgICAgICAgIArNzMw9zcxMPQAAIMAAAKC/AOB/RwDg/0ZZ2YAzWdkAMw==',
  big: 'k05VTVBZAQB2AHsnZGVzY3InOiAnPmY0JywgJ2ZvcnRyYW5fb3JkZXInOiBGYWxzZSwgJ3NoYXBlJzogKDQsKSwgfSAgICAgICAgICAgICAgICAgICAgICAgICAgICAgICAgICAgICAgICAgICAgICAgICAgICAgICAgICAgIAo9zMzNwCAAAEd/4AAzgNlZ',
  int: 'k05VTVBZAQB2AHsnZGVzY3InOiAnPGk0JywgJ2ZvcnRyYW5fb3JkZXInOiBGYWxzZSwgJ3NoYXBlJzogKDQsKSwgfSAgICAgICAgICAgICAgICAgICAgICAgICAgICAgICAgICAgICAgICAgICAgICAgICAgICAgICAgICAgIAoAAAAA/v///+D/AAAAAAAA',
  three:
    'k05VTVBZAQB2AHsnZGVzY3InOiAnPGY0JywgJ2ZvcnRyYW5fb3JkZXInOiBGYWxzZSwgJ3NoYXBlJzogKDEsIDEsIDQpLCB9ICAgICAgICAgICAgICAgICAgICAgICAgICAgICAgICAgICAgICAgICAgICAgICAgICAgICAgIAoAAAAAAAAAAAAAAAAAAAAA',
} as const;
/** What NumPy says of x as float32, and of its float16 (6e-8 is the least one, 2⁻²⁴). */
const X = [...Float32Array.of(0.1, -2.5, 65504, 6e-8)];
const X16 = [0.0999755859375, -2.5, 65504, 2 ** -24];

const one = { id: 'podcasts-v3', dim: 4, vectors: 1 };
const bytesOf = (base64: string) => Uint8Array.from(atob(base64), (c) => c.charCodeAt(0));
const parse = (given: unknown, options: Partial<ParseEmbeddingOptions> = {}) => {
  const { space, values } = parseEmbedding(given, { space: one, ...options });
  expect(space).toBe('podcasts-v3');
  return [...values];
};
const refused = (given: unknown, options: Partial<ParseEmbeddingOptions>, reason: RegExp) => {
  const call = () => parse(given, options);
  expect(call).toThrow(expect.objectContaining({ name: 'E2PError', code: 'invalid-embedding' }));
  expect(call).toThrow(reason);
  // Nothing of what was given is repeated.
  expect(call).not.toThrow(/2\.5|977|secret/);
};

describe('a vector from a backend', () => {
  it.each([
    ['JSON', '[0.1, -2.5, 65504, 6e-8]', {}],
    ['JSON that names its space', '{"space": "podcasts-v3", "values": [0.1, -2.5, 65504, 6e-8]}', {}],
    ['JSON of bytes', new TextEncoder().encode(' [0.1, -2.5, 65504, 6e-8]\n'), {}],
    ['numbers', [0.1, -2.5, 65504, 6e-8], {}],
    ['a Float32Array', Float32Array.of(0.1, -2.5, 65504, 6e-8), {}],
    ['base64 of float32', 'zczMPQAAIMAA4H9HWdmAMw==', {}],
    ['base64 within JSON', { space: 'podcasts-v3', values: 'zczMPQAAIMAA4H9HWdmAMw==' }, {}],
    ['npy, float32, version 1', bytesOf(NPY['f4 v1']), {}],
    ['npy, float64, version 2', bytesOf(NPY['f8 v2']).buffer, {}],
    ['a row of an npy matrix', bytesOf(NPY.matrix), { row: 0 }],
    ['a row of a list of rows', '[[977, 977, 977, 977], [0.1, -2.5, 65504, 6e-8]]', { row: 1 }],
  ])('%s', (_, given, options) => expect(parse(given, options)).toEqual(X));

  it.each([
    ['base64 of float16', 'Zi4Awf97AQA=', { dtype: 'float16' }],
    ['base64url without padding, whose JSON says so', { values: 'Zi4Awf97AQA', dtype: 'float16' }, {}],
    ['npy, float16, version 3', bytesOf(NPY['f2 v3']), {}],
  ] as const)('%s', (_, given, options) => expect(parse(given, options)).toEqual(X16));

  it('is a row of a safetensors matrix, which may name its space', () => {
    const tensors = new Map([
      ['embeddings', { shape: [2, 4], data: Float32Array.of(1, 2, 3, 4, ...X), dtype: 'F32' as const }],
      ['half', { shape: [4], data: Float32Array.of(1, 0.5, -2, 0), dtype: 'F16' as const }],
    ]);
    const file = writeSafetensors({ tensors, metadata: { space: 'podcasts-v3' } });
    expect(parse(file, { row: 1 })).toEqual(X);
    expect(parse(file, { tensor: 'half' })).toEqual([1, 0.5, -2, 0]);
    refused(file, { tensor: 'other' }, /is nothing, expected one of the file's 2 tensors/);
    refused(file, {}, /the matrix is 2 rows, expected at most 1, or the option row/);
    refused(file, { row: 2 }, /row is 2, expected a whole number from 0 to 1/);
    refused(writeSafetensors({ tensors, metadata: { space: 'other' } }), { row: 1 }, /of space "other"/);
    refused(file.subarray(0, 200), { row: 1 }, /cut short/);
  });

  it('is what the Web SemanticEmbedder answers with, whose entries name their space', () => {
    // As the browser's own objects have them: behind the prototype.
    class ContentEmbedding {
      readonly #values: Float32Array;
      readonly embeddingSpace: string;
      constructor(values: Float32Array, embeddingSpace: string) {
        this.#values = values;
        this.embeddingSpace = embeddingSpace;
      }
      get values() {
        return this.#values;
      }
    }
    const entry = new ContentEmbedding(Float32Array.from(X), 'podcasts-v3');
    expect(parse({ embeddings: [entry] })).toEqual(X);
    expect(parse(entry)).toEqual(X);
    const other = new ContentEmbedding(Float32Array.from(X), 'gemma');
    const set = { ...one, vectors: 3 };
    expect(parse({ embeddings: [entry, entry] }, { space: set })).toEqual([...X, ...X]);
    expect(parse({ embeddings: [other, entry] }, { row: 1 })).toEqual(X);
    // Without a name, as its first versions had it.
    expect(parse({ embeddings: [{ values: Float32Array.from(X) }] })).toEqual(X);
    refused({ embeddings: [other] }, {}, /of space "gemma", the projector reads "podcasts-v3"/);
    refused({ embeddings: [entry, other] }, { space: set }, /embeddings\[1\]\.embeddingSpace is another one/);
    refused({ embeddings: [] }, {}, /embeddings is an empty list/);
    refused({ embeddings: ['secret'] }, {}, /embeddings\[0\] is a string, expected \{values/);
  });

  it('may be a set of rows where the projector reads sets', () => {
    const set = { ...one, vectors: 2 };
    expect(parse(bytesOf(NPY.matrix), { space: set })).toEqual([...X, ...X.map((x) => Math.fround(x / 2))]);
    refused(
      [
        [1, 2, 3, 4],
        [1, 2, 3],
      ],
      { space: set },
      /values\[1\] is 3 numbers, expected 4/,
    );
  });

  it.each([
    ['a word among numbers', '[0.5, "secret", 1, 2]', {}, /values\[1\] is a string, expected a number/],
    ['another length', '[977, 977]', {}, /holds 2 numbers, expected a Float32Array of 4 numbers/],
    ['what float32 can not hold', '[1, 1e39, 0, 0]', {}, /not finite at index 1/],
    ['NaN', [1, 2, Number.NaN, 0], {}, /not finite at index 2/],
    ['another space', { space: 'films-v1', values: [1, 2, 3, 4] }, {}, /"films-v1".*"podcasts-v3"/],
    [
      'a space that is no text',
      { space: 977, values: [1, 2, 3, 4] },
      {},
      /space is a number, expected a text/,
    ],
    ['half of JSON', '[977, ', {}, /the text is no JSON/],
    ['words', 'a secret!', {}, /the text is no base64/],
    ['float16 taken for float32', 'Zi4Awf97AQA=', {}, /holds 2 numbers, expected a Float32Array of 4/],
    ['part of a number', 'AAAAAAA=', {}, /5 bytes, expected numbers of 4 bytes/],
    ['another dtype', { values: 'AAAA', dtype: 'secret' }, {}, /dtype is another word, expected float32/],
    ['nothing', undefined, {}, /it is missing/],
    ['a tensor of npy', bytesOf(NPY['f4 v1']), { tensor: 'a' }, /option tensor is given, expected none/],
    ['an object of something else', { secret: 1 }, {}, /values is missing/],
    ['bytes of something else', Uint8Array.of(0xff, 0xfe, 0, 1), {}, /it is 4 bytes, expected JSON/],
    ['npy, big-endian', bytesOf(NPY.big), {}, /descr is >f4, expected <f8, <f4, <f2/],
    ['npy, integers', bytesOf(NPY.int), {}, /descr is <i4/],
    ['npy, columns first', bytesOf(NPY.fortran), { row: 0 }, /fortran_order is True/],
    ['npy, three dimensions', bytesOf(NPY.three), {}, /shape is 3 dimensions/],
    ['npy, cut short', bytesOf(NPY['f4 v1']).subarray(0, 140), {}, /12 bytes, expected 16 for \[4\]/],
    ['npy, cut in its header', bytesOf(NPY['f4 v1']).subarray(0, 60), {}, /the npy header is 50 bytes/],
  ])('%s: refused', (_, given, options, reason) => refused(given, options, reason));

  it.each<[string, unknown]>([
    ['numbers', [1, 2, 3, 4]],
    ['JSON', '[1, 2, 3, 4]'],
    ['a Float32Array', Float32Array.of(1, 2, 3, 4)],
    ['values', { values: Float32Array.of(1, 2, 3, 4) }],
    ['base64', 'zczMPQAAIMAA4H9HWdmAMw=='],
    ['base64 within JSON', { values: 'zczMPQAAIMAA4H9HWdmAMw==' }],
  ])('neither a row nor a tensor of %s: both would be passed over', (_, given) => {
    refused(given, { row: 0 }, /option row is given, expected none: the numbers are no rows/);
    refused(given, { tensor: 'a' }, /option tensor is given, expected none/);
  });
});
