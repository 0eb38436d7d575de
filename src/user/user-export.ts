/**
 * A person's data as portable JSON, in clear: it is theirs, to keep and to take elsewhere. Writing it asks for no consent, and
 * a damaged record is counted instead of keeping the others back.
 */
import { E2PError } from '../error.ts';
import type { PrivateReport } from './aggregates.ts';
import type { AuditLog, AuditUse } from './audit-chain.ts';
import { appendAudit, readAudit } from './audit-log.ts';
import type { ConsentDecision } from './consent.ts';
import type { ProtectionStatement } from './embedding-protection.ts';
import type { UserEvent } from './events.ts';
import type { FeedbackRow, StoredFeedback } from './feedback-row.ts';
import type { Purpose } from './purpose.ts';
import type { StoredEmbedding, StoredJson } from './stored-embeddings.ts';
import { asStored, type StoredExperiment } from './stored-experiment.ts';
import type { Transcript } from './transcripts.ts';
import type { VaultRecord } from './vault/record-codec.ts';
import type { RecordKind } from './vault/record-kind.ts';
import type { Vault } from './vault/vault.ts';

export const EXPORT_FORMAT = 'e2p-user';
export const EXPORT_VERSION = 1;

export interface ExportedEmbedding {
  readonly space: string;
  /** [dim]; float32 numbers, which JSON carries exactly. */
  readonly values: readonly number[];
  /** All times: milliseconds since 1970. */
  readonly storedAt: number;
  /** Absent where it was given. */
  readonly learntFrom?: StoredEmbedding['learntFrom'] | undefined;
  /** What was done to it in this vault; an import drops it, since a file proves nothing. */
  readonly protection?: ProtectionStatement | undefined;
}
export interface ExportedEvent extends UserEvent {
  readonly time: number;
  readonly storedAt: number;
}
export interface ExportedTranscript extends Transcript {
  readonly storedAt: number;
}

/** A person's data in clear, as JSON has it. */
export interface UserExport {
  readonly format: typeof EXPORT_FORMAT;
  readonly version: typeof EXPORT_VERSION;
  readonly exportedAt: number;
  readonly consent: Readonly<Partial<Record<Purpose, ConsentDecision>>>;
  /** Of a space the oldest first. */
  readonly embeddings: readonly ExportedEmbedding[];
  readonly events: readonly ExportedEvent[];
  /** What they said about answers. */
  readonly feedback: readonly Omit<StoredFeedback, 'id'>[];
  readonly transcripts: readonly ExportedTranscript[];
  /** Sums and summaries of experiments, and private reports: what has left this vault, if the app sent it. An import takes none of it. */
  readonly experiments: readonly StoredExperiment[];
  readonly reports: readonly PrivateReport[];
  readonly audit: AuditLog;
  /** Records that are damaged. */
  readonly unreadable: readonly { readonly kind: RecordKind; readonly count: number }[];
}

export function exportUser(vault: Vault, use?: AuditUse): Promise<UserExport> {
  return vault.transact(async (transaction) => {
    const unreadable = new Map<RecordKind, number>();
    const readable = async (kind: RecordKind): Promise<readonly { id: string; record: VaultRecord }[]> =>
      (await transaction.entries(kind)).flatMap(({ id, record }) => {
        if (!(record instanceof E2PError)) return [{ id, record }];
        unreadable.set(kind, (unreadable.get(kind) ?? 0) + 1);
        return [];
      });
    await appendAudit(transaction, 'exported', use);
    const embeddings = (await readable('embedding')).map(({ record: { at, json, values } }) => {
      const { space, learntFrom, protection } = json as StoredJson;
      return {
        ...{ space, values: Array.from(values ?? []), storedAt: at },
        ...(learntFrom && { learntFrom }),
        ...(protection && { protection }),
      };
    });
    const events = (await readable('event')).map(({ record: { at, json } }) => ({
      ...(json as UserEvent & { time: number }),
      storedAt: at,
    }));
    const feedback = (await readable('feedback')).map(({ record: { at, json } }) => ({
      ...(json as FeedbackRow),
      storedAt: at,
    }));
    const transcripts = (await readable('transcript')).map(({ record: { at, json } }) => ({
      ...(json as Transcript),
      storedAt: at,
    }));
    const experiments = (await readable('experiment')).flatMap(({ record }) => asStored(record.json) ?? []);
    const reports = (await readable('answer')).map(({ record }) => record.json as PrivateReport);
    await readable('audit');
    return {
      format: EXPORT_FORMAT,
      version: EXPORT_VERSION,
      exportedAt: transaction.now,
      consent: structuredClone(transaction.ledger.consent),
      embeddings,
      events,
      feedback,
      transcripts,
      experiments,
      reports,
      audit: await readAudit(transaction),
      unreadable: [...unreadable].map(([kind, count]) => ({ kind, count })),
    };
  });
}
