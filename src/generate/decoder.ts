/**
 * The forward pass: tokens in, logits of the last position and a longer KV cache out. Long inputs are read in
 * chunks that the device is known to compute rightly. If a run fails or is aborted, the given cache is still
 * whole, so the caller can go on as if nothing had happened.
 */
import { E2PError, throwIfAborted } from '../error.ts';
import type { BaseModel } from '../model/base-model.ts';
import { yieldToEvents } from '../runtime/event-loop.ts';
import type { Findings } from '../runtime/findings.ts';
import { HIGHEST, type Highest } from '../runtime/gpu-highest.ts';
import type { Runtime, RuntimeSession } from '../runtime/runtime.ts';
import { batchObstacle, padded, paddingSide } from './batch-rows.ts';
import { ChunkSize, roundsActivations } from './chunk-size.ts';
import { asFloats } from './gpu-steps.ts';
import { GpuStore } from './gpu-store.ts';
import { emptyCache, KvCache, WholeStore } from './kv-cache.ts';
import { type InPlace, type OpenedOnDevice, openOnDevice } from './open-on-device.ts';
import { RowStore } from './row-store.ts';
import { logProbability } from './sampling.ts';
import { SpareArrays } from './spare-arrays.ts';
import { type Step, stepInputs, wantedAmid } from './step-inputs.ts';

/** A piece of a sequence: ids, and the soft tokens that stand in place of some of them. */
export interface TokenRun {
  readonly ids: readonly number[];
  /** Index in `ids` → vector [H]. The id there is a placeholder and is not read. */
  readonly soft?: ReadonlyMap<number, Float32Array> | undefined;
}

export interface ReadResult {
  /** Owned by the caller. */
  readonly cache: KvCache;
  /** [V], of the last position. */
  readonly logits: Float32Array;
}

export interface BatchResult {
  /** Owned by the caller. */
  readonly cache: KvCache;
  /** [V] for each row, of its last token. */
  readonly logits: readonly Float32Array[];
}

export interface ReadTokensOptions {
  readonly signal?: AbortSignal | undefined;
  /** Tokens read of all to read, after each chunk. */
  readonly onProgress?: ((done: number, all: number) => void) | undefined;
  /** What was read before a failure, and nobody else held, was overwritten. */
  readonly onWipe?: (() => void) | undefined;
}

export interface ScoreOptions {
  /** What was read of the run's beginning; default: nothing. */
  readonly read?: KvCache | undefined;
  readonly signal?: AbortSignal | undefined;
}

export class Decoder {
  readonly model: BaseModel;
  readonly runtime: Runtime;
  /** The device, and what of it the model makes use of, in a sentence for people. */
  readonly reason: string;
  readonly #session: RuntimeSession;
  #readsAhead: boolean | undefined;
  readonly #inPlace: InPlace | undefined;
  readonly #chunk: ChunkSize;
  readonly #spare = new SpareArrays();

  private constructor(model: BaseModel, runtime: Runtime, opened: OpenedOnDevice) {
    this.model = model;
    this.runtime = runtime;
    this.#session = opened.session;
    this.#inPlace = opened.inPlace;
    this.reason = [runtime.reason, ...(opened.note === undefined ? [] : [opened.note])].join('; ');
    this.#chunk = new ChunkSize(model, runtime);
  }

  /**
   * @param exact as of {@link BaseModel.createSession}
   * @param findings of earlier trials of the device
   */
  static async create(
    model: BaseModel,
    runtime: Runtime,
    exact = false,
    findings?: Findings,
  ): Promise<Decoder> {
    return new Decoder(model, runtime, await openOnDevice(model, runtime, exact, findings));
  }

  /** Of a row for each number of `padding`. */
  emptyCache(padding: readonly number[] = [0]): KvCache {
    const { runtime, model } = this;
    const heads = model.config.attention;
    const inPlace = this.#inPlace?.stores.empty(padding.length);
    if (inPlace !== undefined) return new KvCache(0, inPlace, padding);
    const cache = model.newRows(runtime)?.cache;
    if (cache === undefined) return emptyCache(runtime, model.facts.cache, heads, padding);
    return new KvCache(0, RowStore.empty(runtime, cache, heads, padding.length, this.#spare), padding);
  }

  /**
   * Reads `run` after what `cache` holds. The given cache stays the caller's; what a run that fails had read is overwritten.
   * @throws E2PError `context-overflow`, `runtime-failed`, `device-lost`; the signal's reason on abort.
   */
  read(cache: KvCache, run: TokenRun, options: ReadTokensOptions = {}): Promise<ReadResult> {
    return this.#read(cache, run, options, false) as Promise<ReadResult>;
  }

  /** As {@link read}, where the highest logits tell enough: those alone, where the device can tell them from the others. */
  readFew(
    cache: KvCache,
    run: TokenRun,
    options: ReadTokensOptions = {},
  ): Promise<Omit<ReadResult, 'logits'> & { readonly logits: Float32Array | Highest }> {
    return this.#read(cache, run, options, this.#selects);
  }

  async #read(cache: KvCache, run: TokenRun, options: ReadTokensOptions, few: boolean) {
    const all = run.ids.length;
    if (all === 0) throw new E2PError('invalid-argument', 'no tokens to read, expected at least one');
    this.#checkFits(cache.length + all);
    let current = cache.retain();
    try {
      for (let from = 0; ; ) {
        if (options.signal !== undefined) await yieldToEvents();
        throwIfAborted(options.signal);
        const to = Math.min(all, from + this.#chunk.next(current.length));
        const started = performance.now();
        const wanted = to === all ? [to - 1] : wantedAmid(this.model, this.runtime, to);
        const step = { rows: [run], from, to, wanted };
        // Of what is not the end, little: that it was read must be known, so that an abort is heard between the pieces.
        const result = await this.#step(current, step, {
          room: all - from,
          few: few || (to < all && this.#selects),
        });
        this.#chunk.note(to - from, performance.now() - started, current.length + (to - from) / 2);
        current.release();
        current = result.cache;
        options.onProgress?.(to, all);
        if (to === all) {
          const { logits } = result;
          return { cache: current, logits: 'ids' in logits ? logits : this.#row(logits, 0) };
        }
        from = to;
      }
    } catch (error) {
      if (current.wipe()) options.onWipe?.();
      throw error;
    }
  }

  /** Reads a short run at once, behind `cache` or from the start: logits [run.ids.length, head columns]. The caches are the caller's. */
  readAll(run: TokenRun, cache: KvCache = this.emptyCache()): Promise<ReadResult> {
    return this.#step(cache, { rows: [run], from: 0, to: run.ids.length, wanted: [...run.ids.keys()] });
  }

  /**
   * Whether several tokens can be read at once as if they were read one by one, and cut off again: not where activations are rounded, in one token
   * otherwise than in several, and not where a cut is a copy.
   */
  get readsAhead(): boolean {
    this.#readsAhead ??=
      this.model.newRows(this.runtime) !== undefined && !roundsActivations(this.model, this.runtime);
    return this.#readsAhead;
  }

  /** As {@link readAll}: logits [V] behind each token. */
  async readRows(cache: KvCache, run: TokenRun): Promise<{ cache: KvCache; rows: readonly Float32Array[] }> {
    this.#checkFits(cache.length + run.ids.length);
    const read = await this.readAll(run, cache);
    return { cache: read.cache, rows: run.ids.map((_, i) => this.#row(read.logits, i)) };
  }

  /**
   * Natural log-probability of each token from index `from` (at least 1) on, given all before it. The beginning of the run that
   * `read` holds is not read again: at most `from` − 1 tokens, since the last before `from` predicts. It stays the caller's.
   * @throws as {@link read}; `invalid-argument` for a cache that holds more
   */
  async score(run: TokenRun, from: number, { read, signal }: ScoreOptions = {}): Promise<Float64Array> {
    const begun = read?.length ?? 0;
    if (begun >= from) {
      throw new E2PError('invalid-argument', `${begun} tokens were read, expected fewer than ${from}`);
    }
    this.#checkFits(run.ids.length);
    const scores = new Float64Array(run.ids.length - from);
    const vocabulary = this.model.facts.head.columns;
    if (run.ids.slice(from).some((id) => id >= vocabulary)) {
      throw new E2PError(
        'invalid-argument',
        `a token to score has no logit, expected ids below ${vocabulary}, the columns of the LM head`,
      );
    }
    let cache = read?.retain() ?? this.emptyCache();
    try {
      for (let start = begun; start < run.ids.length - 1; ) {
        throwIfAborted(signal);
        const to = Math.min(run.ids.length - 1, start + this.#chunk.next(cache.length));
        // The row at a position predicts the token behind it.
        const first = Math.max(start, from - 1);
        const scored = Array.from({ length: Math.max(0, to - first) }, (_, i) => first + i);
        const wanted = scored.length > 0 ? scored : wantedAmid(this.model, this.runtime, to);
        const step = { rows: [run], from: start, to, wanted };
        const result = await this.#step(cache, step, { room: run.ids.length - start });
        cache.release();
        cache = result.cache;
        for (const [row, at] of scored.entries()) {
          const logits = result.logits.subarray(row * vocabulary, (row + 1) * vocabulary);
          scores[at + 1 - from] = logProbability(logits, run.ids[at + 1]!);
        }
        start = to;
      }
    } finally {
      cache.release();
    }
    return scores;
  }

  /**
   * Reads several sequences at once, each with soft tokens of its own.
   * @throws as {@link read}; `invalid-argument` for rows of different lengths where the model takes no padding.
   */
  async readBatch(runs: readonly TokenRun[], options: ReadTokensOptions = {}): Promise<BatchResult> {
    const lengths = runs.map((run) => run.ids.length);
    const width = Math.max(...lengths);
    if (lengths.includes(0)) {
      throw new E2PError('invalid-argument', 'a row has no tokens to read, expected at least one in each');
    }
    const obstacle = batchObstacle(this.model, this.runtime, lengths);
    if (obstacle !== undefined) throw new E2PError('invalid-argument', obstacle);
    this.#checkFits(width);
    const padding = lengths.map((length) => width - length);
    const isLeft = paddingSide(this.model) === 'left';
    const rows = runs.map((run, i) => padded(run, isLeft ? padding[i]! : 0, width));
    let cache = this.emptyCache(padding);
    try {
      for (let from = 0; ; ) {
        throwIfAborted(options.signal);
        // GroupQueryAttention reads several rows at once in one run only, and a piece that is all padding in some row is better not read alone.
        const isCut = isLeft && padding.every((pads) => pads === 0);
        const size = isCut ? this.#chunk.next(from, rows.length) : this.runtime.prefillChunk;
        const to = Math.min(width, from + size);
        const last = runs.map((run) => (isLeft ? width : run.ids.length) - 1);
        const ends = [...new Set(last)].sort((a, b) => a - b);
        const wanted = to === width ? ends : wantedAmid(this.model, this.runtime, to);
        const started = performance.now();
        const result = await this.#step(cache, { rows, from, to, wanted }, { room: width - from });
        this.#chunk.note((to - from) * rows.length, performance.now() - started, (from + to) / 2);
        cache.release();
        cache = result.cache;
        options.onProgress?.(to, width);
        if (to === width) {
          const found = cache.retain();
          const row = (i: number) => this.#row(result.logits, i * wanted.length + wanted.indexOf(last[i]!));
          return { cache: found, logits: runs.map((_, i) => row(i)) };
        }
        from = to;
      }
    } finally {
      cache.release();
    }
  }

  /** One more token in each row of a batch. The given cache stays the caller's. */
  async readNext(cache: KvCache, ids: readonly number[]): Promise<BatchResult> {
    const rows = cache.padding.length;
    if (ids.length !== rows) {
      throw new E2PError(
        'invalid-argument',
        `${ids.length} tokens for a batch of ${rows} rows, expected one each`,
      );
    }
    this.#checkFits(cache.length + 1);
    const next = ids.map((id) => ({ ids: [id] }));
    const result = await this.#step(cache, { rows: next, from: 0, to: 1, wanted: [0] });
    return { cache: result.cache, logits: ids.map((_, i) => this.#row(result.logits, i)) };
  }

  #row(logits: Float32Array, at: number): Float32Array {
    const start = at * this.model.facts.head.columns;
    return logits.subarray(start, start + this.#known);
  }

  /** A token without an embedding could not be read again. */
  get #known(): number {
    const { vocabularySize, head } = this.model.facts;
    return Math.min(head.columns, vocabularySize);
  }

  get #selects(): boolean {
    return this.runtime.gpu?.selects === true && this.#known > HIGHEST;
  }

  #checkFits(total: number): void {
    const { contextLength } = this.model.config;
    if (total <= contextLength) return;
    throw new E2PError(
      'context-overflow',
      `${total} tokens do not fit the context of ${contextLength} tokens`,
    );
  }

  /**
   * Reads columns [from, to) of every row (all of one length) and gives the logits [rows, wanted.length, V] of the wanted columns among them.
   * @param room tokens that are read from here on, these included
   * @param few whether the highest logits of a single column are enough
   */
  async #step<Few extends boolean = false>(
    cache: KvCache,
    step: Step,
    { room = 0, few }: { readonly room?: number; readonly few?: Few } = {},
  ): Promise<{
    readonly cache: KvCache;
    readonly logits: Few extends true ? Float32Array | Highest : Float32Array;
  }> {
    const { facts } = this.model;
    const { inputs, at } = stepInputs(this.model, cache, step, this.model.newRows(this.runtime)?.positions);
    const total = cache.length + at.count;
    if (cache.store instanceof GpuStore) {
      const store = cache.store.placed(cache.length, at.count, room);
      try {
        const among = few === true ? this.#known : facts.head.columns;
        const columns = step.rows.length * step.wanted.length;
        const logits = await this.#inPlace!.steps.run(store, inputs, columns, { among, few: few === true });
        return { cache: new KvCache(total, store, cache.padding), logits: logits as Float32Array };
      } finally {
        store.letGo(total);
      }
    }
    const { feeds } = cache;
    for (const [name, { type, values, dims }] of inputs) {
      feeds[name] = this.runtime.tensor(type, values, dims);
    }
    const outputs = await this.#session.run(feeds);
    const present = () => new Map(facts.cache.map((pair) => [pair.past, outputs[pair.present]!]));
    const store =
      cache.store instanceof RowStore
        ? cache.store.appended(cache.length, outputs, at)
        : new WholeStore(this.runtime, facts.cache, present(), total);
    return { cache: new KvCache(total, store, cache.padding), logits: asFloats(outputs[facts.head.logits]!) };
  }

  async release(): Promise<void> {
    this.#inPlace?.stores.release();
    this.#inPlace?.steps.release();
    await this.#session.release();
  }
}
