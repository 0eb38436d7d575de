/**
 * Words about oneself become a user embedding: a sentence encoder turns each line into a vector. Which encoder a projector was trained for
 * stands in its contract, with the vector that this encoder gives for one known sentence: another encoder is told by its vector,
 * whatever its name. Here is what all encoders share; `transformers-encoder.ts` and `onnx-encoder.ts` run one.
 *
 * The text goes in and vectors come out; nothing is kept, and no message quotes it.
 */
import { E2PError, readArgument } from '../error.ts';
import { LIMITS, type ProjectorContract, type SentenceEncoderContract } from '../projector/contract.ts';
import { createReader } from './read-untrusted.ts';

/** What every encoder is asked, to know it again. */
export const PROBE_TEXT = 'The quick brown fox jumps over the lazy dog.';

/** Precision moves the probe's direction by less (0.992 was measured for int8 against float32), another encoder by far more. */
const LEAST_COSINE = 0.97;

/** Characters of a description (CWE-770); a line is cut off by the encoder itself, at 512 tokens for all-MiniLM-L6-v2. */
const MAX_CHARACTERS = 20_000;

/** Makes one vector of a text. `release` it. */
export interface SentenceEncoder {
  /** Length of a vector. */
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
  /** Frees its model. */
  release(): Promise<void>;
}

/** An encoder at hand, by the name that messages give it. */
export interface OpenedEncoder {
  readonly name: string;
  readonly encoder: SentenceEncoder;
  /** Called when the description has been read, or could not be. */
  done?(): Promise<void>;
}

export type OpenEncoder = (
  wanted: SentenceEncoderContract,
  signal: AbortSignal | undefined,
) => Promise<OpenedEncoder>;

/**
 * The vectors [lines, dim] of a description, as a projector of this contract reads them.
 * @throws E2PError `invalid-argument` for no words or too many, `contract-mismatch` where the projector reads no words, or not those of
 *   this encoder; what `open` throws; the signal's reason on an abort
 */
export async function encodeDescription(
  text: string | readonly string[],
  { space, vectors }: Pick<ProjectorContract, 'space' | 'vectors'>,
  open: OpenEncoder,
  signal?: AbortSignal,
): Promise<Float32Array> {
  const wanted = checkReadsWords(space);
  const lines = splitDescription(text, vectors);
  const { name, encoder, done } = await open(wanted, signal);
  try {
    checkEncoder(encoder.contract(name), wanted, name);
    return await encoder.encode(lines, { signal });
  } finally {
    await done?.();
  }
}

/** Reads texts with an encoder; where it is kept, one after the other. */
export interface TextReader {
  /** As {@link encodeDescription}. */
  encode(
    text: string | readonly string[],
    contract: Pick<ProjectorContract, 'space' | 'vectors'>,
    signal?: AbortSignal,
  ): Promise<Float32Array>;
  /** Frees the encoder once what was asked for has been read; what is asked for later brings it up anew. */
  release(): Promise<void>;
}

/** @param isKept it stays up between texts; else each text brings it up anew */
export function createTextReader(open: OpenEncoder, isKept: boolean): TextReader {
  let kept: OpenedEncoder | undefined;
  let tail: Promise<unknown> = Promise.resolve();
  const inTurn = <T>(work: () => Promise<T>): Promise<T> => {
    const done = tail.then(work);
    tail = done.catch(() => undefined);
    return done;
  };
  const openKept: OpenEncoder = async (wanted, signal) => {
    kept ??= await open(wanted, signal);
    return { ...kept, done: async () => undefined };
  };
  return {
    encode: (text, contract, signal) =>
      isKept
        ? inTurn(() => encodeDescription(text, contract, openKept, signal))
        : encodeDescription(text, contract, open, signal),
    release: () =>
      inTurn(async () => {
        const last = kept;
        kept = undefined;
        await last?.done?.();
      }),
  };
}

/** @throws E2PError `contract-mismatch` where the projector's embeddings are not made from words */
export function checkReadsWords<E>({ id, encoder }: { readonly id: string; readonly encoder?: E }): E {
  if (encoder !== undefined) return encoder;
  throw new E2PError(
    'contract-mismatch',
    `the projector reads embeddings of ${id}, and its contract names no sentence encoder that makes them from words`,
  );
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
 * The lines of a description: a list as it is; a text by its lines where it has several, else by its sentences.
 * @param most vectors that the projector takes
 * @throws E2PError `invalid-argument`
 */
export function splitDescription(text: string | readonly string[], most: number): string[] {
  const whole = readArgument('the description', () => (typeof text === 'string' ? linesOf(text) : [...text]));
  if (whole.some((line) => typeof line !== 'string')) {
    throw new E2PError('invalid-argument', 'the description must be a text, or a list of lines');
  }
  const told = whole.map((line) => line.trim()).filter((line) => line !== '');
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

/** As they stand where there are several, else the sentences. */
function linesOf(text: string): string[] {
  const lines = text.split(/\r?\n/).filter((line) => line.trim() !== '');
  return lines.length === 1 ? sentences(lines[0]!) : lines;
}

function sentences(text: string): string[] {
  return Array.from(
    new Intl.Segmenter(undefined, { granularity: 'sentence' }).segment(text),
    (s) => s.segment,
  );
}

/** @throws E2PError `invalid-argument` naming the option */
export function readDescribeOptions<O extends { readonly signal?: AbortSignal }>(given: O | undefined): O {
  const options = readArgument('the options of a description', () => ({ ...given }) as O);
  const { signal } = options;
  if (signal === undefined || signal instanceof AbortSignal) return options;
  return createReader('invalid-argument', 'the options of a description').refuse('signal', 'an AbortSignal');
}
