/** What the entries for the browser and for Node have in common. */
export { E2PError, type E2PErrorCode, type MemoryBytes } from './error.ts';
export type { GenerateOptions, GenerationResult } from './generate/answer.ts';
export type {
  ChoicesConstraint,
  Constraint,
  JsonSchemaConstraint,
  RegExpConstraint,
} from './generate/constraint/constraint.ts';
export type { ModelInfo } from './generate/model-info.ts';
export type { SessionOptions } from './generate/personalizer.ts';
export type { PromptInput, PromptMessage, TextPart } from './generate/prompt-input.ts';
export type { RankedCandidate, RankOptions } from './generate/rank.ts';
export type { InputOptions, Session } from './generate/session.ts';
export type { JsonValue, TemplateVariables } from './model/chat-template.ts';
export type { CpuWeights } from './model/cpu-weights.ts';
export type { HubOptions } from './model/hub.ts';
export type { Dtype } from './model/model-config.ts';
export type { ChatMessage } from './model/text-codec.ts';
export type { CheckProgress, CheckReport } from './storage/check-stored.ts';
export type { ModelFiles } from './storage/handed-files.ts';
export type { StoredFolder, StoredFolderFile } from './storage/stored-folders.ts';
export type { TotalProgress } from './storage/total-progress.ts';
export {
  ActivityEmbedding,
  type ActivityEmbeddingOptions,
  type ActivityMethod,
  type CountedEvent,
} from './user/activity-embedding.ts';
export { ACTIVITY_TYPES, type ActivityTypes } from './user/activity-weights.ts';
export type { PrivacyBudget, PrivateQuestion, PrivateReport, UserAggregates } from './user/aggregates.ts';
export { type AlsWeights, type FoldInOptions, foldIn } from './user/als.ts';
export type { ForgottenItem, UserAttachment, UserChange } from './user/attachment.ts';
export {
  type AuditAction,
  type AuditEntry,
  type AuditLog,
  type AuditUse,
  type ChainReport,
  verifyAuditLog,
} from './user/audit-chain.ts';
export type { UserAudit } from './user/audit-log.ts';
export { type Catalogue, openCatalogue } from './user/catalogue.ts';
export type { ConsentDecision, ConsentState, UserConsent } from './user/consent.ts';
export { DRIFT_QUESTION, driftAnswer } from './user/drift-question.ts';
export {
  type ActivityConnection,
  type ActivityOptions,
  embedFromActivity,
} from './user/embed-from-activity.ts';
export type { EmbeddingProtection, ProtectionStatement } from './user/embedding-protection.ts';
export type { EventDifference, StoredEvent, UserEvent, UserEvents } from './user/events.ts';
export type { Arm, Experiment, Metric } from './user/experiment.ts';
export type { UserExperiments } from './user/experiments.ts';
export type { MakeEmbedding, UserFeedback } from './user/feedback.ts';
export type { Feedback, StoredFeedback } from './user/feedback-row.ts';
export type { ForgetReport } from './user/forget-report.ts';
export { type Fusion, type FusionSource, fuseEmbeddings } from './user/fuse-embeddings.ts';
export {
  blur,
  epsilonOf,
  type GaussianMechanism,
  type Population,
  type PrivacyLoss,
  sigmaFor,
} from './user/gaussian-mechanism.ts';
export { type ParseEmbeddingOptions, parseEmbedding } from './user/parse-embedding.ts';
export type { Purpose } from './user/purpose.ts';
export { type MappedSpace, mapEmbedding, readSpaceMap, type SpaceMap } from './user/space-map.ts';
export type { StoredEmbedding, UserEmbeddings } from './user/stored-embeddings.ts';
export type { ExperimentSummary, StoredExperiment } from './user/stored-experiment.ts';
export type { StoredTranscript, Transcript, UserTranscripts } from './user/transcripts.ts';
export type { User } from './user/user.ts';
export type { EmbeddingInput, EmbeddingSpace, UserEmbedding } from './user/user-embedding.ts';
export type { UserExport } from './user/user-export.ts';
export type { DriftLevel, DriftOptions, PValueRange, UserFit } from './user/user-fit.ts';
export type { RetentionPolicy } from './user/vault/record-kind.ts';
export type { LockKind, LockSecret } from './user/vault/second-lock.ts';
