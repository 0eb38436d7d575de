/**
 * What the person did: small facts from which an app may learn an embedding on the device. To add and to read needs the grant
 * for `learn-from-activity`; to delete never needs any.
 */
import { E2PError } from '../error.ts';
import type { AuditUse } from './audit-chain.ts';
import { appendAudit } from './audit-log.ts';
import { type ConsentedVault, withConsent } from './consent.ts';
import { createReader, type Reader } from './read-untrusted.ts';
import type { VaultRecord } from './vault/record-codec.ts';
import type { VaultTransaction } from './vault/vault-transaction.ts';

/** Bounds (CWE-770): events kept, of which the oldest go first; characters of type and item; a weight, either way. */
export const EVENT_LIMITS = { count: 10_000, type: 64, item: 256, weight: 1e6 } as const;

/** Something the person did. */
export interface UserEvent {
  /** e.g. `click`. */
  readonly type: string;
  /** What it was about: the app's id of it. */
  readonly item: string;
  /** When it happened, milliseconds since 1970. Default: now. */
  readonly time?: number;
  /** How much of it, as the app counts: seconds of `dwell`, say; from −1e6 to 1e6. Default: 1. */
  readonly weight?: number;
}

/** An event as it lies in the vault. */
export interface StoredEvent extends UserEvent {
  /** By which it is deleted. */
  readonly id: string;
  readonly time: number;
  /** Vault time, milliseconds since 1970. */
  readonly storedAt: number;
}

/** What the person did, encrypted; needs `learn-from-activity`. */
export interface UserEvents {
  /** @returns its id. @throws E2PError `consent-required`, `invalid-argument` */
  add(event: UserEvent, use?: AuditUse): Promise<string>;
  /** In the order they were added. @throws E2PError `consent-required`, `vault-corrupt` */
  list(use?: AuditUse): Promise<readonly StoredEvent[]>;
  /**
   * What differs from the events that somebody knows: those he does not, in the order they were added, and the ids that are gone. As `list`,
   * without reading again what is known.
   * @throws E2PError `consent-required`, `vault-corrupt`
   */
  difference(known: Iterable<string>, use?: AuditUse): Promise<EventDifference>;
  /** One, or several at once. @returns whether there was one. */
  delete(id: string | readonly string[], use?: AuditUse): Promise<boolean>;
  /** Deletes all of them. @returns how many. */
  clear(use?: AuditUse): Promise<number>;
}

/** What has become of events since somebody looked. */
export interface EventDifference {
  /** New since then. */
  readonly added: readonly StoredEvent[];
  /** Ids. */
  readonly removed: readonly string[];
}

export function createEvents(consented: ConsentedVault): UserEvents {
  const { vault } = consented;
  const remove = (which: (id: string) => boolean, use: AuditUse | undefined) =>
    vault.transact(async (transaction) => {
      const ids = (await transaction.ids('event')).filter(which);
      for (const id of ids) transaction.delete('event', id);
      if (ids.length > 0) transaction.changes.add('events');
      if (ids.length > 0) await appendAudit(transaction, 'events-deleted', use);
      return ids.length;
    });
  return {
    add: async (event, use) => {
      const checked = readEvent(createReader('invalid-argument', 'the event'), event, '');
      return withConsent(consented, 'learn-from-activity', use, async (transaction) => {
        const ids = await transaction.ids('event');
        for (const id of ids.slice(0, Math.max(0, ids.length + 1 - EVENT_LIMITS.count))) {
          transaction.delete('event', id);
        }
        transaction.changes.add('events');
        return putEvent(transaction, { time: transaction.now, ...checked }, transaction.now);
      });
    },
    list: (use) =>
      withConsent(consented, 'learn-from-activity', use, async (transaction) => {
        const entries = await transaction.entries('event');
        await appendAudit(transaction, 'events-read', { ...use, purpose: 'learn-from-activity' });
        return entries.map(({ id, record }) => {
          if (record instanceof E2PError) throw record;
          return storedEvent(id, record);
        });
      }),
    difference: (known, use) =>
      withConsent(consented, 'learn-from-activity', use, async (transaction) => {
        const gone = new Set(known);
        const added: StoredEvent[] = [];
        for (const id of await transaction.ids('event')) {
          if (gone.delete(id)) continue;
          const record = await transaction.get('event', id);
          if (record !== undefined) added.push(storedEvent(id, record));
        }
        await appendAudit(transaction, 'events-read', { ...use, purpose: 'learn-from-activity' });
        return { added, removed: [...gone] };
      }),
    delete: async (id, use) => {
      const gone = new Set([id].flat());
      return (await remove((stored) => gone.has(stored), use)) > 0;
    },
    clear: (use) => remove(() => true, use),
  };
}

const storedEvent = (id: string, { json, at }: VaultRecord): StoredEvent => ({
  ...{ id, storedAt: at },
  ...(json as UserEvent & { time: number }),
});

/** @returns its id. */
export function putEvent(
  transaction: VaultTransaction,
  event: UserEvent & { readonly time: number },
  at: number,
): string {
  const id = transaction.nextId();
  transaction.put('event', id, { at, json: event });
  return id;
}

/** An event that nobody vouches for. `where` is its place in the file. */
export function readEvent(reader: Reader, value: unknown, where: string): UserEvent {
  const { type, item, time, weight } = reader.fields(value, where, ['type', 'item', 'time', 'weight']);
  const field = (name: string) => (where === '' ? name : `${where}.${name}`);
  return {
    type: reader.text(type, field('type'), EVENT_LIMITS.type),
    item: reader.text(item, field('item'), EVENT_LIMITS.item),
    ...(time !== undefined && { time: reader.time(time, field('time')) }),
    ...(weight !== undefined && { weight: reader.within(weight, field('weight'), EVENT_LIMITS.weight) }),
  };
}
