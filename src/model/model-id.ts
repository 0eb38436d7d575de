/** Which file of which model it is, as part of what is kept of a device with that model. */
import type { BaseModel } from './base-model.ts';

export const modelId = ({
  name,
  dtype,
  weightBytes,
  cpuWeights,
}: Pick<BaseModel, 'name' | 'dtype' | 'weightBytes' | 'cpuWeights'>): string =>
  JSON.stringify([name, dtype, weightBytes, cpuWeights]);
