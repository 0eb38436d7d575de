/**
 * For tests only: the folder beside the checkout with real models and reference values. A user's clone has none,
 * so tests that need it are skipped with a message that says so.
 */
import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';

const folder = fileURLToPath(new URL('../../../shared', import.meta.url));

export const sharedPath = (path: string): string => join(folder, path);
export const hasShared = existsSync(sharedPath('models/stories260k'));
export const readShared = (path: string): Uint8Array => new Uint8Array(readFileSync(sharedPath(path)));

/** Suffix of a `describe` title where the folder is missing. */
export const sharedNote = hasShared ? '' : ' (skipped: needs ../shared)';

export interface SoftReference {
  readonly cases: readonly {
    readonly id: string;
    readonly prompt_ids: readonly number[];
    readonly insert_at: number;
    readonly token_id: number | null;
    readonly vector: readonly number[];
    readonly expected_last_logits: readonly number[];
    readonly greedy_next_16_ids: readonly number[];
  }[];
}

export const softReference = (): SoftReference =>
  JSON.parse(new TextDecoder().decode(readShared('reference/soft-reference.json')));

export interface GradReferenceCase {
  readonly id: string;
  readonly prompt_ids: readonly number[];
  readonly target_mask: readonly number[];
  readonly vector: readonly number[];
  readonly loss: number;
  readonly grad: readonly number[];
  readonly loss_after_step: { readonly learning_rate: number; readonly loss: number };
}

export const gradReference = (): readonly GradReferenceCase[] =>
  JSON.parse(new TextDecoder().decode(readShared('reference/grad-reference.json'))).cases;

export interface Smollm2Reference {
  readonly soft: readonly {
    readonly id: string;
    readonly prompt_ids: readonly number[];
    readonly insert_at: number;
    readonly vectors: readonly (readonly number[])[];
    /** The ten largest logits after the prompt. */
    readonly last: { readonly ids: readonly number[]; readonly logits: readonly number[] };
    readonly greedy_ids: readonly number[];
    /** Smallest lead of a chosen token. */
    readonly min_margin: number;
  }[];
  readonly gradients: readonly {
    readonly id: string;
    readonly prompt_ids: readonly number[];
    readonly target_ids: readonly number[];
    readonly insert_at: number;
    readonly vectors: readonly (readonly number[])[];
    readonly loss: number;
    readonly grad: readonly (readonly number[])[];
    readonly after_step: { readonly learning_rate: number; readonly loss: number };
  }[];
}

export const smollm2Reference = (): Smollm2Reference =>
  JSON.parse(new TextDecoder().decode(readShared('reference/smollm2-reference.json')));
