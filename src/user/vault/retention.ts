/**
 * Removing what has outlived its time. Runs inside a transaction before anything else is read, so that nobody sees an expired
 * record. A record that can't be read has no age and stays until `forget()`.
 */
import { E2PError } from '../../error.ts';
import { NEVER } from './ledger.ts';
import { RETAINED_KINDS, type RetentionPolicy } from './record-kind.ts';
import type { VaultTransaction } from './vault-transaction.ts';

/** Removes expired records and notes in the ledger when the next one is due. */
export async function removeExpired(transaction: VaultTransaction): Promise<void> {
  const { now, ledger, retention } = transaction;
  ledger.nextExpiry = NEVER;
  for (const kind of RETAINED_KINDS) {
    const life = retention[kind];
    if (life === undefined) continue;
    let lastExpired = -1;
    const entries = await transaction.entries(kind);
    for (const [i, { id, record }] of entries.entries()) {
      if (record instanceof E2PError) continue;
      record.values?.fill(0);
      if (record.at + life > now) {
        ledger.nextExpiry = Math.min(ledger.nextExpiry, record.at + life);
        continue;
      }
      lastExpired = i;
      transaction.delete(kind, id);
      if (kind === 'embedding') transaction.changes.add('embedding');
      // The chain is checked from the last entry that is gone.
      if (kind === 'audit')
        ledger.audit.anchor = { seq: Number(id), hash: (record.json as { hash: string }).hash };
    }
    // Damaged entries in front of an expired one are older than it.
    if (kind === 'audit') {
      for (const { id } of entries.slice(0, Math.max(0, lastExpired))) transaction.delete(kind, id);
    }
  }
}

/** @throws E2PError `invalid-argument` naming the kind. */
export function checkRetention(retention: RetentionPolicy): RetentionPolicy {
  for (const kind of RETAINED_KINDS) {
    const life = retention[kind];
    if (life !== undefined && !(Number.isFinite(life) && life > 0)) {
      throw new E2PError('invalid-argument', `retention.${kind} is ${life}, expected milliseconds above 0`);
    }
  }
  return retention;
}
