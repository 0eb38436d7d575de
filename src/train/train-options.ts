/** Options of a training and their defaults, which stand here alone, for `e2p train` too. */
import { checkRange, checkWhole, E2PError } from '../error.ts';
import type { BaseModel } from '../model/base-model.ts';
import type { Anchors } from '../projector/anchors.ts';
import type { SentenceEncoderContract } from '../projector/contract.ts';
import type { Projector } from '../projector/projector.ts';
import type { Slot } from '../projector/slot.ts';
import type { Runtime } from '../runtime/runtime.ts';
import { type Fusion, sourceWidth } from '../user/fuse-embeddings.ts';
import type { Alignment } from './alignment.ts';
import { defaultSlot } from './default-slot.ts';
import { RECIPE, type TrainingProgress } from './train-projector.ts';
import type { Example, Users } from './training-data.ts';

/** What a training takes where nothing is said. */
export const TRAIN_DEFAULTS = {
  ...{ tokens: 1, maxLength: 512 },
  ...{ epochs: 3, batch: 16, seed: 1, distill: 0 },
  accumulate: RECIPE.accumulate,
  learningRate: RECIPE.learningRate,
  weightDecay: RECIPE.weightDecay,
  noise: RECIPE.noise,
  prefixDropout: RECIPE.prefixDropout,
  /** Of `privacy`. */
  clip: 0.1,
  /** Of `privacy`. */
  people: 128,
  /** Of users of several sources. */
  sourceDropout: 0.3,
  ...{ heldOut: 0.1, looked: 256, checkpointEvery: RECIPE.stateEvery },
} as const;

/** Width of the inner layer for embeddings of `dim` numbers. */
export const defaultHidden = (dim: number): number => Math.min(1024, 2 * Math.max(dim, 64));

/** Where nothing else is said, defaults are those of `TRAIN_DEFAULTS`. */
export interface TrainOptions {
  readonly model: BaseModel;
  readonly runtime: Runtime;
  readonly users: Users;
  readonly examples: readonly Example[];
  /** Of the base model, for the contract; default: the name it was loaded by. */
  readonly modelId?: string;
  /**
   * The model's weights were quantised twice, and apps will load another copy of it: the contract recognises it by the gains of its
   * norms alone. Default false.
   */
  readonly requantised?: boolean;
  /** Id of the embedding space, as apps will name it. */
  readonly space: string;
  /** What the vectors were made with, for the contract: apps can then describe a user in words. */
  readonly encoder?: SentenceEncoderContract | undefined;
  /**
   * A user's vectors become one, weighed by what an example asks; needs `encoder`. `temperature` is that of the softmax over cosines, and
   * `questions` has the encoder's vector of each question by its text. Default: each vector has soft tokens of its own.
   */
  readonly byQuestion?:
    | {
        /** τ of softmax(cos / τ). */
        readonly temperature: number;
        /** [dim] of each question. */
        readonly questions: ReadonlyMap<string, Float32Array>;
      }
    | undefined;
  /** What `fuseEmbeddings` made the users by: so that the projector has a gate for each source, and training leaves some out. */
  readonly fusion?: Fusion | undefined;
  /** With `fusion`: the chance that a source of an example's user is left out, never all of them. */
  readonly sourceDropout?: number;
  /** With `fusion`: gates, which weight each source by what else is known. Default true. */
  readonly gate?: boolean;
  /** K, for each vector of a user. */
  readonly tokens?: number;
  /** Vectors of a user at most, for the contract; default: what the users have. */
  readonly vectors?: number;
  readonly slot?: Slot;
  /**
   * Tokens whose embeddings the output is a mixture of, for embeddings that are about words. Default: none, the output is a
   * free vector. Words of `alignTo` that are no anchors are left out.
   */
  readonly anchors?: Anchors | undefined;
  /** Beside the layers a matrix that starts as the identity; default: where anchors have keys. */
  readonly residual?: boolean;
  /** Texts and the words in them that their vectors should point at, before and beside training through the model. */
  readonly alignTo?: readonly AlignmentText[] | undefined;
  /**
   * How people lie in the space, for the projector's file: covariance and quantiles of distances, no person. Default true: as the training
   * users do. Embeddings that were factorised together with the items lie farther out than those that are folded in later: then give
   * users who were folded in too. false: the file tells nothing, and no app can see drift.
   */
  readonly reference?: boolean | Users;
  /** Steps, batch, rate and replay of the alignment. */
  readonly alignment?: Omit<Alignment, 'texts' | 'candidates'>;
  /** Width of the projector's inner layer; default: `defaultHidden`. 0 = none: a linear projector. */
  readonly hidden?: number;
  /** The control: a constant soft token, trained with the same budget. */
  readonly constant?: boolean;
  /** Updates; default: `epochs`. */
  readonly steps?: number;
  /** Times that every example is seen. */
  readonly epochs?: number;
  readonly batch?: number;
  /** Batches whose gradients make one update. */
  readonly accumulate?: number;
  /** At its peak. */
  readonly learningRate?: number;
  readonly weightDecay?: number;
  /** Standard deviation of noise on each standardised number of an embedding. */
  readonly noise?: number;
  /** Share of examples that see the mean user. */
  readonly prefixDropout?: number;
  /** Share of users who are not trained on. */
  readonly heldOut?: number;
  /** Examples of other users to look at instead of holding out a share. */
  readonly validation?: readonly Example[] | undefined;
  /**
   * Share of the teacher in the loss, 0…1: the same frozen model reading each example's `teacher` prompt, or its persona
   * as text. Needs either in every example.
   */
  readonly distill?: number;
  /**
   * DP-SGD: whoever has the projector can tell of no one person whether they were trained on, beyond (ε, δ). Takes `init`, or users of a
   * `reference` who need no such protection: what standardises embeddings comes from them. Nobody is held out unless asked for; who is held
   * out is not protected.
   */
  readonly privacy?: TrainPrivacy | undefined;
  /**
   * An attribute that the projector is not to see: what tells it linearly is taken out of embeddings, and the file holds that (LEACE, arXiv 2306.03819).
   * `e2p audit` says what other attackers still tell. Not with `privacy`, since it is fitted without noise, nor with gates.
   */
  readonly hide?: HiddenAttribute | undefined;
  /** ms since 1970: only examples whose `time` is not before it are trained on. */
  readonly since?: number | undefined;
  /**
   * With `init`: users and prompts whose texts before and after are compared. Default: those of 20 users from before `since`.
   */
  readonly canaries?: readonly Example[] | undefined;
  /** Steps without a better loss of theirs after which training ends; default a quarter of all. There are 20 looks. */
  readonly patience?: number;
  /** Examples of held-out users that a look reads. */
  readonly looked?: number;
  /** Tokens; longer rows are left out. */
  readonly maxLength?: number;
  /**
   * Bytes that a step may need beside the model's weights, estimated from the graph: fewer rows go through the model at once, then
   * activations are computed again, until it fits. The result stays the same but for rounding. Default: no bound.
   */
  readonly memory?: number | undefined;
  /** Compute activations again instead of keeping them: several times less memory, more time. Default: only where `memory` asks for it. */
  readonly recompute?: boolean;
  readonly seed?: number;
  /** Weights, standardisation, K and slot are taken over from it. */
  readonly init?: Projector | undefined;
  /** Bytes of a checkpoint to go on from. */
  readonly checkpoint?: { readonly bytes: Uint8Array; readonly name: string } | undefined;
  /** Takes a checkpoint's bytes and its step, to be kept where personal data may lie. */
  readonly onCheckpoint?: (bytes: Uint8Array, step: number) => void | Promise<void>;
  /** Steps. */
  readonly checkpointEvery?: number;
  readonly signal?: AbortSignal;
  /** After each step. */
  readonly onProgress?: (progress: TrainingProgress) => void;
}

/** What a training may tell of any one person, and how that is kept; users of one `group` are one person. */
export interface TrainPrivacy {
  /** Of the whole training: 1 is strong, 8 is common, more promises little. */
  readonly epsilon: number;
  /** Below 1 ÷ the number of people. */
  readonly delta: number;
  /** Length that a person's gradient is clipped to; default 0.1. */
  readonly clip?: number;
  /** People that a step is expected to have; default 128, at most a half of all. */
  readonly people?: number;
}

/** What is known of users and is not to be told of them: two answers at least, fewer than an embedding has numbers. */
export interface HiddenAttribute {
  /** Is told in the projector's file. */
  readonly name: string;
  /** The class of each user to train on; of other users it helps to fit the erasure, but for those held out. */
  readonly answers: ReadonlyMap<string, string>;
}

export type Words = string | readonly string[];

/** A text as a vector, and the words it is about. */
export interface AlignmentText {
  /** [dim] */
  readonly vector: Float32Array;
  /** What it is about: words, or a list of words and phrases; a phrase is one thing ("stained glass"). */
  readonly words: Words;
}

/** The numbers among the options, each within its range. */
export type TrainSettings = ReturnType<typeof settingsOf>;

/** @throws E2PError `invalid-argument` */
export function settingsOf(options: TrainOptions) {
  const D = TRAIN_DEFAULTS;
  const { init, users, constant = false, memory, privacy } = options;
  const { byQuestion } = options;
  if (byQuestion !== undefined) {
    if (!(byQuestion.temperature > 0 && Number.isFinite(byQuestion.temperature)))
      throw new E2PError(
        'invalid-argument',
        `byQuestion.temperature is ${String(byQuestion.temperature)}, expected a number above 0`,
      );
    if (options.encoder === undefined)
      throw new E2PError(
        'invalid-argument',
        'byQuestion is given without encoder, expected what reads questions on the device',
      );
  }
  const { tokens = D.tokens, maxLength = D.maxLength, epochs = D.epochs, batch = D.batch } = options;
  const { seed = D.seed, distill = D.distill, accumulate = D.accumulate } = options;
  const { heldOut = privacy ? 0 : D.heldOut } = options;
  const { learningRate = D.learningRate, weightDecay = D.weightDecay, looked = D.looked } = options;
  const { noise = D.noise, prefixDropout = D.prefixDropout, hidden = defaultHidden(users.dim) } = options;
  const { checkpointEvery = D.checkpointEvery, sourceDropout = D.sourceDropout, gate = true } = options;
  const width = options.fusion?.sources.reduce((sum, source) => sum + sourceWidth(source), 0);
  if (width !== undefined && width !== users.dim)
    throw new E2PError('invalid-data', `the users have ${users.dim} numbers each, the fusion makes ${width}`);
  if (init) checkReading(init.contract, options, gate);
  checkWhole('tokens', tokens, 1, 64);
  if (!init && tokens !== 1 && options.anchors?.phrases) {
    throw new E2PError('invalid-argument', `tokens is ${tokens}, expected 1 with anchors that are phrases`);
  }
  checkWhole('hidden', hidden, 0, 65_536);
  checkWhole('batch', batch, 1, 65_536);
  checkWhole('accumulate', accumulate, 1, 65_536);
  checkWhole('maxLength', maxLength, 1, 2 ** 31);
  checkWhole('looked', looked, 1, 2 ** 31);
  checkWhole('checkpointEvery', checkpointEvery, 1, 2 ** 31);
  checkRange('heldOut', heldOut, 0, 1);
  checkRange('distill', distill, 0, 1);
  if (memory !== undefined) checkWhole('memory', memory, 1, Number.MAX_SAFE_INTEGER);
  checkRange('prefixDropout', prefixDropout, 0, 1);
  checkRange('sourceDropout', sourceDropout, 0, 1);
  checkRange('noise', noise, 0, 1000);
  checkRange('learningRate', learningRate, 0, 1000);
  checkRange('weightDecay', weightDecay, 0, 1000);
  if (privacy) checkPrivacy(privacy, options);
  return {
    // A projector to begin with is gone on from as it is.
    tokens: init?.contract.tokens ?? tokens,
    hidden: init?.hidden ?? hidden,
    slot: init?.contract.slot ?? options.slot ?? defaultSlot(options.model),
    ...{ maxLength, epochs, batch, accumulate, seed, distill, heldOut, looked, checkpointEvery },
    ...{ constant, memory, learningRate, weightDecay },
    // Nobody is known whom noise could change, or who could be left out.
    gate,
    ...(constant
      ? { noise: 0, prefixDropout: 0, sourceDropout: 0 }
      : { noise, prefixDropout, sourceDropout }),
  };
}

/** What its weights learnt to read: a contract that says another thing would make them read nonsense. */
function checkReading(
  { byQuestion, space }: Projector['contract'],
  { byQuestion: asked, fusion }: TrainOptions,
  gate: boolean,
): void {
  const refuse = (field: string, found: string, expected: string): never => {
    throw new E2PError(
      'contract-mismatch',
      `${field} is ${found}, expected ${expected}, as the projector to begin with has it`,
    );
  };
  const told = (weighting?: { readonly temperature: number }) => String(weighting?.temperature ?? 'absent');
  if (told(byQuestion) !== told(asked)) refuse('byQuestion.temperature', told(asked), told(byQuestion));
  if (fusion === undefined) return;
  const widths = fusion.sources.map(sourceWidth).join();
  if (widths !== space.sources?.widths.join())
    refuse('fusion', `of sources ${widths} wide`, space.sources?.widths.join() ?? 'none');
  if (gate !== space.sources?.gated) refuse('gate', String(gate), String(space.sources?.gated));
}

/** What would tell of people beside the noisy steps is refused. */
function checkPrivacy({ epsilon, delta, clip = 1, people = 1 }: TrainPrivacy, options: TrainOptions): void {
  for (const [name, value, most] of [
    ['epsilon', epsilon, 1000],
    ['delta', delta, 0.1],
    ['clip', clip, 1e6],
  ] as const) {
    checkRange(`privacy.${name}`, value, 0, most);
    if (value === 0) throw new E2PError('invalid-argument', `privacy.${name} is 0, expected more`);
  }
  checkWhole('privacy.people', people, 1, 2 ** 31);
  const refuse = (found: string, expected: string): never => {
    throw new E2PError('invalid-argument', `privacy: ${found}, expected ${expected}`);
  };
  if (options.init === undefined && typeof options.reference !== 'object')
    refuse('nothing but the people themselves to standardise embeddings by', 'init, or users of a reference');
  if (options.alignTo) refuse('alignTo, whose texts no noise hides', 'an aligned projector as init');
  if (options.fusion) refuse('fusion, which was fitted to people without noise', 'one source');
  if (options.hide) refuse('hide, which is fitted to people without noise', 'one of them');
  if ((options.accumulate ?? 1) !== 1) refuse(`accumulate is ${options.accumulate}`, 'people instead');
}
