/**
 * What the vault knows about itself, in one encrypted record that is written with every change: the latest time it has seen,
 * when something expires next, what the person decided, and both ends of the audit chain. A decision in a record of its own could be
 * replaced by an older one that was copied before.
 */
import type { ConsentDecision } from '../consent.ts';
import type { ToldSoFar } from '../embedding-protection.ts';
import type { Purpose } from '../purpose.ts';

/** An audit entry's number and its hash; the chain can be checked from here on. */
export interface ChainLink {
  readonly seq: number;
  readonly hash: string;
}

export interface Ledger {
  /** Vault time, milliseconds since 1970. */
  highWater: number;
  /** The earliest vault time at which a record expires, or {@link NEVER}. */
  nextExpiry: number;
  /** The number of the next record that is numbered; none is given twice. */
  nextNumber: number;
  /** The latest decision on each purpose that the person was asked for. */
  readonly consent: Partial<Record<Purpose, ConsentDecision>>;
  audit: {
    /** The last entry that retention removed; number 0 before any. */
    anchor: ChainLink;
    head: ChainLink;
  };
  /** Thousandths of ε that private reports have cost, all questions together; absent before the first. */
  spent?: number;
  /** What embeddings that were put in with noise have told, by the digest of their space; stays when they are deleted. */
  told?: Record<string, ToldSoFar>;
}

export const NEVER = Number.MAX_SAFE_INTEGER;
/** The ledger's id among the records of its kind. */
export const LEDGER_ID = '0';
/** What the first audit entry follows. */
export const CHAIN_START: ChainLink = { seq: 0, hash: '0'.repeat(64) };

export function createLedger(now: number): Ledger {
  return {
    highWater: now,
    nextExpiry: NEVER,
    nextNumber: 1,
    consent: {},
    audit: { anchor: CHAIN_START, head: CHAIN_START },
  };
}
