import { describe, expect, it } from 'vitest';
import { E2PError } from '../error.ts';
import { createUserWorld, embeddingOf, HOUR, SPACE, withCode } from '../testing/user-world.ts';
import { EVENT_LIMITS } from './events.ts';
import type { User } from './user.ts';
import type { UserEmbedding } from './user-embedding.ts';

describe('embeddings', () => {
  it('are there after the app was closed, the newest first, with those before it', async () => {
    const world = createUserWorld();
    const first = await world.openGranted();
    await first.embedding.set(embeddingOf(1));
    world.time += HOUR;
    await first.embedding.set(embeddingOf(2));
    await first.close();
    const user = await world.open();
    expect(await user.embedding.get(SPACE)).toEqual(embeddingOf(2));
    expect(await user.embedding.history(SPACE)).toEqual([
      { ...embeddingOf(2), storedAt: world.time },
      { ...embeddingOf(1), storedAt: world.time - HOUR },
    ]);
    expect(await user.embedding.get('films-v1')).toBeUndefined();
  });

  it('keep as many as the history is long, by space', async () => {
    const { sealed, openGranted } = createUserWorld();
    const user = await openGranted({ historyLength: 3 });
    await user.embedding.set({ ...embeddingOf(100), space: 'films-v1' });
    for (let i = 1; i <= 12; i++) await user.embedding.set(embeddingOf(i));
    const history = await user.embedding.history(SPACE);
    expect(history.map(({ values }) => values[0])).toEqual([12, 11, 10]);
    expect(sealed('embedding')).toHaveLength(4);
    expect(await user.embedding.delete(SPACE)).toBe(3);
    expect((await user.embedding.get('films-v1'))?.values[0]).toBe(100);
  });

  it('set by two tabs at once are both in the history, and nothing is damaged', async () => {
    const { open, openGranted } = createUserWorld();
    const [one, other] = [await openGranted({ historyLength: 50 }), await open({ historyLength: 50 })];
    await Promise.all(
      Array.from({ length: 20 }, (_, i) => (i % 2 === 0 ? one : other).embedding.set(embeddingOf(i))),
    );
    const found = (await one.embedding.history(SPACE)).map(({ values }) => values[0]!);
    expect(found.toSorted((a, b) => a - b)).toEqual(Array.from({ length: 20 }, (_, i) => i));
    expect(await other.audit.verify()).toMatchObject({ valid: true });
  });

  it.each([
    ['another embedding', (user: User) => user.embedding.set(embeddingOf(7)), 'user-replaced', 7],
    ['its deletion', (user: User) => user.embedding.delete(SPACE), 'user-replaced', undefined],
    ['a withdrawal', (user: User) => user.consent.withdraw('personalise'), 'consent-required', undefined],
    [
      'a withdrawal taken back',
      (user: User) => Promise.all([user.consent.withdraw('personalise'), user.consent.grant('personalise')]),
      'user-replaced',
      1,
    ],
  ] as const)('that take a while to make give way to %s, be it done or under way', async (_, meanwhile, code, left) => {
    for (const isDone of [true, false]) {
      const world = createUserWorld();
      const user = await world.openGranted();
      await user.embedding.set(embeddingOf(1));
      const made = embeddingOf(2).values;
      let other: Promise<unknown> | undefined;
      const setting = user.embedding.setMade(SPACE, async () => {
        world.time++;
        other = meanwhile(user);
        if (isDone) await other;
        return made;
      });
      await expect(setting).rejects.toMatchObject({ code });
      await other;
      expect(made.every((value) => value === 0)).toBe(true);
      if (code === 'consent-required') await user.consent.grant('personalise');
      else expect((await user.embedding.get(SPACE))?.values[0]).toBe(left);
    }
  });

  it('that take a while to make are set, and nothing is made without the grant', async () => {
    const { open } = createUserWorld();
    const user = await open();
    let made = 0;
    const set = () =>
      user.embedding.setMade(SPACE, async () => {
        made++;
        return embeddingOf(3).values;
      });
    await expect(set()).rejects.toMatchObject({ code: 'consent-required' });
    expect(made).toBe(0);
    await user.consent.grant('personalise');
    await set();
    expect(await user.embedding.get(SPACE)).toEqual(embeddingOf(3));
  });

  it('are copies: neither what was set nor what was read is what lies in the vault', async () => {
    const user = await createUserWorld().openGranted();
    const { space, values } = embeddingOf(1);
    const setting = user.embedding.set({ space, values });
    values.fill(9);
    await setting;
    (await user.embedding.get(SPACE))!.values.fill(8);
    expect((await user.embedding.get(SPACE))!.values[0]).toBe(1);
  });

  it('that are no embeddings are refused, and the message holds no number of them', async () => {
    const user = await createUserWorld().openGranted();
    const bad: unknown[] = [
      { space: '', values: new Float32Array(2) },
      { space: SPACE, values: [1, '0.625'] },
      { space: SPACE, values: new Float32Array() },
      { space: SPACE, values: new Float32Array(65_537) },
      { space: SPACE, values: Float32Array.of(0.625, Number.NaN) },
      { space: SPACE, values: Float32Array.of(0.625, Number.POSITIVE_INFINITY) },
    ];
    for (const embedding of bad) {
      const error = await user.embedding.set(embedding as UserEmbedding).catch((e: unknown) => e);
      expect(error).toBeInstanceOf(E2PError);
      expect(error).toMatchObject(withCode('invalid-embedding'));
      expect((error as E2PError).message).not.toContain('0.625');
    }
  });

  it('a failed write leaves the old one, and the next write works', async () => {
    const { records, openGranted } = createUserWorld();
    let full = false;
    const user = await openGranted({
      records: {
        ...records,
        commit: (changes) =>
          full ? Promise.reject(new E2PError('quota-exceeded', 'the disk is full')) : records.commit(changes),
      },
    });
    await user.embedding.set(embeddingOf(1));
    full = true;
    await expect(user.embedding.set(embeddingOf(2))).rejects.toMatchObject(withCode('quota-exceeded'));
    full = false;
    expect((await user.embedding.get(SPACE))?.values[0]).toBe(1);
    await user.embedding.set(embeddingOf(3));
    expect((await user.embedding.history(SPACE)).map(({ values }) => values[0])).toEqual([3, 1]);
    expect(await user.audit.verify()).toMatchObject({ valid: true });
  });
});

describe('events', () => {
  it('of which several are deleted at once leave the others, and one entry in the audit log', async () => {
    const user = await createUserWorld().openGranted();
    const [first, , third] = [
      await user.events.add({ type: 'click', item: 'a' }),
      await user.events.add({ type: 'click', item: 'b' }),
      await user.events.add({ type: 'click', item: 'c' }),
    ];
    expect(await user.events.delete([first!, third!, 'unknown'])).toBe(true);
    expect((await user.events.list()).map(({ item }) => item)).toEqual(['b']);
    expect(await user.events.delete([first!, 'unknown'])).toBe(false);
    expect(await user.events.delete([])).toBe(false);
    const actions = (await user.audit.entries()).map(({ action }) => action);
    expect(actions.filter((action) => action === 'events-deleted')).toHaveLength(1);
  });

  it('come back in the order they were added', async () => {
    const world = createUserWorld();
    const user = await world.openGranted();
    const id = await user.events.add({ type: 'click', item: 'a', weight: 0.5 });
    await user.events.add({ type: 'skip', item: 'b', time: 1_000 });
    const storedAt = world.time;
    expect(await user.events.list()).toMatchObject([
      { id, type: 'click', item: 'a', weight: 0.5, time: storedAt, storedAt },
      { type: 'skip', item: 'b', time: 1_000, storedAt },
    ]);
    expect(await user.events.clear()).toBe(2);
    expect(await user.events.list()).toEqual([]);
    // One whose weight no learning could take in would be in the way of all others.
    for (const weight of [1e308, -1e7, Number.NaN]) {
      await expect(user.events.add({ type: 'click', item: 'c', weight })).rejects.toMatchObject({
        ...withCode('invalid-argument'),
        message: 'the event: weight must be a number from -1000000 to 1000000',
      });
    }
    expect(await user.events.list()).toEqual([]);
    // An id is never given twice.
    expect(await user.events.add({ type: 'click', item: 'c' })).not.toBe(id);
  });

  it('are small and plain, or refused without being repeated', async () => {
    const user = await createUserWorld().openGranted();
    const bad: unknown[] = [
      null,
      { type: 'click' },
      { type: 'click', item: 'secret', extra: 1 },
      { type: 'x'.repeat(EVENT_LIMITS.type + 1), item: 'secret' },
      { type: 'click', item: 'secret'.repeat(100) },
      { type: 'click', item: 'secret', time: -1 },
      { type: 'click', item: 'secret', time: 1.5 },
      { type: 'click', item: 'secret', weight: Number.NaN },
    ];
    for (const event of bad) {
      const adding = user.events.add(event as { type: string; item: string });
      await expect(adding).rejects.toMatchObject(withCode('invalid-argument'));
      await expect(adding).rejects.not.toThrow(/secret/);
    }
    expect(await user.events.list()).toEqual([]);
  });
});

describe('transcripts', () => {
  it('are saved, saved again, listed without messages, read and deleted', async () => {
    const world = createUserWorld();
    const user = await world.openGranted();
    const hello = { role: 'user', content: 'Hello' } as const;
    const id = await user.transcripts.save({ title: 'First', messages: [hello] });
    world.time += HOUR;
    const messages = [hello, { role: 'assistant', content: 'Hi' } as const];
    expect(await user.transcripts.save({ id, title: 'First', messages })).toBe(id);
    expect(await user.transcripts.list()).toEqual([{ id, title: 'First', storedAt: world.time }]);
    expect(await user.transcripts.read(id)).toEqual({ id, title: 'First', messages, storedAt: world.time });
    expect(await user.transcripts.delete(id)).toBe(true);
    expect(await user.transcripts.read(id)).toBeUndefined();
    await expect(user.transcripts.save({ id, messages })).rejects.toMatchObject(withCode('invalid-argument'));
  });

  it('of another form are refused', async () => {
    const user = await createUserWorld().openGranted();
    const refused = withCode('invalid-argument');
    for (const messages of [
      undefined,
      'text',
      [{ role: 'robot', content: '' }],
      [{ role: 'user', content: 1 }],
    ]) {
      await expect(user.transcripts.save({ messages: messages as never })).rejects.toMatchObject(refused);
    }
  });
});
