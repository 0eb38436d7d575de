/**
 * The forward pass: tokens in, logits of the last position and a longer KV cache out. Long inputs are read in
 * chunks that the device is known to compute rightly. If a run fails or is aborted, the given cache is still
 * whole, so the caller can go on as if nothing had happened.
 */
import { E2PError, throwIfAborted } from '../error.ts';
import type { BaseModel } from '../model/base-model.ts';
import { fromFloat16, toFloat16 } from '../onnx/float16.ts';
import type { IntegerInput } from '../onnx/inspect/inspect-graph.ts';
import type { Feeds, Runtime, RuntimeSession, Tensor } from '../runtime/runtime.ts';
import { yieldToEvents } from './event-loop.ts';
import { emptyCache, KvCache } from './kv-cache.ts';

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

export interface ReadTokensOptions {
  readonly signal?: AbortSignal | undefined;
  /** Tokens read of all to read, after each chunk. */
  readonly onProgress?: ((done: number, all: number) => void) | undefined;
}

export class Decoder {
  readonly model: BaseModel;
  readonly runtime: Runtime;
  readonly #session: RuntimeSession;

  private constructor(model: BaseModel, runtime: Runtime, session: RuntimeSession) {
    this.model = model;
    this.runtime = runtime;
    this.#session = session;
  }

  static async create(model: BaseModel, runtime: Runtime): Promise<Decoder> {
    return new Decoder(model, runtime, await model.createSession(runtime));
  }

  emptyCache(): KvCache {
    return emptyCache(this.runtime, this.model.facts.cache, this.model.config.attention);
  }

  /**
   * Reads `run` after what `cache` holds. The given cache stays the caller's.
   * @throws E2PError `context-overflow`, `runtime-failed`, `device-lost`; the signal's reason on abort.
   */
  async read(cache: KvCache, run: TokenRun, options: ReadTokensOptions = {}): Promise<ReadResult> {
    const { contextLength } = this.model.config;
    const all = run.ids.length;
    if (all === 0) throw new E2PError('invalid-argument', 'no tokens to read, expected at least one');
    if (cache.length + all > contextLength) {
      throw new E2PError(
        'context-overflow',
        `${cache.length + all} tokens do not fit the context of ${contextLength} tokens`,
      );
    }
    let current = cache.retain();
    try {
      for (let from = 0; ; ) {
        if (options.signal !== undefined) await yieldToEvents();
        throwIfAborted(options.signal);
        const to = Math.min(all, from + this.runtime.prefillChunk);
        const result = await this.#step(current, run, from, to, [to - 1]);
        current.release();
        current = result.cache;
        options.onProgress?.(to, all);
        if (to === all) {
          current.retain();
          return result;
        }
        from = to;
      }
    } finally {
      current.release();
    }
  }

  /**
   * Natural log-probability of each token from index `from` (at least 1) on, given all before it.
   * @throws as {@link read}
   */
  async score(run: TokenRun, from: number, signal?: AbortSignal): Promise<Float64Array> {
    const scores = new Float64Array(run.ids.length - from);
    const vocabulary = this.model.facts.vocabularySize;
    let cache = this.emptyCache();
    try {
      for (let start = 0; start < run.ids.length - 1; ) {
        throwIfAborted(signal);
        const to = Math.min(run.ids.length - 1, start + this.runtime.prefillChunk);
        // The row at a position predicts the token behind it.
        const first = Math.max(start, from - 1);
        const wanted = Array.from({ length: Math.max(0, to - first) }, (_, i) => first + i);
        const result = await this.#step(cache, run, start, to, wanted.length > 0 ? wanted : [to - 1]);
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

  /** Reads ids[from, to) and gives the logits [wanted.length, V] of the wanted positions among them. */
  async #step(
    cache: KvCache,
    run: TokenRun,
    from: number,
    to: number,
    wanted: readonly number[],
  ): Promise<ReadResult> {
    const { facts, inputs } = this.model;
    const count = to - from;
    const total = cache.length + count;
    const feeds: Record<string, Tensor> = { ...cache.feeds, ...this.#softFeeds(run, from, to) };
    const feed = (name: string, tensor: Tensor) => {
      feeds[name] = tensor;
    };
    const ids = run.ids.slice(from, to);
    feed(facts.ids.name, this.#integers(facts.ids.type, ids, [1, count]));
    const rows = wanted.map((position) => position - from);
    feed(inputs.logitPositions, this.#integers('int64', rows, [rows.length]));
    const feedIntegers = (
      input: IntegerInput | undefined,
      values: readonly number[],
      dims: readonly number[],
    ) => {
      if (input !== undefined) feed(input.name, this.#integers(input.type, values, dims));
    };
    feedIntegers(facts.attentionMask, new Array(total).fill(1), [1, total]);
    feedIntegers(
      facts.positionIds,
      Array.from({ length: count }, (_, i) => cache.length + i),
      [1, count],
    );
    feedIntegers(facts.logitCount, [0], []);
    const outputs = await this.#session.run(feeds as Feeds);
    const present = new Map(facts.cache.map((pair) => [pair.past, outputs[pair.present]!]));
    const raw = outputs[facts.head.logits]!;
    const logits = raw.type === 'float16' ? fromFloat16(raw.data as Uint16Array) : (raw.data as Float32Array);
    return { cache: new KvCache(total, present), logits };
  }

  /** Mask and vectors; without a soft token in reach both are one broadcast element. */
  #softFeeds(run: TokenRun, from: number, to: number): Record<string, Tensor> {
    const { hiddenSize, embedding } = this.model.facts;
    const { softMask, softEmbeds } = this.model.inputs;
    const here = [...(run.soft ?? [])].filter(([at]) => at >= from && at < to);
    const count = here.length === 0 ? 1 : to - from;
    const width = here.length === 0 ? 1 : hiddenSize;
    const mask = new Uint8Array(count);
    const embeds = new Float32Array(count * width);
    for (const [at, vector] of here) {
      mask[at - from] = 1;
      embeds.set(vector, (at - from) * width);
    }
    const values = embedding.type === 'float16' ? toFloat16(embeds) : embeds;
    return {
      [softMask]: this.runtime.tensor('bool', mask, [1, count, 1]),
      [softEmbeds]: this.runtime.tensor(embedding.type, values, [1, count, width]),
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

/** log softmax(logits)[id] */
function logProbability(logits: Float32Array, id: number): number {
  const max = logits.reduce((a, b) => Math.max(a, b), Number.NEGATIVE_INFINITY);
  const sum = logits.reduce((total, v) => total + Math.exp(v - max), 0);
  return logits[id]! - max - Math.log(sum);
}
