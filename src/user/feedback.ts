/**
 * What the person said about answers: thumbs, texts of their own, choices, and an embedding that learns from them. All of it needs the grant for
 * `learn-from-feedback`; to delete never needs any. Nothing is learnt unless the app asks for it.
 *
 * Learning always begins with the embedding that was given, never with one that has learnt: a row that is deleted leaves nothing in the next.
 */
import { E2PError } from '../error.ts';
import type { AuditUse } from './audit-chain.ts';
import { appendAudit } from './audit-log.ts';
import { type ConsentedVault, withConsent } from './consent.ts';
import {
  FEEDBACK_LIMITS,
  type Feedback,
  type FeedbackRow,
  readFeedback,
  type StoredFeedback,
} from './feedback-row.ts';
import type { HeldBuffers } from './held-buffers.ts';
import { createReader } from './read-untrusted.ts';
import { checkStorable, givenOf, idsOfSpace, putEmbedding } from './stored-embeddings.ts';
import type { UserChanges } from './user-changes.ts';
import type { VaultTransaction } from './vault/vault-transaction.ts';

/** What the person said about answers, encrypted; needs `learn-from-feedback`. */
export interface UserFeedback {
  /** @returns its id. @throws E2PError `consent-required`, `invalid-argument` */
  add(feedback: Feedback, use?: AuditUse): Promise<string>;
  /** In the order they were added. @throws E2PError `consent-required`, `vault-corrupt` */
  list(use?: AuditUse): Promise<readonly StoredFeedback[]>;
  /** @returns whether there was one. */
  delete(id: string, use?: AuditUse): Promise<boolean>;
  /** Deletes all of them. @returns how many. */
  clear(use?: AuditUse): Promise<number>;
  /**
   * Sets what `make` makes of the embedding that was given and the rows, as a new version that `embedding.undo` takes back; both grants are needed.
   * A withdrawal, a lock, `forget()`, a row that is deleted and another embedding end its signal, and are waited for: `make` must end then, and what it
   * gives is dropped. Without a row the embedding that was given is current again. `learnFromFeedback` of `e2p-web/train` has a `make` for a page.
   * @param make gives undefined to leave the embedding as it is; what it gives is overwritten.
   * @returns whether the embedding is another one now.
   * @throws E2PError `consent-required`, `no-user` without an embedding of the space, `user-replaced`, `vault-locked`; what `make` throws
   */
  learn(space: string, make: MakeEmbedding, use?: AuditUse): Promise<boolean>;
}

/** Learns; see `UserFeedback.learn`. */
export type MakeEmbedding = (from: {
  /** The embedding that was given; overwritten afterwards. */
  readonly values: Float32Array;
  /** All of them, in the order they were added. */
  readonly rows: readonly Feedback[];
  /** Ended by what must not be learnt from any more. */
  readonly signal: AbortSignal;
}) => Promise<Float32Array | undefined>;

const PURPOSES_TO_LEARN = ['personalise', 'learn-from-feedback'] as const;

export function createFeedback(
  consented: ConsentedVault,
  historyLength: number,
  buffers: HeldBuffers,
  attach: UserChanges['attach'],
): UserFeedback {
  const { vault } = consented;
  const remove = (which: (id: string) => boolean, use: AuditUse | undefined) =>
    vault.transact(async (transaction) => {
      const ids = (await transaction.ids('feedback')).filter(which);
      for (const id of ids) transaction.delete('feedback', id);
      if (ids.length > 0) transaction.changes.add('feedback');
      if (ids.length > 0) await appendAudit(transaction, 'feedback-deleted', use);
      return ids.length;
    });
  const rowsOf = async (transaction: VaultTransaction, use: AuditUse | undefined) => {
    const entries = await transaction.entries('feedback');
    await appendAudit(transaction, 'feedback-read', { ...use, purpose: 'learn-from-feedback' });
    return entries.map(({ id, record }): StoredFeedback => {
      if (record instanceof E2PError) throw record;
      return { id, ...(record.json as FeedbackRow), storedAt: record.at };
    });
  };
  /** What must still stand when the learning is done. */
  const standing = async (transaction: VaultTransaction, space: string) =>
    JSON.stringify([
      PURPOSES_TO_LEARN.map((purpose) => transaction.ledger.consent[purpose]),
      (await idsOfSpace(transaction, space)).at(-1),
    ]);
  const replaced = () =>
    new E2PError(
      'user-replaced',
      'what was learnt was dropped: another decision, embedding or deletion came first',
    );
  const begin = (space: string, use: AuditUse | undefined) =>
    withConsent(consented, PURPOSES_TO_LEARN, use, async (transaction) => {
      const given = await givenOf(transaction, space);
      if (given?.record.values === undefined)
        throw new E2PError('no-user', 'there is no embedding of the space to learn from');
      const rows = await rowsOf(transaction, use);
      const newer = (await idsOfSpace(transaction, space)).filter((id) => id > given.id);
      if (rows.length === 0 && newer.length > 0) {
        for (const id of newer) transaction.delete('embedding', id);
        transaction.changes.add('embedding');
        await appendAudit(transaction, 'embedding-undone', use);
      }
      const values = buffers.hold(given.record.values);
      return {
        values,
        rows,
        restored: rows.length === 0 && newer.length > 0,
        before: await standing(transaction, space),
      };
    });
  return {
    add: async (feedback, use) => {
      const row = readFeedback(createReader('invalid-argument', 'the feedback'), feedback);
      return withConsent(consented, 'learn-from-feedback', use, async (transaction) => {
        const ids = await transaction.ids('feedback');
        for (const id of ids.slice(0, Math.max(0, ids.length + 1 - FEEDBACK_LIMITS.count))) {
          transaction.delete('feedback', id);
        }
        return putFeedback(transaction, row, transaction.now);
      });
    },
    list: (use) =>
      withConsent(consented, 'learn-from-feedback', use, (transaction) => rowsOf(transaction, use)),
    delete: async (id, use) => (await remove((other) => other === id, use)) === 1,
    clear: (use) => remove(() => true, use),
    learn: async (space, make, use) => {
      const { values, rows, restored, before } = await begin(space, use);
      if (rows.length === 0) {
        values.fill(0);
        return restored;
      }
      const isStill = async (transaction: VaultTransaction) => {
        const left = new Set(await transaction.ids('feedback'));
        return (await standing(transaction, space)) === before && rows.every(({ id }) => left.has(id));
      };
      const controller = new AbortController();
      const making = (async () => {
        // A change that came before this is attached is found at the end.
        await Promise.resolve();
        try {
          const plain = rows.map(({ id, storedAt, ...row }) => row);
          return await make({ values, rows: plain, signal: controller.signal });
        } finally {
          values.fill(0);
        }
      })();
      const ended = making.then(
        (made) => controller.signal.aborted && made?.fill(0),
        () => undefined,
      );
      const stop = async (why: unknown) => {
        controller.abort(why);
        await ended;
      };
      const detach = attach({
        onChange: async () => {
          const why = await withConsent(consented, PURPOSES_TO_LEARN, use, async (transaction) =>
            (await isStill(transaction)) ? undefined : replaced(),
          ).catch((error: unknown) => error);
          if (why !== undefined) await stop(why);
        },
        forget: async () => {
          await stop(new E2PError('destroyed', 'the user was forgotten while their embedding was learning'));
          return [{ what: 'feedback', where: 'memory', count: rows.length }];
        },
      });
      let made: Float32Array | undefined;
      try {
        made = await making.finally(detach);
        controller.signal.throwIfAborted();
        if (made === undefined) return false;
        const learnt = { ...checkStorable({ space, values: made }), learntFrom: 'feedback' as const };
        await withConsent(consented, PURPOSES_TO_LEARN, use, async (transaction) => {
          if (!(await isStill(transaction))) throw replaced();
          await putEmbedding(transaction, { ...learnt, storedAt: transaction.now }, historyLength);
          await appendAudit(transaction, 'embedding-set', { ...use, purpose: 'learn-from-feedback' });
        });
        return true;
      } catch (error) {
        // The maker's own AbortError says less.
        controller.signal.throwIfAborted();
        throw error;
      } finally {
        made?.fill(0);
      }
    },
  };
}

export function putFeedback(transaction: VaultTransaction, row: FeedbackRow, at: number): string {
  const id = transaction.nextId();
  transaction.put('feedback', id, { at, json: row });
  transaction.changes.add('feedback');
  return id;
}
