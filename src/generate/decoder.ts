/**
 * The forward pass: tokens in, logits of the last position and a longer KV cache out. Long inputs are read in
 * chunks that the device is known to compute rightly. If a run fails or is aborted, the given cache is still
 * whole, so the caller can go on as if nothing had happened.
 */
import { E2PError, throwIfAborted } from '../error.ts';
import type { BaseModel } from '../model/base-model.ts';
import { fromFloat16, toFloat16 } from '../onnx/float16.ts';
import type { IntegerInput } from '../onnx/inspect/inspect-graph.ts';
import { intAttribute } from '../onnx/onnx-model.ts';
import { yieldToEvents } from '../runtime/event-loop.ts';
import type { Feeds, Runtime, RuntimeSession, Tensor } from '../runtime/runtime.ts';
import { batchObstacle, padded, paddingSide } from './batch-rows.ts';
import { emptyCache, KvCache, WholeStore } from './kv-cache.ts';
import { RowStore } from './row-store.ts';
import { noNumber } from './sampling.ts';

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
  readonly #session: RuntimeSession;
  #readsAhead: boolean | undefined;

  private constructor(model: BaseModel, runtime: Runtime, session: RuntimeSession) {
    this.model = model;
    this.runtime = runtime;
    this.#session = session;
  }

  /** @param exact as of {@link BaseModel.createSession} */
  static async create(model: BaseModel, runtime: Runtime, exact = false): Promise<Decoder> {
    return new Decoder(model, runtime, await model.createSession(runtime, exact));
  }

  /** Of a row for each number of `padding`. */
  emptyCache(padding: readonly number[] = [0]): KvCache {
    const { runtime, model } = this;
    const heads = model.config.attention;
    const rows = model.newRows(runtime);
    if (rows === undefined) return emptyCache(runtime, model.facts.cache, heads, padding);
    return new KvCache(0, RowStore.empty(runtime, rows.cache, heads, padding.length), padding);
  }

  /**
   * Reads `run` after what `cache` holds. The given cache stays the caller's; what a run that fails had read is overwritten.
   * @throws E2PError `context-overflow`, `runtime-failed`, `device-lost`; the signal's reason on abort.
   */
  async read(cache: KvCache, run: TokenRun, options: ReadTokensOptions = {}): Promise<ReadResult> {
    const all = run.ids.length;
    if (all === 0) throw new E2PError('invalid-argument', 'no tokens to read, expected at least one');
    this.#checkFits(cache.length + all);
    let current = cache.retain();
    try {
      for (let from = 0; ; ) {
        if (options.signal !== undefined) await yieldToEvents();
        throwIfAborted(options.signal);
        const to = Math.min(all, from + this.runtime.prefillChunk);
        const result = await this.#step(current, [run], from, to, [to - 1]);
        current.release();
        current = result.cache;
        options.onProgress?.(to, all);
        if (to === all) return { cache: result.cache, logits: this.#row(result.logits, 0) };
        from = to;
      }
    } catch (error) {
      if (current.wipe()) options.onWipe?.();
      throw error;
    }
  }

  /** Reads a short run at once, behind `cache` or from the start: logits [run.ids.length, head columns]. The caches are the caller's. */
  readAll(run: TokenRun, cache: KvCache = this.emptyCache()): Promise<ReadResult> {
    return this.#step(cache, [run], 0, run.ids.length, [...run.ids.keys()]);
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
        const to = Math.min(run.ids.length - 1, start + this.runtime.prefillChunk);
        // The row at a position predicts the token behind it.
        const first = Math.max(start, from - 1);
        const wanted = Array.from({ length: Math.max(0, to - first) }, (_, i) => first + i);
        const result = await this.#step(cache, [run], start, to, wanted.length > 0 ? wanted : [to - 1]);
        cache.release();
        cache = result.cache;
        for (const [row, at] of wanted.entries()) {
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
    const { prefillChunk } = this.runtime;
    const rows = runs.map((run, i) => padded(run, isLeft ? padding[i]! : 0, width));
    let cache = this.emptyCache(padding);
    try {
      for (let from = 0; ; ) {
        throwIfAborted(options.signal);
        const to = Math.min(width, from + prefillChunk);
        const last = runs.map((run) => (isLeft ? width : run.ids.length) - 1);
        const wanted = to === width ? [...new Set(last)].sort((a, b) => a - b) : [to - 1];
        const result = await this.#step(cache, rows, from, to, wanted);
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
    const result = await this.#step(
      cache,
      ids.map((id) => ({ ids: [id] })),
      0,
      1,
      [0],
    );
    return { cache: result.cache, logits: ids.map((_, i) => this.#row(result.logits, i)) };
  }

  #row(logits: Float32Array, at: number): Float32Array {
    const { vocabularySize, head } = this.model.facts;
    const start = at * head.columns;
    // A token without an embedding could not be read again.
    return logits.slice(start, start + Math.min(head.columns, vocabularySize));
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
   * Reads columns [from, to) of every row (all of one length) and gives the logits [rows, wanted.length, V] of the
   * wanted columns among them.
   */
  async #step(
    cache: KvCache,
    rows: readonly TokenRun[],
    from: number,
    to: number,
    wanted: readonly number[],
  ): Promise<ReadResult> {
    const { facts, inputs } = this.model;
    const count = to - from;
    const total = cache.length + count;
    const feeds: Record<string, Tensor> = { ...cache.feeds, ...this.#softFeeds(rows, from, to) };
    const feed = (input: IntegerInput | undefined, values: readonly number[], dims: readonly number[]) => {
      if (input !== undefined) feeds[input.name] = this.#integers(input.type, values, dims);
    };
    feed(
      facts.ids,
      rows.flatMap((row) => row.ids.slice(from, to)),
      [rows.length, count],
    );
    const isLeft = paddingSide(this.model) === 'left';
    const mask = cache.padding.flatMap((pads) => {
      const [zeros, ones] = [
        new Array<number>(Math.min(pads, total)).fill(0),
        new Array<number>(Math.max(0, total - pads)).fill(1),
      ];
      return isLeft ? [...zeros, ...ones] : [...ones, ...zeros];
    });
    if (inputs.needsMask) feed(facts.attentionMask, mask, [rows.length, total]);
    if (inputs.lengths !== undefined) {
      const lengths = cache.padding.map((pads) => total - pads - 1);
      feeds[inputs.lengths.rows] = this.#integers('int32', lengths, [rows.length]);
      feeds[inputs.lengths.total] = this.#integers('int32', [total], []);
    }
    // Behind a text padded on the right, the next token takes the place of the first padding; a first run reads padding too.
    const starts = cache.padding.map((pads) =>
      isLeft || cache.length === 0 ? cache.length : cache.length - pads,
    );
    const positions = cache.padding.flatMap((pads, row) =>
      Array.from({ length: count }, (_, i) => Math.max(0, starts[row]! + i - (isLeft ? pads : 0))),
    );
    const { axes } = facts.positionIds ?? {};
    if (axes === undefined) feed(facts.positionIds, positions, [rows.length, count]);
    else feed(facts.positionIds, new Array(axes).fill(positions).flat(), [axes, rows.length, count]);
    feed(facts.logitCount, [0], facts.logitCount?.dims ?? []);
    const columns = wanted.map((column) => column - from);
    feeds[inputs.logitPositions] = this.#integers('int64', columns, [columns.length]);
    const newRows = this.model.newRows(this.runtime);
    const places = [
      ...new Set(starts.flatMap((start) => Array.from({ length: count }, (_, i) => start + i))),
    ];
    if (newRows?.positions !== undefined) {
      feeds[newRows.positions] = this.#integers('int64', places, [places.length]);
    }
    const outputs = await this.#session.run(feeds as Feeds);
    const raw = outputs[facts.head.logits]!;
    const logits = raw.type === 'float16' ? fromFloat16(raw.data as Uint16Array) : (raw.data as Float32Array);
    const store =
      cache.store instanceof RowStore
        ? cache.store.appended(cache.length, outputs, { starts, places, count })
        : new WholeStore(
            this.runtime,
            facts.cache,
            new Map(facts.cache.map((pair) => [pair.past, outputs[pair.present]!])),
            total,
          );
    return { cache: new KvCache(total, store, cache.padding), logits };
  }

  /** Mask and vectors; without a soft token in reach both are one broadcast element. */
  #softFeeds(rows: readonly TokenRun[], from: number, to: number): Record<string, Tensor> {
    const { hiddenSize, embedding } = this.model.facts;
    const { softMask, softEmbeds } = this.model.inputs;
    const here = rows.flatMap((row, i) =>
      [...(row.soft ?? [])]
        .filter(([at]) => at >= from && at < to)
        .map(([at, vector]) => ({ at: i * (to - from) + at - from, vector })),
    );
    const [batch, count, width] = here.length === 0 ? [1, 1, 1] : [rows.length, to - from, hiddenSize];
    const mask = new Uint8Array(batch * count);
    const embeds = new Float32Array(batch * count * width);
    for (const { at, vector } of here) {
      mask[at] = 1;
      embeds.set(vector, at * width);
    }
    const values = embedding.type === 'float16' ? toFloat16(embeds) : embeds;
    return {
      [softMask]: this.runtime.tensor('bool', mask, [batch, count, 1]),
      [softEmbeds]: this.runtime.tensor(embedding.type, values, [batch, count, width]),
    };
  }

  #integers(type: 'int64' | 'int32', values: readonly number[], dims: readonly number[]): Tensor {
    const data = type === 'int64' ? BigInt64Array.from(values, BigInt) : Int32Array.from(values);
    return this.runtime.tensor(type, data, dims);
  }

  release(): Promise<void> {
    return this.#session.release();
  }
}

/** log softmax(logits)[id]. @throws E2PError `backend-faulty` where they are no numbers */
export function logProbability(logits: Float32Array, id: number): number {
  const max = logits.reduce((a, b) => Math.max(a, b), Number.NEGATIVE_INFINITY);
  if (!Number.isFinite(max)) throw noNumber(max);
  const sum = logits.reduce((total, v) => total + Math.exp(v - max), 0);
  return logits[id]! - max - Math.log(sum);
}

const QUANTISED = ['DynamicQuantizeLinear', 'DynamicQuantizeMatMul', 'MatMulInteger'];

/** By the largest of all that is read at once. */
export const isQuantised = ({ facts }: BaseModel): boolean =>
  QUANTISED.some((name) => facts.operators.includes(name));

/** Those, and MatMulNBits with `accuracy_level` 4, which WASM has no kernel for. */
const roundsActivations = (model: BaseModel, { backend }: Runtime): boolean =>
  isQuantised(model) ||
  (backend !== 'wasm' &&
    model.table.model.graph.nodes.some(
      (node) => node.opType === 'MatMulNBits' && intAttribute(node, 'accuracy_level', 0) === 4,
    ));
