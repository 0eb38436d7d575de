/** What a second session need not read again, and what it must never be given. */
import { fileURLToPath } from 'node:url';
import { beforeAll, describe, expect, it } from 'vitest';
import { type BaseModel, loadBaseModel } from '../model/base-model.ts';
import { type Projector, readProjector } from '../projector/projector.ts';
import { createNodeRuntime } from '../runtime/node-runtime.ts';
import type { Tensor } from '../runtime/runtime.ts';
import { createFolderSource } from '../storage/folder-source.ts';
import { Engine } from './engine.ts';
import { LocalPersonalizer } from './personalizer.ts';

const source = createFolderSource(fileURLToPath(new URL('../../public/models/e2p-tiny', import.meta.url)));
const SYSTEM = 'Story: pocket drone, Quillon, Rook, calmer nerves';
const OTHER_SYSTEM = 'Story: pocket drone, Quillon, Gigi Roux, ancient dust';
const QUESTION = 'Ruth the poet, Golden Comets';
const GREEDY = { temperature: 0, maxTokens: 12 } as const;

describe('what conversations begin with', () => {
  let model: BaseModel;
  let projector: Projector;
  beforeAll(async () => {
    model = await loadBaseModel({ source, dtypes: ['q4'] });
    projector = readProjector((await source.read('projector.safetensors'))!, 'projector.safetensors');
  });

  async function setUp() {
    const wiped: Tensor[] = [];
    const plain = createNodeRuntime();
    const runtime = {
      ...plain,
      wipe: (tensor: Tensor) => {
        const { data } = tensor;
        plain.wipe(tensor);
        expect((data as Float32Array).every((v) => v === 0)).toBe(true);
        wiped.push(tensor);
      },
    };
    const engine = await Engine.create({ model, runtime });
    const personalizer = new LocalPersonalizer(engine, projector);
    const { id, dim } = projector.contract.space;
    const set = (phase: number) =>
      personalizer.user.set({
        space: id,
        values: Float32Array.from({ length: dim }, (_, i) => Math.sin(phase + i)),
      });
    await set(0);
    const ask = async (
      question: string,
      { system = SYSTEM, ...more }: { system?: string; strength?: number; personalise?: boolean } = {},
    ) => {
      const initialPrompts = [{ role: 'system', content: system }] as const;
      const session = await personalizer.createSession({ initialPrompts, ...more });
      const result = await session.generate(question, GREEDY);
      return { session, ...result };
    };
    return { personalizer, set, ask, wiped };
  }

  it('is read once for all sessions of a person, and changes no token', async () => {
    const [{ ask }, fresh] = [await setUp(), await setUp()];
    const first = await ask('Elif');
    expect(first.cachedTokens).toBe(0);
    const second = await ask(QUESTION);
    expect(second.cachedTokens).toBeGreaterThan(10);
    expect(second.cachedTokens).toBeLessThan(second.promptTokens);
    expect(second.tokenIds).toEqual((await fresh.ask(QUESTION)).tokenIds);
  });

  it('holds nothing of the question that it was read with', async () => {
    const { ask } = await setUp();
    const { session } = await ask(`${QUESTION}, in Rook`);
    const alike = await ask(`${QUESTION}, in Quillon`);
    const apart = await ask('9');
    expect(alike.cachedTokens).toBe(apart.cachedTokens);
    await session.destroy();
  });

  it.each([
    ['another person', undefined, 1],
    ['another strength', { strength: 0.5 }, 0],
    ['nobody', { personalise: false }, 0],
  ] as const)('is of no use to %s', async (_, options, phase) => {
    const [{ ask, set }, fresh] = [await setUp(), await setUp()];
    await ask('Elif');
    if (phase !== 0) for (const change of [set, fresh.set]) await change(phase);
    const other = await ask(QUESTION, options);
    expect(other.cachedTokens).toBe(0);
    expect(other.tokenIds).toEqual((await fresh.ask(QUESTION, options)).tokenIds);
  });

  it('is shared as far as it is alike', async () => {
    const [{ ask }, fresh] = [await setUp(), await setUp()];
    await ask('Elif');
    const whole = await ask(QUESTION);
    const other = await ask(QUESTION, { system: OTHER_SYSTEM });
    expect(other.cachedTokens).toBeGreaterThan(5);
    expect(other.cachedTokens).toBeLessThan(whole.cachedTokens);
    expect(other.tokenIds).toEqual((await fresh.ask(QUESTION, { system: OTHER_SYSTEM })).tokenIds);
  });

  it('goes with its person, overwritten', async () => {
    const { personalizer, ask, wiped } = await setUp();
    await ask('Elif');
    const unpersonalised = await ask('Elif', { personalise: false });
    const before = wiped.length;
    const items = await personalizer.endUser('cleared');
    // The session's, and the one that others would have begun with.
    expect(items).toContainEqual(expect.objectContaining({ what: 'KV cache', count: 2 }));
    expect(wiped.length - before).toBe(2 * model.facts.cache.length);
    expect((await ask(QUESTION, { personalise: false })).cachedTokens).toBeGreaterThan(10);
    await unpersonalised.session.destroy();
  });

  it('goes with the last session', async () => {
    const { ask, wiped } = await setUp();
    const [first, second] = [await ask('Elif'), await ask(QUESTION)];
    await first.session.destroy();
    expect((await ask('Gigi')).cachedTokens).toBeGreaterThan(10);
    const { session } = await ask('Rook');
    for (const one of [second.session, session]) await one.destroy();
    expect(wiped.length % model.facts.cache.length).toBe(0);
  });
});
