/** Log-likelihoods of candidates against the plain way: prompt and candidate read whole, each by itself. */
import { fileURLToPath } from 'node:url';
import { beforeAll, describe, expect, it } from 'vitest';
import { E2PError } from '../error.ts';
import { type BaseModel, loadBaseModel } from '../model/base-model.ts';
import { type Projector, projectAtStrength, readProjector } from '../projector/projector.ts';
import { createNodeRuntime } from '../runtime/node-runtime.ts';
import type { Runtime } from '../runtime/runtime.ts';
import { createFolderSource } from '../storage/folder-source.ts';
import { Decoder } from './decoder.ts';
import { Engine } from './engine.ts';
import { LocalPersonalizer } from './personalizer.ts';
import { buildInput, encodeText, type SoftTokens } from './prompt.ts';
import { logProbability } from './sampling.ts';
import type { Session } from './session.ts';

const folder = fileURLToPath(new URL('../../public/models/e2p-tiny', import.meta.url));
const prompt = 'Story: pocket drone, Quillon, Rook, calmer nerves';
/** Shared beginnings, one that begins another, a single token, one twice, and one with many tokens. */
const CANDIDATES = [
  ...['A calmer drone', 'A calmer drone race', 'A calm sea', 'The', 'The', 'Zürich, 東京 and </s>'],
  'A calmer, smaller, quieter, longer, and in the end quite another story about somebody who went away',
];

describe('ranking', () => {
  let model: BaseModel;
  let projector: Projector;
  let embedding: Float32Array;
  beforeAll(async () => {
    const source = createFolderSource(folder);
    model = await loadBaseModel({ source, dtypes: ['fp32', 'q4'] });
    projector = readProjector((await source.read('projector.safetensors'))!, 'projector.safetensors');
    embedding = new Float32Array(projector.contract.space.dim).map((_, i) => Math.sin(i));
  });

  async function open(runtime: Runtime = createNodeRuntime(), fallback?: () => Promise<Runtime>) {
    const engine = await Engine.create({ model, runtime, fallback });
    const personalizer = new LocalPersonalizer(engine, projector);
    await personalizer.user.set({ space: projector.contract.space.id, values: embedding });
    return { engine, personalizer, session: await personalizer.createSession() };
  }

  /** By reading prompt, candidate and end in one run. */
  async function plainly(heard: readonly string[], text: string) {
    const decoder = await Decoder.create(model, createNodeRuntime());
    const soft: SoftTokens = {
      vectors: projectAtStrength(projector, embedding, 1, model.facts.embedding.scale),
      slot: projector.contract.slot,
    };
    const roles = ['user', 'assistant'] as const;
    const messages = heard.map((content, i) => ({ role: roles[i % 2]!, content }));
    const begun = buildInput(model, messages, soft);
    const ids = [...begun.ids, ...encodeText(model, text), model.config.eosTokenIds[0]!];
    const { logits, cache } = await decoder.readAll({ ids, soft: begun.soft });
    cache.release();
    const { columns } = model.facts.head;
    const each = ids.slice(begun.ids.length).map((id, i) => {
      const row = begun.ids.length + i - 1;
      return logProbability(logits.subarray(row * columns, (row + 1) * columns), id);
    });
    await decoder.release();
    const sum = each.slice(0, -1).reduce((a, b) => a + b, 0);
    return { text, logLikelihood: sum, endLogLikelihood: each.at(-1)!, tokens: each.length - 1 };
  }

  async function expectPlain(session: Session, heard: readonly string[], input: string) {
    const ranked = await session.rank(input, CANDIDATES);
    expect(ranked.map(({ text }) => text)).toEqual(CANDIDATES);
    for (const found of ranked) {
      const { logLikelihood, endLogLikelihood, tokens } = await plainly([...heard, input], found.text);
      expect(found.tokens).toBe(tokens);
      expect(Math.abs(found.logLikelihood - logLikelihood)).toBeLessThan(2e-4);
      expect(Math.abs(found.endLogLikelihood - endLogLikelihood)).toBeLessThan(2e-4);
    }
  }

  it('has the log-likelihoods of the plain computation, for the person, at the begin and later', async () => {
    const { session } = await open();
    await expectPlain(session, [], prompt);
    const answer = await session.prompt(prompt, { maxTokens: 6, temperature: 0 });
    await expectPlain(session, [prompt, answer], 'Another one');
  });

  it('where the device takes few tokens at once too', async () => {
    const { session } = await open({ ...createNodeRuntime(), prefillChunk: 4 });
    await expectPlain(session, [], prompt);
  });

  it('leaves the session as it was: the next answer reads on from its cache', async () => {
    const [asked, plain] = [await open(), await open()];
    const answers = [];
    for (const { session } of [asked, plain]) {
      await session.prompt(prompt, { maxTokens: 6, temperature: 0 });
      if (session === asked.session) await session.rank('Another one', CANDIDATES);
      answers.push(await session.generate('Another one', { maxTokens: 6, temperature: 0 }));
    }
    expect(answers[0]!.tokenIds).toEqual(answers[1]!.tokenIds);
    expect(answers[0]!.cachedTokens).toBe(answers[1]!.cachedTokens);
    expect(answers[0]!.cachedTokens).toBeGreaterThan(0);
  });

  it('reads the prompt and what candidates share once', async () => {
    const runtime = createNodeRuntime();
    let read = 0;
    const { session } = await open({
      ...runtime,
      createSession: async (...args) => {
        const inner = await runtime.createSession(...args);
        const run: typeof inner.run = (feeds) => {
          read += feeds[model.facts.ids.name]!.dims[1]!;
          return inner.run(feeds);
        };
        return { ...inner, run };
      },
    });
    read = 0;
    const candidates = ['A calmer drone', 'A calmer drone race', 'A calmer drone'];
    const [, longer] = candidates.map((text) => encodeText(model, text).length);
    const { promptTokens } = await (await session.clone()).generate(prompt, { maxTokens: 1 });
    expect(read).toBe(promptTokens);
    read = 0;
    await session.rank(prompt, candidates);
    expect(read).toBe(promptTokens + longer!);
  });

  it('an abort and an ending cut it short, and what was read is overwritten', async () => {
    const runtime = createNodeRuntime();
    let wiped = 0;
    const slow: Runtime = {
      ...runtime,
      wipe: (tensor) => {
        wiped++;
        runtime.wipe(tensor);
      },
      createSession: async (...args) => {
        const inner = await runtime.createSession(...args);
        const run: typeof inner.run = async (feeds) => {
          await new Promise((resolve) => setTimeout(resolve, 4));
          return inner.run(feeds);
        };
        return { ...inner, run };
      },
    };
    const { personalizer, session } = await open(slow);
    const controller = new AbortController();
    setTimeout(() => controller.abort(), 10);
    await expect(session.rank(prompt, CANDIDATES, { signal: controller.signal })).rejects.toMatchObject({
      name: 'AbortError',
    });
    expect(wiped).toBeGreaterThan(0);
    await expectPlain(session, [], prompt);

    wiped = 0;
    const run = session.rank(prompt, CANDIDATES);
    await expect(session.prompt(prompt)).rejects.toThrow('still answering');
    setTimeout(() => void personalizer.user.clear(), 10);
    await expect(run).rejects.toMatchObject({ code: 'no-user' });
    expect(wiped).toBeGreaterThan(0);
    await expect(session.rank(prompt, CANDIDATES)).rejects.toMatchObject({ code: 'no-user' });
  });

  it('goes on from the start where the device is lost and there is another', async () => {
    const runtime = createNodeRuntime();
    let runs = 0;
    const failing: Runtime = {
      ...runtime,
      get lost() {
        return runs > 3;
      },
      createSession: async (...args) => {
        const inner = await runtime.createSession(...args);
        const run: typeof inner.run = (feeds) => {
          if (++runs > 3) throw new E2PError('device-lost', 'lost');
          return inner.run(feeds);
        };
        return { ...inner, run };
      },
    };
    const { session } = await open(failing, async () => runtime);
    await expectPlain(session, [], prompt);
    expect(runs).toBe(4);
  });

  it.each([
    ['no list', 'The', 'candidates: it must be a list'],
    ['an empty one', ['The', ''], 'candidates: it must be a list of texts, none of them empty'],
    ['half a character', ['\ud83d'], 'candidates: text 1 of 1 comes back'],
  ])('refuses %s', async (_, candidates, message) => {
    const { session } = await open();
    await expect(session.rank(prompt, candidates as never)).rejects.toThrow(message);
  });

  it('refuses a candidate that leaves the context', async () => {
    const { session } = await open();
    await expect(session.rank(prompt, ['far '.repeat(600)])).rejects.toMatchObject({
      code: 'context-overflow',
    });
  });
});
