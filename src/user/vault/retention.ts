/**
 * Removing what has outlived its time. Runs inside a transaction before anything else is read, so that nobody sees an expired
 * record. A record that can't be read has no age and stays until `forget()`.
 */
import { E2PError } from '../../error.ts';
import type { AuditEntry } from '../audit-chain.ts';
import { NEVER } from './ledger.ts';
import { RETAINED_KINDS, type RecordKind, type RetentionPolicy } from './record-kind.ts';
import type { VaultTransaction } from './vault-transaction.ts';

/** Kinds whose ids ascend with their age, so that the first one that is young enough ends the search. */
const BY_AGE: readonly RecordKind[] = ['event', 'feedback', 'audit'];

/** Removes expired records and notes in the ledger when the next one is due. */
export async function removeExpired(transaction: VaultTransaction): Promise<void> {
  const { now, ledger, retention } = transaction;
  ledger.nextExpiry = NEVER;
  for (const kind of RETAINED_KINDS) {
    const life = retention[kind];
    if (life === undefined) continue;
    const damaged: string[] = [];
    for (const id of await transaction.ids(kind)) {
      const record = await transaction.get(kind, id).catch(ifDamaged);
      if (record === undefined) {
        damaged.push(id);
        continue;
      }
      if (record.at + life > now) {
        ledger.nextExpiry = Math.min(ledger.nextExpiry, record.at + life);
        if (BY_AGE.includes(kind)) break;
        continue;
      }
      record.values?.fill(0);
      transaction.delete(kind, id);
      if (kind === 'embedding') transaction.changes.add('embedding');
      if (kind === 'event') transaction.changes.add('events');
      if (kind === 'feedback') transaction.changes.add('feedback');
      if (kind !== 'audit') continue;
      // The chain is checked from the last entry that is gone; damaged ones in front of it are older than it.
      ledger.audit.anchor = { seq: Number(id), hash: (record.json as AuditEntry).hash };
      for (const older of damaged.splice(0)) transaction.delete('audit', older);
    }
  }
}

function ifDamaged(error: unknown): undefined {
  if (!(error instanceof E2PError && error.code === 'vault-corrupt')) throw error;
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
