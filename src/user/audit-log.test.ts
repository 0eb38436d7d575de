import { describe, expect, it } from 'vitest';
import { createUserWorld, embeddingOf, SPACE, withCode } from '../testing/user-world.ts';
import { type AuditEntry, type AuditLog, hashEntry, verifyAuditLog } from './audit-chain.ts';

async function someLog(): Promise<AuditLog> {
  const user = await createUserWorld().openGranted();
  await user.embedding.set(embeddingOf(1));
  for (let i = 0; i < 4; i++)
    await user.embedding.get(SPACE, { actor: `view ${i}`, projector: 'p', model: 'm' });
  return user.audit.export();
}

describe('the audit log', () => {
  it('says who asked for what purpose, with which projector and model, and never the content', async () => {
    const world = createUserWorld();
    const user = await world.openGranted();
    await user.embedding.set({ space: 'secret-space', values: Float32Array.of(0.625) });
    await user.embedding.get('secret-space', {
      actor: 'headline writer',
      projector: 'sha256:ab',
      model: 'tiny',
    });
    await user.audit.append({ action: 'used', actor: 'engine', purpose: 'personalise' });
    const entries = await user.audit.entries();
    expect(entries.map(({ seq, action }) => `${seq} ${action}`)).toEqual([
      '1 consent-granted',
      '2 consent-granted',
      '3 embedding-set',
      '4 embedding-read',
      '5 used',
    ]);
    expect(entries[3]).toMatchObject({
      time: world.time,
      actor: 'headline writer',
      purpose: 'personalise',
      projector: 'sha256:ab',
      model: 'tiny',
    });
    expect(entries[0]).toMatchObject({ actor: 'app', purpose: 'personalise' });
    expect(JSON.stringify(entries)).not.toMatch(/secret-space|0\.625/);
  });

  it('notes who was denied', async () => {
    const user = await createUserWorld().open();
    await expect(user.embedding.get(SPACE, { actor: 'advert' })).rejects.toMatchObject(
      withCode('consent-required'),
    );
    expect(await user.audit.entries()).toMatchObject([
      { actor: 'advert', action: 'denied', purpose: 'personalise' },
    ]);
  });

  it('nothing is read without a line: where the line cannot be written, nothing is given out', async () => {
    const { records, openGranted } = createUserWorld();
    let broken = false;
    const user = await openGranted({
      records: {
        ...records,
        commit: (c) => (broken ? Promise.reject(new Error('disk')) : records.commit(c)),
      },
    });
    await user.embedding.set(embeddingOf(1));
    broken = true;
    await expect(user.embedding.get(SPACE)).rejects.toThrow('disk');
  });

  it('is whole, and can be checked elsewhere from its JSON', async () => {
    const log = JSON.parse(JSON.stringify(await someLog())) as AuditLog;
    expect(await verifyAuditLog(log)).toEqual({ valid: true, entries: 7 });
    expect(await verifyAuditLog({ ...log, entries: [] })).toMatchObject({ valid: false, firstBad: 1 });
  });

  it('a change of any field of an entry is found at that entry', async () => {
    const log = await someLog();
    const changes: Partial<AuditEntry>[] = [
      { time: 0 },
      { actor: 'somebody else' },
      { action: 'exported' },
      { purpose: 'share-aggregates' },
      { projector: 'q' },
      { model: 'n' },
      { previous: '1'.repeat(64) },
      { hash: '1'.repeat(64) },
    ];
    for (const change of changes) {
      const entries = log.entries.map((entry) => (entry.seq === 5 ? { ...entry, ...change } : entry));
      expect(await verifyAuditLog({ ...log, entries })).toEqual({
        valid: false,
        firstBad: 5,
        reason: 'changed',
      });
    }
  });

  it('a change that was hashed again is found at the entry after it, or at the head', async () => {
    const log = await someLog();
    const forge = async (seq: number) =>
      Promise.all(
        log.entries.map(async (entry) => {
          if (entry.seq !== seq) return entry;
          const forged = { ...entry, actor: 'nobody' };
          return { ...forged, hash: await hashEntry(forged) };
        }),
      );
    expect(await verifyAuditLog({ ...log, entries: await forge(5) })).toMatchObject({ firstBad: 6 });
    expect(await verifyAuditLog({ ...log, entries: await forge(7) })).toMatchObject({ firstBad: 7 });
  });

  it('an entry that is missing, exchanged or added is found', async () => {
    const log = await someLog();
    const { entries } = log;
    const without = entries.filter(({ seq }) => seq !== 3);
    expect(await verifyAuditLog({ ...log, entries: without })).toMatchObject({
      firstBad: 3,
      reason: 'missing or unreadable',
    });
    const swapped = entries.map((entry) => (entry.seq === 4 ? { ...entries[4]!, seq: 4 } : entry));
    expect(await verifyAuditLog({ ...log, entries: swapped })).toMatchObject({ firstBad: 4 });
    expect(await verifyAuditLog({ ...log, entries: entries.slice(0, -1) })).toMatchObject({ firstBad: 7 });
    const added = [...entries, { ...entries[6]!, seq: 8 }];
    expect(await verifyAuditLog({ ...log, entries: added })).toMatchObject({ firstBad: 8 });
  });

  it('in the vault: a damaged or removed entry is reported, and the log goes on', async () => {
    for (const damage of ['remove', 'flip'] as const) {
      const { disk, sealed, openGranted } = createUserWorld();
      const user = await openGranted();
      await user.embedding.set(embeddingOf(1));
      const [key, record] = sealed('audit')[1]!;
      if (damage === 'remove') disk.delete(key);
      else disk.set(key, { ...record, data: record.data.map((byte) => byte ^ 1) });
      expect(await user.audit.verify()).toEqual({
        valid: false,
        firstBad: 2,
        reason: 'missing or unreadable',
      });
      await user.embedding.get(SPACE);
      expect((await user.audit.entries()).map(({ seq }) => seq)).toEqual([1, 3, 4]);
      expect(await user.audit.verify()).toMatchObject({ firstBad: 2 });
    }
  });

  it('has bounded names, and nothing is written where one is out of bounds', async () => {
    const user = await createUserWorld().openGranted();
    const refused = withCode('invalid-argument');
    for (const use of [{ actor: '' }, { actor: 'a'.repeat(101) }, { model: 'm'.repeat(201) }]) {
      await expect(user.embedding.set(embeddingOf(1), use)).rejects.toMatchObject(refused);
    }
    await expect(user.audit.append({ action: 'sold' as 'used' })).rejects.toMatchObject(refused);
    expect(await user.embedding.get(SPACE)).toBeUndefined();
  });
});
