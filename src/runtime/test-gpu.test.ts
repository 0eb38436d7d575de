/** Which wrong kernels are noticed, on a real runtime whose numbers are changed; and that a device is tested once. */
import { describe, expect, it } from 'vitest';
import { fromFloat16, toFloat16 } from '../onnx/float16.ts';
import { halfError } from './half-test.ts';
import { createNodeRuntime } from './node-runtime.ts';
import type { Runtime } from './runtime.ts';
import { testGpu } from './test-gpu.ts';

const layout = { heads: 4, kvHeads: 2, headSize: 16 };
const info = async () =>
  ({ vendor: 'acme', architecture: 'one', device: '', description: '' }) as GPUAdapterInfo;

/** A real runtime, counting, that changes what the named output of its sessions is. */
function wrongIn(output: string, change: (value: number) => number) {
  const real = createNodeRuntime();
  const counted = { runs: 0 };
  const runtime: Runtime = {
    ...real,
    lost: false,
    createSession: async (...args) => {
      const session = await real.createSession(...args);
      return {
        ...session,
        run: async (feeds) => {
          counted.runs++;
          const outputs = await session.run(feeds);
          const data = outputs[output]?.data;
          if (data instanceof Float32Array) data.set(data.map(change));
          else if (data !== undefined)
            (data as Uint16Array).set(toFloat16(fromFloat16(data as Uint16Array).map(change)));
          return outputs;
        },
      };
    },
  };
  return { runtime, counted };
}

/** What a loader keeps. */
function notebook(known: Readonly<Record<string, number>> = {}) {
  const found: Record<string, number> = { ...known };
  const onFound = (key: string, value: number) => {
    found[key] = value;
  };
  return { found, findings: { known, onFound, canReload: true } };
}

describe.each(['float32', 'float16'] as const)('a GPU for activations of %s', (type) => {
  it('is tested once, and what was found is used the next time', async () => {
    const first = notebook();
    const right = wrongIn('none', (value) => value);
    const tested = await testGpu(right.runtime, { layout, type, info, findings: first.findings });
    expect(tested.prefillChunk).toBe(128);
    expect(tested.identity).toMatch(/^acme \| one \| /);
    expect(Object.values(first.found)).toEqual(type === 'float32' ? [128] : [128, 1]);
    const again = notebook(first.found);
    const { runs } = right.counted;
    expect(await testGpu(right.runtime, { layout, type, info, findings: again.findings })).toEqual(tested);
    expect(right.counted.runs).toBe(runs);
  });

  it('is tested anew for another layout, and each time where nobody tells which it is', async () => {
    const first = notebook();
    const right = wrongIn('none', (value) => value);
    await testGpu(right.runtime, { layout, type, info, findings: first.findings });
    const { runs } = right.counted;
    const other = { ...layout, kvHeads: 4 };
    await testGpu(right.runtime, { layout: other, type, info, findings: notebook(first.found).findings });
    expect(right.counted.runs).toBe(runs + 1);
    const hidden = notebook();
    await testGpu(right.runtime, { layout, type, info: async () => undefined, findings: hidden.findings });
    expect(hidden.found).toEqual({});
  });

  it('whose attention is wrong is refused', async () => {
    const { found, findings } = notebook();
    const { runtime } = wrongIn('out', (value) => value + 0.1);
    const tested = testGpu(runtime, { layout, type, info, findings });
    await expect(tested).rejects.toMatchObject({ code: 'backend-faulty' });
    expect(Object.values(found)).toEqual(type === 'float32' ? [] : [0]);
  });
});

describe('float16', () => {
  it('of a right backend is right to 1e-2 up to its largest number', async () => {
    expect(await halfError(createNodeRuntime())).toBeLessThan(1e-2);
  });

  it.each([
    ['a norm whose squares overflow', 'normed', () => 0],
    ['numbers that end at 32768', 'same', (value: number) => Math.min(value, 32_768)],
  ])('%s: refused, noted, and not tried again', async (_, output, change) => {
    const { found, findings } = notebook();
    const { runtime, counted } = wrongIn(output, change);
    const options = { layout, type: 'float16', info, findings } as const;
    await expect(testGpu(runtime, options)).rejects.toMatchObject({ code: 'backend-faulty' });
    expect(Object.entries(found).map(([key, value]) => [/float16 \| $/.test(key), value])).toContainEqual([
      true,
      0,
    ]);
    const { runs } = counted;
    const again = { ...options, findings: notebook(found).findings };
    await expect(testGpu(runtime, again)).rejects.toThrow('float16 wrongly');
    expect(counted.runs).toBe(runs);
  });
});
