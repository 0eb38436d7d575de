import { describe, expect, it } from 'vitest';
import { createUserWorld, embeddingOf, SPACE, withCode } from '../../testing/user-world.ts';
import { forgetUser } from '../forget-user.ts';
import { createQueue } from './exclusive.ts';
import { KEYRING_KEY, TOMBSTONE } from './keyring.ts';
import { createMemoryRecords } from './record-store.ts';
import type { Migration } from './schema.ts';
import type { SealedRecord } from './sealed-record.ts';
import { PASSPHRASE_ITERATIONS } from './second-lock.ts';
import { Vault } from './vault.ts';
import { createVaultClock } from './vault-clock.ts';

const SECRET_WORD = 'marzipan-lighthouse';

/** Every byte that lies on a disk, as Latin-1 text, keys included. */
function everything(disk: ReadonlyMap<string, unknown>): string {
  const show = (value: unknown): string => {
    if (value instanceof Uint8Array) return String.fromCharCode(...value);
    if (value instanceof CryptoKey) return '';
    return typeof value === 'object' && value !== null
      ? Object.values(value).map(show).join('\n')
      : String(value);
  };
  return [...disk].map(([key, value]) => `${key}\n${show(value)}`).join('\n');
}

describe('what lies on the disk', () => {
  it('is nothing that could be read: not the words, not the numbers, not the space, not a raw key', async () => {
    const { disk, openGranted } = createUserWorld();
    const user = await openGranted({ lock: { passphrase: `pass-${SECRET_WORD}` } });
    const values = Float32Array.from({ length: 8 }, (_, i) => 0.123 + i);
    await user.embedding.set({ space: SPACE, values }, { actor: SECRET_WORD });
    await user.events.add({ type: 'click', item: SECRET_WORD });
    await user.transcripts.save({ title: SECRET_WORD, messages: [{ role: 'user', content: SECRET_WORD }] });
    const text = everything(disk);
    expect(text.length).toBeGreaterThan(500);
    for (const word of [SECRET_WORD, SPACE, 'click', 'granted', 'passphrase', 'https://app.example']) {
      expect(text).not.toContain(word);
    }
    expect(text).not.toContain(String.fromCharCode(...new Uint8Array(values.buffer)));
    const { deviceKey } = disk.get(KEYRING_KEY) as { deviceKey: CryptoKey };
    expect(deviceKey).toMatchObject({ extractable: false, algorithm: { name: 'AES-GCM', length: 256 } });
    await expect(crypto.subtle.exportKey('raw', deviceKey)).rejects.toThrow();
  });

  it('has a fresh nonce for every record and every writing', async () => {
    const { disk, sealed, openGranted } = createUserWorld();
    const user = await openGranted();
    const nonces = new Set<string>();
    const written = new Set<SealedRecord>();
    for (let i = 0; i < 30; i++) {
      await user.embedding.set(embeddingOf(1));
      for (const record of [...disk.keys()].flatMap((key) => sealed(key.split(':')[0]!)).map(([, r]) => r)) {
        written.add(record);
        nonces.add(String(record.nonce));
      }
    }
    expect(written.size).toBeGreaterThan(90);
    expect(nonces.size).toBe(written.size);
  });

  it('two vaults with the same content share no key and no bytes', async () => {
    const [one, other] = [createUserWorld(), createUserWorld()];
    for (const world of [one, other]) await (await world.openGranted()).embedding.set(embeddingOf(1));
    const [first, second] = [one, other].map((world) => world.sealed('embedding')[0]!);
    expect(first![0]).not.toBe(second![0]);
    expect(first![1].data).not.toEqual(second![1].data);
  });
});

describe('a record that is not what was written there', () => {
  const spoil: Readonly<Record<string, (record: SealedRecord) => unknown>> = {
    'a bit of the nonce': (r) => ({ ...r, nonce: r.nonce.map((byte, i) => (i === 3 ? byte ^ 1 : byte)) }),
    'a bit of the data': (r) => ({ ...r, data: r.data.map((byte, i) => (i === 5 ? byte ^ 128 : byte)) }),
    'a bit of the tag': (r) => ({
      ...r,
      data: r.data.map((byte, i) => (i === r.data.length - 1 ? byte ^ 1 : byte)),
    }),
    'the version': (r) => ({ ...r, v: r.v + 1 }),
    'a shorter one': (r) => ({ ...r, data: r.data.slice(0, -1) }),
    'an empty one': (r) => ({ ...r, data: new Uint8Array() }),
    'a nonce of another length': (r) => ({ ...r, nonce: new Uint8Array(16) }),
    'another type': () => 'text',
    nothing: () => null,
  };
  for (const [what, change] of Object.entries(spoil)) {
    it(`${what}: vault-corrupt, naming the kind; the others are read as before and stay as they lie`, async () => {
      const { disk, sealed, openGranted } = createUserWorld();
      const user = await openGranted();
      await user.embedding.set(embeddingOf(1));
      await user.embedding.set({ ...embeddingOf(2), space: 'films-v1' });
      await user.events.add({ type: 'click', item: 'a' });
      const [key, record] = sealed('embedding')[0]!;
      const others = new Map([...disk].filter(([k]) => k !== key && /^(embedding|event|consent)/.test(k)));
      disk.set(key, change(record));
      const reads = await Promise.allSettled([SPACE, 'films-v1'].map((space) => user.embedding.get(space)));
      expect(reads.filter((read) => read.status === 'fulfilled')).toHaveLength(1);
      expect(reads.find((read) => read.status === 'rejected')?.reason).toMatchObject({
        code: 'vault-corrupt',
        message: expect.stringContaining("vault's embedding record"),
      });
      expect(await user.events.list()).toHaveLength(1);
      expect((await user.export()).unreadable).toEqual([{ kind: 'embedding', count: 1 }]);
      for (const [k, value] of others) expect(disk.get(k)).toBe(value);
    });
  }

  it('two records that changed places are both refused', async () => {
    const { disk, sealed, openGranted } = createUserWorld();
    const user = await openGranted();
    await user.embedding.set(embeddingOf(1));
    await user.embedding.set({ ...embeddingOf(2), space: 'films-v1' });
    const [[a, first], [b, second]] = sealed('embedding') as [[string, SealedRecord], [string, SealedRecord]];
    disk.set(a, second);
    disk.set(b, first);
    for (const space of [SPACE, 'films-v1']) {
      await expect(user.embedding.get(space)).rejects.toMatchObject(withCode('vault-corrupt'));
    }
  });

  it('an older version of a space put in place of the newer one is refused', async () => {
    const { disk, sealed, openGranted } = createUserWorld();
    const user = await openGranted();
    await user.embedding.set(embeddingOf(1));
    await user.embedding.set(embeddingOf(2));
    const [[, old], [key]] = sealed('embedding') as [[string, SealedRecord], [string, SealedRecord]];
    disk.set(key, old);
    await expect(user.embedding.get(SPACE)).rejects.toMatchObject(withCode('vault-corrupt'));
  });

  it('a record of another kind is refused', async () => {
    const { disk, sealed, openGranted } = createUserWorld();
    const user = await openGranted();
    const id = await user.transcripts.save({ messages: [] });
    disk.set(`event:${id}`, sealed('transcript')[0]![1]);
    await expect(user.events.list()).rejects.toMatchObject(withCode('vault-corrupt'));
  });

  it('a whole vault carried to another origin or under another name does not open', async () => {
    const { disk, open } = createUserWorld();
    await (await open()).close();
    const stolen = { origin: 'https://other.example', records: createMemoryRecords(new Map(disk)) };
    await expect(open(stolen)).rejects.toMatchObject(withCode('vault-corrupt'));
    await expect(open({ name: 'other' })).rejects.toMatchObject(withCode('vault-corrupt'));
    await (await open()).close();
  });

  it('records without their key are not mixed with new ones; forgetUser makes room', async () => {
    const world = createUserWorld();
    await (await world.openGranted()).close();
    world.disk.delete(KEYRING_KEY);
    await expect(world.open()).rejects.toMatchObject(withCode('vault-corrupt'));
    expect(await forgetUser({ records: world.records })).toMatchObject({ isComplete: true });
    expect((await (await world.open()).consent.state()).personalise).toEqual({ state: 'unset' });
  });

  it('a damaged key, of any part, is a corrupt vault and not a wrong passphrase', async () => {
    for (const part of ['lock', 'dataKey'] as const) {
      const { disk, open } = createUserWorld();
      const lock = { passphrase: 'right' };
      await (await open({ lock })).close();
      const keyring = disk.get(KEYRING_KEY) as Record<typeof part, { nonce: Uint8Array; data: Uint8Array }>;
      const { nonce, data } = keyring[part];
      disk.set(KEYRING_KEY, { ...keyring, [part]: { nonce, data: data.map((byte) => byte ^ 1) } });
      await expect(open({ lock })).rejects.toMatchObject(withCode('vault-corrupt'));
    }
    for (const junk of [null, 7, {}, { v: 1, id: 'x' }]) {
      const { disk, open } = createUserWorld();
      disk.set(KEYRING_KEY, junk);
      await expect(open()).rejects.toMatchObject(withCode('vault-corrupt'));
    }
  });
});

describe('the second lock', () => {
  it('takes the right passphrase, however its accents are typed, and no other', async () => {
    const { open, openGranted } = createUserWorld();
    const first = await openGranted({ lock: { passphrase: 'café' } });
    await first.embedding.set(embeddingOf(3));
    await first.close();
    await expect(open({ lock: { passphrase: 'cafe' } })).rejects.toMatchObject(withCode('vault-locked'));
    const user = await open({ lock: { passphrase: 'cafe\u0301' } });
    expect((await user.embedding.get(SPACE))?.values[0]).toBe(3);
  });

  it('without a passphrase the vault stays locked, says with what, and opens later', async () => {
    const { open, openGranted } = createUserWorld();
    await (await openGranted({ lock: { passphrase: 'right' } })).close();
    const user = await open();
    expect(user).toMatchObject({ isLocked: true, lockKind: 'passphrase' });
    await expect(user.embedding.get(SPACE)).rejects.toMatchObject(withCode('vault-locked'));
    await expect(user.unlock()).rejects.toMatchObject(withCode('vault-locked'));
    await expect(user.unlock({ passphrase: 'wrong' })).rejects.toMatchObject(withCode('vault-locked'));
    await user.unlock({ passphrase: 'right' });
    expect(await user.embedding.get(SPACE)).toBeUndefined();
    await user.lock();
    await expect(user.consent.state()).rejects.toMatchObject(withCode('vault-locked'));
  });

  it('is put on, changed and taken off without a record being written again', async () => {
    const { disk, sealed, open, openGranted } = createUserWorld();
    const user = await openGranted();
    await user.embedding.set(embeddingOf(5));
    const before = sealed('embedding');
    await user.setLock({ passphrase: 'one' });
    await user.setLock({ passphrase: 'two' });
    expect(user.lockKind).toBe('passphrase');
    await expect(open({ lock: { passphrase: 'one' } })).rejects.toMatchObject(withCode('vault-locked'));
    expect((await (await open({ lock: { passphrase: 'two' } })).embedding.get(SPACE))?.values[0]).toBe(5);
    await user.setLock(undefined);
    expect((await (await open()).embedding.get(SPACE))?.values[0]).toBe(5);
    for (const [key, record] of before) expect(disk.get(key)).toBe(record);
  });

  it('is put on an existing vault that is opened with one', async () => {
    const { open } = createUserWorld();
    await (await open()).close();
    await (await open({ lock: { passphrase: 'later' } })).close();
    expect((await open()).isLocked).toBe(true);
  });

  it('a passkey opens with the bytes its authenticator computes, and with no others', async () => {
    const { open } = createUserWorld();
    const passkey = (secret: number) => ({
      create: async () => new Uint8Array([1, 2, 3]),
      evaluate: async (credential: Uint8Array, salt: Uint8Array) =>
        new Uint8Array(
          await crypto.subtle.digest('SHA-256', new Uint8Array([secret, ...credential, ...salt])),
        ),
    });
    await (await open({ lock: { passkey: passkey(1) } })).close();
    expect((await open({ lock: { passkey: passkey(1) } })).lockKind).toBe('passkey');
    await expect(open({ lock: { passkey: passkey(2) } })).rejects.toMatchObject(withCode('vault-locked'));
    await expect(open({ lock: { passphrase: 'x' } })).rejects.toThrow(/locked with a passkey/);
  });

  it('takes 600,000 rounds of PBKDF2 unless a test says otherwise', async () => {
    expect(PASSPHRASE_ITERATIONS).toBe(600_000);
    const rounds: unknown[] = [];
    const { subtle } = crypto;
    const original = subtle.deriveKey;
    subtle.deriveKey = function (...args: Parameters<SubtleCrypto['deriveKey']>) {
      rounds.push((args[0] as Pbkdf2Params).iterations);
      return original.apply(this, args);
    };
    try {
      const records = createMemoryRecords();
      const place = { origin: 'o', name: 'n' };
      const clock = createVaultClock({ now: Date.now, elapsed: () => 0 });
      await Vault.open({ place, records, exclusive: createQueue(), clock }, { passphrase: 'p' });
    } finally {
      subtle.deriveKey = original;
    }
    expect(rounds).toEqual([600_000]);
  });

  it('two tabs that open it first at once, with the same passphrase, both have it open', async () => {
    const { open } = createUserWorld();
    const lock = { passphrase: 'a' };
    const users = await Promise.all([open({ lock }), open({ lock }), open({ lock })]);
    expect(users.map(({ isLocked, lockKind }) => [isLocked, lockKind])).toEqual(
      users.map(() => [false, 'passphrase']),
    );
    await users[0]!.consent.grant('personalise');
    await users[1]!.embedding.set(embeddingOf(1));
    expect(await users[2]!.embedding.get(SPACE)).toEqual(embeddingOf(1));
  });

  it('a lock that comes while an unlocking takes its time is the last word', async () => {
    const { open } = createUserWorld();
    const user = await open({ lock: { passphrase: 'a' } });
    await user.lock();
    const unlocking = user.unlock({ passphrase: 'a' });
    await user.lock();
    await expect(unlocking).rejects.toMatchObject(withCode('vault-locked'));
    expect(user.isLocked).toBe(true);
  });

  it('a lock that another tab has changed is no damage', async () => {
    const { open } = createUserWorld();
    const one = await open({ lock: { passphrase: 'a' } });
    const two = await open({ lock: { passphrase: 'a' } });
    await two.setLock({ passphrase: 'b' });
    await expect(one.setLock({ passphrase: 'c' })).rejects.toMatchObject(withCode('vault-locked'));
    await one.unlock({ passphrase: 'b' });
    await one.setLock(undefined);
    expect(one.lockKind).toBe('none');
  });

  it('a trial of an earlier version that was killed in the middle is no record of a vault', async () => {
    const { disk, open } = createUserWorld();
    disk.set('probe', {});
    await expect(open()).resolves.toMatchObject({ isLocked: false });
  });

  it('refuses an empty passphrase', async () => {
    const { disk, open } = createUserWorld();
    await expect(open({ lock: { passphrase: '' } })).rejects.toMatchObject(withCode('invalid-argument'));
    expect(disk.size).toBe(0);
  });
});

describe('versions of the schema', () => {
  const place = { origin: 'https://app.example', name: 'default' };
  const clock = createVaultClock({ now: () => 1, elapsed: () => 0 });
  /** In version 0 an event was a list; in version 1 it is an object. */
  const toObject: Migration = (kind, record) =>
    kind === 'event' ? { ...record, json: { item: (record.json as string[])[0] } } : record;
  const version0 = { version: 0, migrations: {} };
  const version1 = { version: 1, migrations: { 0: toObject } };

  async function oldVault(items: readonly string[]) {
    const disk = new Map<string, unknown>();
    const options = { place, records: createMemoryRecords(disk), exclusive: createQueue(), clock };
    const vault = await Vault.open({ ...options, schema: version0 });
    await vault.transact(async (transaction) => {
      for (const item of items) transaction.put('event', transaction.nextId(), { at: 1, json: [item] });
    });
    return { disk, options };
  }

  it('an old vault is brought up to date when it is opened, in one transaction', async () => {
    const { disk, options } = await oldVault(['a', 'b']);
    let commits = 0;
    const records = { ...options.records };
    records.commit = (changes) => {
      commits++;
      return options.records.commit(changes);
    };
    const vault = await Vault.open({ ...options, records, schema: version1 });
    expect(commits).toBe(1);
    expect([...disk.values()].map((record) => (record as SealedRecord).v)).toEqual([1, 1, 1, 1]);
    const read = await vault.transact((transaction) => transaction.entries('event'));
    expect(read.map(({ record }) => record)).toMatchObject([
      { json: { item: 'a' } },
      { json: { item: 'b' } },
    ]);
  });

  it('decisions that lay in records of their own move into the ledger', async () => {
    const world = createUserWorld();
    const options = { place, records: world.records, exclusive: createQueue(), clock };
    const old = await Vault.open({ ...options, schema: { version: 1, migrations: {} } });
    const json = { state: 'withdrawn', time: 1, policyVersion: '1' };
    await old.transact(async (transaction) => transaction.put('consent', 'personalise', { at: 1, json }));
    const user = await world.open();
    expect((await user.consent.state()).personalise).toEqual(json);
    expect(world.sealed('consent')).toEqual([]);
  });

  it('a damaged record stays as it lies, and the others are brought up to date', async () => {
    const { disk, options } = await oldVault(['a', 'b']);
    const key = [...disk.keys()].find((k) => k.startsWith('event:'))!;
    const damaged = { ...(disk.get(key) as SealedRecord), data: new Uint8Array(40) };
    disk.set(key, damaged);
    await Vault.open({ ...options, schema: version1 });
    expect(disk.get(key)).toBe(damaged);
    expect([...disk.values()].filter((record) => (record as SealedRecord).v === 0)).toHaveLength(1);
  });

  it('a vault of a newer library is left alone, and says so', async () => {
    const { disk, options } = await oldVault(['a']);
    await Vault.open({ ...options, schema: version1 });
    const before = new Map(disk);
    await expect(Vault.open({ ...options, schema: version0 })).rejects.toMatchObject(
      withCode('vault-too-new'),
    );
    expect(disk).toEqual(before);
  });
});

describe('a forgetting that was interrupted', () => {
  it('is finished when the vault is next opened', async () => {
    const { disk, open, openGranted } = createUserWorld();
    await (await openGranted()).close();
    disk.set(KEYRING_KEY, TOMBSTONE);
    const user = await open();
    expect((await user.consent.state()).personalise).toEqual({ state: 'unset' });
    expect([...disk.keys()].sort()).toEqual([KEYRING_KEY, 'ledger:0']);
  });
});
