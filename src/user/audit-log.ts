/** The audit log in the vault: an entry is written in the same transaction as what it tells of. */
import { E2PError } from '../error.ts';
import {
  AUDIT_ACTIONS,
  type AuditAction,
  type AuditEntry,
  type AuditLog,
  type AuditUse,
  type ChainReport,
  hashEntry,
  verifyAuditLog,
} from './audit-chain.ts';
import { PURPOSES } from './purpose.ts';
import { createReader } from './read-untrusted.ts';
import type { Vault } from './vault/vault.ts';
import { orderedId, type VaultTransaction } from './vault/vault-transaction.ts';

/** Entries kept at most; the oldest go first, and the chain is checked from the next one on. */
const ENTRY_LIMIT = 20_000;
/** Characters of an actor, a projector's and a model's name. */
const NAME_LIMIT = { actor: 100, projector: 200, model: 200 } as const;

/** The person's audit log: read, verified, exported. */
export interface UserAudit {
  /** Those that can be read, ascending. */
  entries(): Promise<readonly AuditEntry[]>;
  /** Follows the chain; a break is reported with the first bad entry. */
  verify(): Promise<ChainReport>;
  /** The log as JSON, to be checked elsewhere with `verifyAuditLog`. */
  export(): Promise<AuditLog>;
  /** For what works with the data outside of the vault: an engine, an app. */
  append(use: AuditUse & { readonly action: AuditAction }): Promise<void>;
}

export function createAudit(vault: Vault): UserAudit {
  const read = () => vault.transact(readAudit);
  return {
    entries: async () => (await read()).entries,
    verify: async () => verifyAuditLog(await read()),
    export: read,
    append: (use) => vault.transact((transaction) => appendAudit(transaction, use.action, use)),
  };
}

export async function readAudit(transaction: VaultTransaction): Promise<AuditLog> {
  const entries = (await transaction.entries('audit')).flatMap(({ record }) =>
    record instanceof E2PError ? [] : [record.json as AuditEntry],
  );
  const { anchor, head } = structuredClone(transaction.ledger.audit);
  return { format: 'e2p-audit', version: 1, anchor, head, entries };
}

/** @throws E2PError `invalid-argument` naming the field of `use`. */
export async function appendAudit(
  transaction: VaultTransaction,
  action: AuditAction,
  use: AuditUse = {},
): Promise<void> {
  const { audit } = transaction.ledger;
  const { seq: last, hash: previous } = audit.head;
  const entry = { seq: last + 1, time: transaction.now, ...checkUse(action, use), previous };
  const hash = await hashEntry(entry);
  transaction.put('audit', orderedId(entry.seq), { at: transaction.now, json: { ...entry, hash } });
  audit.head = { seq: entry.seq, hash };
  if (entry.seq - audit.anchor.seq > ENTRY_LIMIT) await dropOldest(transaction);
}

/** The second entry knows the hash of the first, even where the first is damaged. */
async function dropOldest(transaction: VaultTransaction): Promise<void> {
  const { audit } = transaction.ledger;
  const oldest = audit.anchor.seq + 1;
  const next = await transaction.get('audit', orderedId(oldest + 1)).catch(() => undefined);
  if (next === undefined) return;
  audit.anchor = { seq: oldest, hash: (next.json as AuditEntry).previous };
  transaction.delete('audit', orderedId(oldest));
}

function checkUse(action: AuditAction, use: AuditUse): AuditUse & { actor: string; action: AuditAction } {
  const reader = createReader('invalid-argument', 'the audit entry');
  const { actor = 'app', purpose, projector, model } = use;
  const name = (field: keyof typeof NAME_LIMIT, value: string) =>
    reader.text(value, field, NAME_LIMIT[field]);
  return {
    actor: name('actor', actor),
    action: reader.oneOf(action, 'action', AUDIT_ACTIONS),
    ...(purpose !== undefined && { purpose: reader.oneOf(purpose, 'purpose', PURPOSES) }),
    ...(projector !== undefined && { projector: name('projector', projector) }),
    ...(model !== undefined && { model: name('model', model) }),
  };
}
