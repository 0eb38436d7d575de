/** The public surface of e2p-web in the browser. */
export { E2PError, type E2PErrorCode } from './error.ts';
export type { GenerateOptions, GenerationResult } from './generate/generate-text.ts';
export type { ModelInfo, SessionOptions, UserHandle } from './generate/personalizer.ts';
export type { Session } from './generate/session.ts';
export type { HubOptions } from './model/hub.ts';
export type { Dtype } from './model/model-config.ts';
export type { ChatMessage } from './model/text-codec.ts';
export type { DeviceChoice } from './runtime/runtime.ts';
export type { DeviceRequest } from './runtime/web-runtime.ts';
export type { CheckProgress, CheckReport } from './storage/check-stored.ts';
export type { StoredFolder, StoredFolderFile } from './storage/stored-folders.ts';
export type { TotalProgress } from './storage/total-progress.ts';
export { type CheckWeightsOptions, type StorageRoom, weights } from './storage/weights.ts';
export { type FoldInOptions, foldIn } from './user/als.ts';
export type { EmbeddingSpace, UserEmbedding } from './user/user-embedding.ts';
export { Personalizer, type PersonalizerOptions, type StorageInfo } from './worker/client.ts';
export type { ExitState, PrivacyReport } from './worker/privacy.ts';
export type { LoadProgress } from './worker/protocol.ts';
