/** Weight samples as text in a contract: float16 in base64, which is about as exact as the most exact export of most models. */
import type { WeightSample } from '../model/weight-samples.ts';
import { fromFloat16, toFloat16 } from '../onnx/float16.ts';

export interface StoredSample {
  readonly values: string;
  /** Absent where all of them are 0. */
  readonly steps?: string;
}

/** 0.5 million numbers: bounds what an untrusted file makes us allocate (CWE-789); a sample has some thousand. */
const MAX_TEXT = 4 * 1024 * 1024;

const NOT_A_NUMBER = 0x7e00;

export function storeSample({ values, steps }: WeightSample): StoredSample {
  return { values: toBase64(values), ...(steps.some((s) => s !== 0) && { steps: toBase64(steps) }) };
}

export function loadSample({ values, steps }: StoredSample): WeightSample {
  const numbers = fromBase64(values);
  return {
    values: numbers,
    steps: steps === undefined ? new Float32Array(numbers.length) : fromBase64(steps),
  };
}

/** The numbers in a sample of an untrusted file; undefined where it is none. */
export function sampleSize(sample: unknown): number | undefined {
  if (typeof sample !== 'object' || sample === null) return undefined;
  const { values, steps } = sample as Record<string, unknown>;
  const count = countOf(values);
  return steps === undefined || countOf(steps) === count ? count : undefined;
}

function countOf(text: unknown): number | undefined {
  if (typeof text !== 'string' || text.length > MAX_TEXT || text.length % 4 !== 0) return undefined;
  if (!/^[A-Za-z0-9+/]*={0,2}$/.test(text)) return undefined;
  const bytes = (text.length / 4) * 3 - (text.endsWith('==') ? 2 : text.endsWith('=') ? 1 : 0);
  return bytes % 2 === 0 ? bytes / 2 : undefined;
}

function toBase64(values: Float32Array): string {
  const halves = toFloat16(values.map((v) => (Number.isNaN(v) ? 0 : v)));
  for (const [i, v] of values.entries()) if (Number.isNaN(v)) halves[i] = NOT_A_NUMBER;
  return btoa(Array.from(new Uint8Array(halves.buffer), (byte) => String.fromCharCode(byte)).join(''));
}

function fromBase64(text: string): Float32Array {
  const bytes = Uint8Array.from(atob(text), (c) => c.charCodeAt(0));
  return fromFloat16(new Uint16Array(bytes.buffer));
}
