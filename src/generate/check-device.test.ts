/** Models on a GPU that computes some of it wrongly, without any error: the check at load sends them to the CPU, which writes the right text. */
import { beforeAll, describe, expect, it } from 'vitest';
import { type BaseModel, loadBaseModel } from '../model/base-model.ts';
import { createNodeRuntime } from '../runtime/node-runtime.ts';
import type { Feeds, Runtime } from '../runtime/runtime.ts';
import { createFolderSource } from '../storage/folder-source.ts';
import { TINY_MODEL } from '../testing/tiny-encoder.ts';
import { Engine } from './engine.ts';
import { LocalPersonalizer } from './personalizer.ts';

const prompt = 'Story: pocket drone, Quillon, Rook, calmer nerves';
let model: BaseModel;
beforeAll(async () => {
  model = await loadBaseModel({ source: createFolderSource(TINY_MODEL), dtypes: ['q4'] });
});

type Fault = (logits: Float32Array, feeds: Feeds, past: number) => void;
const noise: Fault = (logits) => void logits.set(logits.map((value, i) => value + 20 * Math.sin(i)));

/** The CPU as if it were a GPU with such a kernel. */
function gpuWith(fault: Fault, counted = { runs: 0 }): Runtime {
  const real = createNodeRuntime();
  return {
    ...real,
    ...{ device: 'webgpu', backend: 'webgpu', identity: 'acme', lost: false, prefillChunk: 128 },
    createSession: async (...args) => {
      const session = await real.createSession(...args);
      return {
        ...session,
        run: async (feeds) => {
          const outputs = await session.run(feeds);
          const past = feeds['past_key_values.0.key']?.dims[2];
          if (past === undefined) return outputs;
          counted.runs++;
          fault(outputs.logits!.data as Float32Array, feeds, past);
          return outputs;
        },
      };
    },
  };
}

const fallback = async (reason: string) => ({ ...createNodeRuntime(), lost: false, reason });
const textOf = async (personalizer: LocalPersonalizer) =>
  (await personalizer.createSession()).prompt(prompt, { maxTokens: 12 });

describe('a GPU', () => {
  it.each<[string, Fault]>([
    [
      'whose kernels for more than 31 tokens are wrong',
      (logits, feeds, past) => {
        if (feeds.input_ids!.dims[1]! > 31) noise(logits, feeds, past);
      },
    ],
    [
      'that reads its cache wrongly',
      (logits, feeds, past) => {
        if (past > 0) noise(logits, feeds, past);
      },
    ],
    [
      'that loses soft tokens',
      (logits, feeds, past) => {
        if ((feeds.soft_mask!.data as Uint8Array).includes(1)) noise(logits, feeds, past);
      },
    ],
    ['that gives zeros', (logits) => void logits.fill(0)],
    ['that gives NaN', (logits) => void logits.fill(Number.NaN)],
  ])('%s is left for the CPU, and the reason told', async (_, fault) => {
    const plain = new LocalPersonalizer(
      await Engine.create({ model, runtime: createNodeRuntime() }),
      undefined,
    );
    const engine = await Engine.create({ model, runtime: gpuWith(fault), fallback });
    await using personalizer = new LocalPersonalizer(engine, undefined);
    expect(personalizer.device.reason).toMatch(
      /^q4 on webgpu: .*, expected those of one text, so the CPU goes on$/,
    );
    expect(await textOf(personalizer)).toBe(await textOf(plain));
    await expect(Engine.create({ model, runtime: gpuWith(fault) })).rejects.toMatchObject({
      code: 'backend-faulty',
    });
  });

  it('that computes rightly is checked once', async () => {
    const counted = { runs: 0 };
    const known: Record<string, number> = {};
    const onFound = (key: string, found: number) => void Object.assign(known, { [key]: found });
    const create = async () => {
      const runtime = gpuWith(() => {}, counted);
      const engine = await Engine.create({ model, runtime, findings: { known, onFound, canReload: false } });
      expect(engine.decoder.runtime).toBe(runtime);
      await engine.release();
    };
    await create();
    expect(counted.runs).toBe(2);
    expect(Object.values(known)).toEqual([1]);
    await create();
    expect(counted.runs).toBe(2);
  });
});
