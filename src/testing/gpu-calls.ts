/** For tests and benchmarks on a page: how often WebGPU is called there, from now on. */

export interface GpuCalls {
  readonly bindGroups: number;
  readonly buffers: number;
  readonly submits: number;
  readonly writes: number;
  readonly passes: number;
  readonly bytesRead: number;
}

/** @returns what was called since */
export function countGpuCalls(): () => GpuCalls {
  const calls = { bindGroups: 0, buffers: 0, submits: 0, writes: 0, passes: 0, bytesRead: 0 };
  const count = (
    prototype: object,
    name: string,
    note: (target: unknown, args: readonly unknown[]) => void,
  ) => {
    const original = Reflect.get(prototype, name);
    Object.assign(prototype, {
      [name](this: unknown, ...args: unknown[]) {
        note(this, args);
        return original.apply(this, args);
      },
    });
  };
  count(GPUDevice.prototype, 'createBindGroup', () => calls.bindGroups++);
  count(GPUDevice.prototype, 'createBuffer', () => calls.buffers++);
  count(GPUQueue.prototype, 'submit', () => calls.submits++);
  count(GPUQueue.prototype, 'writeBuffer', () => calls.writes++);
  count(GPUCommandEncoder.prototype, 'beginComputePass', () => calls.passes++);
  count(GPUBuffer.prototype, 'mapAsync', (buffer, [mode, , size]) => {
    if (mode === GPUMapMode.READ)
      calls.bytesRead += (size as number | undefined) ?? (buffer as GPUBuffer).size;
  });
  return () => ({ ...calls });
}

/** Of each kind, for each of `steps`. */
export function callsPerStep(before: GpuCalls, after: GpuCalls, steps: number): GpuCalls {
  const names = Object.keys(before) as (keyof GpuCalls)[];
  return Object.fromEntries(names.map((n) => [n, (after[n] - before[n]) / steps])) as unknown as GpuCalls;
}
