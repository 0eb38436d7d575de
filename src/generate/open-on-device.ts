/**
 * How a model is opened on a device. On a GPU whose buffers we can have, its cache grows in place, and the steps of an answer are recorded and
 * repeated, where structure allows it and a trial shows it right: what is repeated wrongly gives no error, only other tokens.
 */
import { E2PError } from '../error.ts';
import type { BaseModel } from '../model/base-model.ts';
import { modelId } from '../model/model-id.ts';
import { type Findings, findingKey, testedOnce } from '../runtime/findings.ts';
import type { Highest } from '../runtime/gpu-highest.ts';
import type { GpuMemory } from '../runtime/gpu-memory.ts';
import type { Runtime, RuntimeSession } from '../runtime/runtime.ts';
import { GpuSteps } from './gpu-steps.ts';
import { GpuStores } from './gpu-store.ts';
import { stepInputs } from './step-inputs.ts';

export interface InPlace {
  readonly stores: GpuStores;
  readonly steps: GpuSteps;
}

export interface OpenedOnDevice {
  readonly session: RuntimeSession;
  /** Undefined where each run gives new tensors. */
  readonly inPlace: InPlace | undefined;
  /** What is made use of and what not, with the reason; for people. */
  readonly note: string | undefined;
}

/** What a trial has found, as a finding: neither says that the device computes wrongly. */
const [RIGHT, WRONG] = [1, 2];

/** @param findings of earlier trials; absent: it is tried anew */
export async function openOnDevice(
  model: BaseModel,
  runtime: Runtime,
  exact: boolean,
  findings?: Findings,
): Promise<OpenedOnDevice> {
  const { gpu } = runtime;
  if (gpu === undefined || model.inPlace.cache !== undefined) {
    const note = gpu && `the KV cache is copied at every token (${model.inPlace.cache})`;
    return { session: await model.createSession(runtime, exact), inPlace: undefined, note };
  }
  const open = async (captures: boolean) => {
    const session = await model.createSession(runtime, exact, captures);
    const stores = new GpuStores(runtime, gpu, model.facts.cache, model.config);
    return { session, inPlace: { stores, steps: new GpuSteps(model, runtime, gpu, session, captures) } };
  };
  const obstacle = model.inPlace.capture ?? (await tryCapture());
  if (typeof obstacle !== 'string') return obstacle;
  return { ...(await open(false)), note: `steps are not repeated as recorded (${obstacle})` };

  /** The session, or why there is none. */
  async function tryCapture(): Promise<OpenedOnDevice | string> {
    const key = runtime.identity && findingKey(runtime.identity, 'capture', modelId(model));
    let fault = 'a trial on this device has found them wrong';
    if (key !== undefined && findings?.known[key] === WRONG) return fault;
    let opened: Awaited<ReturnType<typeof open>> | undefined;
    try {
      opened = await open(true);
      const { inPlace } = opened;
      const tried = await testedOnce(findings, key, async () => {
        const found = await captureFault(model, inPlace, gpu!);
        fault = found ?? fault;
        return found === undefined ? RIGHT : WRONG;
      });
      if (tried === RIGHT) return { ...opened, note: 'steps are repeated as recorded' };
      await close(opened);
      return fault;
    } catch (error) {
      if (runtime.lost) throw error;
      if (opened !== undefined) await close(opened);
      return error instanceof E2PError ? error.message : String(error);
    }
  }

  async function close({ session, inPlace: { steps, stores } }: Awaited<ReturnType<typeof open>>) {
    steps.release();
    stores.release();
    await session.release();
  }
}

/** Of the largest logit, how far a repeated step may be from the same step that is not. */
const TOLERANCE = 1e-3;
/** Positions of the trial, behind zeros: the first is recorded, the other is far behind it, where attention takes more work. */
const [NEAR, FAR] = [3, 100];

/**
 * What is wrong with steps that are repeated; undefined: nothing. A token is recorded, another is repeated at another length, and must be what it
 * is when it is not repeated, without anything bound anew.
 */
async function captureFault(
  model: BaseModel,
  { stores, steps }: InPlace,
  gpu: GpuMemory,
): Promise<string | undefined> {
  const { vocabularySize, head } = model.facts;
  const among = Math.min(vocabularySize, head.columns);
  const far = Math.min(FAR, model.config.contextLength - 1);
  const store = stores.empty(1).placed(0, far + 1, 0);
  const [first, second] = [1 % among, 2 % among];
  const step = async (id: number, length: number, repeats: boolean): Promise<Float32Array> => {
    const cache = { length, padding: [0] };
    const { inputs } = stepInputs(model, cache, { rows: [{ ids: [id] }], from: 0, to: 1, wanted: [0] });
    const logits: Float32Array | Highest = await steps.run(store, inputs, 1, { among, few: false }, repeats);
    return logits as Float32Array;
  };
  try {
    await step(first, Math.min(NEAR, far), true);
    let repeated = new Float32Array();
    let expected = new Float32Array();
    const bound = await gpu.countBindings(async () => {
      repeated = new Float32Array(await step(second, far, true));
    });
    const usual = await gpu.countBindings(async () => {
      expected = new Float32Array(await step(second, far, false));
    });
    if (bound > 0 || usual === 0) return `a repeated step bound ${bound} groups of buffers, expected none`;
    const scale = expected.reduce((most, v) => Math.max(most, Math.abs(v)), 0);
    const apart = expected.reduce((most, v, i) => Math.max(most, Math.abs(v - repeated[i]!)), 0);
    if (apart <= TOLERANCE * scale) return undefined;
    return `a repeated step has other logits, ${apart.toPrecision(2)} apart where the largest is ${scale.toPrecision(2)}`;
  } finally {
    store.letGo(far + 1);
  }
}
