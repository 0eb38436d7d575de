import { describe, expect, it, vi } from 'vitest';
import { E2PError } from '../error.ts';
import { createUserWorld, HOUR, withCode } from '../testing/user-world.ts';
import { activityCounts } from './activity-weights.ts';
import { foldIn } from './als.ts';
import { type Catalogue, openCatalogue } from './catalogue.ts';
import { type ActivityOptions, embedFromActivity } from './embed-from-activity.ts';
import type { User } from './user.ts';
import { writeCatalogue } from './write-catalogue.ts';

const [dim, count] = [4, 30];
const SPACE = 'films-v1';
const weights = { regularisation: 2, alpha: 5 };
const ids = Array.from({ length: count }, (_, i) => `film-${String(i).padStart(2, '0')}`);
const factors = Float32Array.from({ length: count * dim }, (_, i) => Math.sin(i * 3 + 1));
const file = writeCatalogue({ items: factors, dim, space: SPACE, ids, ...weights }).slice();

async function connected(given: ActivityOptions = {}, userOptions: object = {}) {
  const world = createUserWorld();
  const user = await world.openGranted(userOptions);
  const catalogue = await openCatalogue(new Blob([file]));
  // No update comes by itself before it is asked for.
  const connection = await embedFromActivity(user, catalogue, { delay: 60_000, ...given });
  const valuesNow = async () => (await user.embedding.get(SPACE))?.values;
  return { world, user, catalogue, connection, valuesNow };
}

/** What a backend computes of the log, with the catalogue's rows. */
async function backend(user: User, catalogue: Catalogue, halfLife?: number): Promise<Float32Array> {
  const events = await user.events.list();
  const items = await catalogue.rows(ids.map((_, i) => i));
  const counts = activityCounts(events, { ...(halfLife !== undefined && { halfLife }) });
  return foldIn({ items, dim, clicks: events.map(({ item }) => ids.indexOf(item)), counts, ...weights });
}

const expectNear = (found: Float32Array, expected: Float32Array) => {
  for (const [k, value] of found.entries()) expect(value).toBeCloseTo(expected[k]!, 6);
};

describe('an embedding that is kept up to date with activity', () => {
  it('is what the backend computes of the same log, version by version', async () => {
    const { world, user, catalogue, connection, valuesNow } = await connected({ halfLife: 12 * HOUR });
    expect(await valuesNow()).toBeUndefined();
    for (const [i, type] of ['view', 'like', 'skip', 'dwell', 'like'].entries()) {
      await user.events.add({ type, item: ids[i * 5]!, ...(type === 'dwell' && { weight: 90 }) });
      world.time += 5 * HOUR;
      await connection.settled();
      expectNear((await valuesNow())!, await backend(user, catalogue, 12 * HOUR));
    }
    expect(await user.embedding.history(SPACE)).toHaveLength(5);
  });

  it('takes an event back to the last bit, and everything to nothing', async () => {
    const { world, user, connection, valuesNow } = await connected();
    await user.events.add({ type: 'like', item: ids[3]! });
    await connection.settled();
    const before = await valuesNow();
    world.time += HOUR;
    const id = await user.events.add({ type: 'skip', item: ids[3]! });
    await user.events.add({ type: 'buy', item: ids[4]! });
    await connection.settled();
    expect(await valuesNow()).not.toEqual(before);
    await user.events.delete(id);
    await connection.settled();
    expect(await valuesNow()).toEqual(before);
    await user.events.clear();
    await connection.settled();
    expect(await valuesNow()).toBeUndefined();
    expect(await user.embedding.history(SPACE)).toEqual([]);
  });

  it('makes one version of a burst, by itself', async () => {
    const { user, connection } = await connected({ delay: 20 });
    for (let i = 0; i < 15; i++) await user.events.add({ type: 'view', item: ids[i]! });
    await vi.waitFor(async () => expect(await user.embedding.get(SPACE)).toBeDefined());
    await connection.settled();
    expect((await user.embedding.history(SPACE)).length).toBeLessThan(4);
    expect((await user.audit.entries()).filter(({ action }) => action === 'events-read').length).toBeLessThan(
      6,
    );
  });

  it('is what the log says when it is connected, and no new version where nothing is new', async () => {
    const { user, catalogue, connection, valuesNow } = await connected();
    await user.events.add({ type: 'like', item: ids[9]! });
    await user.events.add({ type: 'like', item: 'not in the catalogue' });
    await connection.settled();
    expect(connection.unknown).toBe(1);
    await connection.disconnect();
    expect(connection.state).toBe('ended');
    await user.events.add({ type: 'skip', item: ids[9]! });
    const again = await embedFromActivity(user, catalogue);
    const values = await valuesNow();
    const history = await user.embedding.history(SPACE);
    await again.settled();
    await again.disconnect();
    await (await embedFromActivity(user, catalogue)).settled();
    expect(await valuesNow()).toEqual(values);
    expect(await user.embedding.history(SPACE)).toHaveLength(history.length);
  });

  it('leaves what feedback made of it, until the events tell something else; that goes with the last event too', async () => {
    const { user, catalogue, connection } = await connected();
    await user.events.add({ type: 'like', item: ids[9]! });
    await connection.settled();
    await connection.disconnect();
    await user.consent.grant('learn-from-feedback');
    await user.feedback.add({ kind: 'up', prompt: 'Which?', answer: 'That.' });
    await user.feedback.learn(SPACE, async ({ values }) => values.map((value) => value + 1));
    const from = async () => (await user.embedding.history(SPACE)).map(({ learntFrom }) => learntFrom);
    const again = await embedFromActivity(user, catalogue);
    expect(await from()).toEqual(['feedback', 'activity']);
    await user.events.add({ type: 'like', item: ids[3]! });
    await again.settled();
    expect((await from())[0]).toBe('activity');
    await user.feedback.learn(SPACE, async ({ values }) => values.map((value) => value + 1));
    await again.disconnect();
    for (const event of await user.events.list()) await user.events.delete(event.id);
    await (await embedFromActivity(user, catalogue)).disconnect();
    expect(await from()).toEqual([]);
  });

  it('may be protected by a bound, not by noise, of which each event would have its own', async () => {
    const population = { mean: [0, 0, 0, 0], scale: [1, 1, 1, 1] };
    const bound = { space: SPACE, population, clip: 0.25 };
    const { user, catalogue, connection } = await connected({}, { protection: [bound] });
    await user.events.add({ type: 'like', item: ids[9]! });
    await connection.settled();
    await connection.disconnect();
    await (await embedFromActivity(user, catalogue)).disconnect();
    const [stored, ...others] = await user.embedding.history(SPACE);
    expect(Math.hypot(...stored!.values)).toBeCloseTo(0.25, 6);
    expect(others).toEqual([]);
    const onError = vi.fn();
    const noisy = await connected({ onError }, { protection: [{ ...bound, sigma: 1 }] });
    await noisy.user.events.add({ type: 'like', item: ids[9]! });
    await noisy.connection.settled().catch(() => undefined);
    expect(onError).toHaveBeenCalledWith(expect.objectContaining(withCode('invalid-argument')));
    expect(await noisy.user.embedding.history(SPACE)).toEqual([]);
  });

  it('ends with the consent, and goes on with it', async () => {
    const { user, connection, valuesNow } = await connected();
    await user.events.add({ type: 'like', item: ids[1]! });
    await connection.settled();
    const kept = await valuesNow();
    await user.events.add({ type: 'like', item: ids[2]! });
    await user.consent.withdraw('learn-from-activity');
    expect(connection.state).toBe('paused');
    await connection.settled();
    await user.events.clear();
    await connection.settled();
    expect(await valuesNow()).toEqual(kept);
    await user.consent.grant('learn-from-activity');
    expect(connection.state).toBe('learning');
    await user.events.add({ type: 'like', item: ids[7]! });
    await connection.settled();
    expect(await valuesNow()).not.toEqual(kept);
  });

  it('stores nothing where the consent is withdrawn while rows are read', async () => {
    const { user, catalogue } = await connected();
    await user.events.add({ type: 'like', item: ids[1]! });
    let withdrawing: Promise<void> | undefined;
    const slow: Catalogue = {
      ...catalogue,
      rows: async (rows) => {
        if (rows.length > 0) withdrawing ??= user.consent.withdraw('learn-from-activity');
        await new Promise((resolve) => setTimeout(resolve, 20));
        return catalogue.rows(rows);
      },
    };
    await user.events.add({ type: 'like', item: ids[2]! });
    const connection = await embedFromActivity(user, { ...slow, space: 'slow' });
    await withdrawing;
    expect(connection.state).toBe('paused');
    expect(await user.embedding.get('slow')).toBeUndefined();
  });

  it('needs the grant for personalise too, and waits for it', async () => {
    const world = createUserWorld();
    const user = await world.open();
    const catalogue = await openCatalogue(new Blob([file]));
    const connection = await embedFromActivity(user, catalogue);
    expect(connection.state).toBe('paused');
    await user.consent.grant('learn-from-activity');
    await user.events.add({ type: 'like', item: ids[1]! });
    await connection.settled();
    expect(connection.state).toBe('paused');
    await user.consent.grant('personalise');
    expect(connection.state).toBe('learning');
    expect(await user.embedding.get(SPACE)).toBeDefined();
  });

  it('has nothing in memory while the vault is locked or forgotten, and says how much it was', async () => {
    const { user, connection } = await connected();
    await user.events.add({ type: 'like', item: ids[1]! });
    await connection.settled();
    await user.lock();
    expect(connection.state).toBe('paused');
    await user.unlock();
    expect(connection.state).toBe('learning');
    const { removed } = await user.forget();
    expect(removed).toContainEqual({ what: 'activity', where: 'memory', count: 1 });
    expect(connection.state).toBe('ended');
    await connection.settled();
  });

  it('hears of another tab, and of events that expire', async () => {
    const { world, user, connection, valuesNow } = await connected({}, { retention: { event: 2 * HOUR } });
    const other = await world.open({ retention: { event: 2 * HOUR } });
    await other.events.add({ type: 'like', item: ids[1]! });
    await connection.settled();
    expect(await valuesNow()).toBeDefined();
    world.time += 3 * HOUR;
    world.elapsed += 3 * HOUR;
    await user.consent.state();
    await connection.settled();
    expect(await valuesNow()).toBeUndefined();
  });

  it('is gone without any event, also where nobody looked when the last one went', async () => {
    const { world, user, catalogue, connection, valuesNow } = await connected(
      {},
      { retention: { event: 2 * HOUR } },
    );
    await user.events.add({ type: 'like', item: ids[1]! });
    await connection.settled();
    await connection.disconnect();
    world.time += 3 * HOUR;
    world.elapsed += 3 * HOUR;
    expect(await user.events.list()).toEqual([]);
    expect(await valuesNow()).toBeDefined();
    const again = await embedFromActivity(user, catalogue, { delay: 60_000 });
    expect(await valuesNow()).toBeUndefined();
    // While it is paused, too.
    await user.events.add({ type: 'like', item: ids[1]! });
    await again.settled();
    await user.consent.withdraw('learn-from-activity');
    await user.events.clear();
    expect(await valuesNow()).toBeDefined();
    await user.consent.grant('learn-from-activity');
    expect(await user.embedding.history(SPACE)).toEqual([]);
    await again.disconnect();
    // What a backend gave for the beginning stays.
    await user.embedding.set({ space: SPACE, values: [1, 2, 3, 4] });
    await embedFromActivity(user, catalogue);
    expect(await valuesNow()).toEqual(Float32Array.of(1, 2, 3, 4));
  });

  it('is not stored where the consent is withdrawn at the last moment', async () => {
    const { user, catalogue, connection } = await connected();
    await connection.disconnect();
    await user.events.add({ type: 'like', item: ids[1]! });
    let withdrawing: Promise<void> | undefined;
    const embedding = {
      ...user.embedding,
      set: (...given: Parameters<typeof user.embedding.set>) => {
        withdrawing = user.consent.withdraw('learn-from-activity');
        return user.embedding.set(...given);
      },
    };
    const slow = await embedFromActivity({ ...user, embedding }, catalogue);
    await withdrawing;
    expect(slow.state).toBe('paused');
    expect(await user.embedding.get(SPACE)).toBeUndefined();
  });

  it('says why an update failed, and takes in all of it with the next one', async () => {
    const { user, catalogue } = await connected();
    let broken = false;
    const shaky: Catalogue = {
      ...catalogue,
      space: 'shaky',
      rows: async (rows) => {
        if (broken) throw new E2PError('storage-failed', 'gone');
        return catalogue.rows(rows);
      },
    };
    const told: unknown[] = [];
    const connection = await embedFromActivity(user, shaky, { delay: 60_000, onError: (e) => told.push(e) });
    broken = true;
    await user.events.add({ type: 'like', item: ids[1]! });
    await expect(connection.settled()).rejects.toMatchObject(withCode('storage-failed'));
    expect(told).toHaveLength(1);
    await expect(embedFromActivity(user, shaky)).rejects.toMatchObject(withCode('storage-failed'));
    broken = false;
    await user.events.add({ type: 'like', item: ids[2]! });
    await connection.settled();
    expectNear((await user.embedding.get('shaky'))!.values, await backend(user, catalogue));
    await expect(embedFromActivity(user, catalogue, { delay: -1 })).rejects.toMatchObject(
      withCode('invalid-argument'),
    );
  });
});
