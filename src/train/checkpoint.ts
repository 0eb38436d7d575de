/**
 * A training state as a file: safetensors, with the step and a fingerprint of everything that the result depends on. A checkpoint
 * of other data or other settings is refused, naming what differs: going on from it would end somewhere else.
 */
import { E2PError } from '../error.ts';
import { type NamedTensor, readSafetensors, writeSafetensors } from '../projector/safetensors.ts';
import type { TrainingState } from './train-projector.ts';

/** What the result depends on, by name. */
export type Fingerprint = Readonly<Record<string, string | number>>;

const VERSION = 1;

export function writeCheckpoint(state: TrainingState, fingerprint: Fingerprint): Uint8Array {
  const { step, parameters, mean, square, best, looked } = state;
  const tensors = new Map<string, NamedTensor>();
  const add = (name: string, data: Float32Array) => tensors.set(name, { shape: [data.length], data });
  add('parameters', parameters);
  add('adamw.mean', mean);
  add('adamw.square', square);
  if (best) add('best', best.parameters);
  const head = { version: VERSION, step, looked, fingerprint };
  const e2p = JSON.stringify({ ...head, ...(best && { best: { step: best.step, loss: best.loss } }) });
  return writeSafetensors({ tensors, metadata: { e2p } });
}

/** @throws E2PError `invalid-checkpoint` */
export function readCheckpoint(bytes: Uint8Array, fileName: string, fingerprint: Fingerprint): TrainingState {
  const refuse = (why: string, cause?: unknown): never => {
    throw new E2PError('invalid-checkpoint', `${fileName}: ${why}`, { cause });
  };
  const { tensors, metadata } = readSafetensors(bytes, fileName);
  let head: {
    readonly version?: unknown;
    readonly step?: unknown;
    readonly looked?: unknown;
    readonly fingerprint?: Fingerprint;
    readonly best?: { readonly step: number; readonly loss: number };
  } = {};
  try {
    head = JSON.parse(metadata.e2p ?? '{}');
  } catch (cause) {
    refuse('its metadata are not JSON', cause);
  }
  if (head.version !== VERSION || typeof head.step !== 'number' || typeof head.looked !== 'number') {
    refuse('it is no checkpoint of this version of e2p-web');
  }
  const found = head.fingerprint ?? {};
  const other = Object.keys(fingerprint).find((name) => fingerprint[name] !== found[name]);
  if (other !== undefined) {
    refuse(
      `it was made with ${other} = ${found[other] ?? 'nothing'}, found ${fingerprint[other]}; begin anew without resuming, or go back to what it was`,
    );
  }
  const parameters = tensors.get('parameters')?.data ?? refuse('tensor parameters is missing');
  const take = (name: string): Float32Array => {
    const data = tensors.get(name)?.data;
    if (data?.length === parameters.length) return data;
    return refuse(`tensor ${name} has ${data?.length ?? 0} numbers, expected ${parameters.length}`);
  };
  return {
    ...{ step: head.step as number, looked: head.looked as number, parameters },
    ...{ mean: take('adamw.mean'), square: take('adamw.square') },
    best: head.best && { ...head.best, parameters: take('best') },
  };
}
