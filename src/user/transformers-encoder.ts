/** A sentence encoder run by Transformers.js (any `feature-extraction` model of the Hub), an optional package: for Node and the command line. */
import { E2PError, throwIfAborted } from '../error.ts';
import { PROBE_TEXT, type SentenceEncoder } from './sentence-encoder.ts';

/** Sentences of a batch: short enough to stop soon after an abort. */
const BATCH = 32;

/** Which sentence encoder, and how its tokens become one vector. */
export interface EncoderOptions {
  /** Hub id, or a folder in the Hub's layout. */
  readonly id: string;
  readonly pooling?: 'mean' | 'cls';
  readonly normalize?: boolean;
  /** As Transformers.js has it; default q8. */
  readonly dtype?: string;
}

/** @throws E2PError `invalid-model` where Transformers.js is not installed or can't load the model. */
export async function loadSentenceEncoder(options: EncoderOptions): Promise<SentenceEncoder> {
  const { id, pooling = 'mean', normalize = true, dtype = 'q8' } = options;
  const { pipeline } = await importTransformers();
  const extract = await pipeline('feature-extraction', id, { dtype: dtype as 'q8' }).catch((cause: Error) => {
    throw new E2PError('invalid-model', `the sentence encoder ${id} could not be loaded: ${cause.message}`, {
      cause,
    });
  });
  const run = async (texts: readonly string[]): Promise<{ data: Float32Array; dims: readonly number[] }> => {
    const output = await extract([...texts], { pooling, normalize });
    return { data: output.data as Float32Array, dims: output.dims };
  };
  const probe = await run([PROBE_TEXT]);
  const dim = probe.dims.at(-1)!;
  return {
    dim,
    contract: (name) => ({ id: name, pooling, normalize, probe: [...probe.data] }),
    knows: (word) => extract.tokenizer.tokenize(word).length === 1,
    encode: async (texts, { signal, onProgress } = {}) => {
      const vectors = new Float32Array(texts.length * dim);
      // Texts of one length side by side: padding costs as much as text.
      const order = [...texts.keys()].sort((a, b) => texts[a]!.length - texts[b]!.length);
      for (let from = 0; from < order.length; from += BATCH) {
        throwIfAborted(signal);
        const picked = order.slice(from, from + BATCH);
        const { data } = await run(picked.map((at) => texts[at]!));
        for (const [i, at] of picked.entries()) vectors.set(data.subarray(i * dim, (i + 1) * dim), at * dim);
        onProgress?.(from + picked.length, order.length);
      }
      return vectors;
    },
    release: async () => void (await extract.dispose()),
  };
}

async function importTransformers(): Promise<typeof import('@huggingface/transformers')> {
  try {
    return await import('@huggingface/transformers');
  } catch (cause) {
    throw new E2PError(
      'invalid-argument',
      'a description in words needs the package @huggingface/transformers, which could not be loaded: npm install @huggingface/transformers',
      { cause },
    );
  }
}
