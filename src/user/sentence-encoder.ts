/**
 * Words about oneself become a user embedding: a sentence encoder (any `feature-extraction` model of the Hub, run by
 * Transformers.js) turns each line into a vector. Which encoder a projector was trained for stands in its contract, with the
 * vector that this encoder gives for one known sentence: another encoder is told by its vector, whatever its name.
 *
 * The text goes in and vectors come out; nothing is kept, and no message quotes it.
 */
import { E2PError, throwIfAborted } from '../error.ts';
import { LIMITS, type SentenceEncoderContract } from '../projector/contract.ts';

/** What every encoder is asked, to know it again. */
export const PROBE_TEXT = 'The quick brown fox jumps over the lazy dog.';

/** Precision moves the probe's direction by less (0.992 was measured for int8 against float32), another encoder by far more. */
const LEAST_COSINE = 0.97;

/** Sentences of a batch: short enough to stop soon after an abort. */
const BATCH = 32;

/** Characters of a description (CWE-770); a line is cut off by the encoder itself, at 256 tokens for all-MiniLM-L6-v2. */
const MAX_CHARACTERS = 20_000;

export interface EncoderOptions {
  /** Hub id, or a folder in the Hub's layout. */
  readonly id: string;
  readonly pooling?: 'mean' | 'cls';
  readonly normalize?: boolean;
  /** As Transformers.js has it; default q8. */
  readonly dtype?: string;
}

export interface SentenceEncoder {
  readonly dim: number;
  /** For a projector's contract. @param id by which others find this encoder on the Hub */
  contract(id: string): SentenceEncoderContract;
  /** Whether the word stands whole in its vocabulary; words of which it knows only pieces mean less to it. */
  knows(word: string): boolean;
  /** [texts, dim], one row behind the other. @throws the signal's reason on an abort */
  encode(
    texts: readonly string[],
    options?: {
      readonly signal?: AbortSignal | undefined;
      readonly onProgress?: (done: number, all: number) => void;
    },
  ): Promise<Float32Array>;
  release(): Promise<void>;
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

/**
 * @param found what the encoder at hand says of itself
 * @param name of it, for the message
 * @throws E2PError `contract-mismatch` where it is not the one that the projector was trained for
 */
export function checkEncoder(
  found: SentenceEncoderContract,
  wanted: SentenceEncoderContract,
  name: string,
): void {
  const nearness = cosine(found.probe, wanted.probe);
  const settings = (c: SentenceEncoderContract) =>
    `${c.pooling} pooling, ${c.normalize ? '' : 'not '}normalised`;
  const sameSettings = found.pooling === wanted.pooling && found.normalize === wanted.normalize;
  if (!sameSettings || !(nearness >= LEAST_COSINE)) {
    throw new E2PError(
      'contract-mismatch',
      `the projector reads vectors of ${wanted.id} (${wanted.probe.length} numbers, ${settings(wanted)}), the encoder ${name} makes others (${found.probe.length} numbers, ${settings(found)}): cosine ${nearness.toFixed(3)} on a known sentence, expected at least ${LEAST_COSINE}`,
    );
  }
}

/** NaN where lengths differ. */
function cosine(a: readonly number[], b: readonly number[]): number {
  if (a.length !== b.length) return Number.NaN;
  const dot = (x: readonly number[], y: readonly number[]) => x.reduce((sum, v, i) => sum + v * y[i]!, 0);
  return dot(a, b) / Math.sqrt(dot(a, a) * dot(b, b));
}

/**
 * The lines of a description: as they stand where it has several, else its sentences.
 * @param most vectors that the projector takes
 * @throws E2PError `invalid-argument`
 */
export function splitDescription(text: string | readonly string[], most: number): string[] {
  const whole = typeof text === 'string' ? text.split(/\r?\n/) : [...text];
  const lines = whole.length === 1 ? sentences(whole[0]!) : whole;
  const told = lines.map((line) => line.trim()).filter((line) => line !== '');
  const characters = told.reduce((sum, line) => sum + line.length, 0);
  const refuse = (found: string, expected: string): never => {
    throw new E2PError('invalid-argument', `the description has ${found}, expected ${expected}`);
  };
  if (told.length === 0) refuse('no words', 'a line or more');
  if (characters > MAX_CHARACTERS) refuse(`${characters} characters`, `at most ${MAX_CHARACTERS}`);
  if (told.length > Math.min(most, LIMITS.vectors)) {
    refuse(`${told.length} lines`, `at most ${most}: that many vectors of a user the projector reads`);
  }
  return told;
}

function sentences(text: string): string[] {
  return Array.from(
    new Intl.Segmenter(undefined, { granularity: 'sentence' }).segment(text),
    (s) => s.segment,
  );
}
