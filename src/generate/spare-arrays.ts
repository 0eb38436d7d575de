/**
 * Arrays for rows of the KV cache that are used again: those of every session would be garbage soon, some MB each, and V8 collects for them again and
 * again, which can take longer than a short run. What lies here is all zeros.
 */
export type Values = Float32Array | Uint16Array;

/** Of all that is kept for later, in bytes: some sessions of a small model. */
const MOST_BYTES = 32 * 2 ** 20;

export class SpareArrays {
  /** By what {@link keyOf} tells; those that were given last are last. */
  readonly #spare = new Map<string, Values[]>();
  #bytes = 0;

  /** Zeros. @param like whose kind is wanted */
  take(like: Values, length: number): Values {
    const found = this.#spare.get(keyOf(like, length))?.pop();
    if (found === undefined) return new (like.constructor as Float32ArrayConstructor)(length);
    this.#bytes -= found.byteLength;
    return found;
  }

  /** Keeps an array that nobody reads any more. @param values all zeros, of a buffer of their own */
  give(values: Values): void {
    if (values.length === 0 || values.byteLength > MOST_BYTES) return;
    const key = keyOf(values, values.length);
    const alike = this.#spare.get(key) ?? [];
    this.#spare.delete(key);
    this.#spare.set(key, alike);
    alike.push(values);
    this.#bytes += values.byteLength;
    for (const [oldest, arrays] of this.#spare) {
      while (this.#bytes > MOST_BYTES && arrays.length > 0) this.#bytes -= arrays.pop()!.byteLength;
      if (arrays.length > 0) return;
      this.#spare.delete(oldest);
    }
  }
}

const keyOf = (like: Values, length: number): string => `${like.constructor.name} ${length}`;
