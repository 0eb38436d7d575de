/**
 * Small decoders as real exporters wrote them: each is right, compared with onnxruntime on the file as it is, read in two pieces with a cache
 * and with a soft token that is a token's own embedding; or it is refused with the reason.
 */
import { existsSync } from 'node:fs';
import { dirname } from 'node:path';
import { describe, expect, it } from 'vitest';
import { Decoder } from '../generate/decoder.ts';
import { cacheDims } from '../onnx/cache-dims.ts';
import { normsOutside } from '../onnx/norms-outside.ts';
import { writeOnnx } from '../onnx/onnx-file.ts';
import { createNodeRuntime } from '../runtime/node-runtime.ts';
import type { Tensor } from '../runtime/runtime.ts';
import type { FileSource } from '../storage/file-source.ts';
import { createFolderSource } from '../storage/folder-source.ts';
import { hasShared, sharedNote, sharedPath } from '../testing/shared.ts';
import { letterTokenizer } from '../testing/zoo/zoo-folder.ts';
import { floatsOf, integersOf } from '../testing/zoo/zoo-gradient.ts';
import { type BaseModel, loadBaseModel } from './base-model.ts';
import { readGraph } from './graph-files.ts';

const runtime = createNodeRuntime();
const IDS = [3, 7, 5, 9, 4, 2, 8, 11, 6];

interface Export {
  readonly path: string;
  /** Rows of its table. */
  readonly rows: number;
  /** What its config.json says, where the folder has none. */
  readonly config?: Readonly<Record<string, unknown>>;
  /** Positions that the file as it is wants room for. */
  readonly capacity?: number;
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
  { path: 'genai-mistral-sliding/model.onnx', rows: 264, config: HEADS, capacity: 4096 },
  { path: 'prune/onnx/model.onnx', rows: 264 },
  { path: 'genai-qwen3-webgpu/model.onnx', rows: 264 },
  // Its mask has no place for the length of the queries, so that it only runs token by token.
  { path: 'rotary23-positions.onnx', rows: 16, step: 1 },
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

const load = (given: Export) => loadBaseModel({ source: sourceOf(given), dtypes: ['fp32'] });

const emptyPast = (dims: readonly number[]): Tensor =>
  floatsOf(runtime, new Array(dims.reduce((product, d) => product * d, 1)).fill(0), dims);

/** From where to where each run reads. */
const runsOf = (step: number): readonly (readonly [number, number])[] =>
  Array.from({ length: Math.ceil(IDS.length / step) }, (_, i) => [
    i * step,
    Math.min(IDS.length, (i + 1) * step),
  ]);

/** Logits of the last run's positions [n, columns], by the file as it is. */
async function plainLogits(
  { path, capacity = 0, step = IDS.length }: Export,
  { facts, config }: BaseModel,
): Promise<Float32Array> {
  const folder = createFolderSource(dirname(sharedPath(`exports/${path}`)));
  const name = path.slice(path.lastIndexOf('/') + 1);
  const { model, weights } = await readGraph(folder, name, (await folder.open!(name))!, {});
  const session = await runtime.createSession(writeOnnx(normsOutside(model)), {
    externalData: weights.map(({ path: location, file }) => ({ path: location, data: file.data })),
  });
  const feeds: Record<string, Tensor> = {};
  for (const c of facts.cache) {
    feeds[c.past] = emptyPast(cacheDims(c, { rows: 1, length: capacity }, config.attention));
  }
  let logits: Tensor | undefined;
  for (const [from, to] of runsOf(step)) {
    for (const [input, values] of [
      [facts.ids.name, IDS.slice(from, to)],
      [facts.attentionMask?.name, IDS.slice(0, to).map(() => 1)],
      [facts.positionIds?.name, [...IDS.keys()].slice(from, to)],
    ] as const) {
      if (input !== undefined) feeds[input] = integersOf(runtime, values, [1, values.length]);
    }
    const outputs = await session.run(feeds);
    for (const { past, present } of facts.cache) feeds[past] = outputs[present]!;
    logits = outputs[facts.head.logits]!;
  }
  await session.release();
  return logits!.data as Float32Array;
}

describe.skipIf(!hasShared)(`a real export${sharedNote}`, () => {
  it.each(RIGHT)('$path: in pieces and with a soft token as the file itself', async (given) => {
    expect(existsSync(sharedPath(`exports/${given.path}`))).toBe(true);
    const model = await load(given);
    const { columns } = model.facts.head;
    const decoder = await Decoder.create(model, runtime);
    const whole = await plainLogits(given, model);
    const expected = whole.slice(-columns).slice(0, Math.min(columns, given.rows));
    const own = await model.tokenEmbeddings(runtime, [IDS[2]!]);
    for (const soft of [undefined, new Map([[2, own]])]) {
      const ids = soft === undefined ? IDS : IDS.map((id, i) => (i === 2 ? 0 : id));
      let cache = decoder.emptyCache();
      let logits: Float32Array = new Float32Array(0);
      for (const [from, to] of runsOf(given.step ?? 5)) {
        const here = [...(soft ?? [])].map(([at, vector]) => [at - from, vector] as const);
        const run = {
          ids: ids.slice(from, to),
          soft: new Map(here.filter(([at]) => at >= 0 && at < to - from)),
        };
        ({ cache, logits } = await decoder.read(cache, run));
      }
      expect(logits.length).toBe(expected.length);
      expect(Math.max(...logits.map((v, i) => Math.abs(v - expected[i]!)))).toBeLessThan(1e-4);
    }
    if (whole.length > columns) {
      const scores = await decoder.score({ ids: IDS }, 1);
      const row = whole.slice((IDS.length - 2) * columns, (IDS.length - 1) * columns);
      const total = row.reduce((sum, v) => sum + Math.exp(v), 0);
      expect(scores.at(-1)).toBeCloseTo(row[IDS.at(-1)!]! - Math.log(total), 4);
    }
  });

  it.each(REFUSED)('%s is refused with the reason', async (path, reason) => {
    await expect(load({ path, rows: 101 })).rejects.toMatchObject({
      code: 'unsupported-graph',
      message: expect.stringMatching(reason),
    });
  });
});
