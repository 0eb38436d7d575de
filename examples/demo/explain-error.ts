/** Errors in plain words: what went wrong for the person in front of the page, then the library's own sentence. */
import { E2PError, type E2PErrorCode } from '../../src/index.ts';

const PLAIN: Partial<Record<E2PErrorCode, string>> = {
  network: 'A file could not be downloaded. Check the connection and try again; what has arrived is kept.',
  'invalid-model': 'The model on the server is incomplete or damaged.',
  'invalid-onnx': 'The model on the server is incomplete or damaged.',
  'invalid-tokenizer': 'The model on the server is incomplete or damaged.',
  'invalid-projector': 'The projector on the server is missing or damaged.',
  'contract-mismatch': 'The projector was made for another model.',
  'unsupported-device': 'This browser or graphics card cannot run the model in the way that was asked for.',
  'device-lost': 'The graphics card went away while writing. Press Write to try again.',
  'backend-faulty': 'This graphics card computes wrongly. Open the page with ?device=wasm instead.',
  'runtime-failed': 'The model could not be run on this device. Opening the page with ?device=wasm may help.',
  'quota-exceeded':
    'There is not enough storage for the weights. Free some space and try again; what has arrived is kept.',
  'storage-failed': 'The browser refused to store the weights.',
  integrity: 'What the server sent is not the model that was expected. Nothing of it was kept.',
  'context-overflow': 'The prompt is too long for this model. Shorten it.',
};

export interface Explanation {
  readonly summary: string;
  readonly detail: string;
}

export function explainError(error: unknown): Explanation {
  const detail = error instanceof Error ? error.message : String(error);
  const summary = error instanceof E2PError ? PLAIN[error.code] : undefined;
  return { summary: summary ?? 'Something went wrong.', detail };
}

/** Who withdraws or is forgotten ends what is written for them. */
const ENDED: readonly E2PErrorCode[] = [
  ...(['consent-required', 'destroyed', 'forgotten', 'no-user', 'user-replaced'] as const),
];

/** Nothing went wrong: it was asked for, by an abort or by what the visitor decided. */
export function isStopped(error: unknown): boolean {
  return isAbort(error) || (error instanceof E2PError && ENDED.includes(error.code));
}

export function isAbort(error: unknown): boolean {
  return error instanceof DOMException && error.name === 'AbortError';
}
