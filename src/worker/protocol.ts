/**
 * What page, loader and engine worker say to each other. A request has an id and gets exactly one `done` or `failed`
 * with that id, and any number of `progress`, `text` or `reasoning` before. An abort names the request it ends.
 *
 * Only requests carry personal data, and only into the worker: of an embedding the answers tell a level and a λ in tenths. The one answer that brings something of the person out is that of
 * `encode`: to the page that gave the words, for its vault.
 */
import { E2PError, type E2PErrorCode, type MemoryBytes } from '../error.ts';
import type { GenerateOptions, GenerationResult } from '../generate/answer.ts';
import type { UserEndReason } from '../generate/connect-user.ts';
import type { ModelInfo } from '../generate/model-info.ts';
import type { SessionOptions } from '../generate/personalizer.ts';
import type { Said } from '../generate/prompt-input.ts';
import type { RankedCandidate } from '../generate/rank.ts';
import type { OpenedSession, SessionStatus } from '../generate/session.ts';
import type { SetUserOptions } from '../generate/user-handles.ts';
import type { CpuWeights } from '../model/cpu-weights.ts';
import type { Dtype } from '../model/model-config.ts';
import type { ProjectorFile } from '../projector/ready-projector.ts';
import type { Bundle, DeviceRequest } from '../runtime/device-choice.ts';
import type { DeviceChoice } from '../runtime/runtime.ts';
import type { ModelFiles } from '../storage/handed-files.ts';
import type { LoadProgress } from '../storage/load-progress.ts';
import type { ForgottenItem } from '../user/attachment.ts';
import type { EmbeddingInput, EmbeddingSpace } from '../user/user-embedding.ts';
import type { UserFit } from '../user/user-fit.ts';
import type { EncoderFiles, LoadedFiles } from './load-files.ts';
import type { PrivacyReport } from './privacy.ts';

export interface LoadParams {
  /** Absolute URL of the model folder, or its files. */
  readonly model: string | ModelFiles;
  readonly dtype: Dtype | 'auto';
  readonly device: DeviceRequest;
  /** Absolute URL of the projector file, or the file. */
  readonly projector: string | Blob | undefined;
  /** Hex SHA-256 that the folder's manifest must have. */
  readonly manifestSha256: string | undefined;
  /** URLs of stored folders that may be deleted to make room. */
  readonly evict: readonly string[] | 'any' | undefined;
  readonly isTraining: boolean;
  /** The second try, since the first met a device that computes wrongly. */
  readonly isSecond?: boolean;
  readonly cpuWeights: CpuWeights;
  /** Absolute URLs of onnxruntime's WebAssembly. */
  readonly wasm: Readonly<Record<Bundle, string>>;
}

export interface LoadProjectorParams extends Pick<LoadParams, 'model' | 'manifestSha256' | 'evict'> {
  readonly projector: string | Blob;
}

export interface LoadEncoderParams extends Pick<LoadParams, 'evict'> {
  /** Absolute URL of the sentence encoder's folder. */
  readonly encoder: string;
}

/** What a person says, and the files of the encoder that reads it. */
export interface Description {
  readonly text: string | readonly string[];
  readonly encoder: EncoderFiles;
}

/** A personalizer of the engine worker, by its number. */
export interface Of {
  readonly of: number;
}

export interface CreateResult extends OpenedPersonalizer {
  readonly device: DeviceChoice;
  readonly model: ModelInfo;
  readonly privacy: PrivacyReport;
}

export interface OpenedPersonalizer extends Of {
  readonly space: EmbeddingSpace | undefined;
}

/** Options that can be cloned into the worker; signal and callbacks become messages. */
export type WireGenerateOptions = Omit<GenerateOptions, 'signal' | 'onText' | 'onReasoning'>;

/** Operation → parameters and result. */
export interface Operations {
  /** These five are of the loader, all others of the engine. */
  load: { params: LoadParams; result: LoadedFiles };
  loadEncoder: { params: LoadEncoderParams; result: EncoderFiles };
  /** What a test of the device has found. */
  keepFinding: { params: { readonly key: string; readonly found: number }; result: undefined };
  /** A model is up, or can't be; by its number of {@link LoadedFiles}. */
  endBringUp: { params: string; result: undefined };
  loadProjector: { params: LoadProjectorParams; result: ProjectorFile };
  create: { params: LoadedFiles; result: CreateResult };
  /** One more personalizer on the same model. */
  addProjector: { params: Of & { readonly projector: ProjectorFile }; result: OpenedPersonalizer };
  setUser: { params: Of & SetUserOptions & { readonly embedding: EmbeddingInput }; result: UserFit };
  describeUser: { params: Of & SetUserOptions & Description; result: UserFit };
  /** The vectors that `describeUser` would set. */
  encode: { params: Of & Description; result: Float32Array };
  endUser: { params: Of & { readonly reason: UserEndReason }; result: readonly ForgottenItem[] };
  createSession: {
    /** The encoder where it is to read what is asked. */
    params: Of & { readonly options: SessionOptions; readonly encoder?: EncoderFiles };
    result: OpenedSession;
  };
  cloneSession: { params: number; result: OpenedSession };
  destroySession: { params: number; result: undefined };
  generate: {
    params: { readonly session: number; readonly said: Said; readonly options: WireGenerateOptions };
    result: {
      readonly result: GenerationResult;
      readonly status: SessionStatus;
      readonly device: DeviceChoice;
    };
  };
  rank: {
    params: { readonly session: number; readonly said: Said; readonly candidates: readonly string[] };
    result: { readonly ranked: readonly RankedCandidate[]; readonly device: DeviceChoice };
  };
  append: { params: { readonly session: number; readonly said: Said }; result: SessionStatus };
  measure: { params: { readonly session: number; readonly said: Said }; result: number };
  destroy: { params: Of; result: undefined };
}
export type Operation = keyof Operations;

export type Request = {
  [O in Operation]: { readonly id: number; readonly op: O; readonly params: Operations[O]['params'] };
}[Operation];
export type PageMessage = Request | { readonly abort: number };

export type WorkerMessage =
  | { readonly id: number; readonly type: 'done'; readonly value: unknown }
  | { readonly id: number; readonly type: 'failed'; readonly error: WireError }
  | { readonly id: number; readonly type: 'progress'; readonly progress: LoadProgress }
  | { readonly id: number; readonly type: 'text' | 'reasoning'; readonly text: string }
  | { readonly id: number; readonly type: 'found'; readonly key: string; readonly found: number }
  | { readonly id: number; readonly type: 'overflow' };

/** An error as data. Inverse of {@link fromWireError}. */
export interface WireError {
  readonly name: string;
  readonly message: string;
  readonly code: E2PErrorCode | undefined;
  readonly status?: number | undefined;
  readonly memory?: MemoryBytes | undefined;
}

/** Of an error that is not ours only the name is told: it may quote what was said. */
export function toWireError(error: unknown): WireError {
  if (error instanceof E2PError) {
    const { name, message, code, status, memory } = error;
    return { name, message, code, status, memory };
  }
  const name = error instanceof Error || error instanceof DOMException ? error.name : typeof error;
  return { name, message: `unexpected failure in the engine worker: ${name}`, code: undefined };
}

export function fromWireError({ name, message, code, status, memory }: WireError): Error {
  if (code !== undefined) return new E2PError(code, message, { status, memory });
  if (name === 'AbortError') return new DOMException('the call was aborted', name);
  return new E2PError('runtime-failed', message);
}
