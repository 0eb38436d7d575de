/**
 * Taking in an export, all of it or nothing. Embeddings, events, feedback and transcripts of the vault are replaced by those of the file.
 * Of consent only a "no" to what this vault was never asked is taken: a file can't overrule a person's decision on this device, and can't
 * grant what only the person can.
 */
import type { AuditUse } from './audit-chain.ts';
import { appendAudit } from './audit-log.ts';
import { putDecision } from './consent.ts';
import { putEvent } from './events.ts';
import { putFeedback } from './feedback.ts';
import { parseUserExport } from './parse-user-export.ts';
import { PURPOSES } from './purpose.ts';
import { addEmbedding } from './stored-embeddings.ts';
import { removeExpired } from './vault/retention.ts';
import type { Vault } from './vault/vault.ts';

const byAge = (a: { readonly storedAt: number }, b: { readonly storedAt: number }) => a.storedAt - b.storedAt;

/** @throws E2PError `invalid-import` naming the field. */
export async function importUser(
  vault: Vault,
  json: unknown,
  historyLength: number,
  use?: AuditUse,
): Promise<void> {
  const { consent, embeddings, events, feedback, transcripts } = parseUserExport(json);
  await vault.transact(async (transaction) => {
    for (const kind of ['embedding', 'event', 'feedback', 'transcript'] as const) {
      for (const id of await transaction.ids(kind)) transaction.delete(kind, id);
    }
    // Stored in the future would be kept for ever.
    const at = (storedAt: number) => Math.min(storedAt, transaction.now);
    // The newest of each space; to look for what is too many behind each would take seconds for some thousand.
    const counts = new Map<string, number>();
    const kept = embeddings
      .toSorted(byAge)
      .toReversed()
      .filter(({ space }) => {
        const count = (counts.get(space) ?? 0) + 1;
        counts.set(space, count);
        return count <= historyLength;
      });
    for (const embedding of kept.toReversed()) {
      await addEmbedding(transaction, { ...embedding, storedAt: at(embedding.storedAt) });
    }
    for (const { storedAt, ...event } of events.toSorted(byAge)) putEvent(transaction, event, at(storedAt));
    for (const { storedAt, ...row } of feedback.toSorted(byAge)) putFeedback(transaction, row, at(storedAt));
    for (const { storedAt, ...transcript } of transcripts.toSorted(byAge)) {
      transaction.put('transcript', transaction.nextId(), { at: at(storedAt), json: transcript });
    }
    for (const purpose of PURPOSES) {
      const decision = consent[purpose];
      if (decision === undefined || decision.state === 'granted') continue;
      if (transaction.ledger.consent[purpose] !== undefined) continue;
      await putDecision(transaction, purpose, { ...decision, time: at(decision.time) }, use);
    }
    transaction.changes.add('embedding').add('events').add('feedback');
    await appendAudit(transaction, 'imported', use);
    await removeExpired(transaction);
  });
}
