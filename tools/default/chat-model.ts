/**
 * A small base model from nothing but chats: a tokenizer trained on their texts, a Llama trained on them, and the folder as the
 * Hub lays it out, in float32 and four bits.
 */
import { mkdir, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { InferenceSession, Tensor } from 'onnxruntime-node';
import { createTextCodec, type TextCodec } from '../../src/model/text-codec.ts';
import { writeOnnx } from '../../src/onnx/onnx-file.ts';
import { exportGraph } from '../llama/export-graph.ts';
import { hubConfig, type LlamaConfig } from '../llama/llama-config.ts';
import type { Message } from '../world/world.ts';
import type { TokenIds } from './batch-plan.ts';
import { chatLossWeights, pretrain } from './pretrain.ts';
import { SPECIAL_TOKENS, type TrainedBpe, trainBpe } from './train-bpe.ts';

export type Chat = readonly Message[];

export interface ChatModelOptions {
  /** Folder to write. */
  readonly out: string;
  readonly config: LlamaConfig;
  /** What the tokenizer is trained on. */
  readonly texts: readonly string[];
  /** Each is read once. */
  readonly chats: readonly Chat[];
  /** Not trained on; their loss is logged. */
  readonly heldOut: readonly Chat[];
  readonly seed: number;
  /** Positions in one worker's share of a batch. */
  readonly positions: number;
  readonly learningRate: number;
  readonly workers: number;
  /** What to export; default both. Four bits need sizes that are multiples of 32. */
  readonly dtypes?: readonly ('fp32' | 'q4')[];
  /** Weight in the loss of whatever the assistant does not say; default 0.1. */
  readonly promptWeight?: number;
  readonly checkpoint?: string;
  readonly log: (line: string) => void;
}

const FILES = { fp32: 'model.onnx', q4: 'model_q4.onnx' } as const;

export async function makeChatModel(options: ChatModelOptions): Promise<void> {
  const { out, config, texts, chats, heldOut, checkpoint, promptWeight = 0.1, log } = options;
  const { seed, workers, positions, learningRate, dtypes = ['fp32', 'q4'] } = options;
  const bpe = trainBpe({ texts, vocabSize: config.vocabSize, maxLength: config.maxPositions });
  const codec = createTextCodec(bpe.tokenizer, bpe.config, 'the new tokenizer');
  const documents = chats.map((chat) => tokensOf(codec, chat));
  const tokens = documents.reduce((sum, ids) => sum + ids.length, 0);
  log(
    `${documents.length} documents, ${tokens} tokens, longest ${documents.reduce((most, d) => Math.max(most, d.length), 0)}`,
  );

  const weigh = (weight: number) =>
    chatLossWeights({ assistantId: id('<|assistant|>'), endId: id('</s>'), promptWeight: weight });
  const weights = await pretrain({
    config,
    documents,
    seed,
    workers,
    positions,
    learningRate,
    lossWeights: weigh(promptWeight),
    ...(checkpoint === undefined ? {} : { checkpoint }),
    onProgress: (p) =>
      log(
        `step ${p.step}/${p.steps}  loss ${p.loss.toFixed(4)}  |g| ${p.gradientNorm.toFixed(2)}  ` +
          `${Math.round(p.tokensPerSecond)} tokens/s  ${Math.ceil(p.secondsLeft)} s left`,
      ),
  });

  const held = heldOut.map((chat) => tokensOf(codec, chat));
  await mkdir(join(out, 'onnx'), { recursive: true });
  for (const dtype of dtypes) {
    const name = FILES[dtype];
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
function tokensOf(codec: TextCodec, chat: Chat): TokenIds {
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
