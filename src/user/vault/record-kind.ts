/** The kinds of record in a vault, and how long each is kept. */

/** `consent`: of vaults of schema version 1; `unit`: the secret that arms of experiments are drawn by. */
export const RECORD_KINDS = [
  ...(['ledger', 'consent', 'embedding', 'event', 'transcript', 'audit'] as const),
  ...(['unit', 'experiment', 'answer', 'feedback'] as const),
] as const;
export type RecordKind = (typeof RECORD_KINDS)[number];

/** Milliseconds from storing to removal, by kind; a kind that is not named is kept until `forget()`. */
export interface RetentionPolicy {
  readonly embedding?: number;
  readonly event?: number;
  readonly transcript?: number;
  /** Of what was said about answers. */
  readonly feedback?: number;
  readonly audit?: number;
}

export const RETAINED_KINDS = [
  'embedding',
  'event',
  'transcript',
  'feedback',
  'audit',
] as const satisfies readonly RecordKind[];
