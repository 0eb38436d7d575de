/**
 * The one error class of e2p-web. A `code` for programs, a message for people: it names the file or field,
 * says what was found and what was expected. Personal data (embeddings, prompts, generated text) never
 * appears in a message.
 */
export type E2PErrorCode =
  | 'invalid-argument'
  | 'invalid-onnx'
  | 'unsupported-graph'
  | 'invalid-model'
  | 'invalid-manifest'
  | 'invalid-tokenizer'
  | 'invalid-projector'
  | 'contract-mismatch'
  | 'invalid-embedding'
  | 'invalid-data'
  | 'invalid-checkpoint'
  | 'no-user'
  | 'user-replaced'
  | 'forgotten'
  | 'consent-required'
  | 'budget-spent'
  | 'vault-locked'
  | 'vault-corrupt'
  | 'vault-too-new'
  | 'invalid-import'
  | 'context-overflow'
  | 'busy'
  | 'unsupported-device'
  | 'device-lost'
  | 'backend-faulty'
  | 'out-of-memory'
  | 'runtime-failed'
  | 'network'
  | 'integrity'
  | 'quota-exceeded'
  | 'storage-failed'
  | 'training-failed'
  | 'sealed'
  | 'destroyed';

/** About how an app is built or served. */
export const BUNDLERS_PAGE = 'https://github.com/e2p-web/e2p-web/blob/main/docs/bundlers.md';

/** The line of configuration that is wanting where files of this package do not come. */
export const BUNDLER_HINT = `with Vite's development server set optimizeDeps: { exclude: ['e2p-web'] }; for others see ${BUNDLERS_PAGE}`;

/** Bytes that were wanting, each undefined where nobody tells. */
export interface MemoryBytes {
  /** At least. */
  readonly needed: number | undefined;
  /** On the device, when it failed. */
  readonly available: number | undefined;
}

export class E2PError extends Error {
  override readonly name = 'E2PError';
  /** What happened, for programs. */
  readonly code: E2PErrorCode;
  /** Of a `network` error: the HTTP status that a server answered with. */
  readonly status: number | undefined;

  /** Of an `out-of-memory` error. */
  readonly memory: MemoryBytes | undefined;

  /** For tests and adapters; the library makes them itself. */
  constructor(
    code: E2PErrorCode,
    message: string,
    options?: {
      readonly cause?: unknown;
      readonly status?: number | undefined;
      /** Of an `out-of-memory` error. */
      readonly memory?: MemoryBytes | undefined;
    },
  ) {
    super(message, options);
    this.code = code;
    this.status = options?.status;
    this.memory = options?.memory;
  }
}

/** An abort looks as it does in every web API: the signal's own reason, by default a `DOMException` named AbortError. */
export function throwIfAborted(signal: AbortSignal | undefined): void {
  signal?.throwIfAborted();
}

/** @throws E2PError `invalid-argument` naming the option, what was found and what was expected. */
export function checkWhole(name: string, value: number, min: number, max: number): void {
  if (Number.isInteger(value) && value >= min && value <= max) return;
  throw new E2PError(
    'invalid-argument',
    `${name} is ${String(value)}, expected a whole number from ${min} to ${max}`,
  );
}

/** As {@link checkWhole}, for any number. */
export function checkRange(name: string, value: number, min: number, max: number): void {
  if (typeof value === 'number' && value >= min && value <= max) return;
  throw new E2PError(
    'invalid-argument',
    `${name} is ${String(value)}, expected a number from ${min} to ${max}`,
  );
}

/**
 * Reads what a caller handed in. Where that fails (no object, an accessor that throws), the message says which argument it was and
 * nothing of what it says: it may be personal.
 * @throws E2PError `invalid-argument`, or the one that `read` throws
 */
export function readArgument<T>(name: string, read: () => T): T {
  try {
    return read();
  } catch (error) {
    if (error instanceof E2PError) throw error;
    throw new E2PError('invalid-argument', `${name} could not be read, expected what its type says`);
  }
}
