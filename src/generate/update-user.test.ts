/** A newer embedding of the same person, on the default model: sessions go on, and nothing of the version before is in what they say. */
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
const initialPrompts = [{ role: 'system', content: SYSTEM }] as const;
const GREEDY = { temperature: 0, maxTokens: 12 } as const;

describe('a newer embedding of the same person', () => {
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
        plain.wipe(tensor);
        wiped.push(tensor);
      },
    };
    const personalizer = new LocalPersonalizer(await Engine.create({ model, runtime }), projector);
    const { id, dim } = projector.contract.space;
    const version = (phase: number) => ({
      space: id,
      values: Float32Array.from({ length: dim }, (_, i) => Math.sin(phase + i)),
    });
    await personalizer.user.set(version(0));
    return { personalizer, version, wiped };
  }

  /** What a person who always had that version is answered, behind the same conversation. */
  async function alwaysHad(phase: number, said: readonly (readonly [string, string])[], question: string) {
    const { personalizer, version } = await setUp();
    await personalizer.user.set(version(phase));
    const before = said.flatMap(
      ([asked, answer]) =>
        [
          { role: 'user', content: asked },
          { role: 'assistant', content: answer },
        ] as const,
    );
    const session = await personalizer.createSession({ initialPrompts: [...initialPrompts, ...before] });
    return session.generate(question, GREEDY);
  }

  it('is picked up at the next turn, as if the person had always had it; the conversation stays', async () => {
    const { personalizer, version, wiped } = await setUp();
    const session = await personalizer.createSession({ initialPrompts });
    const first = await session.generate('Elif', GREEDY);
    const usage = session.contextUsage;
    const before = wiped.length;
    await personalizer.user.update(version(1));
    // What was read with the version before is gone at once, and what others would have begun with.
    expect(wiped.length - before).toBe(2 * model.facts.cache.length);
    expect(session.contextUsage).toBe(usage);
    const second = await session.generate('Gigi Roux', GREEDY);
    expect(second.cachedTokens).toBe(0);
    const expected = await alwaysHad(1, [['Elif', first.text]], 'Gigi Roux');
    expect(second.tokenIds).toEqual(expected.tokenIds);
    const old = await alwaysHad(0, [['Elif', first.text]], 'Gigi Roux');
    expect(second.tokenIds).not.toEqual(old.tokenIds);
  });

  it('leaves an answer under way as it began, and of that nothing to the next turn, to clones or to others', async () => {
    const { personalizer, version } = await setUp();
    const session = await personalizer.createSession({ initialPrompts });
    let updated: Promise<void> | undefined;
    let clone: Awaited<ReturnType<typeof session.clone>> | undefined;
    const answer = await session.generate('Elif', {
      ...GREEDY,
      onText: () => {
        updated ??= personalizer.user.update(version(1)).then(async () => {
          clone = await session.clone();
        });
      },
    });
    await updated;
    expect(answer.tokenIds).toEqual((await alwaysHad(0, [], 'Elif')).tokenIds);
    const other = await personalizer.createSession({ initialPrompts });
    const begun = await other.generate('Elif', GREEDY);
    expect(begun.cachedTokens).toBe(0);
    expect(begun.tokenIds).toEqual((await alwaysHad(1, [], 'Elif')).tokenIds);
    expect((await clone!.generate('Elif', GREEDY)).tokenIds).toEqual(begun.tokenIds);
    const next = await session.generate('Gigi Roux', GREEDY);
    expect(next.tokenIds).toEqual((await alwaysHad(1, [['Elif', answer.text]], 'Gigi Roux')).tokenIds);
  });

  it('keeps the strength of each session, and leaves the bare model and other personalizers alone', async () => {
    const { personalizer, version } = await setUp();
    const half = await personalizer.createSession({ strength: 0.5 });
    const bare = await personalizer.createSession({ personalise: false });
    await bare.generate('Elif', GREEDY);
    await personalizer.user.update(version(1));
    expect([half.strength, bare.strength]).toEqual([0.5, undefined]);
    const again = await personalizer.createSession({ strength: 0.5 });
    const expected = await again.generate(SYSTEM, GREEDY);
    expect((await half.generate(SYSTEM, GREEDY)).tokenIds).toEqual(expected.tokenIds);
    expect((await bare.generate('Gigi Roux', GREEDY)).cachedTokens).toBeGreaterThan(0);
  });

  it('that is none leaves the version before; another person ends the sessions, and so does letting go', async () => {
    const { personalizer, version } = await setUp();
    const session = await personalizer.createSession();
    const { tokenIds } = await session.generate(SYSTEM, GREEDY);
    await expect(personalizer.user.update({ ...version(1), space: 'another' })).rejects.toMatchObject({
      code: 'invalid-embedding',
    });
    const same = await personalizer.createSession();
    expect((await same.generate(SYSTEM, GREEDY)).tokenIds).toEqual(tokenIds);
    await personalizer.user.update(version(1));
    await personalizer.user.set(version(2));
    await expect(session.prompt('Elif')).rejects.toMatchObject({ code: 'user-replaced' });
    const last = await personalizer.createSession();
    const running = last.generate(SYSTEM, { maxTokens: 400, constraint: { regexp: /[a-z ]{2000}/ } });
    running.catch(() => undefined);
    await personalizer.user.update(version(3));
    const ended = await personalizer.endUser('withdrawn');
    expect(ended).toContainEqual({ what: 'embedding in the engine', where: 'memory', count: 1 });
    await expect(running).rejects.toMatchObject({ code: 'consent-required' });
    await expect(last.prompt('Elif')).rejects.toMatchObject({ code: 'consent-required' });
  });

  it('of somebody who was not set is a first one', async () => {
    const { personalizer, version } = await setUp();
    await personalizer.user.clear();
    await personalizer.user.update(version(1));
    expect((await (await personalizer.createSession()).generate(SYSTEM, GREEDY)).softTokens).toBe(1);
  });
});
