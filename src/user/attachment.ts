/**
 * How something that works with a person's data (an engine, a cache) hears that it must let go. `withdraw()`, `forget()` and
 * `lock()` wait for it, so that they are done only when the data is gone there too.
 */

/**
 * What changed: a consent decision; an embedding was set, deleted or expired; events or feedback were added, deleted or expired; the vault was locked or
 * unlocked; everything was forgotten.
 */
export type UserChange = 'consent' | 'embedding' | 'events' | 'feedback' | 'lock' | 'forget';

/** One line of a forget report: so many of what, and where. No content. */
export interface ForgottenItem {
  /** e.g. `embedding`, `session`, `KV cache`. */
  readonly what: string;
  /** Where it was. */
  readonly where: 'memory' | 'gpu' | 'storage';
  /** How many of them. */
  readonly count: number;
}

/** Something of the app's that keeps personal data outside of the vault. */
export interface UserAttachment {
  /**
   * Look again: ask for consent and embedding anew, and drop what is no longer allowed. Never called with `forget`. From other
   * tabs it comes a message later.
   */
  onChange(change: UserChange): Promise<void>;
  /** Drop everything personal, overwrite buffers, and say what it was. */
  forget(): Promise<readonly ForgottenItem[]>;
}
