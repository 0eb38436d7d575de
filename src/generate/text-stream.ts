/**
 * Token ids → pieces of text that are safe to show. A character may span several tokens, so text that ends in
 * an unfinished character waits; text that may be the beginning of a stop string waits too.
 */

/** What a decoder makes of bytes that are not (yet) a character. */
const UNFINISHED = '\ufffd';

/** Tokens that are decoded again with the next one, at the most: their text is known, so that each token is decoded once, with them. */
const CONTEXT = 8;

export class TextStream {
  readonly #decode: (ids: readonly number[]) => string;
  readonly #stops: readonly string[];
  readonly #ids: number[] = [];
  /** Tokens before this are shown in full and only give context (a leading space depends on it). */
  #context = 0;
  #shown = 0;
  /** Text of the context. */
  #before = '';
  #held = '';
  #text = '';
  #stopped = false;

  constructor(decode: (ids: readonly number[]) => string, stops: readonly string[] = []) {
    this.#decode = decode;
    this.#stops = stops.filter((s) => s !== '');
  }

  /** All text given out so far. */
  get text(): string {
    return this.#text;
  }

  /** True once a stop string was met; it and what follows are never given out. */
  get stopped(): boolean {
    return this.#stopped;
  }

  /** Adds a token; returns the text that can be shown now, '' if none. */
  push(id: number): string {
    if (this.#stopped) return '';
    this.#ids.push(id);
    const before = this.#before;
    const now = this.#decode(this.#ids.slice(this.#context));
    if (now.endsWith(UNFINISHED) || now.length <= before.length) return '';
    const { length } = this.#ids;
    if (length - this.#context < CONTEXT) this.#before = now;
    else {
      this.#context = this.#shown;
      this.#before = this.#decode(this.#ids.slice(this.#context));
    }
    this.#shown = length;
    return this.#release(this.#held + now.slice(before.length), false);
  }

  /** The rest: text held back as a possible stop, an unfinished character as it is. */
  end(): string {
    if (this.#stopped) return '';
    const before = this.#before;
    const now = this.#decode(this.#ids.slice(this.#context));
    this.#shown = this.#ids.length;
    return this.#release(this.#held + now.slice(before.length), true);
  }

  #release(text: string, all: boolean): string {
    let end = text.length;
    for (const stop of this.#stops) {
      const at = text.indexOf(stop);
      if (at >= 0 && at < end) {
        end = at;
        this.#stopped = true;
      }
    }
    if (!this.#stopped && !all) end -= this.#possibleStop(text);
    this.#held = text.slice(end);
    const out = text.slice(0, end);
    this.#text += out;
    return out;
  }

  /** Length of the longest tail of `text` that begins a stop string. */
  #possibleStop(text: string): number {
    let longest = 0;
    for (const stop of this.#stops) {
      for (let n = Math.min(stop.length - 1, text.length); n > longest; n--) {
        if (text.endsWith(stop.slice(0, n))) longest = n;
      }
    }
    return longest;
  }
}
