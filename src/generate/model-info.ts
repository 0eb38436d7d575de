/** What an app is told of the model that it has. */
import type { BaseModel } from '../model/base-model.ts';
import type { Engine } from './engine.ts';

/** Which model was loaded, and in which precision. */
export interface ModelInfo {
  readonly name: string;
  readonly dtype: string;
  /** What it computes with: the file's weights, or what they were turned into for a CPU. */
  readonly weights: BaseModel['cpuWeights'];
  /** Tokens, prompt and answer together. */
  readonly contextLength: number;
  readonly hiddenSize: number;
  /** Why its texts are not to be trusted, where a check at load found so. */
  readonly warning?: string;
}

export function modelInfo({ model, warning, decoder }: Engine): ModelInfo {
  const { name, dtype, config, facts } = model;
  const { contextLength } = config;
  return {
    name,
    dtype,
    weights: decoder.runtime.backend === 'webgpu' ? 'as-stored' : model.cpuWeights,
    contextLength,
    hiddenSize: facts.hiddenSize,
    ...(warning !== undefined && { warning }),
  };
}
