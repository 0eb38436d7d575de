/** `personalizer.user`: who the sessions are for. An embedding goes in and never comes out. */
import type { EarlierVersion } from '../user/embedding-change.ts';
import type { EmbeddingInput } from '../user/user-embedding.ts';
import type { DriftRule, UserFit } from '../user/user-fit.ts';

/** The user of a personalizer. The embedding goes in and never comes out. */
export interface UserHandle {
  /**
   * Sets the user for sessions created from now on: somebody new, so sessions of the user before end. With a vault the person is the one it
   * belongs to, and this is an `update`.
   * @throws E2PError `invalid-embedding`
   */
  set(embedding: EmbeddingInput): Promise<void>;
  /**
   * A newer embedding of the same person: their sessions go on with it from their next turn on, which is read anew; an answer under way
   * ends as it began, but in sessions with `newVersion: 'at-once'`. Where nobody is set, as `set`.
   * @throws E2PError `invalid-embedding`; the version before then stays
   */
  update(embedding: EmbeddingInput): Promise<void>;
  /** How the embedding that is set fits those that the projector was trained on; undefined where nobody is set. */
  readonly fit: UserFit | undefined;
  /** Forgets the user and ends the sessions that carry its soft token. */
  clear(): Promise<void>;
}

/** Where a sentence encoder is at hand, words will do. */
export interface DescribableUserHandle extends UserHandle {
  /**
   * Sets the user from what a person says about themselves: lines, or a text of several sentences, each of which becomes a vector.
   * The text itself is dropped: it enters no prompt and is kept nowhere.
   * @throws E2PError `invalid-argument` for no words or more lines than the projector reads; `contract-mismatch` where the
   *   encoder is not the projector's; the signal's reason on an abort
   */
  describe(text: string | readonly string[], options?: { readonly signal?: AbortSignal }): Promise<void>;
}

/** Of a change of the user. */
export interface SetUserOptions {
  /** It is the same person: sessions go on. */
  readonly isUpdate?: boolean | undefined;
  /** Instead of the personalizer's own. */
  readonly drift?: DriftRule | undefined;
  /** From the vault, for the speed. */
  readonly earlier?: EarlierVersion | undefined;
}

/** Whether drift is looked at, and who is told. */
export interface DriftWatch {
  readonly drift?: DriftRule | undefined;
  readonly onDrift?: ((fit: UserFit) => void) | undefined;
}
