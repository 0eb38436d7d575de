/**
 * Makes the embedded base model from nothing but a seed: the synthetic world, a tokenizer trained on its texts, a
 * Llama of 0.8 M parameters trained on them, and the folder as the Hub lays it out, in float32 and four bits.
 *
 *   npx tsx tools/default/make-base-model.ts --out public/models/e2p-tiny [--smoke] [--documents 220000]
 */
import { mkdir, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { parseArgs } from 'node:util';
import { InferenceSession, Tensor } from 'onnxruntime-node';
import { createTextCodec, type TextCodec } from '../../src/model/text-codec.ts';
import { exportGraph } from '../../src/onnx/llama/export-graph.ts';
import { hubConfig, type LlamaConfig } from '../../src/onnx/llama/llama-config.ts';
import { writeOnnx } from '../../src/onnx/onnx-file.ts';
import { seededRandom } from '../world/random.ts';
import { buildWorld, type Message, pretrainingDocument } from '../world/world.ts';
import type { TokenIds } from './batch-plan.ts';
import { WORLD_SEED } from './default-setup.ts';
import { chatLossWeights, pretrain } from './pretrain.ts';
import { SPECIAL_TOKENS, type TrainedBpe, trainBpe } from './train-bpe.ts';

export const BASE_CONFIG: LlamaConfig = {
  vocabSize: 2048,
  hiddenSize: 128,
  intermediateSize: 224,
  layers: 4,
  heads: 8,
  kvHeads: 4,
  headDim: 16,
  maxPositions: 512,
  rmsEpsilon: 1e-5,
  ropeTheta: 10_000,
};

export interface MakeOptions {
  readonly out: string;
  readonly config: LlamaConfig;
  readonly seed: number;
  /** Chats to pretrain on, each seen once; about 100 tokens each. */
  readonly documents: number;
  /** Positions in one worker's share of a batch. */
  readonly positions: number;
  readonly learningRate: number;
  readonly workers: number;
  readonly checkpoint?: string;
  readonly log: (line: string) => void;
}

export async function makeBaseModel(options: MakeOptions): Promise<void> {
  const { out, config, seed, workers, positions, learningRate, checkpoint, log } = options;
  const world = buildWorld({ seed });
  const chats = (label: string, count: number) => {
    const random = seededRandom(seed, label);
    return Array.from({ length: count }, () => pretrainingDocument(world, random));
  };
  const train = chats('pretraining', options.documents);
  const texts = train.slice(0, 20_000).flatMap((chat) => chat.map((message) => message.content));
  const bpe = trainBpe({ texts, vocabSize: config.vocabSize, maxLength: config.maxPositions });
  const codec = createTextCodec(bpe.tokenizer, bpe.config, 'the new tokenizer');
  const documents = train.map((chat) => tokensOf(codec, chat));
  const tokens = documents.reduce((sum, ids) => sum + ids.length, 0);
  log(
    `${documents.length} documents, ${tokens} tokens, longest ${documents.reduce((most, d) => Math.max(most, d.length), 0)}`,
  );

  const weigh = (promptWeight: number) =>
    chatLossWeights({ assistantId: id('<|assistant|>'), endId: id('</s>'), promptWeight });
  const weights = await pretrain({
    config,
    documents,
    seed,
    workers,
    positions,
    learningRate,
    lossWeights: weigh(0.1),
    ...(checkpoint === undefined ? {} : { checkpoint }),
    onProgress: (p) =>
      log(
        `step ${p.step}/${p.steps}  loss ${p.loss.toFixed(4)}  |g| ${p.gradientNorm.toFixed(2)}  ` +
          `${Math.round(p.tokensPerSecond)} tokens/s  ${Math.ceil(p.secondsLeft)} s left`,
      ),
  });

  const held = chats('held out', 200).map((chat) => tokensOf(codec, chat));
  await mkdir(join(out, 'onnx'), { recursive: true });
  for (const [dtype, name] of [
    ['fp32', 'model.onnx'],
    ['q4', 'model_q4.onnx'],
  ] as const) {
    const bytes = writeOnnx(exportGraph({ config, weights, dtype }));
    await writeFile(join(out, 'onnx', name), bytes);
    const loss = await replyLoss(bytes, config, held, weigh(0));
    log(`${name}: ${bytes.length} bytes, ${loss.toFixed(4)} nats per reply token on new chats`);
  }
  await writeTextFiles(out, config, bpe);
  log(`wrote ${out}`);
}

const id = (token: (typeof SPECIAL_TOKENS)[number]): number => SPECIAL_TOKENS.indexOf(token);

/** A whole chat as the template renders it, without the opening for one more reply. */
function tokensOf(codec: TextCodec, chat: readonly Message[]): TokenIds {
  const text = codec.renderChat(chat);
  return Uint16Array.from(codec.encode(text.slice(0, text.lastIndexOf('<|assistant|>'))));
}

async function writeTextFiles(out: string, config: LlamaConfig, bpe: TrainedBpe): Promise<void> {
  const special = { bos_token_id: id('<s>'), eos_token_id: id('</s>'), pad_token_id: id('<pad>') };
  const files = {
    'config.json': { ...hubConfig(config), ...special },
    'generation_config.json': { _from_model_config: true, ...special },
    'tokenizer.json': bpe.tokenizer,
    'tokenizer_config.json': bpe.config,
  };
  for (const [name, content] of Object.entries(files)) {
    await writeFile(join(out, name), `${JSON.stringify(content)}\n`);
  }
}

/** Mean negative log-likelihood of the weighted tokens, through an exported file. */
async function replyLoss(
  model: Uint8Array,
  { layers, kvHeads, headDim, vocabSize }: LlamaConfig,
  documents: readonly TokenIds[],
  weigh: (ids: TokenIds) => Float32Array,
): Promise<number> {
  const session = await InferenceSession.create(model, { intraOpNumThreads: 1 });
  const empty = new Tensor('float32', new Float32Array(), [1, kvHeads, 0, headDim]);
  const past = Object.fromEntries(
    Array.from({ length: layers }, (_, i) =>
      ['key', 'value'].map((part) => [`past_key_values.${i}.${part}`, empty]),
    ).flat(),
  );
  let [sum, count] = [0, 0];
  for (const ids of documents) {
    const dims = [1, ids.length];
    const { logits } = await session.run({
      ...past,
      input_ids: new Tensor('int64', BigInt64Array.from(ids, BigInt), dims),
      attention_mask: new Tensor('int64', new BigInt64Array(ids.length).fill(1n), dims),
    });
    const weights = weigh(ids);
    for (let i = 1; i < ids.length; i++) {
      const row = (logits!.data as Float32Array).subarray((i - 1) * vocabSize, i * vocabSize);
      const largest = row.reduce((a, b) => Math.max(a, b));
      const logSum = largest + Math.log(row.reduce((s, x) => s + Math.exp(x - largest), 0));
      sum += weights[i]! * (logSum - row[ids[i]!]!);
      count += weights[i]!;
    }
  }
  await session.release();
  return sum / count;
}

if (process.argv[1] === fileURLToPath(import.meta.url)) {
  const { values } = parseArgs({
    options: {
      out: { type: 'string', default: 'public/models/e2p-tiny' },
      seed: { type: 'string', default: String(WORLD_SEED) },
      documents: { type: 'string' },
      positions: { type: 'string' },
      'learning-rate': { type: 'string', default: '5e-3' },
      workers: { type: 'string', default: '2' },
      checkpoint: { type: 'string', default: '.cache/base-model/checkpoint.bin' },
      /** A toy of the same make, in seconds. */
      smoke: { type: 'boolean', default: false },
    },
  });
  const small = { vocabSize: 512, hiddenSize: 64, intermediateSize: 96, layers: 2, heads: 4, kvHeads: 2 };
  const start = performance.now();
  await makeBaseModel({
    out: values.out,
    config: values.smoke ? { ...BASE_CONFIG, ...small } : BASE_CONFIG,
    seed: Number(values.seed),
    documents: Number(values.documents ?? (values.smoke ? 2_000 : 220_000)),
    positions: Number(values.positions ?? 1024),
    learningRate: Number(values['learning-rate']),
    workers: Number(values.workers),
    ...(values.smoke ? {} : { checkpoint: values.checkpoint }),
    log: (line) => console.log(`${((performance.now() - start) / 1000).toFixed(0)} s  ${line}`),
  });
}
