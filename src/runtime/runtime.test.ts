/** What onnxruntime leaves open when a GPU goes away; what it does otherwise is tried with the real one everywhere else. */
import { describe, expect, it } from 'vitest';
import { createRuntime, type OrtModule } from './runtime.ts';

/** A module whose sessions never end a run. */
const hanging = () => {
  const session = {
    inputNames: [],
    outputNames: [],
    run: () => new Promise(() => {}),
    release: async () => {},
  };
  return { InferenceSession: { create: async () => session } } as unknown as OrtModule;
};

describe('a lost device', () => {
  it('ends a run that onnxruntime leaves waiting, and the next in the same module begins', async () => {
    const ort = hanging();
    let isLost = false;
    let lose = () => {};
    const lost = new Promise<void>((resolve) => {
      lose = () => {
        isLost = true;
        resolve();
      };
    });
    const common = { ort, executionProviders: [], prefillChunk: 1, reason: 'a test' };
    const gpu = createRuntime({
      ...{ ...common, device: 'webgpu', backend: 'webgpu', lost, isLost: () => isLost },
    });
    const cpu = createRuntime({ ...common, device: 'wasm', backend: 'wasm' });
    const running = (await gpu.createSession(new Uint8Array())).run({});
    const next = cpu.createSession(new Uint8Array());
    lose();
    await expect(running).rejects.toMatchObject({ code: 'device-lost' });
    expect((await next).inputNames).toEqual([]);
  });
});
