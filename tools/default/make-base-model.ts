/**
 * Makes the embedded base model from nothing but a seed: the synthetic world, and a Llama of 0.8 M parameters trained on its texts.
 *
 *   npx tsx tools/default/make-base-model.ts --out public/models/e2p-tiny [--smoke] [--documents 220000]
 */
import { fileURLToPath } from 'node:url';
import { parseArgs } from 'node:util';
import type { LlamaConfig } from '../llama/llama-config.ts';
import { seededRandom } from '../world/random.ts';
import { buildWorld, pretrainingDocument } from '../world/world.ts';
import { type ChatModelOptions, makeChatModel } from './chat-model.ts';
import { WORLD_SEED } from './default-setup.ts';

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

export interface MakeOptions extends Omit<ChatModelOptions, 'texts' | 'chats' | 'heldOut'> {
  /** Chats to pretrain on, each seen once; about 100 tokens each. */
  readonly documents: number;
}

export async function makeBaseModel({ documents, ...options }: MakeOptions): Promise<void> {
  const { seed } = options;
  const world = buildWorld({ seed });
  const chatsOf = (label: string, count: number) => {
    const random = seededRandom(seed, label);
    return Array.from({ length: count }, () => pretrainingDocument(world, random));
  };
  const chats = chatsOf('pretraining', documents);
  const texts = chats.slice(0, 20_000).flatMap((chat) => chat.map((message) => message.content));
  await makeChatModel({ ...options, texts, chats, heldOut: chatsOf('held out', 200) });
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
