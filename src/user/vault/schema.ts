/**
 * What the JSON of each kind of record looks like, as a number, and the way from each number to the next. A vault is brought
 * up to date in one transaction when it is opened. To change a record: raise the version, add a step from the old one.
 */
import type { VaultRecord } from './record-codec.ts';
import type { RecordKind } from './record-kind.ts';

/** One record of version n becomes one of version n + 1. */
export type Migration = (kind: RecordKind, record: VaultRecord) => VaultRecord;

export interface Schema {
  readonly version: number;
  /** By the version they start from. */
  readonly migrations: Readonly<Record<number, Migration>>;
}

/** 2: consent decisions lie in the ledger (`vault-transaction.ts`). */
export const SCHEMA: Schema = { version: 2, migrations: {} };

export function migrate(schema: Schema, version: number, kind: RecordKind, record: VaultRecord): VaultRecord {
  let migrated = record;
  for (let v = version; v < schema.version; v++)
    migrated = schema.migrations[v]?.(kind, migrated) ?? migrated;
  return migrated;
}
