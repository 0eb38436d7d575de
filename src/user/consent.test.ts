import { describe, expect, it } from 'vitest';
import { createUserWorld, embeddingOf, SPACE, withCode } from '../testing/user-world.ts';
import { openUser } from './open-user.ts';
import type { Purpose } from './purpose.ts';

describe('consent', () => {
  it('is unset at first, and then what the person said, when, and under which policy', async () => {
    const world = createUserWorld();
    const user = await world.open();
    expect(await user.consent.state()).toEqual({
      personalise: { state: 'unset' },
      'learn-from-activity': { state: 'unset' },
      'learn-from-feedback': { state: 'unset' },
      'share-aggregates': { state: 'unset' },
    });
    await user.consent.grant('personalise');
    world.time += 5;
    await user.consent.refuse('share-aggregates');
    const time = world.time;
    expect(await user.consent.state()).toMatchObject({
      personalise: { state: 'granted', time: time - 5, policyVersion: '1' },
      'share-aggregates': { state: 'refused', time, policyVersion: '1' },
    });
  });

  it('of one purpose says nothing about the others', async () => {
    const user = await createUserWorld().open();
    await user.consent.grant('personalise');
    await user.embedding.set(embeddingOf(1));
    const denied = withCode('consent-required');
    await expect(user.events.add({ type: 'click', item: 'a' })).rejects.toMatchObject(denied);
    await expect(user.consent.require('share-aggregates')).rejects.toMatchObject(denied);
    await user.consent.require('personalise');
  });

  it('is needed to write and to read, and never to delete, export or forget', async () => {
    const { disk, openGranted } = createUserWorld();
    const user = await openGranted();
    await user.embedding.set(embeddingOf(1));
    const event = await user.events.add({ type: 'click', item: 'a' });
    const transcript = await user.transcripts.save({ messages: [] });
    await user.consent.withdraw('personalise');
    await user.consent.refuse('learn-from-activity');
    for (const call of [
      () => user.embedding.set(embeddingOf(2)),
      () => user.embedding.get(SPACE),
      () => user.embedding.history(SPACE),
      () => user.events.add({ type: 'click', item: 'b' }),
      () => user.events.list(),
      () => user.transcripts.save({ messages: [] }),
      () => user.transcripts.read(transcript),
      () => user.transcripts.list(),
    ]) {
      await expect(call()).rejects.toMatchObject(withCode('consent-required'));
    }
    const exported = await user.export();
    expect([exported.embeddings, exported.events, exported.transcripts].map((list) => list.length)).toEqual([
      1, 1, 1,
    ]);
    expect(await user.events.delete(event)).toBe(true);
    expect(await user.events.delete(event)).toBe(false);
    expect(await user.transcripts.delete(transcript)).toBe(true);
    expect(await user.embedding.delete(SPACE)).toBe(1);
    expect((await user.forget()).isComplete).toBe(true);
    expect(disk.size).toBe(0);
  });

  it('of an older policy does not count, and the message says why', async () => {
    const world = createUserWorld();
    await (await world.openGranted()).close();
    const user = await world.open({ policyVersion: '2' });
    await expect(user.embedding.get(SPACE)).rejects.toThrow(/granted for another policy version than "2"/);
    await user.consent.grant('personalise');
    expect(await user.embedding.get(SPACE)).toBeUndefined();
  });

  it('when withdrawn, is withdrawn when what is attached has let go', async () => {
    const user = await createUserWorld().openGranted();
    let holds = true;
    user.attach({
      onChange: async (change) => {
        expect(change).toBe('consent');
        // As an engine does: it looks again, from inside of the notice.
        await user.consent.require('personalise').catch(async () => {
          await new Promise((resolve) => setTimeout(resolve, 10));
          holds = false;
        });
      },
      forget: async () => [],
    });
    await user.consent.withdraw('personalise');
    expect(holds).toBe(false);
  });

  it('stays withdrawn when something attached fails, and the failure is told after all were told', async () => {
    const user = await createUserWorld().openGranted();
    const told: string[] = [];
    const forget = async () => [];
    user.attach({ onChange: () => Promise.reject(new Error('engine stuck')), forget });
    user.attach({ onChange: async (change) => void told.push(change), forget });
    await expect(user.consent.withdraw('personalise')).rejects.toThrow('engine stuck');
    expect(told).toEqual(['consent']);
    expect((await user.consent.state()).personalise.state).toBe('withdrawn');
  });

  it('withdrawn in one tab holds in the others, which are told', async () => {
    const { open, openGranted } = createUserWorld();
    const [one, other] = [await openGranted(), await open()];
    const heard: string[] = [];
    const stop = other.subscribe((change) => heard.push(change));
    await one.consent.withdraw('personalise');
    await expect(other.embedding.get(SPACE)).rejects.toMatchObject(withCode('consent-required'));
    await one.consent.grant('personalise');
    stop();
    await one.consent.withdraw('personalise');
    expect(heard).toEqual(['consent', 'consent']);
  });

  it('refuses a purpose that does not exist and a policy without a version', async () => {
    const { open } = createUserWorld();
    const refused = withCode('invalid-argument');
    await expect(open({ policyVersion: '' })).rejects.toMatchObject(refused);
    const user = await open();
    for (const call of [user.consent.grant, user.consent.withdraw, user.consent.require]) {
      await expect(call('sell-it' as Purpose)).rejects.toMatchObject(refused);
    }
  });
});

describe('openUser', () => {
  it('without a place to store works in memory, and says so', async () => {
    const user = await openUser({ policyVersion: '1' });
    expect(user.persistent).toBe(false);
    expect(user.warning).toMatch(/keeps nothing.*until the page closes/);
    await user.consent.grant('personalise');
    await user.embedding.set(embeddingOf(7));
    expect((await user.embedding.get(SPACE))?.values[0]).toBe(7);
    await user.close();
  });

  it('refuses names and settings out of bounds without repeating them', async () => {
    const { open } = createUserWorld();
    const refused = withCode('invalid-argument');
    for (const name of ['', 'ann@example.org', 'a'.repeat(65)]) {
      const opening = open({ name });
      await expect(opening).rejects.toMatchObject(refused);
      await expect(opening).rejects.not.toThrow(/ann/);
    }
    for (const historyLength of [0, 1.5, 101]) {
      await expect(open({ historyLength })).rejects.toMatchObject(refused);
    }
    await expect(open({ retention: { event: -1 } })).rejects.toThrow(/retention.event/);
  });

  it('stops when it is told to', async () => {
    const { disk, open } = createUserWorld();
    await expect(open({ signal: AbortSignal.abort() })).rejects.toMatchObject({ name: 'AbortError' });
    expect(disk.size).toBe(0);
  });

  it('a closed user says so, and what was attached has been told to let go', async () => {
    const user = await createUserWorld().openGranted();
    const heard: string[] = [];
    user.attach({ onChange: async (change) => void heard.push(change), forget: async () => [] });
    await user.close();
    await user.close();
    expect(heard).toEqual(['lock']);
    await expect(user.consent.state()).rejects.toMatchObject(withCode('destroyed'));
    await expect(user.forget()).rejects.toMatchObject(withCode('destroyed'));
  });

  it('what was copied before a withdrawal and is put back makes nothing readable again', async () => {
    const { disk, openGranted } = createUserWorld();
    const user = await openGranted();
    await user.embedding.set(embeddingOf(1));
    const before = new Map(disk);
    await user.consent.withdraw('personalise');
    const after = new Map(disk);
    for (const [key, record] of before) if (!/^(ledger|key)/.test(key)) disk.set(key, record);
    await expect(user.embedding.get(SPACE)).rejects.toMatchObject(withCode('consent-required'));
    for (const [key, record] of after) disk.set(key, record);
    // The ledger itself is an end of the audit chain.
    disk.set('ledger:0', before.get('ledger:0'));
    expect(await user.audit.verify()).toMatchObject({ valid: false });
  });
});
