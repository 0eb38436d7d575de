/** A newer embedding taken up in the answer under way, on the default model: numbers against those of somebody who always had it. */
import { fileURLToPath } from 'node:url';
import { beforeAll, describe, expect, it } from 'vitest';
import { type BaseModel, loadBaseModel } from '../model/base-model.ts';
import { type Projector, readProjector } from '../projector/projector.ts';
import { createNodeRuntime } from '../runtime/node-runtime.ts';
import type { Runtime, Tensor } from '../runtime/runtime.ts';
import { createFolderSource } from '../storage/folder-source.ts';
import type { Conversation } from './conversation.ts';
import { Engine } from './engine.ts';
import { LocalPersonalizer } from './personalizer.ts';
import { newerOf } from './renewal.ts';

const source = createFolderSource(fileURLToPath(new URL('../../public/models/e2p-tiny', import.meta.url)));
const initialPrompts = [
  { role: 'system', content: 'Story: pocket drone, Quillon, Rook, calmer nerves' },
] as const;
const TOKENS = 16;
const GREEDY = {
  temperature: 0,
  maxTokens: TOKENS,
  promptLookup: false,
  constraint: { regexp: /[a-z ]{200}/ },
};

describe('a newer version, at once', () => {
  let model: BaseModel;
  let projector: Projector;
  beforeAll(async () => {
    model = await loadBaseModel({ source, dtypes: ['q4'] });
    projector = readProjector((await source.read('projector.safetensors'))!, 'projector.safetensors');
  });

  const version = (phase: number) => {
    const { id, dim } = projector.contract.space;
    return { space: id, values: Float32Array.from({ length: dim }, (_, i) => Math.sin(phase + i)) };
  };

  async function setUp(phase = 0) {
    const device = { wiped: 0, onRead: (_tokens: number): void => undefined };
    const plain = createNodeRuntime();
    const runtime: Runtime = {
      ...plain,
      prefillChunk: 8,
      wipe: (tensor: Tensor) => {
        plain.wipe(tensor);
        device.wiped++;
      },
      createSession: async (bytes, options) => {
        const session = await plain.createSession(bytes, options);
        const run: typeof session.run = (feeds) => {
          // The mask is longer than what is read.
          const lengths = Object.values(feeds).filter(
            ({ type, dims }) => type === 'int64' && dims.length === 2,
          );
          device.onRead(Math.min(...lengths.map(({ dims }) => dims[1]!)));
          return session.run(feeds);
        };
        return { ...session, run, release: () => session.release() };
      },
    };
    const personalizer = new LocalPersonalizer(await Engine.create({ model, runtime }), projector);
    await personalizer.user.set(version(phase));
    return { device, personalizer };
  }

  /** An answer with an update behind its fourth token. */
  async function updated(
    newVersion?: 'at-once' | 'next-turn',
    signal?: AbortSignal,
    begin = (_: Awaited<ReturnType<typeof setUp>>['device']) => {},
  ) {
    const given = await setUp();
    const session = await given.personalizer.createSession({
      initialPrompts,
      ...(newVersion && { newVersion }),
    });
    const first = await session.generate('Gigi Roux', GREEDY);
    const pieces: string[] = [];
    /** As each piece came. */
    const wiped: number[] = [];
    let update: Promise<void> | undefined;
    const onText = (text: string) => {
      wiped.push(given.device.wiped);
      if (pieces.push(text) !== 4) return;
      update = given.personalizer.user.update(version(1));
      begin(given.device);
    };
    const answer = session.generate('Elif', { ...GREEDY, onText, ...(signal && { signal }) });
    await answer.catch(() => undefined);
    await update;
    return { ...given, session, first, answer, pieces, wiped };
  }

  /** Behind the same conversation and the same first words. */
  async function alwaysHad(
    phase: number,
    said: readonly (readonly [string, string])[],
    asked: string,
    prefix = '',
  ) {
    const { personalizer } = await setUp(phase);
    const before = said.flatMap(
      ([question, answer]) =>
        [
          { role: 'user', content: question },
          { role: 'assistant', content: answer },
        ] as const,
    );
    const session = await personalizer.createSession({ initialPrompts: [...initialPrompts, ...before] });
    const begun = prefix === '' ? [] : [{ role: 'assistant', content: prefix, prefix: true } as const];
    return session.generate([{ role: 'user', content: asked }, ...begun], GREEDY);
  }

  it('goes on as the answer of somebody who always had it goes on behind the same words, and says nothing twice', async () => {
    const { answer, first, pieces, wiped, session, device } = await updated('at-once');
    const { text, tokenIds } = await answer;
    expect(pieces.join('')).toBe(text);
    expect(pieces).toHaveLength(TOKENS);
    // Where what was read with the version before was overwritten: what others would have begun with, then the answer's own.
    const written = wiped.findLastIndex((count, i) => count > (wiped[i - 1] ?? count));
    expect(written).toBeGreaterThanOrEqual(4);
    expect(written).toBeLessThan(8);
    expect(wiped.at(-1)! - wiped[3]!).toBeGreaterThanOrEqual(2 * model.facts.cache.length);
    const said = [['Gigi Roux', first.text]] as const;
    const behind = pieces.slice(0, written).join('');
    const expected = await alwaysHad(1, said, 'Elif', behind);
    expect(tokenIds.slice(written)).toEqual(expected.tokenIds.slice(0, TOKENS - written));
    const old = await alwaysHad(0, said, 'Elif');
    expect(tokenIds.slice(0, written)).toEqual(old.tokenIds.slice(0, written));
    expect(tokenIds).not.toEqual(old.tokenIds);
    // What was read is the next turn's, too: of its prompt only the new is left to read.
    const { wiped: before } = device;
    const next = await session.generate('Gigi Roux', GREEDY);
    expect([next.cachedTokens > 0, device.wiped]).toEqual([true, before]);
    const all = [...said, ['Elif', text]] as const;
    expect(next.tokenIds).toEqual((await alwaysHad(1, all, 'Gigi Roux')).tokenIds);
  });

  it('is the next turn by default', async () => {
    const [byDefault, said] = [await updated(), await updated('next-turn')];
    const old = await alwaysHad(0, [['Gigi Roux', byDefault.first.text]], 'Elif');
    expect((await byDefault.answer).tokenIds).toEqual(old.tokenIds);
    expect((await said.answer).tokenIds).toEqual(old.tokenIds);
    await expect(
      byDefault.personalizer.createSession({ newVersion: 'now' as 'at-once' }),
    ).rejects.toMatchObject({
      code: 'invalid-argument',
      message: expect.stringContaining('newVersion'),
    });
  });

  it('that cannot be read leaves the answer as it began; the next turn has it', async () => {
    let failed = 0;
    const { answer, first, session } = await updated('at-once', undefined, (device) => {
      device.onRead = (tokens) => {
        if (tokens === 1 || failed++ > 0) return;
        throw new Error('out of memory');
      };
    });
    const { text, tokenIds } = await answer;
    expect(failed).toBe(1);
    const said = [['Gigi Roux', first.text]] as const;
    expect(tokenIds).toEqual((await alwaysHad(0, said, 'Elif')).tokenIds);
    const next = await session.generate('Gigi Roux', GREEDY);
    expect(next.tokenIds).toEqual((await alwaysHad(1, [...said, ['Elif', text]], 'Gigi Roux')).tokenIds);
  });

  it('hears an abort while it is read; the next turn has it', async () => {
    const controller = new AbortController();
    let reads = 0;
    const { answer, first, session, pieces } = await updated('at-once', controller.signal, (device) => {
      device.onRead = (tokens) => {
        if (tokens > 1 && ++reads === 1) controller.abort(new Error('enough'));
      };
    });
    await expect(answer).rejects.toThrow('enough');
    expect([reads, pieces.length < TOKENS]).toEqual([1, true]);
    const next = await session.generate('Elif', GREEDY);
    expect(next.tokenIds).toEqual((await alwaysHad(1, [['Gigi Roux', first.text]], 'Elif')).tokenIds);
  });

  it('overwrites the soft tokens of the version before, and none that came meanwhile', () => {
    const soft = (value: number) => ({ vectors: [Float32Array.of(value)], slot: 'after-bos' as const });
    const [old, renewed, later] = [soft(1), soft(2), soft(3)];
    const conversation = { atOnce: true, soft: old, renewed, state: undefined, gone: undefined };
    const slots = new Map([[1, old.vectors[0]!]]);
    const read = (of: object) => newerOf(of as Conversation, slots, () => undefined)!;
    read(conversation).taken();
    expect([old, renewed].map(({ vectors }) => vectors[0]![0])).toEqual([0, 0]);
    expect(conversation).toMatchObject({ soft: soft(2), renewed: undefined });
    const [first, second] = [soft(1), soft(2)];
    const other = { ...conversation, soft: first, renewed: second };
    slots.set(1, first.vectors[0]!);
    const newer = read(other);
    other.renewed = later;
    second.vectors[0]!.fill(0);
    newer.taken();
    expect(first.vectors[0]![0]).toBe(0);
    expect(other).toMatchObject({ soft: soft(2), renewed: soft(3) });
    expect(read({ ...other, atOnce: false })).toBeUndefined();
  });
});
