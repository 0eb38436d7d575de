/** The options of `e2p train`, in the order in which its help lists them: files, model, words, projector, recipe, stopping, device. */
import { ALIGNMENT } from '../train/alignment.ts';
import { dtype, oneOf } from './choices.ts';
import type { Options } from './command.ts';
import { date, number, share, size, whole } from './numbers.ts';
import { SLOT } from './slot-option.ts';

const FILE = { value: '<file>' } as const;
const COUNT = { value: '<n>', read: whole } as const;
const SHARE = { value: '<0…1>', read: share } as const;

export const TRAIN_OPTIONS = {
  model: { value: '<folder>', required: true, meaning: 'the base model, as the Hub lays it out' },
  users: {
    ...{ ...FILE, required: true },
    meaning: 'JSON Lines {"user", "embedding" | "embeddings" | "lines"}, or safetensors: docs/training.md',
  },
  data: { ...FILE, required: true, meaning: 'examples, JSON Lines {"user", "prompt", "target", …}' },
  out: { ...FILE, required: true, meaning: 'where the projector goes' },
  space: { value: '<id>', default: 'users', meaning: 'name of the embedding space, as apps will give it' },
  'model-id': {
    ...{ value: '<id>', meaning: 'name of the model in the contract, by which apps find it' },
    without: 'the name of its folder',
  },
  requantised: {
    meaning: 'these weights were quantised twice and apps load another copy: recognise it by its norms alone',
  },
  dtype: {
    value: '<d>',
    read: dtype,
    meaning: 'precision of the model to train through',
    without: 'q4, else fp32, fp16, q4f16',
  },

  encoder: {
    value: '<id|folder>',
    meaning: 'sentence encoder for users and texts that are words',
    without: 'none',
  },
  'encoder-id': {
    value: '<id>',
    meaning: 'name of the encoder in the contract, by which apps find it',
    without: 'what --encoder says',
  },
  vectors: { ...COUNT, meaning: 'most vectors (lines) of a user', without: 'what the users have' },

  tokens: { ...COUNT, meaning: 'soft tokens for each vector of a user', without: '1' },
  slot: SLOT,
  hidden: {
    ...COUNT,
    meaning: 'width of the inner layer, 0 = a linear projector',
    without: '2·max(size of an embedding, 64)',
  },
  anchors: {
    ...COUNT,
    meaning: 'words of the vocabulary that soft tokens are mixed from',
    without: 'none: a free vector',
  },
  constant: { meaning: 'the control: a soft token that knows nobody' },
  init: {
    ...FILE,
    meaning: 'a projector to train on, with its slot, tokens, layers and anchors',
    without: 'a fresh one',
  },

  steps: { ...COUNT, meaning: 'updates', without: 'what --epochs asks for' },
  epochs: { ...COUNT, meaning: 'times that each example is seen', without: '3' },
  batch: { ...COUNT, default: '16', meaning: 'examples of a batch' },
  accumulate: { ...COUNT, default: '1', meaning: 'batches of an update' },
  lr: { value: '<rate>', read: number, default: '0.002', meaning: 'peak learning rate' },
  'weight-decay': { value: '<w>', read: number, default: '0.01', meaning: 'weight decay of AdamW' },
  noise: {
    value: '<σ>',
    read: number,
    default: '0.1',
    meaning: 'noise on each standardised number of an embedding',
  },
  'prefix-dropout': { ...SHARE, default: '0.1', meaning: 'share of examples that see the mean user' },
  distill: {
    ...SHARE,
    default: '0',
    meaning: 'share of the loss that is the model reading "teacher" or "persona" as text',
  },
  'max-length': { ...COUNT, default: '512', meaning: 'tokens of an example; longer ones are left out' },
  seed: { ...COUNT, default: '1', meaning: 'the same one gives the same projector' },

  align: {
    ...FILE,
    meaning: 'JSON Lines {"text" | "embedding", "words"}: words that soft tokens learn to point at first',
  },
  'align-steps': { ...COUNT, default: `${ALIGNMENT.steps}`, meaning: 'updates of that alignment' },
  'align-lr': {
    value: '<rate>',
    read: number,
    default: `${ALIGNMENT.learningRate}`,
    meaning: 'its peak learning rate',
  },
  replay: {
    value: '<weight>',
    read: number,
    default: `${ALIGNMENT.replay}`,
    meaning: 'weight of the alignment in the loss afterwards',
  },

  'held-out': {
    ...SHARE,
    meaning: 'share of users that are not trained on and tell when to stop',
    without: '0.1',
  },
  validation: { ...FILE, meaning: 'examples of other users, to look at instead of holding out a share' },
  looked: { ...COUNT, default: '256', meaning: 'held-out examples that each of 20 looks reads' },
  patience: {
    ...COUNT,
    meaning: 'steps without a better look after which training ends',
    without: 'a quarter of all',
  },
  since: { value: '<date>', read: date, meaning: 'only examples with a "time" from then on are trained on' },
  canaries: {
    ...FILE,
    meaning: 'with --init: examples whose texts before and after are compared',
    without: '20 older users',
  },

  device: {
    value: '<name>',
    read: oneOf('cpu', 'cuda', 'webgpu'),
    default: 'cpu',
    meaning: 'cpu, cuda or webgpu',
  },
  threads: { ...COUNT, default: '1', meaning: 'threads of one operator, 0 = one for each core' },
  memory: {
    value: '<bytes>',
    read: size,
    meaning: 'most that a step needs beside the weights, as 800MB',
    without: 'no bound',
  },
  recompute: { meaning: 'compute activations again instead of keeping them: less memory, more time' },
  'checkpoint-every': { ...COUNT, default: '50', meaning: 'steps from one <out>.checkpoint to the next' },
  resume: { meaning: 'go on from the checkpoint beside --out' },
  take: {
    value: '<checkpoint>',
    meaning: 'train no more: its best weights go to --out, with all other options as they were',
  },
  json: { meaning: 'print the report as JSON' },
} as const satisfies Options;
