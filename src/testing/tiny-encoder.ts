/**
 * For tests only: a sentence encoder of a few lines, in the Hub's layout, with the default model's tokenizer. A token's vector is its row of
 * a table, so that a text's vector can be told by arithmetic.
 */
import { mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { createTextCodec } from '../model/text-codec.ts';
import { GraphBuilder } from '../onnx/builder.ts';
import { writeOnnx } from '../onnx/onnx-file.ts';
import type { SentenceEncoderContract } from '../projector/contract.ts';
import type { Projector } from '../projector/projector.ts';
import { PROBE_TEXT } from '../user/sentence-encoder.ts';

export const TINY_MODEL = fileURLToPath(new URL('../../public/models/e2p-tiny', import.meta.url));
const DIM = 8;
const VOCABULARY = 2048;
/** Tokens of a line, at most. */
export const TINY_LENGTH = 24;

const entry = (token: number, i: number) => Math.sin(token * 0.37 + i * 1.3 + token * i * 0.11);
const read = (file: string) => JSON.parse(readFileSync(join(TINY_MODEL, file), 'utf8'));
const codec = createTextCodec(read('tokenizer.json'), read('tokenizer_config.json'), 'tiny');

/** [DIM] of a text, by arithmetic. */
export function tinyVector(text: string): number[] {
  const all = codec.encodePlain(text);
  const ids = all.length <= TINY_LENGTH ? all : [...all.slice(0, TINY_LENGTH - 1), all.at(-1)!];
  const sums = Array.from({ length: DIM }, (_, i) => ids.reduce((sum, id) => sum + entry(id, i), 0));
  const length = Math.hypot(...sums);
  return sums.map((value) => value / length);
}

export const tinyContract = (): SentenceEncoderContract => ({
  ...{ id: 'tests/tiny-encoder', pooling: 'mean', normalize: true, probe: tinyVector(PROBE_TEXT) },
});

export function writeTinyEncoder(folder: string): void {
  const g = new GraphBuilder();
  const ids = g.input('input_ids', 'int64', ['batch', 'tokens']);
  g.input('attention_mask', 'int64', ['batch', 'tokens']);
  const table = Float32Array.from({ length: VOCABULARY * DIM }, (_, at) =>
    entry(Math.floor(at / DIM), at % DIM),
  );
  g.op('Gather', [g.tensor('table', [VOCABULARY, DIM], table), ids], { outputs: ['last_hidden_state'] });
  g.output('last_hidden_state', 'float32', ['batch', 'tokens', DIM]);
  mkdirSync(join(folder, 'onnx'), { recursive: true });
  writeFileSync(join(folder, 'onnx/model.onnx'), writeOnnx(g.model()));
  writeFileSync(join(folder, 'config.json'), JSON.stringify({ max_position_embeddings: TINY_LENGTH }));
  for (const file of ['tokenizer.json', 'tokenizer_config.json']) {
    writeFileSync(join(folder, file), readFileSync(join(TINY_MODEL, file)));
  }
}

/** A projector of the default model that reads up to four lines, with some weights. */
export function tinyProjector(tableSha256: string, dtype: string, encoder = tinyContract()): Projector {
  const [hidden, hiddenSize] = [4, 128];
  const some = (length: number, phase: number) =>
    Float32Array.from({ length }, (_, i) => Math.sin(i * 0.9 + phase));
  return {
    contract: {
      version: 2,
      model: { id: 'e2p-tiny', hiddenSize, vocabularySize: VOCABULARY, dtype, tableSha256 },
      space: {
        ...{ id: 'tiny-lines', dim: DIM, encoder },
        ...{ mean: new Array(DIM).fill(0), scale: new Array(DIM).fill(1) },
      },
      tokens: 1,
      vectors: 4,
      slot: 'after-bos',
      scaleSide: 'postScale',
      outputRms: 0.9,
    },
    hidden,
    weights: {
      normWeight: new Float32Array(DIM).fill(1),
      normBias: new Float32Array(DIM),
      fc1Weight: some(hidden * DIM, 1).map((value) => 3 * value),
      fc1Bias: new Float32Array(hidden),
      fc2Weight: some(hiddenSize * hidden, 0),
      fc2Bias: new Float32Array(hiddenSize),
      gain: Float32Array.of(1),
      skipWeight: new Float32Array(0),
      sharpness: new Float32Array(0),
    },
  };
}
