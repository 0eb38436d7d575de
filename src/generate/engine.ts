/**
 * A base model on a device. If the GPU goes away or computes no numbers, the model is brought up again, once, on the CPU or in another
 * precision; what a session had read is then read again.
 */
import { E2PError, type E2PErrorCode } from '../error.ts';
import type { BaseModel } from '../model/base-model.ts';
import { modelId } from '../model/model-id.ts';
import { type Findings, findingKey, testedOnce } from '../runtime/findings.ts';
import type { Runtime } from '../runtime/runtime.ts';
import { asFinding } from '../runtime/thread-count.ts';
import { Decoder } from './decoder.ts';
import { checkDevice, needsCheck, selfCheck } from './self-check.ts';
import { tokenTime } from './token-time.ts';

export interface EngineOptions {
  readonly model: BaseModel;
  readonly runtime: Runtime;
  /** Makes the runtime to go on with where a device fails; absent where there is none (Node). */
  readonly fallback?: ((reason: string) => Promise<Runtime>) | undefined;
  /** The same model in a precision that overflows less, for the same runtime; undefined where there is none. */
  readonly saferModel?: (() => Promise<BaseModel | undefined>) | undefined;
  /** What was found of the GPU before. */
  readonly findings?: Findings | undefined;
  readonly signal?: AbortSignal | undefined;
}

type Ways = Pick<EngineOptions, 'fallback' | 'saferModel'>;

export class Engine {
  /** What a self-check found strange. */
  readonly warning: string | undefined;
  /** Each is taken once, but for a device that is lost: what goes on can be lost as well. */
  #ways: Ways;
  #decoder: Decoder;
  #recovery: Promise<void> | undefined;
  #holders = 1;

  private constructor(decoder: Decoder, ways: Ways, warning: string | undefined) {
    this.warning = warning;
    this.#ways = ways;
    this.#decoder = decoder;
  }

  /** @throws E2PError as {@link selfCheck} for a graph that structure alone can't judge */
  static async create({ fallback, saferModel, ...how }: EngineOptions): Promise<Engine> {
    try {
      return await Engine.#start(how, { fallback, saferModel });
    } catch (error) {
      if (!isDeviceFault(error) || fallback === undefined) throw error;
      const why = `${found(error, how.model, how.runtime)}, so the CPU goes on`;
      return Engine.#start({ ...how, runtime: await fallback(why) }, {});
    }
  }

  static async #start({ model, runtime, findings, signal }: EngineOptions, ways: Ways): Promise<Engine> {
    const decoder = await Decoder.create(model, runtime, false, findings);
    try {
      const warning = needsCheck(model) ? await selfCheck(decoder, signal) : undefined;
      await testModel(decoder, findings, signal);
      const { timeKey } = runtime;
      if (timeKey !== undefined) findings?.onFound(timeKey, asFinding(await tokenTime(decoder, signal)));
      return new Engine(decoder, ways, warning);
    } catch (error) {
      await decoder.release();
      throw error;
    }
  }

  /** The current one; in another precision after a recovery, perhaps. */
  get model(): BaseModel {
    return this.#decoder.model;
  }

  /** The current decoder; another one after a recovery. */
  get decoder(): Decoder {
    return this.#decoder;
  }

  /**
   * Brings the model up elsewhere, where `error` says that the device of `from` failed. Callers that come together share one recovery.
   * @throws `error`, with its likely cause, where it is of another kind or there is no other way
   */
  async recover(from: Decoder, error: unknown): Promise<void> {
    // What runs on a decoder that was given up may fail in any way.
    if (from !== this.#decoder && error instanceof E2PError) return;
    if (!isDeviceFault(error)) throw error;
    this.#recovery ??= this.#goOn(error).finally(() => {
      this.#recovery = undefined;
    });
    await this.#recovery;
    if (from === this.#decoder) throw withLikelyCause(error, from);
  }

  /** One more holds it. */
  retain(): this {
    this.#holders++;
    return this;
  }

  /** Frees the model when the last holder lets go. */
  async release(): Promise<void> {
    if (--this.#holders === 0) await this.#decoder.release();
  }

  async #goOn(error: E2PError): Promise<void> {
    const { fallback, saferModel } = this.#ways;
    const { model, runtime } = this.#decoder;
    this.#ways = error.code === 'device-lost' ? { fallback } : {};
    const safer = error.code === 'backend-faulty' ? await saferModel?.() : undefined;
    const why = found(error, model, runtime);
    const next = safer
      ? await Decoder.create(safer, { ...runtime, lost: false, reason: `${why}; so ${safer.dtype} goes on` })
      : fallback && (await Decoder.create(model, await fallback(`${why}, so the CPU goes on`)));
    if (next === undefined) return;
    const before = this.#decoder;
    this.#decoder = next;
    // A session on a device that is gone went with it.
    if (error.code !== 'device-lost') await before.release();
  }
}

/** On a GPU, once for that and this file of the model. */
async function testModel(
  decoder: Decoder,
  findings: Findings | undefined,
  signal: AbortSignal | undefined,
): Promise<void> {
  const { model, runtime } = decoder;
  if (runtime.backend !== 'webgpu') return;
  const key = runtime.identity && findingKey(runtime.identity, 'model', modelId(model));
  await testedOnce(findings, key, async () => {
    await checkDevice(decoder, signal);
    return 1;
  });
}

const FAULTS: readonly E2PErrorCode[] = ['device-lost', 'backend-faulty', 'out-of-memory'];

/** Another device may do what this one could not. */
export const isDeviceFault = (error: unknown): error is E2PError =>
  error instanceof E2PError && FAULTS.includes(error.code);

const found = ({ code, message }: E2PError, { dtype }: BaseModel, { device }: Runtime): string =>
  code === 'device-lost' ? 'the GPU device was lost' : `${dtype} on ${device}: ${message}`;

/** Of numbers that are none. */
function withLikelyCause(error: E2PError, { model, runtime }: Decoder): E2PError {
  if (error.code !== 'backend-faulty') return error;
  const likely =
    model.facts.activationType === 'float16'
      ? 'a value beyond 65504, the largest of float16; expected another precision, as q4 or fp32'
      : runtime.backend === 'webgpu'
        ? "a GPU or a driver that computes wrongly; expected device 'wasm'"
        : 'a weight that is no finite number, or a value beyond float32; expected another file of the model';
  const message = `${model.name}, ${model.dtype} on ${runtime.device}: ${error.message}; likely ${likely}`;
  return new E2PError('backend-faulty', message, { cause: error });
}
