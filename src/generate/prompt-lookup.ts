/**
 * Speculative decoding without a second model (prompt lookup: Saxena 2023, github.com/apoorvumang/prompt-lookup-decoding): a text that says again what
 * the prompt or the answer has said goes on as it did before. What followed the last tokens there is read in the same run as the last token, and
 * counts as far as the answer draws the very same tokens from the logits of that run.
 */

/** Tokens that have to have stood together before. */
const ALIKE = 3;
/** Guessed at once, at most. */
const MOST = 8;
/** After guesses that were all wrong, this many tokens are written without, doubled each time, up to 2 ** MOST_PATIENCE. */
const MOST_PATIENCE = 6;

export class PromptLookup {
  readonly #sequence: readonly number[];
  /** Tokens that stood together → the place behind them, the last one. */
  readonly #behind = new Map<string, number>();
  #indexed = ALIKE;
  #most = MOST / 2;
  #wrong = 0;
  #restsUntil = 0;

  /** @param sequence grows by each token that is written */
  constructor(sequence: readonly number[]) {
    this.#sequence = sequence;
  }

  /** What may follow the sequence; nothing where it says nothing again. */
  guess(): readonly number[] {
    const { length } = this.#sequence;
    // The last tokens themselves are found the next time.
    for (; this.#indexed < length; this.#indexed++)
      this.#behind.set(this.#before(this.#indexed), this.#indexed);
    if (length < this.#restsUntil) return [];
    const from = this.#behind.get(this.#before(length));
    return from === undefined ? [] : this.#sequence.slice(from, from + this.#most);
  }

  /** How many of the last guess were right. */
  told(right: number): void {
    this.#wrong = right === 0 ? this.#wrong + 1 : 0;
    if (right === 0) this.#restsUntil = this.#sequence.length + 2 ** Math.min(this.#wrong, MOST_PATIENCE);
    this.#most = Math.min(MOST, Math.max(2, 2 * right));
  }

  #before(at: number): string {
    return this.#sequence.slice(at - ALIKE, at).join();
  }
}
