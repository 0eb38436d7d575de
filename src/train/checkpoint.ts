/**
 * A training state as a file. It is a projector file, of the weights that were best so far, with its whole contract; what going
 * on needs lies beside them. So its projector can be taken as it is, and a training that would end in another contract or has
 * other settings is refused, naming what differs: going on from it would end somewhere else.
 */
import * as v from 'valibot';
import { E2PError } from '../error.ts';
import type { ProjectorContract } from '../projector/contract.ts';
import { type Projector, readProjector, writeProjector } from '../projector/projector.ts';
import { type NamedTensor, readSafetensors, writeSafetensors } from '../projector/safetensors.ts';
import { checkJson, object, whole } from '../storage/check-json.ts';
import { flatten, parameterLayout } from './parameters.ts';
import { type Outcome, shapeOf } from './planned-projector.ts';
import type { TrainingState } from './training-state.ts';

/** What the result depends on, by name. */
export type Fingerprint = Readonly<Record<string, string | number>>;

export interface Checkpoint {
  /** As if training had ended here. */
  readonly projector: Projector;
  readonly state: TrainingState;
  /** What the result depends on beside the contract. */
  readonly settings: Fingerprint;
}

/** 2: a projector file too. */
const VERSION = 2;

const step = whole(0, 2 ** 53 - 1);

const HEAD = object({
  version: v.literal(VERSION, `${VERSION}, of this version of e2p-web`),
  step,
  // −1 before the first look.
  looked: whole(-1, 2 ** 53 - 1),
  settings: v.record(v.string(), v.union([v.string(), v.number()], 'text or a number'), 'an object'),
  best: v.exactOptional(object({ step, loss: v.number('a number') })),
});

/** Of the whole training, in one order (`parameterLayout`). */
const STATE = { parameters: 'training.parameters', mean: 'adamw.mean', square: 'adamw.square' } as const;

export function writeCheckpoint({ projector, state, settings }: Checkpoint): Uint8Array {
  const { tensors, metadata } = readSafetensors(writeProjector(projector), 'checkpoint');
  const { step, looked, best } = state;
  const vectors = Object.entries(STATE).map(([field, name]): [string, NamedTensor] => {
    const data = state[field as keyof typeof STATE];
    return [name, { shape: [data.length], data }];
  });
  const head = { version: VERSION, step, looked, settings };
  const checkpoint = JSON.stringify({ ...head, ...(best && { best: { step: best.step, loss: best.loss } }) });
  return writeSafetensors({
    tensors: new Map([...tensors, ...vectors]),
    metadata: { ...metadata, checkpoint },
  });
}

/** @throws E2PError `invalid-checkpoint`, `invalid-projector` */
export function readCheckpoint(bytes: Uint8Array, fileName: string): Checkpoint {
  const refuse = (why: string, cause?: unknown): never => {
    throw new E2PError('invalid-checkpoint', `${fileName}: ${why}`, { cause });
  };
  const { tensors, metadata } = readSafetensors(bytes, fileName);
  if (metadata.checkpoint === undefined) refuse('it is no checkpoint, expected a metadata entry checkpoint');
  let json: unknown;
  try {
    json = JSON.parse(metadata.checkpoint!);
  } catch (cause) {
    refuse('its metadata are not JSON', cause);
  }
  const origin = { code: 'invalid-checkpoint', file: fileName, what: 'checkpoint' } as const;
  const { step, looked, settings, best } = checkJson(HEAD, json, origin);
  const projector = readProjector(bytes, fileName);
  const layout = parameterLayout(
    shapeOf({ ...projector, residual: projector.weights.skipWeight.length > 0 }),
  );
  const size = layout.at(-1)!.to;
  const take = (name: string): Float32Array => {
    const data = tensors.get(name)?.data;
    if (data?.length === size) return data;
    return refuse(`tensor ${name} has ${data?.length ?? 0} numbers, expected ${size}`);
  };
  const state: TrainingState = {
    ...{ step, looked, parameters: take(STATE.parameters) },
    ...{ mean: take(STATE.mean), square: take(STATE.square) },
    best: best && { ...best, parameters: flatten(projector.weights, layout) },
  };
  return { projector, state, settings };
}

/**
 * The state to go on from.
 * @throws E2PError `invalid-checkpoint` naming the first setting, or field of the contract, that is not what it was
 */
export function resumeCheckpoint(
  file: { readonly bytes: Uint8Array; readonly name: string },
  now: { readonly contract: ProjectorContract; readonly settings: Fingerprint },
): TrainingState {
  const { projector, state, settings } = readCheckpoint(file.bytes, file.name);
  const other =
    difference(settings, now.settings, '') ??
    difference(beforeTraining(projector.contract), beforeTraining(now.contract), 'contract field ');
  if (other === undefined) return state;
  const { field, was, is } = other;
  throw new E2PError(
    'invalid-checkpoint',
    `${file.name}: it was made with ${field} = ${was}, found ${is}; begin anew without resuming, or go back to what it was`,
  );
}

/** Without what only training tells. */
function beforeTraining({ training = {}, ...contract }: ProjectorContract): unknown {
  const { steps, heldOutLoss, bestStep, ...planned } = training as Partial<Outcome> & typeof training;
  return { ...contract, training: planned };
}

interface Difference {
  readonly field: string;
  readonly was: string;
  readonly is: string;
}

/** The first, whatever the order of fields. */
function difference(was: unknown, is: unknown, field: string): Difference | undefined {
  if (!isObject(was) || !isObject(is)) {
    return isSame(was, is) ? undefined : { field, was: short(was), is: short(is) };
  }
  const inside = field === '' || field.endsWith(' ') ? field : `${field}.`;
  for (const name of Object.keys({ ...is, ...was })) {
    const found = difference(was[name], is[name], inside + name);
    if (found) return found;
  }
  return undefined;
}

const isObject = (value: unknown): value is Readonly<Record<string, unknown>> =>
  typeof value === 'object' && value !== null;

/** Another device may round another way. */
const ROUNDING = 1e-6;

function isSame(a: unknown, b: unknown): boolean {
  if (typeof a !== 'number' || typeof b !== 'number' || (Number.isInteger(a) && Number.isInteger(b)))
    return a === b;
  return Math.abs(a - b) <= ROUNDING * Math.max(Math.abs(a), Math.abs(b));
}

const short = (value: unknown): string =>
  typeof value === 'string' ? value.slice(0, 60) : (JSON.stringify(value)?.slice(0, 60) ?? 'nothing');
