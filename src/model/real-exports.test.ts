/**
 * Small decoders that real exporters wrote and that were once read wrong: each generates and trains as the file itself, or is refused with the reason.
 */
import { dirname } from 'node:path';
import { describe, expect, it } from 'vitest';
import { createNodeRuntime } from '../runtime/node-runtime.ts';
import type { FileSource } from '../storage/file-source.ts';
import { createFolderSource } from '../storage/folder-source.ts';
import { checkExport } from '../testing/exports/check-export.ts';
import { hasShared, sharedNote, sharedPath } from '../testing/shared.ts';
import { letterTokenizer } from '../testing/zoo/zoo-folder.ts';
import { loadBaseModel } from './base-model.ts';

const runtime = createNodeRuntime();

interface Export {
  readonly path: string;
  /** Rows of its table. */
  readonly rows: number;
  /** What its config.json says, where the folder has none. */
  readonly config?: Readonly<Record<string, unknown>>;
  /** Why a projector can't be trained through it; default: it can. */
  readonly trains?: string;
  /** Tokens of a run; default all in the file as it is, five and the rest in ours. */
  readonly step?: number;
}

const HEADS = { num_attention_heads: 4, num_key_value_heads: 2, hidden_size: 64 };
const RIGHT: readonly Export[] = [
  { path: 'llama-emb109-head101.onnx', rows: 109 },
  { path: 'llama-optimum-isnan.onnx', rows: 101 },
  { path: 'llama-optimum-eager-flatten.onnx', rows: 101 },
  { path: 'gpt2-q4-gather.onnx', rows: 101 },
  { path: 'mobius-attention23.onnx', rows: 32 },
  { path: 'genai-mistral-sliding/model.onnx', rows: 264, config: HEADS },
  { path: 'prune/onnx/model.onnx', rows: 264 },
  { path: 'genai-qwen3-webgpu/model.onnx', rows: 264 },
  // Its mask has no place for the length of the queries, so that it only runs token by token.
  { path: 'rotary23-positions.onnx', rows: 16, step: 1, trains: 'QMoE' },
];

const REFUSED: readonly (readonly [path: string, reason: RegExp])[] = [
  ['bert-cls.onnx', /no KV cache: an encoder, or a decoder exported without one.*text-generation-with-past/],
  ['bert-mlm.onnx', /no KV cache/],
  ['distilbert-cls.onnx', /logits has 2 columns where the embedding table has 101 rows.*a classifier/],
  ['t5-encoder.onnx', /no LM head found/],
  ['qwen3-embedding.onnx', /no LM head found.*an encoder or embedder has none/],
  ['llama-nopast.onnx', /no KV cache.*text-generation-with-past/],
  ['opt-nopast/onnx/model.onnx', /no KV cache/],
];

/** The folder that a graph belongs to, with a config.json and a tokenizer where it has none. */
function sourceOf({ path, rows, config = {} }: Export): FileSource {
  const folder = sharedPath(`exports/${dirname(path).replace(/\/?onnx$/, '')}`);
  const own = createFolderSource(folder);
  const json = new TextEncoder().encode(
    JSON.stringify({ model_type: 'x', max_position_embeddings: 64, eos_token_id: 1, ...config }),
  );
  const given = new Map([['config.json', json], ...letterTokenizer({ size: Math.min(rows, 36) })]);
  const graph = path.endsWith('/model.onnx') ? undefined : path;
  return {
    name: path,
    read: async (file, options) => (await own.read(file, options)) ?? given.get(file),
    open: async (file, options) =>
      own.open!(graph !== undefined && file === 'model.onnx' ? graph : file, options),
  };
}

describe.skipIf(!hasShared)(`a real export${sharedNote}`, () => {
  it.each(RIGHT)('$path: generates and trains as the file itself', async (given) => {
    const { step, trains = 'right' } = given;
    const outcome = await checkExport({ source: sourceOf(given), runtime, ...(step && { step }) });
    expect(outcome).toEqual({ generates: 'right', trains: expect.stringContaining(trains) });
  });

  it.each(REFUSED)('%s is refused with the reason', async (path, reason) => {
    const source = sourceOf({ path, rows: 101 });
    await expect(loadBaseModel({ source, dtypes: ['fp32'] })).rejects.toMatchObject({
      code: 'unsupported-graph',
      message: expect.stringMatching(reason),
    });
  });
});
