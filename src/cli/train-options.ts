/** The options of `e2p train`, in the order in which its help lists them: files, model, words, projector, recipe, stopping, device. */
import { ALIGNMENT } from '../train/alignment.ts';
import { TRAIN_DEFAULTS as D, defaultHidden } from '../train/train-options.ts';
import { dtype, oneOf } from './choices.ts';
import type { Options } from './command.ts';
import { MODEL } from './load-model.ts';
import { date, number, positive, share, size, whole } from './numbers.ts';
import { SLOT } from './slot-option.ts';

const FILE = { value: '<file>' } as const;
const COUNT = { value: '<n>', read: whole } as const;
/** A checkpoint has all of it. */
const DATA = { required: { unless: 'take' } } as const;
const SHARE = { value: '<0…1>', read: share } as const;

export const TRAIN_OPTIONS = {
  model: { ...MODEL, ...DATA },
  users: {
    ...{ ...FILE, ...DATA },
    meaning: 'JSON Lines {"user", "embedding" | "embeddings" | "lines"}, or safetensors: docs/training.md',
  },
  data: { ...FILE, ...DATA, meaning: 'examples, JSON Lines {"user", "prompt", "target", …}' },
  out: { ...FILE, required: true, meaning: 'where the projector goes' },
  space: { value: '<id>', default: 'users', meaning: 'name of the embedding space, as apps will give it' },
  'model-id': {
    ...{ value: '<id>', meaning: 'name of the model in the contract, by which apps find it' },
    without: 'its Hub id, or the name of its folder',
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
  'by-question': {
    ...{ value: '<temperature>', read: positive },
    meaning: 'a user is one vector, weighed by what is asked; with --encoder',
    without: 'each vector has soft tokens of its own',
  },
  fusion: {
    ...FILE,
    meaning: 'JSON of fitFusion that users were fused by: a gate for each source',
    without: 'users of one source',
  },
  'source-dropout': {
    ...SHARE,
    meaning: 'with --fusion: chance that a source is left out of an example, never all',
    without: `${D.sourceDropout}`,
  },
  'no-gate': { meaning: 'with --fusion: leave the gates out' },
  vectors: { ...COUNT, meaning: 'most vectors (lines) of a user', without: 'what the users have' },

  tokens: { ...COUNT, meaning: 'soft tokens for each vector of a user', without: `${D.tokens}` },
  slot: SLOT,
  hidden: {
    ...COUNT,
    meaning: 'width of the inner layer, 0 = a linear projector',
    without: `2·max(size of an embedding, 64), at most ${defaultHidden(Infinity)}`,
  },
  anchors: {
    ...COUNT,
    meaning: 'words of the vocabulary that soft tokens are mixed from',
    without: 'none: a free vector',
  },
  'reference-users': {
    ...FILE,
    meaning: 'other users, as new ones will be: how they lie in the space tells apps what drift is',
    without: 'the training users',
  },
  'no-reference': { meaning: 'leave that out: then no app sees an embedding drift' },
  constant: { meaning: 'the control: a constant soft token, the same for everybody' },
  init: {
    ...FILE,
    meaning: 'a projector to train on, with its slot, tokens, layers and anchors',
    without: 'a fresh one',
  },

  steps: { ...COUNT, meaning: 'updates', without: 'what --epochs asks for' },
  epochs: { ...COUNT, meaning: 'times that each example is seen', without: `${D.epochs}` },
  batch: { ...COUNT, default: `${D.batch}`, meaning: 'examples of a batch' },
  accumulate: { ...COUNT, default: `${D.accumulate}`, meaning: 'batches of an update' },
  lr: { value: '<rate>', read: number, default: `${D.learningRate}`, meaning: 'peak learning rate' },
  'weight-decay': {
    value: '<w>',
    read: number,
    default: `${D.weightDecay}`,
    meaning: 'weight decay of AdamW',
  },
  noise: {
    value: '<σ>',
    read: number,
    default: `${D.noise}`,
    meaning: 'noise on each standardised number of an embedding',
  },
  'prefix-dropout': {
    ...SHARE,
    default: `${D.prefixDropout}`,
    meaning: 'share of examples that see the mean user',
  },
  distill: {
    ...SHARE,
    default: `${D.distill}`,
    meaning: 'share of the loss that is the model reading "teacher" or "persona" as text',
  },
  'dp-epsilon': {
    ...{ value: '<ε>', read: positive },
    meaning: 'DP-SGD by user; with --dp-delta, and --init or --reference-users',
    without: 'no noise',
  },
  'dp-delta': { value: '<δ>', read: positive, meaning: 'its δ, below 1 ÷ users', without: 'no noise' },
  'dp-clip': {
    value: '<length>',
    read: positive,
    meaning: "length that a user's gradient is clipped to",
    without: `${D.clip}`,
  },
  'dp-users': {
    ...COUNT,
    meaning: 'users that a step is expected to have',
    without: `${D.people}, at most half of all`,
  },
  hide: {
    ...{
      value: '<attribute>',
      meaning: 'is erased from embeddings, as far as it is told linearly; with --attributes',
    },
    without: 'nothing',
  },
  attributes: {
    ...FILE,
    meaning: 'as for audit: JSON Lines {"user", "attributes": {name: text}}',
    without: 'none',
  },
  'max-length': {
    ...COUNT,
    default: `${D.maxLength}`,
    meaning: 'tokens of an example; longer ones are left out',
  },
  seed: { ...COUNT, default: `${D.seed}`, meaning: 'the same one gives the same projector' },

  align: {
    ...FILE,
    meaning: 'JSON Lines {"text" | "embedding", "words"}: words that soft tokens learn to point at first',
    without: 'none',
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
    without: `${D.heldOut}`,
  },
  validation: {
    ...FILE,
    meaning: 'examples of other users, to look at instead of holding out a share',
    without: 'none',
  },
  looked: {
    ...COUNT,
    default: `${D.looked}`,
    meaning: 'held-out examples that each of 20 looks reads',
  },
  patience: {
    ...COUNT,
    meaning: 'steps without a better look after which training ends',
    without: 'a quarter of all',
  },
  since: {
    value: '<date>',
    read: date,
    meaning: 'only examples with a "time" from then on are trained on',
    without: 'all',
  },
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
  'checkpoint-every': {
    ...COUNT,
    default: `${D.checkpointEvery}`,
    meaning: 'steps from one <out>.checkpoint to the next',
  },
  resume: { meaning: 'go on from the checkpoint beside --out' },
  take: {
    value: '<checkpoint>',
    meaning: 'train no more: its projector, of the best weights so far, goes to --out; needs no other option',
    without: 'none',
  },
  json: { meaning: 'print the report as JSON' },
} as const satisfies Options;
