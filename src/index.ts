/** The public surface of e2p-web in the browser. */
export * from './common-surface.ts';
export type { Overflow } from './generate/conversation.ts';
export type { TextReadable } from './generate/text-readable.ts';
export type { DeviceRequest } from './runtime/device-choice.ts';
export type { DeviceChoice } from './runtime/runtime.ts';
export type { InterruptedLoad, LoadProgress, SmallerVariant } from './storage/load-progress.ts';
export type { Verified } from './storage/weight-records.ts';
export type { StorageBackend } from './storage/weight-store.ts';
export {
  type CheckWeightsOptions,
  type StorageRoom,
  type StoredWeights,
  weights,
} from './storage/weights.ts';
export { forgetUser } from './user/forget-user.ts';
export { type OpenUserOptions, openUser } from './user/open-user.ts';
export { type Passkey, type WebAuthnPasskeyOptions, webAuthnPasskey } from './user/vault/passkey.ts';
export type { VaultLocation } from './user/vault-location.ts';
export {
  Personalizer,
  type PersonalizerOptions,
  type StorageInfo,
  type WithProjectorOptions,
} from './worker/client.ts';
export type { DescribeOptions, UserHandle } from './worker/load-encoder.ts';
export type { SealedFiles } from './worker/open-workers.ts';
export type { ExitState, PrivacyReport } from './worker/privacy.ts';
