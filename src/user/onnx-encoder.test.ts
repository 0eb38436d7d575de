/** The encoder of the sealed engine, in Node: against arithmetic, and the real one against Transformers.js. */
import { mkdtempSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { createNodeRuntime } from '../runtime/node-runtime.ts';
import type { FetchProgress } from '../storage/file-source.ts';
import { createFolderSource } from '../storage/folder-source.ts';
import { hasShared, sharedNote, sharedPath } from '../testing/shared.ts';
import {
  TINY_LENGTH,
  TINY_MODEL,
  tinyContract,
  tinyVector,
  writeTinyEncoder,
} from '../testing/tiny-encoder.ts';
import { planEncoder, readEncoder, startEncoder } from './onnx-encoder.ts';
import { checkEncoder } from './sentence-encoder.ts';
import { loadSentenceEncoder } from './transformers-encoder.ts';

const SETTINGS = { pooling: 'mean', normalize: true } as const;
const runtime = createNodeRuntime();
const open = async (folder: string, settings: Parameters<typeof startEncoder>[2] = SETTINGS) =>
  startEncoder(await readEncoder(createFolderSource(folder), {}), runtime, settings);

function tinyFolder(): string {
  const folder = mkdtempSync(join(tmpdir(), 'encoder-'));
  writeTinyEncoder(folder);
  return folder;
}

describe('an encoder of a folder', () => {
  it('is planned as it is read', async () => {
    const source = createFolderSource(tinyFolder());
    const sizes = new Map<string, number | undefined>();
    const onProgress = ({ file, total }: FetchProgress) => void sizes.set(file, total);
    await readEncoder(source, { onProgress });
    expect([...sizes.keys()].some((path) => path.endsWith('.onnx'))).toBe(true);
    expect(await planEncoder(source, {})).toEqual(sizes);
  });

  it('means, normalises, cuts long lines behind their end; progress and abort by line', async () => {
    const encoder = await open(tinyFolder());
    const texts = ['pocket drone', 'calmer nerves', 'Quillon and Rook '.repeat(TINY_LENGTH)];
    const told: number[] = [];
    const vectors = await encoder.encode(texts, { onProgress: (done, all) => told.push(done, all) });
    for (const [i, text] of texts.entries()) {
      const row = vectors.subarray(i * encoder.dim, (i + 1) * encoder.dim);
      expect(Math.max(...tinyVector(text).map((value, at) => Math.abs(value - row[at]!)))).toBeLessThan(1e-5);
    }
    expect(told).toEqual([1, 3, 2, 3, 3, 3]);
    expect(() => checkEncoder(encoder.contract('tiny'), tinyContract(), 'tiny')).not.toThrow();
    const stop = new AbortController();
    const stopped = encoder.encode(texts, {
      signal: stop.signal,
      onProgress: () => stop.abort(new Error('enough')),
    });
    await expect(stopped).rejects.toThrow('enough');
    await encoder.release();
  });

  it('the first token alone, as it is', async () => {
    const encoder = await open(tinyFolder(), { pooling: 'cls', normalize: false });
    const [one, other] = [await encoder.encode(['drone drone']), await encoder.encode(['drone'])];
    expect([...one]).toEqual([...other]);
    expect(Math.hypot(...one)).not.toBeCloseTo(1, 3);
  });

  it('that can not look a token up names none of them', async () => {
    const folder = tinyFolder();
    const model = await readEncoder(createFolderSource(folder), {});
    // As of a tokenizer that is longer than the table.
    const codec = { ...model.codec, encodePlain: (text: string) => (text === 'secret' ? [98_765] : [1]) };
    const encoder = await startEncoder({ ...model, codec }, runtime, SETTINGS);
    const failed = encoder.encode(['secret']).catch((error: unknown) => error);
    expect(await failed).toMatchObject({ code: 'runtime-failed' });
    const { message, cause } = (await failed) as Error;
    expect(`${message} ${(cause as Error).message}`).not.toContain('98765');
    await encoder.release();
  });

  it('is refused where it is none', async () => {
    await expect(open(TINY_MODEL)).rejects.toThrow(
      /onnx\/model\.onnx is no sentence encoder: its inputs are .*past.*, expected input_ids, attention_mask, token_type_ids/,
    );
    await expect(open(join(TINY_MODEL, 'onnx'))).rejects.toMatchObject({ code: 'invalid-model' });
  });
});

describe.skipIf(!hasShared)(`all-MiniLM-L6-v2${sharedNote}`, () => {
  it('gives the vectors that Transformers.js gives', async () => {
    const folder = sharedPath('models/all-minilm-l6-v2');
    const [own, theirs] = [await open(folder), await loadSentenceEncoder({ id: folder })];
    const cosine = (a: Float32Array, b: Float32Array) => a.reduce((sum, v, i) => sum + v * b[i]!, 0);
    for (const text of [
      'I grow tomatoes.',
      'Ich spiele Cello – très fort 🎻',
      'My daughter’s 3rd chess club!',
    ]) {
      expect(cosine(await own.encode([text]), await theirs.encode([text]))).toBeGreaterThan(0.9999);
    }
    expect(own.contract('x').probe.length).toBe(384);
    await Promise.all([own.release(), theirs.release()]);
  });
});
