/** What the address bar can change: `?device=wasm&model=…&projector=…&maxTokens=…`. */
import type { DeviceRequest, Dtype } from '../../src/index.ts';

export interface PageOptions {
  readonly device: DeviceRequest;
  readonly model: string;
  readonly dtype: Dtype;
  readonly projector: string;
  readonly maxTokens: number;
}

const DEVICES: readonly DeviceRequest[] = ['auto', 'webgpu', 'wasm'];

export function readPageOptions({ search }: { readonly search: string }): PageOptions {
  const query = new URLSearchParams(search);
  const maxTokens = Number(query.get('maxTokens') ?? 48);
  return {
    device: DEVICES.find((device) => device === query.get('device')) ?? 'auto',
    model: query.get('model') ?? './models/e2p-tiny',
    dtype: 'q4',
    projector: query.get('projector') ?? './models/e2p-tiny/projector.safetensors',
    maxTokens: Number.isInteger(maxTokens) && maxTokens > 0 ? maxTokens : 48,
  };
}
