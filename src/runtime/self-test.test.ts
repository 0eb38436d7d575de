import { describe, expect, it } from 'vitest';
import { createNodeRuntime } from './node-runtime.ts';
import type { Runtime } from './runtime.ts';
import { longestRightChunk } from './self-test.ts';

const layout = { heads: 4, kvHeads: 2, headSize: 16 };

/** A real runtime whose attention is off for calls of more than `limit` tokens, as SwiftShader's is. */
function wrongBeyond(limit: number): Runtime {
  const real = createNodeRuntime();
  return {
    ...real,
    lost: false,
    createSession: async (model, options) => {
      const session = await real.createSession(model, options);
      return {
        ...session,
        run: async (feeds) => {
          const outputs = await session.run(feeds);
          const data = outputs.out!.data as Float32Array;
          if (feeds.q!.dims[1]! > limit) data[data.length >> 1]! += 0.5;
          return outputs;
        },
      };
    },
  };
}

describe('the self-test of a backend', () => {
  it('a right backend may read in long chunks', async () => {
    expect(await longestRightChunk(createNodeRuntime(), layout)).toBe(128);
  });

  it('one that is wrong from 32 tokens on reads 31 at a time', async () => {
    expect(await longestRightChunk(wrongBeyond(31), layout)).toBe(31);
  });

  it('one that is always wrong is refused with the error it made', async () => {
    await expect(longestRightChunk(wrongBeyond(0), layout)).rejects.toMatchObject({ code: 'backend-faulty' });
    await expect(longestRightChunk(wrongBeyond(0), layout)).rejects.toThrow(/error 0\.5/);
  });
});
