/**
 * The audit log as data: who asked for what, never the content. Each entry carries the hash of the one before, so that an
 * entry that was changed, taken out or put in breaks the chain at a place that can be named.
 *
 * The chain shows damage and tampering with single records. Code that runs in the app and holds the open vault could write
 * the whole chain anew; who wants proof against that notes the head's hash elsewhere.
 */
import type { Purpose } from './purpose.ts';
import { sha256Hex } from './vault/hex.ts';
import type { ChainLink } from './vault/ledger.ts';

export const AUDIT_ACTIONS = [
  'consent-granted',
  'consent-refused',
  'consent-withdrawn',
  'denied',
  'used',
  'embedding-set',
  'embedding-read',
  'embedding-deleted',
  'embedding-undone',
  'events-read',
  'events-deleted',
  'feedback-read',
  'feedback-deleted',
  'transcript-saved',
  'transcript-read',
  'transcript-deleted',
  'aggregate-shared',
  'experiment-left',
  'exported',
  'imported',
  'lock-changed',
] as const;
/** What an entry of the audit log tells of. */
export type AuditAction = (typeof AUDIT_ACTIONS)[number];

/** Who asks, and for what; given by the app, so not personal. */
export interface AuditUse {
  /** The part of the app, at most 100 characters. Default `app`. */
  readonly actor?: string;
  readonly purpose?: Purpose;
  /** Name or digest. */
  readonly projector?: string;
  readonly model?: string;
}

export interface AuditEntry extends AuditUse {
  /** From 1, without gaps. */
  readonly seq: number;
  /** Vault time, milliseconds since 1970. */
  readonly time: number;
  readonly actor: string;
  readonly action: AuditAction;
  /** Hash of the entry before, 64 hexadecimal digits; zeros before the first. */
  readonly previous: string;
  readonly hash: string;
}

/** A part of the log that can be checked on its own. */
export interface AuditLog {
  readonly format: 'e2p-audit';
  readonly version: 1;
  /** The entry before the first one here. */
  readonly anchor: ChainLink;
  /** The last entry, as the vault remembers it. */
  readonly head: ChainLink;
  /** Ascending; those that could be read. */
  readonly entries: readonly AuditEntry[];
}

/** Whether the chain of an audit log holds, or where it first breaks. */
export type ChainReport =
  | { readonly valid: true; readonly entries: number }
  | {
      readonly valid: false;
      /** Number of the first entry that is wrong. */
      readonly firstBad: number;
      readonly reason: 'missing or unreadable' | 'changed' | 'behind the end';
    };

/** SHA-256 over the UTF-8 of a JSON list: previous hash, number, time, actor, action, purpose, projector, model. */
export function hashEntry(entry: Omit<AuditEntry, 'hash'>): Promise<string> {
  const { previous, seq, time, actor, action, purpose = null, projector = null, model = null } = entry;
  return sha256Hex(JSON.stringify([previous, seq, time, actor, action, purpose, projector, model]));
}

/** Follows the chain from the anchor to the head. */
export async function verifyAuditLog({ anchor, head, entries }: AuditLog): Promise<ChainReport> {
  const bySeq = new Map(entries.map((entry) => [entry.seq, entry]));
  let previous = anchor.hash;
  for (let seq = anchor.seq + 1; seq <= head.seq; seq++) {
    const entry = bySeq.get(seq);
    if (entry === undefined) return { valid: false, firstBad: seq, reason: 'missing or unreadable' };
    const isWhole = entry.previous === previous && entry.hash === (await hashEntry(entry));
    if (!isWhole) return { valid: false, firstBad: seq, reason: 'changed' };
    previous = entry.hash;
  }
  if (previous !== head.hash) return { valid: false, firstBad: head.seq, reason: 'changed' };
  const beyond = entries.find((entry) => entry.seq <= anchor.seq || entry.seq > head.seq);
  if (beyond !== undefined) return { valid: false, firstBad: beyond.seq, reason: 'behind the end' };
  return { valid: true, entries: head.seq - anchor.seq };
}
