/** The public surface of e2p-web in the browser. */
export { E2PError, type E2PErrorCode, type MemoryBytes } from './error.ts';
export type { GenerateOptions, GenerationResult } from './generate/answer.ts';
export type {
  ChoicesConstraint,
  Constraint,
  JsonSchemaConstraint,
  RegExpConstraint,
} from './generate/constraint/constraint.ts';
export type { Overflow } from './generate/conversation.ts';
export type { ModelInfo } from './generate/model-info.ts';
export type { SessionOptions } from './generate/personalizer.ts';
export type { PromptInput, PromptMessage, TextPart } from './generate/prompt-input.ts';
export type { RankedCandidate, RankOptions } from './generate/rank.ts';
export type { InputOptions, Session } from './generate/session.ts';

export type { TextReadable } from './generate/text-readable.ts';
export type { JsonValue, TemplateVariables } from './model/chat-template.ts';
export type { CpuWeights } from './model/cpu-weights.ts';
export type { HubOptions } from './model/hub.ts';
export type { Dtype } from './model/model-config.ts';
export type { ChatMessage } from './model/text-codec.ts';
export type { DeviceRequest } from './runtime/device-choice.ts';
export type { DeviceChoice } from './runtime/runtime.ts';
export type { CheckProgress, CheckReport } from './storage/check-stored.ts';
export type { ModelFiles } from './storage/handed-files.ts';
export type { InterruptedLoad, LoadProgress, SmallerVariant } from './storage/load-progress.ts';
export type { StoredFolder, StoredFolderFile } from './storage/stored-folders.ts';
export type { TotalProgress } from './storage/total-progress.ts';
export type { Verified } from './storage/weight-records.ts';
export type { StorageBackend } from './storage/weight-store.ts';
export {
  type CheckWeightsOptions,
  type StorageRoom,
  type StoredWeights,
  weights,
} from './storage/weights.ts';
export {
  ActivityEmbedding,
  type ActivityEmbeddingOptions,
  type ActivityMethod,
  type CountedEvent,
} from './user/activity-embedding.ts';
export { ACTIVITY_TYPES, type ActivityTypes } from './user/activity-weights.ts';
export { type AlsWeights, type FoldInOptions, foldIn } from './user/als.ts';
export { type Catalogue, openCatalogue } from './user/catalogue.ts';
export {
  type ActivityConnection,
  type ActivityOptions,
  embedFromActivity,
} from './user/embed-from-activity.ts';
export { forgetUser } from './user/forget-user.ts';
export { type Fusion, type FusionSource, fuseEmbeddings } from './user/fuse-embeddings.ts';
export {
  blur,
  epsilonOf,
  type GaussianMechanism,
  type PrivacyLoss,
  sigmaFor,
} from './user/gaussian-mechanism.ts';
export { type OpenUserOptions, openUser } from './user/open-user.ts';
export { type ParseEmbeddingOptions, parseEmbedding } from './user/parse-embedding.ts';
export { type MappedSpace, mapEmbedding, readSpaceMap, type SpaceMap } from './user/space-map.ts';
export type { EmbeddingInput, EmbeddingSpace, UserEmbedding } from './user/user-embedding.ts';
export type { DriftLevel, DriftOptions, PValueRange, UserFit } from './user/user-fit.ts';
export { type Passkey, type WebAuthnPasskeyOptions, webAuthnPasskey } from './user/vault/passkey.ts';
export type { VaultLocation } from './user/vault-location.ts';
export * from './user/vault-surface.ts';
export {
  Personalizer,
  type PersonalizerOptions,
  type StorageInfo,
  type WithProjectorOptions,
} from './worker/client.ts';
export type { DescribeOptions, UserHandle } from './worker/load-encoder.ts';
export type { SealedFiles } from './worker/open-workers.ts';
export type { ExitState, PrivacyReport } from './worker/privacy.ts';
