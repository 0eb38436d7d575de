import { describe, expect, it } from 'vitest';
import { createUserWorld, embeddingOf, HOUR, SPACE } from '../testing/user-world.ts';

const DAY = 24 * HOUR;

describe('retention', () => {
  it('removes at start what has outlived its time, and keeps the rest', async () => {
    const world = createUserWorld();
    const retention = { event: 2 * DAY };
    const first = await world.openGranted({ retention });
    await first.events.add({ type: 'click', item: 'old' });
    await first.embedding.set(embeddingOf(1));
    world.time += DAY;
    await first.events.add({ type: 'click', item: 'new' });
    await first.close();
    world.time += DAY;
    const user = await world.open({ retention });
    // Gone from the disk before anybody asked.
    expect(world.sealed('event')).toHaveLength(1);
    expect(await user.events.list()).toMatchObject([{ item: 'new' }]);
    expect(await user.embedding.get(SPACE)).toEqual(embeddingOf(1));
  });

  it('removes while the app runs: at the next call, and by itself when nobody calls', async () => {
    const world = createUserWorld();
    const user = await world.openGranted({ retention: { embedding: HOUR } });
    const heard: string[] = [];
    user.subscribe((change) => heard.push(change));
    await user.embedding.set(embeddingOf(1));
    expect(world.timers.map(({ wait }) => wait)).toEqual([HOUR]);
    world.time += HOUR;
    world.timers[0]!.task();
    await user.consent.state();
    expect(world.sealed('embedding')).toEqual([]);
    await user.embedding.set(embeddingOf(2));
    world.time += HOUR;
    expect(await user.embedding.get(SPACE)).toBeUndefined();
    expect(heard).toEqual(['embedding', 'embedding', 'embedding', 'embedding']);
  });

  it('the last moment before is still in time', async () => {
    const world = createUserWorld();
    const user = await world.openGranted({ retention: { embedding: HOUR } });
    await user.embedding.set(embeddingOf(1));
    world.time += HOUR - 1;
    expect(await user.embedding.get(SPACE)).toBeDefined();
    world.time += 1;
    expect(await user.embedding.get(SPACE)).toBeUndefined();
  });

  it('a clock that is set back keeps nothing longer', async () => {
    const world = createUserWorld();
    const retention = { event: 10 * DAY };
    const first = await world.openGranted({ retention });
    await first.events.add({ type: 'click', item: 'a' });
    world.time += 9 * DAY;
    await first.events.list();
    await first.close();
    // Back by a year: vault time stays where it was, and goes on while the vault is open.
    world.time -= 365 * DAY;
    const user = await world.open({ retention });
    const stored = await user.events.list();
    expect(stored).toHaveLength(1);
    await user.events.add({ type: 'click', item: 'b' });
    expect((await user.events.list())[1]!.storedAt).toBe(stored[0]!.storedAt + 9 * DAY);
    world.elapsed += DAY;
    expect(await user.events.list()).toMatchObject([{ item: 'b' }]);
    await user.close();
    // What passed while the vault was open is not lost either.
    world.time += 1;
    const again = await world.open({ retention });
    world.elapsed += 9 * DAY;
    expect(await again.events.list()).toEqual([]);
  });

  it('a shorter life than before counts from the next opening on', async () => {
    const world = createUserWorld();
    const first = await world.openGranted();
    await first.transcripts.save({ messages: [] });
    await first.close();
    world.time += 30 * DAY;
    await world.open({ retention: { transcript: 30 * DAY } });
    expect(world.sealed('transcript')).toEqual([]);
  });

  it('a damaged record has no age: it stays, and the others go', async () => {
    const world = createUserWorld();
    const user = await world.openGranted({ retention: { event: DAY } });
    for (const item of ['a', 'b', 'c']) await user.events.add({ type: 'click', item });
    const [key, record] = world.sealed('event')[1]!;
    world.disk.set(key, { ...record, data: new Uint8Array(50) });
    world.time += DAY;
    await user.consent.state();
    expect(world.sealed('event').map(([k]) => k)).toEqual([key]);
  });

  it('an audit log that has lost its oldest entries is still a whole chain', async () => {
    const world = createUserWorld();
    const user = await world.openGranted({ retention: { audit: DAY } });
    await user.embedding.set(embeddingOf(1));
    world.time += DAY - 1;
    await user.embedding.get(SPACE);
    world.time += 1;
    await user.embedding.get(SPACE);
    const log = await user.audit.export();
    expect(log.entries.map(({ seq, action }) => `${seq} ${action}`)).toEqual([
      '4 embedding-read',
      '5 embedding-read',
    ]);
    expect(log.anchor.seq).toBe(3);
    expect(await user.audit.verify()).toEqual({ valid: true, entries: 2 });
  });
});
