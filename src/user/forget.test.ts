import { describe, expect, it } from 'vitest';
import { createUserWorld, embeddingOf, SPACE, withCode } from '../testing/user-world.ts';
import { forgetUser } from './forget-user.ts';
import { KEYRING_KEY, TOMBSTONE } from './vault/keyring.ts';

describe('forget', () => {
  it('removes keys and records, overwrites what was handed out, and reports what it found on looking again', async () => {
    const world = createUserWorld();
    const user = await world.openGranted();
    await user.embedding.set(embeddingOf(1));
    await user.embedding.set(embeddingOf(2));
    await user.events.add({ type: 'click', item: 'a' });
    const inTheApp = (await user.embedding.get(SPACE))!.values;
    user.attach({
      onChange: async () => undefined,
      forget: async () => [{ what: 'KV cache', where: 'gpu', count: 2 }],
    });
    const report = await user.forget();
    expect(report).toEqual({
      time: world.time,
      removed: expect.arrayContaining([
        { what: 'key', where: 'storage', count: 1 },
        { what: 'embedding', where: 'storage', count: 2 },
        { what: 'event', where: 'storage', count: 1 },
        { what: 'audit', where: 'storage', count: 5 },
        { what: 'ledger', where: 'storage', count: 1 },
        { what: 'embedding', where: 'memory', count: 1 },
        { what: 'KV cache', where: 'gpu', count: 2 },
      ]),
      remaining: [],
      isComplete: true,
    });
    expect(world.disk.size).toBe(0);
    expect(inTheApp).toEqual(new Float32Array(4));
    await expect(user.embedding.get(SPACE)).rejects.toMatchObject(withCode('destroyed'));
    expect((await (await world.open()).consent.state()).personalise).toEqual({ state: 'unset' });
  });

  it('destroys the keys before the records', async () => {
    const world = createUserWorld();
    const steps: string[] = [];
    const { records, disk } = world;
    const user = await world.openGranted({
      records: {
        ...records,
        commit: async (changes) => {
          await records.commit(changes);
          if (changes.put?.get(KEYRING_KEY) === TOMBSTONE) steps.push(`no key, ${disk.size - 1} records`);
        },
        clear: async () => {
          await records.clear();
          steps.push(`${disk.size} records`);
        },
      },
    });
    await user.forget();
    expect(steps).toEqual(['no key, 3 records', '0 records']);
  });

  it('says what remains where storage does not obey or something attached fails', async () => {
    const world = createUserWorld();
    const user = await world.openGranted({ records: { ...world.records, clear: async () => undefined } });
    user.attach({ onChange: async () => undefined, forget: () => Promise.reject(new Error('stuck')) });
    const report = await user.forget();
    expect(report.isComplete).toBe(false);
    expect(report.remaining).toEqual(
      expect.arrayContaining([
        { what: 'ledger', where: 'storage', count: 1 },
        { what: 'attachment', where: 'memory', count: 1 },
      ]),
    );
  });

  it('empties memory even where the records cannot be reached, and then says so', async () => {
    const world = createUserWorld();
    let broken = false;
    const { records } = world;
    const user = await world.openGranted({
      records: {
        ...records,
        commit: (c) => (broken ? Promise.reject(new Error('disk')) : records.commit(c)),
      },
    });
    await user.embedding.set(embeddingOf(1));
    const { values } = (await user.embedding.get(SPACE))!;
    let told = false;
    user.attach({
      onChange: async () => undefined,
      forget: async () => {
        told = true;
        return [];
      },
    });
    broken = true;
    await expect(user.forget()).rejects.toThrow('disk');
    expect([told, values[0]]).toEqual([true, 0]);
  });

  it('in one tab holds in the others: told, their arrays overwritten, their handles of no use', async () => {
    const world = createUserWorld();
    const [one, other] = [await world.openGranted(), await world.open()];
    await one.embedding.set(embeddingOf(1));
    const { values } = (await other.embedding.get(SPACE))!;
    const heard: string[] = [];
    other.subscribe((change) => heard.push(change));
    other.attach({
      onChange: async () => undefined,
      forget: async () => {
        heard.push('attachment');
        return [];
      },
    });
    await one.forget();
    await Promise.resolve();
    expect(values[0]).toBe(0);
    await expect(other.embedding.set(embeddingOf(2))).rejects.toMatchObject(withCode('destroyed'));
    expect(heard.sort()).toEqual(['attachment', 'forget']);
    expect(world.disk.size).toBe(0);
  });

  it('a tab that missed the message writes nothing into the vault that came after', async () => {
    const world = createUserWorld();
    const deaf = { post: () => undefined, listen: () => undefined, close: () => undefined };
    const [one, other] = [await world.openGranted(), await world.open({ channel: deaf })];
    await one.forget();
    const next = await world.openGranted();
    await expect(other.embedding.set(embeddingOf(2))).rejects.toThrow(/was forgotten/);
    expect(await next.embedding.get(SPACE)).toBeUndefined();
  });

  it('needs no passphrase: a locked user, and one whose passphrase is lost', async () => {
    const world = createUserWorld();
    const lock = { passphrase: 'lost' };
    await (await world.openGranted({ lock })).close();
    const locked = await world.open();
    expect(locked.isLocked).toBe(true);
    expect((await locked.forget()).isComplete).toBe(true);
    await (await world.openGranted({ lock })).close();
    const report = await forgetUser({ records: world.records, now: () => 5 });
    expect(report).toMatchObject({ time: 5, isComplete: true });
    expect(world.disk.size).toBe(0);
  });
});

describe('a message from another tab', () => {
  it('that is none of ours changes nothing', async () => {
    let tell: (message: unknown) => void = () => undefined;
    const channel = {
      post: () => undefined,
      close: () => undefined,
      listen: (listener: typeof tell) => {
        tell = listener;
      },
    };
    const user = await createUserWorld().openGranted({ channel });
    const heard: string[] = [];
    user.subscribe((change) => heard.push(change));
    for (const message of [null, 'lock', { kind: 'forget' }, 'x']) tell(message);
    expect(heard).toEqual([]);
    await user.consent.require('personalise');
  });
});
