/** People whose vectors are weighed by what is asked: each turn its own soft tokens, and nothing of a question or a person in another's. */
import { fileURLToPath } from 'node:url';
import { beforeAll, describe, expect, it } from 'vitest';
import { type BaseModel, loadBaseModel } from '../model/base-model.ts';
import { type Projector, project } from '../projector/projector.ts';
import { weighByQuestion } from '../projector/weigh-by-question.ts';
import { createNodeRuntime } from '../runtime/node-runtime.ts';
import { createFolderSource } from '../storage/folder-source.ts';
import { tinyContract, tinyProjector, tinyVector } from '../testing/tiny-encoder.ts';
import type { OpenEncoder } from '../user/sentence-encoder.ts';
import { Engine } from './engine.ts';
import { LocalPersonalizer } from './personalizer.ts';
import { buildInput } from './prompt.ts';

const source = createFolderSource(fileURLToPath(new URL('../../public/models/e2p-tiny', import.meta.url)));
const LINES = ['pocket drone', 'calmer nerves', 'ancient dust'];
const OTHER_LINES = ['Golden Comets', 'Ruth the poet', 'Quillon'];
const [DRONE, NERVES] = [
  'Story: pocket drone, Quillon, Rook',
  'Story: calmer nerves, Quillon, Rook',
] as const;
const SYSTEM = 'Tell a story that somebody would like, of Quillon and Rook';
const GREEDY = { temperature: 0, maxTokens: 8 } as const;
const byQuestion = { temperature: 0.05 };

/** The tiny encoder without its graph: the same numbers, by arithmetic. `gate` holds a question up. */
const encoderWith =
  (gate: () => Promise<void>, log: string[]): OpenEncoder =>
  async () => {
    log.push('open');
    return {
      name: tinyContract().id,
      encoder: {
        dim: 8,
        contract: tinyContract,
        knows: () => true,
        encode: async (texts) => {
          await gate();
          log.push('read');
          return Float32Array.from(texts.flatMap(tinyVector));
        },
        release: async () => undefined,
      },
      done: async () => void log.push('free'),
    };
  };

describe('a projector that weighs by the question', () => {
  let model: BaseModel;
  let projector: Projector;
  beforeAll(async () => {
    model = await loadBaseModel({ source, dtypes: ['q4'] });
    const tiny = tinyProjector(await model.tableSha256(), model.dtype);
    projector = { ...tiny, contract: { ...tiny.contract, byQuestion, slot: { places: [PLACE] } } };
  });
  const PLACE = { at: 'user-end', text: ' for a fan of{soft}.' } as const;

  async function setUp(lines = LINES, of = projector) {
    const gate = { next: async (): Promise<void> => undefined };
    const log: string[] = [];
    const engine = await Engine.create({ model, runtime: createNodeRuntime() });
    const personalizer = new LocalPersonalizer(
      engine,
      of,
      encoderWith(() => gate.next(), log),
    );
    await personalizer.user.describe(lines);
    const session = () =>
      personalizer.createSession({ initialPrompts: [{ role: 'system', content: SYSTEM }] });
    return { personalizer, session, gate, log };
  }

  /** Greedy ids by the plain path: the weighed vector as a user of one vector. */
  async function expected(lines: readonly string[], question: string): Promise<readonly number[]> {
    const { byQuestion: _, ...contract } = projector.contract;
    const plain = { ...projector, contract };
    const values = weighByQuestion(
      lines.map((l) => Float32Array.from(tinyVector(l))),
      Float32Array.from(tinyVector(question)),
      byQuestion,
    );
    const { personalizer, session } = await setUp(['nobody'], plain);
    await personalizer.user.set({ space: contract.space.id, values });
    return (await (await session()).generate(question, GREEDY)).tokenIds;
  }

  it('answers each question as the vector that the question weighs', async () => {
    const { session } = await setUp();
    for (const question of [DRONE, NERVES])
      expect((await (await session()).generate(question, GREEDY)).tokenIds).toEqual(
        await expected(LINES, question),
      );
  });

  it('weighs anew in each turn, and reads again what depends on it', async () => {
    const { session, personalizer } = await setUp();
    const one = await session();
    await one.generate(DRONE, GREEDY);
    const second = await one.generate(NERVES, GREEDY);
    // The first turn's soft tokens are another question's: read again from there on.
    const messages = [
      { role: 'system', content: SYSTEM },
      { role: 'user', content: DRONE },
    ] as const;
    const vectors = project(projector, Float32Array.from(tinyVector(LINES[0]!)));
    const { soft } = buildInput(model, messages, { vectors, slot: projector.contract.slot });
    expect(second.cachedTokens).toBe(Math.min(...soft!.keys()));
    // The same, asked at once in a conversation that has heard the same.
    const fresh = await personalizer.createSession({
      initialPrompts: [
        ...messages,
        { role: 'assistant', content: (await (await session()).generate(DRONE, GREEDY)).text },
      ],
    });
    expect((await fresh.generate(NERVES, GREEDY)).tokenIds).toEqual(second.tokenIds);
  });

  it('gives no later session anything that a question has weighed', async () => {
    const front = {
      ...projector,
      contract: { ...projector.contract, slot: { places: [{ at: 'system-start', text: 'Likes{soft}.' }] } },
    } as Projector;
    const [{ session }, fresh] = [await setUp(LINES, front), await setUp(LINES, front)];
    await (await session()).generate(DRONE, GREEDY);
    const other = await (await session()).generate(NERVES, GREEDY);
    const { soft } = buildInput(model, [{ role: 'system', content: SYSTEM }], {
      vectors: [new Float32Array(128)],
      slot: front.contract.slot,
    });
    expect(other.cachedTokens).toBeLessThanOrEqual(Math.min(...soft!.keys()));
    expect(other.tokenIds).toEqual((await (await fresh.session()).generate(NERVES, GREEDY)).tokenIds);
    // Even the same question: what is kept holds no soft token.
    expect((await (await session()).generate(DRONE, GREEDY)).cachedTokens).toBeLessThanOrEqual(
      Math.min(...soft!.keys()),
    );
  });

  it('gives another person nothing of the one before', async () => {
    const [{ session, personalizer }, fresh] = [await setUp(), await setUp(OTHER_LINES)];
    await (await session()).generate(DRONE, GREEDY);
    await personalizer.user.describe(OTHER_LINES);
    const found = await (await session()).generate(DRONE, GREEDY);
    expect(found.tokenIds).toEqual((await (await fresh.session()).generate(DRONE, GREEDY)).tokenIds);
  });

  it('answers nothing for somebody who leaves while their question is read', async () => {
    const { session, personalizer, gate } = await setUp();
    const one = await session();
    let go = () => {};
    const held = new Promise<void>((resolve) => {
      go = resolve;
    });
    gate.next = () => held;
    const answer = one.generate(DRONE, GREEDY);
    await new Promise((resolve) => setTimeout(resolve, 10));
    const ended = personalizer.user.clear();
    go();
    await expect(answer).rejects.toMatchObject({ code: 'no-user' });
    await ended;
  });

  it('keeps the encoder up until nobody is left who could ask', async () => {
    const { session, personalizer, log } = await setUp();
    for (const question of [DRONE, NERVES]) await (await session()).generate(question, GREEDY);
    await personalizer.user.describe(OTHER_LINES);
    await (await session()).generate(DRONE, GREEDY);
    expect(log.splice(0)).toEqual(['open', 'read', 'read', 'read', 'read', 'read']);
    await personalizer.user.clear();
    expect(log.splice(0)).toEqual(['free']);
    // Freed after what was asked for before, however late that is.
    await Promise.all(
      [personalizer.user.describe(LINES), personalizer.user.clear()].map((all) => all.catch(() => 0)),
    );
    expect(log.splice(0)).toEqual(['open', 'read', 'free']);
    await personalizer.user.describe(LINES);
    await personalizer.destroy();
    expect(log).toEqual(['open', 'read', 'free']);
  });

  it('brings it up for each description where no question is read', async () => {
    const { byQuestion: _, ...contract } = projector.contract;
    const { session, log } = await setUp(LINES, { ...projector, contract });
    await (await session()).generate(DRONE, GREEDY);
    expect(log).toEqual(['open', 'read', 'free']);
  });

  it('goes on with a newer version of the person from the next turn on', async () => {
    const { session, personalizer } = await setUp();
    const one = await session();
    const values = Float32Array.from(OTHER_LINES.flatMap(tinyVector));
    await personalizer.user.update({ space: projector.contract.space.id, values });
    expect((await one.generate(NERVES, GREEDY)).tokenIds).toEqual(await expected(OTHER_LINES, NERVES));
  });

  it('ranks and batches by the question too', async () => {
    const { session, personalizer } = await setUp();
    const values = Float32Array.from(LINES.flatMap(tinyVector));
    const user = { space: projector.contract.space.id, values };
    const prompt = [
      { role: 'system', content: SYSTEM },
      { role: 'user', content: NERVES },
    ] as const;
    const [answered] = await personalizer.generateBatch([{ prompt, user }], GREEDY);
    expect(answered).toMatchObject({
      status: 'fulfilled',
      value: { tokenIds: await expected(LINES, NERVES) },
    });
    const one = await session();
    const candidates = ['Rook', 'Quillon'];
    const first = await one.rank(NERVES, candidates);
    await one.generate(DRONE, GREEDY);
    expect(await (await session()).rank(NERVES, candidates)).toEqual(first);
  });

  it('refuses a set where no question is known', () => {
    const values = Float32Array.from(LINES.flatMap(tinyVector));
    expect(() => project(projector, values)).toThrow(/weighs a user's vectors by the question/);
  });
});
