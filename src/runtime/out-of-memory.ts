/** When onnxruntime fails for want of memory. It has no code for that, and each allocator its own words. */
import { E2PError, type MemoryBytes } from '../error.ts';
import type { ExternalData } from './runtime.ts';

/** What WebAssembly with pointers of 32 bits can address; onnxruntime-web is built for it. */
export const WASM_BYTES_AT_MOST = 2 ** 32;

const WORDS =
  /failed to allocate|bad_alloc|bad allocation|out of memory|allocation failed|cannot allocate|\bOOM\b|enlarge memory|Memory\.grow/i;

/** Of one request, where the allocator tells. */
const REQUESTED = /requested buffer of size (\d+)/;

/** `out-of-memory` where a failure is one. @param what was tried, and where, for people */
export function asOutOfMemory(
  what: string,
  told: string,
  { needed, available }: MemoryBytes,
): E2PError | undefined {
  if (!WORDS.test(told)) return undefined;
  const [, requested = 0] = REQUESTED.exec(told) ?? [];
  return outOfMemory(what, { needed: Math.max(needed ?? 0, Number(requested)) || undefined, available });
}

/** @param what was tried, and where */
export function outOfMemory(what: string, memory: MemoryBytes): E2PError {
  const { needed, available } = memory;
  const found = [
    needed === undefined ? 'an unknown number of bytes' : `at least ${mib(needed)} MiB`,
    available === undefined ? 'it is not known how many there are' : `there are ${mib(available)} MiB`,
  ];
  const advice = 'expected a smaller model or precision, or other programs and tabs closed';
  return new E2PError('out-of-memory', `${what} needs ${found.join(', and ')}; ${advice}`, { memory });
}

const mib = (bytes: number) => Math.ceil(bytes / 2 ** 20);

/** Bytes of a model, as far as they are told. */
export const bytesOf = (model: Uint8Array, externalData: readonly ExternalData[]): number =>
  externalData.reduce((sum, { bytes = 0 }) => sum + bytes, model.byteLength);
