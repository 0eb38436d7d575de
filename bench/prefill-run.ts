/** A prefill in runs of one size or of those that the decoder chooses, and how late an abort is answered; the same in Node and in a page. */
import { Decoder } from '../src/generate/decoder.ts';
import type { BaseModel } from '../src/model/base-model.ts';
import type { Runtime } from '../src/runtime/runtime.ts';

export interface Prefilled {
  readonly ms: number;
  readonly runs: number;
  /** Tokens of the longest run. */
  readonly longest: number;
  readonly logits: readonly number[];
}

export interface Prefiller {
  /** @param size of every run; undefined: as the decoder chooses */
  prefill(size: number | undefined, ids: readonly number[]): Promise<Prefilled>;
  /** @returns ms from the moment of the abort, which is `after` ms from the begin, until the call has failed */
  abort(size: number | undefined, ids: readonly number[], after: number): Promise<number>;
}

/** Tokens that are read alone between two prefills, as an answer has them: their times tell what a run costs by itself. */
const ALONE = 3;

export async function openPrefiller(model: BaseModel, runtime: Runtime): Promise<Prefiller> {
  const limit = { ...runtime, prefillChunk: runtime.prefillChunk, lost: false };
  const chosen = await Decoder.create(model, runtime);
  // What a model with quantised activations gets: all runs at the limit.
  const operators = [...model.facts.operators, 'DynamicQuantizeLinear'];
  const fixed = await Decoder.create({ ...model, facts: { ...model.facts, operators } }, limit);
  const decoderFor = (size: number | undefined) => {
    limit.prefillChunk = size ?? 1;
    return size === undefined ? chosen : fixed;
  };
  return {
    prefill: async (size, ids) => {
      const decoder = decoderFor(size);
      let [runs, longest, read] = [0, 0, 0];
      const onProgress = (done: number) => {
        longest = Math.max(longest, done - read);
        read = done;
        runs++;
      };
      const started = performance.now();
      const { cache, logits } = await decoder.read(decoder.emptyCache(), { ids }, { onProgress });
      const ms = performance.now() - started;
      cache.release();
      return { ms, runs, longest, logits: [...logits] };
    },
    abort: async (size, ids, after) => {
      const decoder = decoderFor(size);
      for (const id of ids.slice(0, ALONE)) {
        (await decoder.read(decoder.emptyCache(), { ids: [id] })).cache.release();
      }
      const controller = new AbortController();
      const { signal } = controller;
      let moment = now() + after;
      fromOutside(after, (at) => {
        moment = at ?? moment;
        controller.abort();
      });
      try {
        // In the last run it is heard at its end, by whoever goes on with what was read.
        (await decoder.read(decoder.emptyCache(), { ids }, { signal })).cache.release();
      } catch (error) {
        if (error !== signal.reason) throw error;
      }
      if (!signal.aborted) throw new Error('it was read before it could be aborted');
      return now() - moment;
    },
  };
}

/** The same in all threads. */
const now = (): number => performance.timeOrigin + performance.now();

/** As the message of a page comes to its engine, told when it was sent. A timer of a thread that computes would wait for one run more. */
function fromOutside(ms: number, task: (moment?: number) => void): void {
  if (typeof Worker === 'undefined') {
    setTimeout(task, ms);
    return;
  }
  const script = `setTimeout(() => postMessage(performance.timeOrigin + performance.now()), ${ms})`;
  const worker = new Worker(URL.createObjectURL(new Blob([script])));
  worker.onmessage = ({ data }) => {
    worker.terminate();
    task(data);
  };
}
