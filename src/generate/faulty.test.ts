/** Numbers that are none: never a text; on another precision or device where there is one, else an error that says why. */
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { loadBaseModel } from '../model/base-model.ts';
import { Personalizer } from '../node.ts';
import { readProjector, writeProjector } from '../projector/projector.ts';
import { createNodeRuntime } from '../runtime/node-runtime.ts';
import type { Runtime } from '../runtime/runtime.ts';
import { createFolderSource } from '../storage/folder-source.ts';
import type { ModelFiles } from '../storage/handed-files.ts';
import { floatGraph, folderWith, halfGraph } from '../testing/half-model.ts';
import { TINY_MODEL } from '../testing/tiny-encoder.ts';
import { Engine } from './engine.ts';
import { LocalPersonalizer } from './personalizer.ts';

const start = 'Story: pocket drone, Quillon, Rook, calmer nerves';
const greedy = { maxTokens: 16 };
/** Greedy text does not change with the length of the logits; of this gain halves have overflowed. */
const [FITS, OVERFLOWS] = [8, 16_384];

const both = folderWith({
  'onnx/model.onnx': floatGraph(OVERFLOWS),
  'onnx/model_fp16.onnx': halfGraph(OVERFLOWS),
});

async function textOf(model: string | ReturnType<typeof folderWith>, dtype: 'fp16' | 'fp32') {
  await using personalizer = await Personalizer.create({ model, dtype });
  return await (await personalizer.createSession()).prompt(start, greedy);
}

describe('float16 that overflows', () => {
  it('is what the fixture has: the same text in halves as in floats, until they overflow', async () => {
    const fits = folderWith({ 'onnx/model_fp16.onnx': halfGraph(FITS) });
    expect(await textOf(fits, 'fp16')).toBe(await textOf(TINY_MODEL, 'fp32'));
  });

  it('goes on with a precision of the folder that does not, and says so', async () => {
    await using personalizer = await Personalizer.create({ model: both, dtype: 'fp16' });
    expect(personalizer.model.dtype).toBe('fp16');
    const pieces: string[] = [];
    const session = await personalizer.createSession();
    const text = await session.prompt(start, { ...greedy, onText: (piece) => pieces.push(piece) });
    expect(text).toBe(await textOf(TINY_MODEL, 'fp32'));
    expect(pieces.join('')).toBe(text);
    expect(personalizer.model.dtype).toBe('fp32');
    expect(personalizer.device.reason).toMatch(
      /^fp16 on node: a logit is (NaN|∞), expected a number; so fp32 goes on$/,
    );
    expect(await session.prompt(start, greedy)).not.toBe('');
  });

  it('also in a batch, each row anew, and where candidates are ranked', async () => {
    const requests = [{ prompt: start }, { prompt: 'Story: green tea, Quillon' }];
    const answers = async (dtype: 'fp16' | 'fp32') => {
      await using personalizer = await Personalizer.create({ model: both, dtype });
      const batch = await personalizer.generateBatch(requests, greedy);
      return batch.map((outcome) => (outcome.status === 'fulfilled' ? outcome.value.text : outcome.reason));
    };
    expect(await answers('fp16')).toEqual(await answers('fp32'));
    const ranks = async (dtype: 'fp16' | 'fp32') => {
      await using personalizer = await Personalizer.create({ model: both, dtype });
      return await (await personalizer.createSession()).rank(start, ['The pocket', 'The green']);
    };
    expect(await ranks('fp16')).toEqual(await ranks('fp32'));
  });

  it('is an error with its cause where the folder has nothing else: no text, and the session lives', async () => {
    const model = folderWith({ 'onnx/model_fp16.onnx': halfGraph(OVERFLOWS) });
    await using personalizer = await Personalizer.create({ model });
    const session = await personalizer.createSession();
    const pieces: string[] = [];
    const failed = session.prompt(start, { ...greedy, onText: (piece) => pieces.push(piece) });
    await expect(failed).rejects.toMatchObject({ code: 'backend-faulty' });
    await expect(session.prompt(start)).rejects.toThrow(
      /^e2p-tiny, fp16 on node: a logit is (NaN|∞), expected a number; likely a value beyond 65504, the largest of float16/,
    );
    await expect(session.rank(start, ['a', 'b'])).rejects.toMatchObject({ code: 'backend-faulty' });
    const [outcome] = await personalizer.generateBatch([{ prompt: start }], greedy);
    expect(outcome).toMatchObject({ status: 'rejected', reason: { code: 'backend-faulty' } });
    expect(pieces).toEqual([]);
    expect(await session.append(start)).toBeUndefined();
  });
});

describe('a soft token that the model can not hold', () => {
  const { readers } = JSON.parse(
    readFileSync(new URL('../../public/world/readers.json', import.meta.url), 'utf8'),
  );
  const [ada] = readers;
  const file = readFileSync(join(TINY_MODEL, 'projector.safetensors'));
  const halves = folderWith({ 'onnx/model_fp16.onnx': halfGraph(FITS) });
  const embedding = { space: ada.space, values: Float32Array.from(ada.values) };

  /** The default projector, its soft tokens `gain` times as long. */
  const longer = (gain: number): Blob => {
    const { weights, ...read } = readProjector(new Uint8Array(file), 'the projector');
    const gains = weights.gain.map((value) => value * gain);
    return new Blob([
      writeProjector({ ...read, weights: { ...weights, gain: gains } }) as Uint8Array<ArrayBuffer>,
    ]);
  };
  const create = async (model: string | ModelFiles, projector: Blob, dtype: 'fp16' | 'fp32') => {
    const personalizer = await Personalizer.create({ model, projector, dtype });
    await personalizer.user.set(embedding);
    return personalizer;
  };

  it('a strength beyond 65504 is refused in float16 and none of its values told; float32 takes it', async () => {
    await using half = await create(halves, longer(1), 'fp16');
    const strength = 1e6;
    const refused = half.createSession({ strength });
    await expect(refused).rejects.toMatchObject({ code: 'invalid-argument' });
    await expect(half.createSession({ strength })).rejects.toThrow(
      /^strength 1000000 makes a soft token overflow: float16, in which the model computes, ends at 65504; expected a smaller one$/,
    );
    const session = await half.createSession({ strength: 2 });
    expect(await session.prompt(start, { maxTokens: 2 })).not.toBe('');
    await using float = await create(TINY_MODEL, longer(1), 'fp32');
    await float.createSession({ strength });
    await expect(float.createSession({ strength: 1e300 })).rejects.toMatchObject({
      code: 'invalid-argument',
    });
  });

  it('an embedding that overflows as trained is named instead, in a batch for its own row', async () => {
    await using half = await create(halves, longer(1e6), 'fp16');
    for (const strength of [1, 0.5]) {
      await expect(half.createSession({ strength })).rejects.toMatchObject({
        code: 'invalid-embedding',
        message:
          'the embedding makes a soft token overflow: float16, in which the model computes, ends at 65504',
      });
    }
    const asked = [{ user: embedding, prompt: start }, { prompt: start }];
    const [refused, answered] = await half.generateBatch(asked, { maxTokens: 2 });
    expect(refused).toMatchObject({ status: 'rejected', reason: { code: 'invalid-embedding' } });
    expect(answered).toMatchObject({ status: 'fulfilled' });
  });
});

describe('a device whose logits are no numbers', () => {
  /** A real runtime whose sessions give NaN from a run on, as a GPU that overheats. */
  function faultyAfter(runs: number, real = createNodeRuntime()): Runtime {
    let left = runs;
    return {
      ...real,
      lost: false,
      createSession: async (...args) => {
        const session = await real.createSession(...args);
        return {
          ...session,
          run: async (feeds) => {
            const outputs = await session.run(feeds);
            if (--left < 0) (outputs.logits!.data as Float32Array).fill(Number.NaN);
            return outputs;
          },
        };
      },
    };
  }

  async function create(runtime: Runtime, isAuto = true) {
    const model = await loadBaseModel({ source: createFolderSource(TINY_MODEL), dtypes: ['q4'] });
    const fallback = async (reason: string) => ({ ...createNodeRuntime(), lost: false, reason });
    const engine = await Engine.create({ model, runtime, ...(isAuto && { fallback }) });
    return new LocalPersonalizer(engine, undefined);
  }

  it.each([0, 1, 5])('goes on elsewhere after %i good runs: the same text, sampled or not', async (runs) => {
    for (const options of [greedy, { ...greedy, temperature: 1, seed: 7 }]) {
      const expected = await (await (await create(createNodeRuntime())).createSession()).prompt(
        start,
        options,
      );
      const personalizer = await create(faultyAfter(runs));
      const text = await (await personalizer.createSession()).prompt(start, options);
      expect(text).toBe(expected);
      expect(personalizer.device.reason).toMatch(/a logit is NaN, expected a number, so the CPU goes on$/);
    }
  });

  it('two sessions that run at once both go on, and the old decoder is let go of', async () => {
    let released = 0;
    const real = createNodeRuntime();
    const counting: Runtime = {
      ...real,
      lost: false,
      createSession: async (...args) => {
        const session = await real.createSession(...args);
        const release = async () => {
          released++;
          await session.release();
        };
        return { ...session, release };
      },
    };
    const personalizer = await create(faultyAfter(9, counting));
    const asked = [start, 'Story: green tea, Quillon'];
    const sessions = await Promise.all(asked.map(() => personalizer.createSession()));
    const texts = await Promise.all(sessions.map((session, i) => session.prompt(asked[i]!, greedy)));
    const plain = await create(createNodeRuntime());
    for (const [i, prompt] of asked.entries()) {
      expect(texts[i]).toBe(await (await plain.createSession()).prompt(prompt, greedy));
    }
    expect(released).toBe(1);
  });

  it('fails where the device was demanded', async () => {
    const session = await (await create(faultyAfter(3), false)).createSession();
    await expect(session.prompt(start, greedy)).rejects.toMatchObject({ code: 'backend-faulty' });
  });

  it('fails where the other one computes no numbers either', async () => {
    const model = await loadBaseModel({ source: createFolderSource(TINY_MODEL), dtypes: ['q4'] });
    const fallback = async () => faultyAfter(2);
    const engine = await Engine.create({ model, runtime: faultyAfter(2), fallback });
    const session = await new LocalPersonalizer(engine, undefined).createSession();
    await expect(session.prompt(start, greedy)).rejects.toMatchObject({ code: 'backend-faulty' });
  });
});
