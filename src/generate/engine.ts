/**
 * A base model on a device. If the GPU goes away, the same model is brought up again on the CPU; what a session
 * had read is then read again, since its cache went with the device.
 */
import type { BaseModel } from '../model/base-model.ts';
import type { Runtime } from '../runtime/runtime.ts';
import { Decoder } from './decoder.ts';
import { needsCheck, selfCheck } from './self-check.ts';

export interface EngineOptions {
  readonly model: BaseModel;
  readonly runtime: Runtime;
  /** Makes the runtime to go on with after a device was lost; absent where there is none (Node). */
  readonly fallback?: ((reason: string) => Promise<Runtime>) | undefined;
  readonly signal?: AbortSignal | undefined;
}

export class Engine {
  readonly model: BaseModel;
  /** What a self-check found strange. */
  readonly warning: string | undefined;
  readonly #fallback: EngineOptions['fallback'];
  #decoder: Decoder;
  #recovery: Promise<void> | undefined;
  #holders = 1;

  private constructor(options: EngineOptions, decoder: Decoder, warning: string | undefined) {
    this.model = options.model;
    this.warning = warning;
    this.#fallback = options.fallback;
    this.#decoder = decoder;
  }

  /** @throws E2PError as {@link selfCheck} for a graph that structure alone can't judge */
  static async create(options: EngineOptions): Promise<Engine> {
    const decoder = await Decoder.create(options.model, options.runtime);
    try {
      return new Engine(
        options,
        decoder,
        needsCheck(options.model) ? await selfCheck(decoder, options.signal) : undefined,
      );
    } catch (error) {
      await decoder.release();
      throw error;
    }
  }

  /** The current decoder; another one after a recovery. */
  get decoder(): Decoder {
    return this.#decoder;
  }

  /** Brings the model up on the fallback. False if there is none. Callers that come together share one recovery. */
  async recover(): Promise<boolean> {
    const fallback = this.#fallback;
    if (fallback === undefined) return false;
    if (this.#decoder.runtime.lost) {
      this.#recovery ??= (async () => {
        const runtime = await fallback('the GPU device was lost, so the CPU goes on');
        this.#decoder = await Decoder.create(this.model, runtime);
      })().finally(() => {
        this.#recovery = undefined;
      });
      await this.#recovery;
    }
    return true;
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
}
