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
  /** @returns ms from the moment of the abort, some `after` ms from the begin, until the call has ended; undefined where it ended before */
  abort(size: number | undefined, ids: readonly number[], after: number): Promise<number | undefined>;
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
      let moment: number | undefined;
      const outside = await openOutside();
      outside.later(after, (at) => {
        moment = at;
        controller.abort();
      });
      try {
        // In the last run it is heard at its end, by whoever goes on with what was read.
        (await decoder.read(decoder.emptyCache(), { ids }, { signal })).cache.release();
      } catch (error) {
        if (error !== signal.reason) throw error;
      } finally {
        outside.close();
      }
      return moment === undefined ? undefined : now() - moment;
    },
  };
}

/** The same in all threads. */
const now = (): number => performance.timeOrigin + performance.now();

interface Outside {
  /** Calls `task` as the message of a page comes to its engine, with the time it was sent at. */
  later(ms: number, task: (moment: number) => void): void;
  close(): void;
}

/** In a page another thread: a timer of one that computes would wait for one run more. */
async function openOutside(): Promise<Outside> {
  if (typeof Worker === 'undefined') {
    let timer: NodeJS.Timeout | undefined;
    return {
      later: (ms, task) => {
        const moment = now() + ms;
        timer = setTimeout(() => task(moment), ms);
      },
      close: () => clearTimeout(timer),
    };
  }
  const script = `onmessage = ({ data }) => setTimeout(() => postMessage(performance.timeOrigin + performance.now()), data);
postMessage(0);`;
  const url = URL.createObjectURL(new Blob([script]));
  const worker = new Worker(url);
  await new Promise((resolve, reject) => {
    worker.onmessage = resolve;
    worker.onerror = reject;
  });
  URL.revokeObjectURL(url);
  return {
    later: (ms, task) => {
      worker.onmessage = ({ data }) => task(data);
      worker.postMessage(ms);
    },
    close: () => worker.terminate(),
  };
}
