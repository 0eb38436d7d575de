/** What an entry with a vault exports of it, wherever that lies. */
export type { PrivacyBudget, PrivateQuestion, PrivateReport, UserAggregates } from './aggregates.ts';
export type { ForgottenItem, UserAttachment, UserChange } from './attachment.ts';
export {
  type AuditAction,
  type AuditEntry,
  type AuditLog,
  type AuditUse,
  type ChainReport,
  verifyAuditLog,
} from './audit-chain.ts';
export type { UserAudit } from './audit-log.ts';
export type { ConsentDecision, ConsentState, UserConsent } from './consent.ts';
export { DRIFT_QUESTION, driftAnswer } from './drift-question.ts';
export type { EventDifference, StoredEvent, UserEvent, UserEvents } from './events.ts';
export type { Arm, Experiment, Metric } from './experiment.ts';
export type { UserExperiments } from './experiments.ts';
export type { ForgetReport } from './forget-report.ts';
export type { Purpose } from './purpose.ts';
export type { StoredEmbedding, UserEmbeddings } from './stored-embeddings.ts';
export type { ExperimentSummary, StoredExperiment } from './stored-experiment.ts';
export type { StoredTranscript, Transcript, UserTranscripts } from './transcripts.ts';
export type { User } from './user.ts';
export type { UserExport } from './user-export.ts';
export type { RetentionPolicy } from './vault/record-kind.ts';
export type { LockKind, LockSecret } from './vault/second-lock.ts';
