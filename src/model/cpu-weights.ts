/** Whether weights of 4 and 8 bits are used as they are on a CPU, or as int8. */

export const CPU_WEIGHTS = ['auto', 'as-stored', 'int8'] as const;

/** What a session on a CPU computes with: `auto` is `int8` in WASM for models of 16 MiB of weights or more, and else `as-stored`. */
export type CpuWeights = 'auto' | 'as-stored' | 'int8';

/** Below this, a model is fast as it is, and its file alone is less to keep. Bytes of int8 weights. */
const WORTH_BYTES = 16 * 2 ** 20;

export const isInt8Wanted = (weights: CpuWeights, bytes: number): boolean =>
  weights === 'int8' || (weights === 'auto' && bytes >= WORTH_BYTES);
