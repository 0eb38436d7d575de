/**
 * From users, examples and a base model to a projector with its contract: splits by user, standardises on the training
 * users, trains, and says what happened.
 */
import { checkRange, checkWhole, E2PError } from '../error.ts';
import type { BaseModel } from '../model/base-model.ts';
import {
  CONTRACT_VERSION,
  LIMITS,
  type ProjectorContract,
  type SentenceEncoderContract,
} from '../projector/contract.ts';
import { fingerprintOf } from '../projector/model-fingerprint.ts';
import {
  type Anchors,
  type Projector,
  type ProjectorWeights,
  project,
  vectorsOf,
  withAnchorRows,
} from '../projector/projector.ts';
import type { Slot } from '../projector/slot.ts';
import type { Runtime } from '../runtime/runtime.ts';
import { ALIGNMENT, type Alignment } from './alignment.ts';
import { type CanaryReport, compareCanaries } from './canaries.ts';
import { type Fingerprint, readCheckpoint, writeCheckpoint } from './checkpoint.ts';
import { hashData, sha256Of } from './hash-data.ts';
import { type MemoryPlan, planMemory } from './plan-memory.ts';
import { prepareRows } from './prepare-rows.ts';
import { createSoftLoss, TEACHER_TOKENS } from './soft-loss.ts';
import { standardisation } from './standardise.ts';
import { softPlaces, type TrainingProgress, trainProjector } from './train-projector.ts';
import type { Example, Users } from './training-data.ts';

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
  /** K, for each vector of a user; default 1. */
  readonly tokens?: number;
  /** Vectors of a user at most, for the contract; default: what the users have. */
  readonly vectors?: number;
  /** Default after BOS. */
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
  /** Steps, batch, rate and replay of the alignment. */
  readonly alignment?: Omit<Alignment, 'texts' | 'candidates'>;
  /** Width of the projector's inner layer; default 2·max(dim, 64), at most 1,024. 0 = none: a linear projector. */
  readonly hidden?: number;
  /** A soft token that knows nobody, trained with the same budget: the control. */
  readonly constant?: boolean;
  /** Updates; default: `epochs`. */
  readonly steps?: number;
  /** Times that every example is seen; default 3. */
  readonly epochs?: number;
  /** Default 16. */
  readonly batch?: number;
  readonly accumulate?: number;
  readonly learningRate?: number;
  readonly weightDecay?: number;
  readonly noise?: number;
  readonly prefixDropout?: number;
  /** Share of users who are not trained on; default 0.1. */
  readonly heldOut?: number;
  /** Examples of other users to look at instead of holding out a share. */
  readonly validation?: readonly Example[] | undefined;
  /**
   * Share of the teacher in the loss, 0…1, default 0: the same frozen model reading each example's `teacher` prompt, or its persona
   * as text. Needs either in every example.
   */
  readonly distill?: number;
  /** ms since 1970: only examples whose `time` is not before it are trained on. */
  readonly since?: number | undefined;
  /**
   * With `init`: users and prompts whose texts before and after are compared. Default: those of 20 users from before `since`.
   */
  readonly canaries?: readonly Example[] | undefined;
  /** Steps without a better loss of theirs after which training ends; default a quarter of all. There are 20 looks. */
  readonly patience?: number;
  /** Examples of held-out users that a look reads; default 256. */
  readonly looked?: number;
  /** Longer rows are left out; default 512 tokens. */
  readonly maxLength?: number;
  /**
   * Bytes that a step may need beside the model's weights, as told from the graph: fewer rows go through the model at once, then
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
  readonly onCheckpoint?: (bytes: Uint8Array, step: number) => void | Promise<void>;
  /** Steps; default 50. */
  readonly checkpointEvery?: number;
  readonly signal?: AbortSignal;
  readonly onProgress?: (progress: TrainingProgress) => void;
}

export interface AlignmentText {
  /** [dim] */
  readonly vector: Float32Array;
  /** What it is about: one word or several. */
  readonly words: string;
}

export interface TrainReport {
  readonly users: { readonly train: number; readonly heldOut: number };
  readonly examples: { readonly train: number; readonly heldOut: number };
  /** Lines of the examples that were longer than `maxLength` tokens. */
  readonly tooLong: readonly number[];
  readonly steps: number;
  /** Of held-out users: nats per target token of the weights that were kept, and their step. */
  readonly heldOutLoss: number | undefined;
  readonly bestStep: number | undefined;
  /** The same examples with nobody set. */
  readonly withoutLoss: number | undefined;
  /** Held-out users got no better for `patience` steps, so that not all steps were made. */
  readonly stoppedEarly: boolean;
  /** How many there are; 0 where none. */
  readonly anchors: number;
  readonly aligned: number;
  /** Root mean square of the change of the training users' soft tokens, as a share of their size; with `init` only. */
  readonly moved: number | undefined;
  /** Examples from before `since`. */
  readonly older: number;
  /** Whether old users still get the same texts; with `init` and canaries only. */
  readonly canaries: CanaryReport | undefined;
  readonly memory: MemoryPlan;
}

export interface TrainResult {
  readonly projector: Projector;
  readonly report: TrainReport;
}

const LOOKS = 20;
const LOOKED = 256;
const DEFAULT_CANARIES = 20;

/**
 * @throws E2PError `invalid-data`, `invalid-argument`, `contract-mismatch` (of `init`), `invalid-checkpoint`,
 *   `unsupported-graph`, `training-failed`; the signal's reason on an abort, after a checkpoint.
 */
export async function train(options: TrainOptions): Promise<TrainResult> {
  const { model, runtime, users, constant = false, since, validation, distill = 0 } = options;
  const { seed = 1, batch = 16, accumulate = 1, epochs = 3, heldOut = 0.1, looked = LOOKED } = options;
  const init = options.init && (await withAnchorRows(options.init, model, runtime));
  const tokens = init?.contract.tokens ?? options.tokens ?? 1;
  const slot = init?.contract.slot ?? options.slot ?? 'after-bos';
  const hidden = init?.hidden ?? options.hidden ?? Math.min(1024, 2 * Math.max(users.dim, 64));
  const maxLength = options.maxLength ?? 512;
  checkWhole('tokens', tokens, 1, 64);
  checkWhole('hidden', hidden, 0, 65_536);
  checkWhole('batch', batch, 1, 65_536);
  checkWhole('accumulate', accumulate, 1, 65_536);
  checkWhole('maxLength', maxLength, 1, 2 ** 31);
  checkWhole('looked', looked, 1, 2 ** 31);
  checkWhole('checkpointEvery', options.checkpointEvery ?? 50, 1, 2 ** 31);
  checkRange('heldOut', heldOut, 0, 1);
  checkRange('distill', distill, 0, 1);
  if (options.memory !== undefined) checkWhole('memory', options.memory, 1, Number.MAX_SAFE_INTEGER);
  checkRange('prefixDropout', options.prefixDropout ?? 0.1, 0, 1);
  checkRange('noise', options.noise ?? 0.1, 0, 1000);
  checkRange('learningRate', options.learningRate ?? 2e-3, 0, 1000);
  checkRange('weightDecay', options.weightDecay ?? 0.01, 0, 1000);
  if (init && init.contract.space.dim !== users.dim) {
    throw new E2PError(
      'contract-mismatch',
      `the users have ${users.dim} numbers each, the projector to begin with expects ${init.contract.space.dim}`,
    );
  }

  const fresh = newExamples(options.examples, since);
  const examples = [...fresh, ...(validation ?? [])];
  const ids = [...new Set(examples.map((e) => e.user))];
  const groupOf = new Map(examples.map((e) => [e.user, e.group ?? e.user]));
  if (validation) checkApart(fresh, validation);
  const toValidate = new Set(validation?.map((e) => e.user));
  const isHeldOut = new Map(
    ids.map((id) => [id, validation ? toValidate.has(id) : unitHash(`${seed} ${groupOf.get(id)}`) < heldOut]),
  );
  const trained = ids.filter((id) => !isHeldOut.get(id));
  const trainedRows = trained.map((id) => users.rows.get(id)!);
  const { mean, scale } =
    init?.contract.space ??
    standardisation(
      trainedRows.flatMap((row) => vectorsOf(row, users.dim)),
      users.dim,
    );
  const standardised = (vector: Float32Array) => vector.map((v, i) => (v - mean[i]!) / scale[i]!);
  const inputs = ids.map((id) => {
    const set = vectorsOf(users.rows.get(id)!, users.dim);
    const flat = new Float32Array(set.length * users.dim);
    if (!constant) for (const [n, vector] of set.entries()) flat.set(standardised(vector), n * users.dim);
    return flat;
  });
  const vectors = inputs.reduce((most, input) => Math.max(most, input.length / users.dim), 1);
  checkWhole('vectors', options.vectors ?? vectors, vectors, LIMITS.vectors);
  const places = new Map(
    ids.map((id, row) => [id, { row, softTokens: (inputs[row]!.length / users.dim) * tokens }]),
  );
  const withTeacher = distill > 0;
  const prepare = { model, slot, maxLength, withTeacher };
  const { rows, tooLong } = prepareRows(examples, (id) => places.get(id)!, prepare);
  const isOut = (row: number) => isHeldOut.get(ids[row]!) === true;
  // Nobody teaches there: what is measured is the target alone, with distillation as without.
  const outside = rows
    .filter((r) => isOut(r.user))
    .map(({ teacher, ...row }) => row)
    .sort((a, b) => unitHash(`${seed} ${a.line}`) - unitHash(`${seed} ${b.line}`))
    .slice(0, looked);
  const inside = rows.filter((r) => !isOut(r.user));
  const steps = options.steps ?? Math.ceil((epochs * inside.length) / (batch * accumulate));
  checkWhole('steps', steps, options.alignTo ? 0 : 1, 2 ** 31);
  const patience = options.patience ?? Math.max(1, Math.ceil(steps / 4));
  checkWhole('patience', patience, 1, 2 ** 31);

  const { hiddenSize, vocabularySize } = model.facts;
  const outputRms = init?.contract.outputRms ?? (await model.embeddingRms(runtime));
  const named = init?.anchors ?? options.anchors;
  const anchors = named && { ...named, rows: await model.tokenEmbeddings(runtime, named.ids) };
  const residual = init
    ? init.weights.skipWeight.length > 0
    : (options.residual ?? named?.keys !== undefined);
  const shape = {
    ...{ dim: users.dim, hidden, tokens, hiddenSize, outputRms, residual },
    anchors: anchors && { ...anchors, count: anchors.ids.length },
  };
  const alignment = options.alignTo && (await alignmentOf(options.alignTo, standardised, anchors, options));
  const tableSha256 = await model.tableSha256();
  const modelFingerprint = await fingerprintOf(model, runtime, { requantised: options.requantised ?? false });
  const recipe = {
    ...(options.learningRate !== undefined && { learningRate: options.learningRate }),
    ...(options.weightDecay !== undefined && { weightDecay: options.weightDecay }),
    prefixDropout: constant ? 0 : (options.prefixDropout ?? 0.1),
    noise: constant ? 0 : (options.noise ?? 0.1),
  };
  const dataSha256 = hashData({ examples: fresh, validation, users, alignTo: options.alignTo });
  const fingerprint: Fingerprint = {
    ...{ tableSha256, dtype: model.dtype, dataSha256, steps, batch, accumulate, seed, hidden, tokens },
    ...{
      heldOut,
      patience,
      maxLength,
      ...{ distill, memory: options.memory ?? 0, looked, anchors: named?.ids.length ?? 0 },
      ...{ keys: named?.keys?.length ?? 0, residual: String(residual) },
      alignment: alignment ? JSON.stringify({ ...ALIGNMENT, ...options.alignment }) : 'none',
      constant: String(constant),
      slot: JSON.stringify(slot),
      ...recipe,
    },
    ...(init && {
      init: sha256Of(Object.values(init.weights)),
    }),
  };
  const { checkpoint, onCheckpoint, signal, onProgress } = options;
  const softTokens = softPlaces([...inside, ...outside]);
  const memory = planMemory({
    ...{
      model,
      batch,
      rows: [...inside, ...outside],
      softTokens,
      teacherTokens: withTeacher ? TEACHER_TOKENS : 0,
    },
    ...{ limit: options.memory, recompute: options.recompute ?? false },
  });
  const softLoss = createSoftLoss({
    ...{ model, hiddenSize, runtime, batch, softTokens, distill },
    ...{ rowsPerPass: memory.rowsPerPass, recompute: memory.recompute },
    ...(options.memory !== undefined && { keptBytes: model.weightBytes + options.memory }),
  });
  const result = await trainProjector({
    ...{ shape, users: inputs, examples: inside, runtime, batch, accumulate, steps, seed, ...recipe },
    softLoss,
    ...(alignment && { alignment }),
    ...(init && { init: init.weights }),
    heldOut:
      outside.length === 0
        ? undefined
        : { examples: outside, every: Math.max(1, Math.round(steps / LOOKS)), patience },
    from: checkpoint && readCheckpoint(checkpoint.bytes, checkpoint.name, fingerprint),
    ...(onCheckpoint && {
      onState: (state) => onCheckpoint(writeCheckpoint(state, fingerprint), state.step),
    }),
    ...(options.checkpointEvery !== undefined && { stateEvery: options.checkpointEvery }),
    signal,
    ...(onProgress && { onProgress }),
  }).finally(() => softLoss.release());
  const { best } = result;
  const contract: ProjectorContract = {
    version: CONTRACT_VERSION,
    model: { id: options.modelId ?? model.name, hiddenSize, vocabularySize, dtype: model.dtype, tableSha256 },
    space: {
      ...{ id: options.space, dim: users.dim, mean, scale },
      ...(options.encoder && { encoder: options.encoder }),
    },
    ...{ tokens, vectors: options.vectors ?? vectors, slot, scaleSide: 'postScale', outputRms },
    fingerprint: modelFingerprint,
    training: {
      ...{ steps: result.steps, batch: batch * accumulate, seed, dataSha256 },
      ...{ users: trained.length, examples: inside.length },
      ...(best && { heldOutLoss: best.loss, bestStep: best.step }),
      ...(constant && { control: 'constant' }),
    },
  };
  const weights = constant ? withoutUser(result.weights) : result.weights;
  const projector: Projector = {
    ...{ contract, hidden, weights },
    ...(anchors && { anchors }),
  };
  const canaries =
    options.canaries ??
    oneOfEach(options.examples.filter((e) => !fresh.includes(e))).slice(0, DEFAULT_CANARIES);
  return {
    projector,
    report: {
      users: { train: trained.length, heldOut: ids.length - trained.length },
      examples: { train: inside.length, heldOut: outside.length },
      ...{ tooLong, steps: result.steps, heldOutLoss: best?.loss, bestStep: best?.step },
      ...{ withoutLoss: result.withoutLoss, stoppedEarly: result.stoppedEarly },
      ...{ anchors: named?.ids.length ?? 0, aligned: alignment?.texts.length ?? 0 },
      moved: init && movement(init, projector, trainedRows),
      older: options.examples.length - fresh.length,
      canaries:
        init && canaries.length > 0
          ? await compareCanaries({ model, runtime, users, before: init, after: projector, canaries, signal })
          : undefined,
      memory,
    },
  };
}

/** Texts with the tokens of their words, standardised as users are, and what these tokens are told apart by. */
async function alignmentOf(
  texts: readonly AlignmentText[],
  standardised: (vector: Float32Array) => Float32Array,
  anchors: Anchors | undefined,
  { model, runtime, users, alignment }: TrainOptions,
): Promise<Alignment> {
  const bad = texts.findIndex(({ vector }) => vector.length !== users.dim);
  if (bad >= 0) {
    throw new E2PError(
      'invalid-data',
      `text ${bad + 1} to align with has ${texts[bad]!.vector.length} numbers, the users have ${users.dim}`,
    );
  }
  const place = anchors && new Map(anchors.ids.map((id, at) => [id, at]));
  // As they stand behind other words.
  const tokens = texts.map(({ words }) => {
    const ids = [...new Set(model.codec.encode(` ${words.trim()}`))];
    return place === undefined ? ids : ids.filter((id) => place.has(id));
  });
  const used = [...new Set(tokens.flat())].sort((a, b) => a - b);
  const at = new Map(used.map((id, i) => [id, i]));
  return {
    ...alignment,
    texts: texts.flatMap(({ vector }, i) => {
      const targets = tokens[i]!.map((id) => at.get(id)!);
      return targets.length === 0 ? [] : [{ vector: standardised(vector), targets }];
    }),
    candidates: anchors?.keys
      ? rowsOf(
          anchors.keys,
          anchors.ids.length,
          used.map((id) => place!.get(id)!),
        )
      : await model.tokenEmbeddings(runtime, used),
  };
}

/** Some rows of a matrix [count, …]. */
function rowsOf(matrix: Float32Array, count: number, picked: readonly number[]): Float32Array {
  const width = matrix.length / count;
  const rows = new Float32Array(picked.length * width);
  for (const [i, row] of picked.entries())
    rows.set(matrix.subarray(row * width, (row + 1) * width), i * width);
  return rows;
}

function newExamples(examples: readonly Example[], since: number | undefined): readonly Example[] {
  if (since === undefined) return examples;
  const fresh = examples.filter(({ time, line }) => {
    if (time !== undefined) return time >= since;
    throw new E2PError('invalid-data', `line ${line}: field time is missing, expected a date for since`);
  });
  if (fresh.length > 0) return fresh;
  throw new E2PError('invalid-data', `no example is from ${new Date(since).toISOString()} or later`);
}

/** Whoever validates must share nothing with those who are trained on. */
function checkApart(trained: readonly Example[], validation: readonly Example[]): void {
  const known = new Set(trained.flatMap((e) => [`user ${e.user}`, `group ${e.group ?? e.user}`]));
  const shared = validation.find(
    (e) => known.has(`user ${e.user}`) || known.has(`group ${e.group ?? e.user}`),
  );
  if (shared) {
    throw new E2PError(
      'invalid-data',
      `validation line ${shared.line}: its user or group is trained on too, expected others`,
    );
  }
}

/** The first example of each user. */
const oneOfEach = (examples: readonly Example[]): Example[] => [
  ...new Map(examples.toReversed().map((e) => [e.user, e])).values(),
];

/** The same output whoever the user: what the mean user gets, since the norm's gain is 0. */
function withoutUser(weights: ProjectorWeights): ProjectorWeights {
  return { ...weights, normWeight: new Float32Array(weights.normWeight.length) };
}

/** √(Σ|new − old|² / Σ|old|²) over the users' soft tokens. */
function movement(old: Projector, now: Projector, users: readonly Float32Array[]): number {
  let [moved, size] = [0, 0];
  for (const user of users) {
    const [before, after] = [project(old, user), project(now, user)];
    before.forEach((vector, k) => {
      vector.forEach((v, i) => {
        moved += (after[k]![i]! - v) ** 2;
        size += v * v;
      });
    });
  }
  return Math.sqrt(moved / size);
}

/** FNV-1a of a text, as a number in [0, 1): the same user is held out however the file is sorted. */
function unitHash(text: string): number {
  let hash = 0x811c9dc5;
  for (const byte of new TextEncoder().encode(text)) hash = Math.imul(hash ^ byte, 0x01000193) >>> 0;
  // The last bits are the best mixed.
  return ((Math.imul(hash ^ (hash >>> 15), 0x85ebca6b) >>> 0) % 2 ** 24) / 2 ** 24;
}
