import { beforeAll, describe, expect, it } from 'vitest';
import { type BaseModel, loadBaseModel } from '../model/base-model.ts';
import { createNodeRuntime } from '../runtime/node-runtime.ts';
import { createFolderSource } from '../storage/folder-source.ts';
import { TINY_MODEL } from '../testing/tiny-encoder.ts';
import { Engine } from './engine.ts';

let model: BaseModel;
beforeAll(async () => {
  model = await loadBaseModel({ source: createFolderSource(TINY_MODEL), dtypes: ['q4'] });
});

/** What a load on a CPU tells of it; each run takes `ms` at least. */
async function loaded(timeKey: string | undefined, ms: number) {
  const real = createNodeRuntime();
  let runs = 0;
  const runtime: typeof real = {
    ...{ ...real, timeKey, lost: false },
    createSession: async (...args) => {
      const session = await real.createSession(...args);
      const run: typeof session.run = async (...given) => {
        runs++;
        await new Promise((resolve) => setTimeout(resolve, ms));
        return session.run(...given);
      };
      return { ...session, run };
    },
  };
  const found: (readonly [string, number])[] = [];
  const onFound = (key: string, value: number) => void found.push([key, value]);
  const engine = await Engine.create({ model, runtime, findings: { known: {}, onFound, canReload: false } });
  await engine.release();
  return { found, runs };
}

describe("a token's time", () => {
  it('is measured at a load that wants it, with few runs, and told in tenths of a millisecond', async () => {
    const { found, runs } = await loaded('two threads', 20);
    expect(found).toEqual([['two threads', expect.any(Number)]]);
    expect(found[0]![1]).toBeGreaterThanOrEqual(190);
    expect(found[0]![1]).toBeLessThan(2000);
    expect(runs).toBeLessThanOrEqual(8);
  });

  it('takes two runs where each is slow', async () => {
    const { runs } = await loaded('two threads', 300);
    expect(runs).toBe(2);
  });

  it('is not measured where it is known', async () => {
    expect(await loaded(undefined, 0)).toEqual({ found: [], runs: 0 });
  });
});
