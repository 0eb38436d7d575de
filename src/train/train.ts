/**
 * From users, examples and a base model to a projector with its contract: splits by user, standardises on the training
 * users, trains, and says what happened.
 */
import { checkWhole, E2PError } from '../error.ts';
import { LIMITS } from '../projector/contract.ts';
import { type Projector, vectorsOf, withAnchorRows } from '../projector/projector.ts';
import type { SpaceReference } from '../projector/reference.ts';
import { ALIGNMENT } from './alignment.ts';
import { type CanaryReport, compareCanaries, movement } from './canaries.ts';
import { type Fingerprint, resumeCheckpoint, writeCheckpoint } from './checkpoint.ts';
import { hashData, sha256Of } from './hash-data.ts';
import { erasureOf } from './hide-attribute.ts';
import { parameterLayout, unflatten } from './parameters.ts';
import { type MemoryPlan, planMemory } from './plan-memory.ts';
import { planPrivacy } from './plan-privacy.ts';
import { finishProjector, type PlannedProjector, planProjector, shapeOf } from './planned-projector.ts';
import { prepareAlignment } from './prepare-alignment.ts';
import { prepareRows } from './prepare-rows.ts';
import { referenceOf } from './reference-of-users.ts';
import { createSoftLoss, TEACHER_TOKENS } from './soft-loss.ts';
import { oneOfEach, pickLines, splitUsers } from './split-users.ts';
import { standardisation, standardiseUsers } from './standardise.ts';
import { settingsOf, type TrainOptions, type TrainSettings } from './train-options.ts';
import { softPlaces, trainProjector } from './train-projector.ts';
import type { Users } from './training-data.ts';
import type { TrainingState } from './training-state.ts';
import { weighTraining } from './weigh-users.ts';

/** What a training did and found. Losses are nats per target token. */
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
  readonly phrases: number;
  readonly aligned: number;
  /** Root mean square of the change of the training users' soft tokens, as a share of their size; with `init` only. */
  readonly moved: number | undefined;
  /** Examples from before `since`. */
  readonly older: number;
  /** Whether old users still get the same texts; with `init` and canaries only. */
  readonly canaries: CanaryReport | undefined;
  readonly memory: MemoryPlan;
  /** Whether the projector's file tells how its training users lie, so that drift is seen: not of fewer than 20 users. */
  readonly reference: boolean;
}

/** What a training gives: the best projector for held-out users, and its report. */
export interface TrainResult {
  readonly projector: Projector;
  readonly report: TrainReport;
}

const LOOKS = 20;
const DEFAULT_CANARIES = 20;

/**
 * @throws E2PError `invalid-data`, `invalid-argument`, `contract-mismatch` (of `init`), `invalid-checkpoint`,
 *   `unsupported-graph`, `training-failed`; the signal's reason on an abort, after a checkpoint.
 */
export async function train(given: TrainOptions): Promise<TrainResult> {
  const options = weighTraining(given);
  const { model, runtime, users, validation, alignTo, checkpoint, onCheckpoint, signal } = options;
  const settings = settingsOf(options);
  const { tokens, slot, maxLength, batch, accumulate, seed, distill, constant } = settings;
  const init = options.init && (await withAnchorRows(options.init, model, runtime));
  if (init && init.contract.space.dim !== users.dim) {
    throw new E2PError(
      'contract-mismatch',
      `the users have ${users.dim} numbers each, the projector to begin with expects ${init.contract.space.dim}`,
    );
  }

  const { heldOut } = settings;
  const split = splitUsers({ examples: options.examples, since: options.since, validation, heldOut, seed });
  const { ids, trained, fresh, older } = split;
  // A fused vector is whitened, and all 0 where nothing is known.
  const whitened = options.fusion && { mean: filled(users.dim, 0), scale: filled(users.dim, 1) };
  const known = init?.contract.space ?? whitened;
  const { inputs, standardise, ...space } = standardiseUsers({
    ...{ users, ids, trained, nobody: constant },
    known: known ?? (options.privacy && standardisationOfOthers(options)),
  });
  const reference = constant ? undefined : referenceFor(options, trained, space.mean);
  const most = inputs.reduce((n, input) => Math.max(n, input.length / users.dim), 1);
  const { vectors = most } = options;
  if (options.privacy && most > 1 && options.vectors === undefined) {
    const found = `users are sets of up to ${most}, and nothing says so but they themselves`;
    throw new E2PError('invalid-argument', `privacy: ${found}, expected the option vectors`);
  }
  checkWhole('vectors', vectors, most, LIMITS.vectors);
  const places = new Map(
    ids.map((id, row) => [id, { row, softTokens: (inputs[row]!.length / users.dim) * tokens }]),
  );
  const withTeacher = distill > 0;
  const prepare = { model, slot, maxLength, withTeacher };
  const { rows, tooLong } = prepareRows(split.examples, (id) => places.get(id)!, prepare);
  const inside = rows.filter((row) => !split.isHeldOut(row.user));
  // Nobody teaches there: what is measured is the target alone, with distillation as without.
  const untaught = rows.filter((row) => split.isHeldOut(row.user)).map(({ teacher, ...row }) => row);
  const outside = pickLines(untaught, settings.looked, seed);
  const hiding = options.privacy && planPrivacy(options, inside, split.examples, ids);
  const steps =
    options.steps ??
    hiding?.steps(settings.epochs) ??
    Math.ceil((settings.epochs * inside.length) / (batch * accumulate));
  checkWhole('steps', steps, alignTo ? 0 : 1, 2 ** 31);
  const patience = options.patience ?? Math.max(1, Math.ceil(steps / 4));
  checkWhole('patience', patience, 1, 2 ** 31);

  const privately = hiding?.of(steps);
  // A constant soft token tells nothing.
  const hide = constant ? undefined : options.hide;
  const erasure =
    hide &&
    erasureOf(hide, {
      ...{ users, trained, standardise, heldOut: ids.filter((_, i) => split.isHeldOut(i)) },
      gated: (options.fusion ? settings.gate : init?.contract.space.sources?.gated) ?? false,
    });
  const dataSha256 = hashData({ examples: fresh, validation, users, alignTo });
  const planned = await planProjector(options, settings, {
    ...{ ...space, vectors, reference, erasure },
    // A digest of everybody's data would tell whoever has all of them but one.
    told: {
      ...(privately?.told ?? { dataSha256, users: trained.length, examples: inside.length }),
      ...(hide && erasure && { erased: hide.name, erasedUsers: erasure.users }),
    },
  });
  const shape = shapeOf(planned);
  const alignment = alignTo && {
    ...options.alignment,
    ...(await prepareAlignment(alignTo, standardise, planned.anchors, options)),
  };
  const fingerprint = trainingFingerprint(options, settings, planned, { steps, patience, dataSha256 });
  const from =
    checkpoint && resumeCheckpoint(checkpoint, { contract: planned.contract, settings: fingerprint });
  const softTokens = softPlaces([...inside, ...outside]);
  const memory = planMemory({
    ...{ model, batch, rows: [...inside, ...outside], softTokens },
    ...{ teacherTokens: withTeacher ? TEACHER_TOKENS : 0 },
    ...{ limit: options.memory, recompute: options.recompute ?? false },
  });
  const softLoss = createSoftLoss({
    ...{ model, hiddenSize: model.facts.hiddenSize, runtime, batch, softTokens, distill },
    ...{ rowsPerPass: memory.rowsPerPass, recompute: memory.recompute },
    ...(options.memory !== undefined && { keptBytes: model.weightBytes + options.memory }),
  });
  const { learningRate, weightDecay, noise, prefixDropout, sourceDropout, checkpointEvery } = settings;
  const { sources: fused } = planned.contract.space;
  const sources = fused && { widths: fused.widths, dropout: sourceDropout };
  const result = await trainProjector({
    ...{ shape, users: inputs, examples: inside, softLoss, runtime, batch, accumulate, steps, seed },
    ...{ learningRate, weightDecay, noise, prefixDropout, stateEvery: checkpointEvery, from, signal },
    ...(alignment && { alignment }),
    privacy: privately?.steps,
    ...(sources && { sources }),
    ...(init && { init: init.weights }),
    ...(outside.length > 0 && {
      heldOut: { examples: outside, every: Math.max(1, Math.round(steps / LOOKS)), patience },
    }),
    ...(onCheckpoint && {
      onState: (state) => {
        const projector = projectorAt(planned, state);
        return onCheckpoint(writeCheckpoint({ projector, state, settings: fingerprint }), state.step);
      },
    }),
    ...(options.onProgress && { onProgress: options.onProgress }),
  }).finally(() => softLoss.release());
  const { best, withoutLoss, stoppedEarly } = result;
  const projector = finishProjector(planned, result.weights, outcome(result.steps, best));
  const canaries = options.canaries ?? oneOfEach(older).slice(0, DEFAULT_CANARIES);
  return {
    projector,
    report: {
      users: { train: trained.length, heldOut: ids.length - trained.length },
      examples: { train: inside.length, heldOut: outside.length },
      ...{ tooLong, steps: result.steps, heldOutLoss: best?.loss, bestStep: best?.step },
      ...{ withoutLoss, stoppedEarly, older: older.length, memory },
      ...{ anchors: planned.anchors?.ids.length ?? 0, phrases: planned.anchors?.phrases?.length ?? 0 },
      ...{ aligned: alignment?.texts.length ?? 0, reference: reference !== undefined },
      moved:
        init &&
        movement(
          init,
          projector,
          trained.map((id) => users.rows.get(id)!),
        ),
      canaries:
        init && canaries.length > 0
          ? await compareCanaries({ model, runtime, users, before: init, after: projector, canaries, signal })
          : undefined,
    },
  };
}

/** @throws E2PError `invalid-data` for other users of another dimension */
function referenceFor(
  { reference = true, users, init, privacy }: TrainOptions,
  trained: readonly string[],
  mean: readonly number[],
): SpaceReference | undefined {
  // How people lie is theirs to keep.
  if (reference === false || (privacy && reference === true)) return undefined;
  const others = reference === true ? undefined : reference;
  const { dim, rows } = others ? likeUsers(others, users) : users;
  return referenceOf({
    users: (others ? [...rows.keys()] : trained).map((id) => vectorsOf(rows.get(id)!, dim)),
    ...{ mean, isOwnMean: others === undefined && init === undefined },
  });
}

/** @throws E2PError `invalid-data` for users of another dimension */
function likeUsers(others: Users, users: Users): Users {
  if (others.dim === users.dim) return others;
  const found = `the users of the reference have ${others.dim} numbers each`;
  throw new E2PError('invalid-data', `${found}, expected ${users.dim} as those to train on`);
}

/** Of the users of the reference. */
function standardisationOfOthers({ reference, users }: TrainOptions) {
  const { dim, rows } = likeUsers(reference as Users, users);
  return standardisation(
    [...rows.values()].flatMap((values) => vectorsOf(values, dim)),
    dim,
  );
}

/** What the result depends on beside the contract. */
function trainingFingerprint(
  { memory, alignTo, alignment, init }: TrainOptions,
  settings: TrainSettings,
  { contract, hidden, residual, anchors, erasure }: PlannedProjector,
  given: { readonly steps: number; readonly patience: number; readonly dataSha256: string },
): Fingerprint {
  const { batch, accumulate, seed, heldOut, maxLength, distill, looked, constant } = settings;
  const { learningRate, weightDecay, prefixDropout, noise, sourceDropout } = settings;
  return {
    ...{ ...given, batch, accumulate, seed, hidden },
    ...{ heldOut, maxLength, distill, memory: memory ?? 0, looked },
    ...{ anchors: anchors?.ids.length ?? 0, keys: anchors?.keys?.length ?? 0, residual: String(residual) },
    alignment: alignTo ? JSON.stringify({ ...ALIGNMENT, ...alignment }) : 'none',
    constant: String(constant),
    ...{ learningRate, weightDecay, prefixDropout, noise },
    ...(contract.space.sources && { sourceDropout }),
    ...(init && { init: sha256Of(Object.values(init.weights)) }),
    ...(erasure && { erasure: sha256Of([Float32Array.from(erasure.matrix)]) }),
  };
}

const filled = (count: number, value: number): number[] => new Array<number>(count).fill(value);

/** As if training had ended in that state. */
function projectorAt(planned: PlannedProjector, { step, best, parameters }: TrainingState): Projector {
  const weights = unflatten(best?.parameters ?? parameters, parameterLayout(shapeOf(planned)));
  return finishProjector(planned, weights, outcome(step, best));
}

const outcome = (steps: number, best: { readonly step: number; readonly loss: number } | undefined) => ({
  steps,
  ...(best && { heldOutLoss: best.loss, bestStep: best.step }),
});
