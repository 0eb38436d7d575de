import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { beforeAll, describe, expect, it } from 'vitest';
import { E2PError } from '../error.ts';
import { type BaseModel, loadBaseModel } from '../model/base-model.ts';
import { checkContract } from '../projector/check-contract.ts';
import type { Projector } from '../projector/projector.ts';
import { createNodeRuntime } from '../runtime/node-runtime.ts';
import type { Runtime } from '../runtime/runtime.ts';
import { createFolderSource } from '../storage/folder-source.ts';
import { tinyContract, tinyProjector } from '../testing/tiny-encoder.ts';
import { Engine } from './engine.ts';
import { LocalPersonalizer } from './personalizer.ts';

const H = 128;

const folder = fileURLToPath(new URL('../../public/models/e2p-tiny', import.meta.url));

/** dim 2: the sign of the first number decides the direction of the soft token. */
function testProjector(tableSha256: string): Projector {
  const pattern = (length: number, phase: number) =>
    Float32Array.from({ length }, (_, i) => Math.sin(i * 0.9 + phase));
  return {
    contract: {
      version: 1,
      model: { id: 'e2p-tiny', hiddenSize: H, vocabularySize: 2048, dtype: 'fp32', tableSha256 },
      space: { id: 'test-v1', dim: 2, mean: [0, 0], scale: [1, 1] },
      tokens: 1,
      vectors: 1,
      slot: 'after-bos',
      scaleSide: 'postScale',
      outputRms: 0.9,
    },
    hidden: 2,
    weights: {
      normWeight: Float32Array.of(1, 1),
      normBias: Float32Array.of(0, 0),
      fc1Weight: Float32Array.of(3, 0, 0, 3),
      fc1Bias: Float32Array.of(0, 0),
      fc2Weight: pattern(H * 2, 0),
      fc2Bias: pattern(H, 2),
      gain: Float32Array.of(1),
      skipWeight: new Float32Array(0),
      sharpness: new Float32Array(0),
    },
  };
}

describe('a personalizer', () => {
  let model: BaseModel;
  let projector: Projector;
  const ada = { space: 'test-v1', values: Float32Array.of(2, -1) };
  const bob = { space: 'test-v1', values: Float32Array.of(-2, 1) };
  const start = 'Story: pocket drone, Quillon, Rook, calmer nerves';

  beforeAll(async () => {
    const source = createFolderSource(folder);
    model = await loadBaseModel({ source, dtypes: ['fp32'] });
    projector = testProjector(await model.tableSha256());
  });
  const create = async (runtime: Runtime = createNodeRuntime()) =>
    new LocalPersonalizer(await Engine.create({ model, runtime }), projector);

  it('two users get different text, the same user the same, and nobody the plain text', async () => {
    const personalizer = await create();
    const plain = await (await personalizer.createSession()).prompt(start, { maxTokens: 24 });
    const texts: string[] = [];
    for (const user of [ada, bob, ada]) {
      await personalizer.user.set(user);
      texts.push(await (await personalizer.createSession()).prompt(start, { maxTokens: 24 }));
    }
    expect(texts[0]).toBe(texts[2]);
    expect(texts[0]).not.toBe(texts[1]);
    expect(plain).toMatch(/^The pocket drone by Quillon/);
    const bare = await personalizer.createSession({ personalise: false });
    expect(await bare.prompt(start, { maxTokens: 24 })).toBe(plain);
  });

  it('counts the soft token, and streams exactly the text it returns', async () => {
    const personalizer = await create();
    await personalizer.user.set(ada);
    const session = await personalizer.createSession();
    const pieces: string[] = [];
    const result = await session.generate(start, { maxTokens: 12, onText: (t) => pieces.push(t) });
    expect(pieces.join('')).toBe(result.text);
    expect(pieces.length).toBeGreaterThan(4);
    expect(result).toMatchObject({ softTokens: 1, finishReason: 'length' });
    expect(result.tokenIds).toHaveLength(12);
  });

  it('a seed repeats a sampled text, and another seed gives another', async () => {
    const personalizer = await create();
    const text = async (seed: number) =>
      (await personalizer.createSession()).prompt(start, { temperature: 1.2, seed, maxTokens: 24 });
    expect(await text(1)).toBe(await text(1));
    expect(await text(1)).not.toBe(await text(2));
  });

  it('stops at a stop string', async () => {
    const session = await (await create()).createSession();
    const result = await session.generate(start, { stop: ['Quillon'], maxTokens: 40 });
    expect(result.finishReason).toBe('stop');
    expect(result.text).toMatch(/drone by $/);
  });

  it('an abort ends the stream; the session can be used again and remembers nothing of it', async () => {
    const session = await (await create()).createSession();
    const controller = new AbortController();
    const pieces: string[] = [];
    const broken = (async () => {
      for await (const piece of session.promptStreaming(start, { signal: controller.signal })) {
        pieces.push(piece);
        if (pieces.length === 3) controller.abort();
      }
    })();
    await expect(broken).rejects.toMatchObject({ name: 'AbortError' });
    const { text, promptTokens, cachedTokens } = await session.generate(start, { maxTokens: 8 });
    expect(text).toMatch(/^The pocket drone/);
    expect(promptTokens).toBeLessThan(20);
    // What was read before the abort need not be read again: all but the token that the answer comes behind.
    expect(cachedTokens).toBe(promptTokens - 1);
  });

  it('leaving the loop early ends the generation', async () => {
    const session = await (await create()).createSession();
    for await (const _ of session.promptStreaming(start)) break;
    expect(await session.prompt(start, { maxTokens: 4 })).not.toBe('');
  });

  it('a clone goes on from what was said and leaves its original alone', async () => {
    const session = await (await create()).createSession();
    await session.prompt(start, { maxTokens: 8 });
    const clone = await session.clone();
    const [a, b] = [
      await clone.generate('Then', { maxTokens: 8 }),
      await session.generate('Then', { maxTokens: 8 }),
    ];
    expect(a.text).toBe(b.text);
    await session.destroy();
    expect(await clone.prompt('And', { maxTokens: 4 })).toBeTypeOf('string');
    await expect(session.prompt('And')).rejects.toMatchObject({ code: 'destroyed' });
  });

  it('clearing the user ends the sessions that carry it, at once, and only those', async () => {
    const personalizer = await create();
    await personalizer.user.set(ada);
    const mine = await personalizer.createSession();
    const bare = await personalizer.createSession({ personalise: false });
    const running = mine.prompt(start, { maxTokens: 400, temperature: 9, topP: 1, topK: 0, seed: 1 });
    const outcome = expect(running).rejects.toMatchObject({ code: 'no-user' });
    await personalizer.user.clear();
    await outcome;
    await expect(mine.prompt(start)).rejects.toMatchObject({ code: 'no-user' });
    expect(await bare.prompt(start, { maxTokens: 3 })).not.toBe('');
    await expect(personalizer.createSession({ personalise: true })).rejects.toMatchObject({
      code: 'no-user',
    });
  });

  it.each([
    ['another space', { space: 'other-v2', values: Float32Array.of(1, 2) }, /"other-v2"/],
    [
      'a wrong length',
      { space: 'test-v1', values: Float32Array.of(1, 2, 3) },
      /3 numbers, expected .* 2 numbers/,
    ],
    ['NaN', { space: 'test-v1', values: Float32Array.of(1, Number.NaN) }, /not finite at index 1/],
  ])('an embedding of %s is refused and the user before stays', async (_, embedding, reason) => {
    const personalizer = await create();
    await personalizer.user.set(ada);
    const session = await personalizer.createSession();
    await expect(personalizer.user.set(embedding)).rejects.toMatchObject({ code: 'invalid-embedding' });
    await expect(personalizer.user.set(embedding)).rejects.toThrow(reason);
    expect(await session.prompt(start, { maxTokens: 3 })).not.toBe('');
  });

  it('words that are still being read when their user is let go of set nobody', async () => {
    let finish = (_: Float32Array) => {};
    const encoder = {
      dim: 8,
      contract: tinyContract,
      knows: () => true,
      release: async () => {},
      encode: () =>
        new Promise<Float32Array>((resolve) => {
          finish = resolve;
        }),
    };
    const engine = await Engine.create({ model, runtime: createNodeRuntime() });
    const reader = tinyProjector(await model.tableSha256(), 'fp32');
    const personalizer = new LocalPersonalizer(engine, reader, async () => ({ name: 'tiny', encoder }));
    const read = async (value: number, meanwhile: () => unknown) => {
      const described = personalizer.user.describe('I am a nurse.');
      await new Promise((resolve) => setTimeout(resolve));
      const other = meanwhile();
      const values = new Float32Array(8).fill(value);
      finish(values);
      return { described, other, values };
    };
    for (const [code, meanwhile] of [
      ['forgotten', () => personalizer.endUser('forgotten')],
      ['user-replaced', () => personalizer.user.set({ space: 'tiny-lines', values: new Float32Array(8) })],
      ['no-user', () => personalizer.user.clear()],
    ] as const) {
      const { described, other, values } = await read(2, meanwhile);
      await expect(described).rejects.toMatchObject({
        code,
        message: expect.stringMatching(/^the description was dropped: /),
      });
      await other;
      expect(values.every((value) => value === 0)).toBe(true);
    }
    await expect(personalizer.createSession({ personalise: true })).rejects.toMatchObject({
      code: 'no-user',
    });
  });

  const broken = () =>
    Object.defineProperty({}, 'values', {
      get: () => {
        throw new Error('marzipan');
      },
      enumerable: true,
    });
  const detached = () => {
    const values = Float32Array.of(1, 2);
    structuredClone(values.buffer, { transfer: [values.buffer] });
    return { space: 'test-v1', values };
  };
  type Odd = [string, (personalizer: LocalPersonalizer) => Promise<unknown>, string];
  const odd: Odd[] = [
    ['no embedding', (p) => p.user.set(undefined as never), 'invalid-argument'],
    ['words that are none', (p) => p.user.describe(7 as never), 'invalid-argument'],
    [
      'a strength that is a symbol',
      (p) => p.createSession({ strength: Symbol('x') as never }),
      'invalid-argument',
    ],
    [
      'a strength that makes a soft token overflow',
      async (p) => {
        await p.user.set(ada);
        return p.createSession({ strength: 1e300 });
      },
      'invalid-argument',
    ],
    ['messages with a hole', (p) => p.createSession({ initialPrompts: new Array(1) }), 'invalid-argument'],
    ['an embedding that throws', (p) => p.user.set(broken() as never), 'invalid-argument'],
    ['a detached one', (p) => p.user.set(detached()), 'invalid-embedding'],
    ['options that throw', (p) => p.createSession(broken() as never), 'invalid-argument'],
    ['messages that are none', (p) => p.createSession({ initialPrompts: [3] as never }), 'invalid-argument'],
    [
      'a role that is none',
      (p) => p.createSession({ initialPrompts: [{ role: 'x', content: '' }] as never }),
      'invalid-argument',
    ],
    [
      'a prompt that is no text',
      async (p) => (await p.createSession()).prompt({} as never),
      'invalid-argument',
    ],
    [
      'a signal that is none',
      async (p) => (await p.createSession()).prompt('x', { signal: {} as never }),
      'invalid-argument',
    ],
    [
      'options of a prompt that throw',
      async (p) => (await p.createSession()).prompt('x', broken() as never),
      'invalid-argument',
    ],
    ...Object.entries({
      ...{
        stop: 7,
        unknown: 7,
        onText: 7,
        maxTokens: Symbol('x'),
        temperature: Symbol('x'),
        seed: 'y',
        topK: 1n,
      },
      ...{ topP: {}, minP: '0', repetitionPenalty: [], 'stop ': new Array(1) },
    }).map(
      ([name, value]): Odd => [
        `${name} that is ${typeof value}`,
        async (p) => (await p.createSession()).prompt('x', { [name.trim()]: value as never }),
        'invalid-argument',
      ],
    ),
  ];
  it.each(odd)('%s: one typed error, which repeats nothing', async (_, act, code) => {
    const outcome = act(await create());
    await expect(outcome).rejects.toMatchObject({ name: 'E2PError', code });
    await expect(outcome).rejects.not.toThrow(/marzipan/);
  });

  it('a projector for another model is refused before anything runs', async () => {
    const { contract } = projector;
    const runtime = createNodeRuntime();
    const wider = { ...contract, model: { ...contract.model, hiddenSize: 64 } };
    const otherTable = { ...contract, model: { ...contract.model, tableSha256: '00' } };
    await expect(checkContract(wider, model, runtime, 'p')).rejects.toMatchObject({
      code: 'contract-mismatch',
    });
    await expect(checkContract(wider, model, runtime, 'p')).rejects.toThrow(/hidden size 64; .* has 128/);
    await expect(checkContract(otherTable, model, runtime, 'p')).rejects.toMatchObject({
      code: 'contract-mismatch',
    });
    await expect(checkContract(contract, model, runtime, 'p')).resolves.toBeUndefined();
  });

  it('a prompt longer than the context is refused with both numbers, and the session lives', async () => {
    const session = await (await create()).createSession();
    const long = session.prompt('word '.repeat(900));
    await expect(long).rejects.toMatchObject({ code: 'context-overflow' });
    expect(await session.prompt(start, { maxTokens: 3 })).not.toBe('');
  });

  it('goes on with the same text when the device is lost in the middle', async () => {
    const expected = await (await (await create()).createSession()).prompt(start, { maxTokens: 16 });
    const gpu = fragileRuntime(6);
    const engine = await Engine.create({
      model,
      runtime: gpu,
      fallback: async (reason) => ({ ...createNodeRuntime(), lost: false, reason }),
    });
    const personalizer = new LocalPersonalizer(engine, projector);
    const text = await (await personalizer.createSession()).prompt(start, { maxTokens: 16 });
    expect(text).toBe(expected);
    expect(personalizer.device.reason).toMatch(/lost/);
  });

  /** A real runtime whose device is gone after some runs, as a GPU's is after a driver reset. */
  function fragileRuntime(runs: number): Runtime {
    const real = createNodeRuntime();
    let left = runs;
    return {
      ...real,
      get lost() {
        return left <= 0;
      },
      createSession: async (bytes, options) => {
        const session = await real.createSession(bytes, options);
        return {
          ...session,
          run: async (feeds) => {
            if (--left <= 0) throw new E2PError('device-lost', 'the GPU device was lost');
            return session.run(feeds);
          },
        };
      },
    };
  }
});

describe('model files that are not right', () => {
  const real = (path: string) => new Uint8Array(readFileSync(join(folder, path)));
  const load = (changes: Record<string, Uint8Array | undefined>) =>
    loadBaseModel({
      source: { name: 'm', read: async (path) => (path in changes ? changes[path] : tryReal(path)) },
      dtypes: ['fp32'],
    });
  const tryReal = (path: string) => {
    try {
      return real(path);
    } catch {
      return undefined;
    }
  };
  const text = (value: string) => new TextEncoder().encode(value);

  it.each([
    ['no config', { 'config.json': undefined }, 'invalid-model', /config\.json is missing/],
    ['a config that is no JSON', { 'config.json': text('{') }, 'invalid-model', /config\.json is not JSON/],
    [
      'a field of the wrong type',
      { 'config.json': text('{"max_position_embeddings":"x"}') },
      'invalid-model',
      /max_position_embeddings is "x"/,
    ],
    [
      'a tokenizer that is no JSON',
      { 'tokenizer.json': text('<html>') },
      'invalid-tokenizer',
      /tokenizer\.json is not JSON/,
    ],
    ['a tokenizer without a model', { 'tokenizer.json': text('{}') }, 'invalid-tokenizer', /tokenizer\.json/],
    ['no graph', { 'onnx/model.onnx': undefined }, 'invalid-model', /expected one of model\.onnx/],
    [
      'a graph cut short',
      { 'onnx/model.onnx': real('onnx/model.onnx').slice(0, 9000) },
      'invalid-onnx',
      /cut short/,
    ],
    [
      'a template that does not parse',
      { 'tokenizer_config.json': text('{"chat_template":"{% for %}"}') },
      'invalid-tokenizer',
      /chat_template/,
    ],
  ] as const)('%s', async (_, changes, code, reason) => {
    await expect(load(changes)).rejects.toMatchObject({ code });
    await expect(load(changes)).rejects.toThrow(reason);
  });
});
