import { describe, expect, it } from 'vitest';
import { webgpuObstacle } from './device-choice.ts';
import { createWebRuntime } from './web-runtime.ts';

/** As much of `navigator.gpu` as the choice looks at. */
const gpuWith = (features: readonly string[] | null): GPU =>
  ({
    requestAdapter: async () => (features === null ? null : { features: new Set(features) }),
  }) as unknown as GPU;

describe('choosing a device', () => {
  it('names what stands in the way of WebGPU', async () => {
    expect(await webgpuObstacle(undefined, 'float32')).toBe('this browser has no WebGPU');
    expect(await webgpuObstacle(gpuWith(null), 'float32')).toMatch(/no adapter/);
    expect(await webgpuObstacle(gpuWith([]), 'float16')).toMatch(/lacks shader-f16/);
    expect(await webgpuObstacle(gpuWith(['shader-f16']), 'float16')).toBeUndefined();
    expect(await webgpuObstacle(gpuWith([]), 'float32')).toBeUndefined();
  });

  it('missing f16: auto takes WASM and says why, a demand for WebGPU is refused and says why', async () => {
    const request = {
      activationType: 'float16',
      attention: undefined,
      operators: [],
      gpu: gpuWith([]),
    } as const;
    const auto = await createWebRuntime({ ...request, device: 'auto' });
    expect(auto).toMatchObject({ device: 'wasm', reason: expect.stringMatching(/lacks shader-f16/) });
    const demand = createWebRuntime({ ...request, device: 'webgpu' });
    await expect(demand).rejects.toMatchObject({ code: 'unsupported-device' });
    await expect(demand).rejects.toThrow(/lacks shader-f16/);
  });

  it('an adapter that fails to answer counts as none', async () => {
    const broken = { requestAdapter: () => Promise.reject(new Error('driver')) } as unknown as GPU;
    expect(await webgpuObstacle(broken, 'float32')).toMatch(/no adapter/);
  });
});
