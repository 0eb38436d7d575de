/** For tests only: what an exporter's style is, and what a caller must know of a model built in it. */
import type { OnnxModel } from '../../onnx/onnx-model.ts';

/** Vocabulary, hidden size, heads, size of a head, positions. */
export const V = 40;
export const H = 32;
export const HEADS = 2;
export const HEAD = 16;
export const CONTEXT = 24;

export interface ZooStyle {
  readonly name: string;
  readonly embedding?:
    | 'gather'
    | 'transposed'
    | 'quantized'
    | 'int8'
    | 'dequantized'
    | 'embed-layer-norm'
    | 'input';
  /** Behind the lookup, as in Gemma. */
  readonly scale?: number;
  readonly weights?: 'float' | 'q4' | 'q4-zero-points' | 'q4-accuracy-4' | '8-bit' | 'int8' | 'bnb4';
  readonly float?: 'float32' | 'float16';
  readonly attention?: 'gqa' | 'decomposed' | 'fused' | 'multi-head' | 'conv';
  /** How rotary or learned positions are told. */
  readonly positions?: 'mask' | 'ids' | 'counted';
  readonly learnedPositions?: boolean;
  readonly norm?: 'fused' | 'decomposed' | 'layer';
  readonly ids?: 'int64' | 'int32';
  readonly head?: 'plain' | 'tied' | 'soft-capped' | 'biased' | 'flat';
  /** `num_logits_to_keep` */
  readonly logitCount?: boolean;
  /** A further output that is neither logits nor cache. */
  readonly hiddenOutput?: boolean;
  readonly opset?: number;
  /** Constants as nodes and not as initializers, as torch writes them. */
  readonly constantNodes?: boolean;
}

export interface ZooCache {
  readonly past: string;
  readonly present: string;
  readonly dims: (batch: number, length: number) => number[];
}

export interface ZooModel {
  readonly model: OnnxModel;
  /** What a caller must know of the inputs; `inspectGraph` is to find out the same. */
  readonly ids: { readonly name: string; readonly type: 'int64' | 'int32' };
  readonly attentionMask: boolean;
  readonly positionIds: boolean;
  readonly logitCount: boolean;
  readonly cache: readonly ZooCache[];
  readonly float: 'float32' | 'float16';
  readonly scale: number;
}

/** Which part of the model: all, all but the lookup, or the lookup (behind its scale) alone. */
export type ZooPart = 'decoder' | 'hand-fed' | 'lookup';

export const HAND_FED = 'hand_fed';
