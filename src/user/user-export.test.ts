import { describe, expect, it } from 'vitest';
import { E2PError } from '../error.ts';
import { createUserWorld, embeddingOf, HOUR, SPACE, withCode } from '../testing/user-world.ts';
import { parseUserExport } from './parse-user-export.ts';
import type { UserExport } from './user-export.ts';

const hello = { title: 'Hello', messages: [{ role: 'user', content: 'What is new?' }] } as const;

async function filledWorld() {
  const world = createUserWorld();
  const user = await world.openGranted();
  await user.consent.refuse('share-aggregates');
  await user.embedding.set({ space: SPACE, values: Float32Array.of(0.1, -1e-30, 3e38) });
  world.time += HOUR;
  await user.embedding.set(embeddingOf(2));
  await user.embedding.set({ ...embeddingOf(3), space: 'films-v1' });
  await user.events.add({ type: 'click', item: 'a', weight: 2 });
  await user.events.add({ type: 'skip', item: 'b', time: 5 });
  await user.transcripts.save(hello);
  return { world, user };
}

/** What an import is expected to bring back. */
const personal = ({ embeddings, events, transcripts }: UserExport) => ({
  embeddings: embeddings.toSorted((a, b) => a.space.localeCompare(b.space) || a.storedAt - b.storedAt),
  events,
  transcripts,
});

describe('export and import', () => {
  it('export, forget, import: everything personal is back, to the last bit', async () => {
    const { world, user } = await filledWorld();
    const exported = await user.export();
    const text = JSON.stringify(exported);
    expect((await user.forget()).isComplete).toBe(true);
    const again = await world.open();
    await again.import(text);
    expect(personal(await again.export())).toEqual(personal(exported));
    await again.consent.grant('personalise');
    const history = await again.embedding.history(SPACE);
    expect(history.map(({ values }) => values)).toEqual([
      embeddingOf(2).values,
      Float32Array.of(0.1, -1e-30, 3e38),
    ]);
  });

  it('is for another device too, whose audit log is its own', async () => {
    const { user } = await filledWorld();
    const elsewhere = await createUserWorld().open({ lock: { passphrase: 'p' } });
    await elsewhere.import(await user.export());
    expect((await elsewhere.export()).events).toHaveLength(2);
    expect((await elsewhere.audit.entries()).map(({ action, purpose }) => [action, purpose])).toEqual([
      ['consent-refused', 'share-aggregates'],
      ['imported', undefined],
      ['exported', undefined],
    ]);
  });

  it('can grant nothing: what was never asked for here stays so', async () => {
    const { user } = await filledWorld();
    const elsewhere = await createUserWorld().open();
    await elsewhere.import(await user.export());
    const { personalise, 'share-aggregates': share } = await elsewhere.consent.state();
    expect([personalise.state, share.state]).toEqual(['unset', 'refused']);
    await expect(elsewhere.embedding.get(SPACE)).rejects.toMatchObject(withCode('consent-required'));
  });

  it('of thousands of embeddings keeps the newest of each space', async () => {
    const { user } = await filledWorld();
    const file = await user.export();
    const [first] = file.embeddings;
    const embeddings = Array.from({ length: 5_000 }, (_, i) => ({
      ...first!,
      space: `s${i % 100}`,
      storedAt: i,
    }));
    const elsewhere = await createUserWorld().openGranted({ historyLength: 3 });
    await elsewhere.import({ ...file, embeddings });
    const found = await elsewhere.embedding.history('s7');
    expect(found.map(({ storedAt }) => storedAt)).toEqual([4907, 4807, 4707]);
  });

  it('replaces what was there, tells of it, and does not overrule a "no" given on this device', async () => {
    const { user } = await filledWorld();
    const file = await user.export();
    const other = await createUserWorld().openGranted();
    await other.events.add({ type: 'click', item: 'to be replaced' });
    await other.consent.withdraw('personalise');
    const heard: string[] = [];
    other.subscribe((change) => heard.push(change));
    await other.import(file);
    expect((await other.consent.state()).personalise.state).toBe('withdrawn');
    expect((await other.consent.state())['share-aggregates'].state).toBe('refused');
    expect((await other.events.list()).map(({ item }) => item)).toEqual(['a', 'b']);
    expect(heard.sort()).toEqual(['consent', 'embedding', 'events', 'feedback']);
  });

  it('what claims to come from the future ages from now on', async () => {
    const { world, user } = await filledWorld();
    const file = await user.export();
    const late = {
      ...file,
      events: file.events.map((event) => ({ ...event, storedAt: world.time + 1000 * HOUR })),
    };
    const other = await world.openGranted({ retention: { event: HOUR } });
    await other.import(late);
    expect(await other.events.list()).toHaveLength(2);
    world.time += HOUR;
    expect(await other.events.list()).toEqual([]);
  });

  it('of embeddings that have an end brings back their numbers, and leaves out those that are past it', async () => {
    const { world, user } = await filledWorld();
    const file = await user.export();
    const other = await createUserWorld().openGranted({
      retention: { embedding: HOUR },
      now: () => world.time,
    });
    await other.import(file);
    expect((await other.embedding.history(SPACE)).map(({ values }) => values)).toEqual([
      embeddingOf(2).values,
    ]);
  });

  it('of a file with one wrong field nothing is taken, and the message names the field and not its content', async () => {
    const { user } = await filledWorld();
    const good = await user.export();
    const before = personal(good);
    const spoil = (path: string, value: unknown): unknown => {
      const copy = structuredClone(good) as unknown as Record<string, unknown>;
      const steps = path.split('.');
      let at = copy;
      for (const step of steps.slice(0, -1)) at = at[step] as Record<string, unknown>;
      at[steps.at(-1)!] = value;
      return copy;
    };
    const cases: readonly (readonly [path: string, value: unknown, named: string])[] = [
      ['format', 'other', 'format'],
      ['version', 2, 'version'],
      ['surplus', 'peanut', 'nothing else'],
      ['consent.sell', {}, 'consent'],
      ['consent.personalise.state', 'peanut', 'consent.personalise.state'],
      ['consent.personalise.time', 'peanut', 'consent.personalise.time'],
      ['embeddings', 'peanut', 'embeddings'],
      ['embeddings.0.space', 7, 'embeddings[0].space'],
      ['embeddings.0.values', [], 'embeddings[0].values'],
      ['embeddings.0.values.1', 'peanut', 'embeddings[0].values[1]'],
      ['embeddings.0.values.1', 1e39, 'embeddings[0].values[1]'],
      ['embeddings.0.values', new Array(65_537).fill(0), 'embeddings[0].values'],
      ['embeddings.0.storedAt', -1, 'embeddings[0].storedAt'],
      ['events', new Array(10_001).fill(good.events[0]), 'events'],
      ['events.1.item', 'peanut'.repeat(50), 'events[1].item'],
      ['events.1.extra', 'peanut', 'events[1]'],
      ['events.0', null, 'events[0]'],
      ['transcripts.0.messages.0.role', 'peanut', 'transcripts[0].messages[0].role'],
      ['transcripts.0.messages.0.content', null, 'transcripts[0].messages[0].content'],
      ['transcripts.0.storedAt', undefined, 'transcripts[0].storedAt'],
    ];
    for (const [path, value, named] of cases) {
      const error = (await user.import(spoil(path, value)).catch((e: unknown) => e)) as E2PError;
      expect(error, path).toMatchObject(withCode('invalid-import'));
      expect(error.message, path).toContain(named);
      expect(error.message, path).not.toContain('peanut');
    }
    for (const text of ['', '{"peanut', '[]', 'null', '"peanut"']) {
      const error = (await user.import(text).catch((e: unknown) => e)) as E2PError;
      expect(error).toMatchObject(withCode('invalid-import'));
      expect(error.cause).toBeUndefined();
      expect(error.message).not.toContain('peanut');
    }
    expect(personal(await user.export())).toEqual(before);
  });

  it('that fails on the disk leaves the vault as it was', async () => {
    const { user } = await filledWorld();
    const file = await user.export();
    const world = createUserWorld();
    let broken = false;
    const { records } = world;
    const other = await world.openGranted({
      records: {
        ...records,
        commit: (c) => (broken ? Promise.reject(new Error('disk')) : records.commit(c)),
      },
    });
    await other.events.add({ type: 'click', item: 'mine' });
    broken = true;
    await expect(other.import(file)).rejects.toThrow('disk');
    broken = false;
    expect(await other.events.list()).toMatchObject([{ item: 'mine' }]);
  });

  it('3,000 damaged texts end in a typed error or in a good file, and never in anything else', async () => {
    const { user } = await filledWorld();
    const text = JSON.stringify(await user.export());
    let seed = 11;
    const random = (below: number) => {
      seed = (Math.imul(seed, 1664525) + 1013904223) >>> 0;
      return Math.floor((seed / 2 ** 32) * below);
    };
    const pieces = [
      'null',
      '-1',
      '1e999',
      '[]',
      '{}',
      '"__proto__"',
      '\\u0000',
      ',',
      '"',
      '}',
      '9'.repeat(30),
    ];
    let refused = 0;
    for (let i = 0; i < 3_000; i++) {
      const at = random(text.length);
      const cut = random(8);
      const damaged = text.slice(0, at) + pieces[random(pieces.length)] + text.slice(at + cut);
      try {
        parseUserExport(damaged);
      } catch (error) {
        refused++;
        expect(error).toBeInstanceOf(E2PError);
        expect(error).toMatchObject(withCode('invalid-import'));
      }
    }
    // Some damage is inside a text, the audit log or a digit, and the file is still a good one.
    expect(refused).toBeGreaterThan(1_500);
    expect(({} as { state?: unknown }).state).toBeUndefined();
  });

  it('what is damaged in the vault is counted, and does not keep the rest back', async () => {
    const { world, user } = await filledWorld();
    const [key, record] = world.sealed('event')[0]!;
    world.disk.set(key, { ...record, data: new Uint8Array(99) });
    const exported = await user.export();
    expect(exported.unreadable).toEqual([{ kind: 'event', count: 1 }]);
    expect(exported.events).toMatchObject([{ item: 'b' }]);
  });
});
