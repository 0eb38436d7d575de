/** The errors of the Prompt API's specification, where the library has its own. */
import { E2PError } from '../error.ts';

export const notSupported = (what: string) => new DOMException(what, 'NotSupportedError');
export const syntaxError = (what: string) => new DOMException(what, 'SyntaxError');
export const abortError = (what: string) => new DOMException(what, 'AbortError');

interface QuotaExceeded {
  readonly requested: number;
  readonly quota: number;
}

/** https://webidl.spec.whatwg.org/#quotaexceedederror, or what comes nearest where a browser has no such class yet. */
export function quotaExceeded(requested: number, quota: number): DOMException & QuotaExceeded {
  const message = `the input needs ${requested} tokens, and the context has room for ${quota}`;
  const { QuotaExceededError: Native } = globalThis as {
    readonly QuotaExceededError?: new (
      message: string,
      options: QuotaExceeded,
    ) => DOMException & QuotaExceeded;
  };
  if (Native !== undefined) return new Native(message, { requested, quota });
  return Object.assign(new DOMException(message, 'QuotaExceededError'), { requested, quota });
}

/** What an app written for the Prompt API expects in place of an error of ours, which is its cause. */
export function toDomError(error: unknown): unknown {
  if (!(error instanceof E2PError)) return error;
  const name = NAMES[error.code] ?? 'UnknownError';
  if (name === 'TypeError') return new TypeError(error.message, { cause: error });
  return Object.assign(new DOMException(error.message, name), { cause: error });
}

const NAMES: Readonly<Partial<Record<E2PError['code'], string>>> = {
  'invalid-argument': 'TypeError',
  'unsupported-device': 'NotSupportedError',
  'unsupported-graph': 'NotSupportedError',
  'consent-required': 'NotAllowedError',
  'vault-locked': 'NotAllowedError',
  network: 'NetworkError',
  'quota-exceeded': 'QuotaExceededError',
  destroyed: 'AbortError',
  'user-replaced': 'AbortError',
  forgotten: 'AbortError',
  'no-user': 'AbortError',
};
