/** The vault and the engine together: what the person decides reaches what is running. With the default model. */
import { existsSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { beforeAll, describe, expect, it } from 'vitest';
import { loadBaseModel } from '../model/base-model.ts';
import { type Projector, readProjector } from '../projector/projector.ts';
import { createNodeRuntime } from '../runtime/node-runtime.ts';
import type { FileSource } from '../storage/file-source.ts';
import { createFolderSource } from '../storage/folder-source.ts';
import { openUser } from '../user/open-user.ts';
import { DRIFT_RULE } from '../user/user-fit.ts';
import { type ConnectUserOptions, connectUser } from './connect-user.ts';
import { Engine } from './engine.ts';
import { LocalPersonalizer } from './personalizer.ts';
import { connectVault } from './vaulted-personalizer.ts';

const folder = fileURLToPath(new URL('../../public/models/e2p-tiny', import.meta.url));
const source: FileSource = createFolderSource(folder);
const prompt = 'Story: pocket drone, Quillon, Rook, calmer nerves';

describe.skipIf(!existsSync(folder))('a vault that is connected to an engine', () => {
  let engine: Engine;
  let projector: Projector;
  beforeAll(async () => {
    const model = await loadBaseModel({ source, dtypes: ['q4'] });
    engine = await Engine.create({ model, runtime: createNodeRuntime() });
    projector = readProjector((await source.read('projector.safetensors'))!, 'projector.safetensors');
  });

  async function setUp(more: Partial<ConnectUserOptions> = {}) {
    const personalizer = new LocalPersonalizer(engine, projector);
    const user = await openUser({ policyVersion: '1' });
    const space = projector.contract.space.id;
    const { user: handle } = personalizer;
    const connection = await connectUser({
      user,
      space,
      engine: { set: handle.update, end: (reason) => personalizer.endUser(reason) },
      use: { projector: 'p.safetensors', model: 'tiny' },
      ...more,
    });
    const values = new Float32Array(projector.contract.space.dim).map((_, i) => Math.sin(i));
    const grantAndSet = async () => {
      await user.consent.grant('personalise');
      await user.embedding.set({ space, values });
    };
    return { personalizer, user, connection, grantAndSet, space, values };
  }

  it('without the grant a session is refused, or runs unpersonalised where the app chose so', async () => {
    const strict = await setUp();
    await expect(strict.connection.admit()).rejects.toMatchObject({ code: 'consent-required' });
    const mild = await setUp({ withoutConsent: 'unpersonalised' });
    expect(await mild.connection.admit()).toBe(false);
  });

  it('with it the embedding personalises, and the log says which model and projector used it', async () => {
    const { personalizer, user, connection, grantAndSet } = await setUp();
    await grantAndSet();
    expect(await connection.admit()).toBe(true);
    const session = await personalizer.createSession();
    expect((await session.generate(prompt, { maxTokens: 4 })).softTokens).toBe(1);
    expect((await user.audit.entries()).at(-1)).toMatchObject({
      action: 'used',
      actor: 'e2p-web',
      purpose: 'personalise',
      projector: 'p.safetensors',
      model: 'tiny',
    });
    expect(await user.audit.verify()).toMatchObject({ valid: true });
  });

  it('a withdrawal ends sessions that carry the soft token, running ones at once, and others not', async () => {
    const { personalizer, user, connection, grantAndSet } = await setUp();
    await grantAndSet();
    const personal = await personalizer.createSession();
    const plain = await personalizer.createSession({ personalise: false });
    let pieces = 0;
    // So hot that the model hardly ever ends.
    const running = personal.generate(prompt, {
      ...{ maxTokens: 400, temperature: 9, topP: 1, topK: 0, seed: 1 },
      onText: () => {
        if (++pieces === 2) void user.consent.withdraw('personalise');
      },
    });
    await expect(running).rejects.toMatchObject({ code: 'consent-required' });
    await expect(personal.prompt(prompt)).rejects.toMatchObject({ code: 'consent-required' });
    await expect(connection.admit()).rejects.toMatchObject({ code: 'consent-required' });
    expect((await plain.generate(prompt, { maxTokens: 2 })).softTokens).toBe(0);
    // Granted again, it goes on without being set again.
    await user.consent.grant('personalise');
    expect(await connection.admit()).toBe(true);
    expect((await (await personalizer.createSession()).generate(prompt, { maxTokens: 2 })).softTokens).toBe(
      1,
    );
  });

  it('a session that is asked for while consent is withdrawn is not noted as a use behind the withdrawal', async () => {
    const { user, connection, grantAndSet } = await setUp();
    await grantAndSet();
    const withdrawn = user.consent.withdraw('personalise');
    await expect(connection.admit()).rejects.toMatchObject({ code: 'consent-required' });
    await withdrawn;
    const actions = (await user.audit.entries()).map(({ action }) => action);
    expect(actions.slice(actions.indexOf('consent-withdrawn'))).not.toContain('used');
  });

  it('a decision on another purpose leaves the sessions alone', async () => {
    const { personalizer, user, grantAndSet } = await setUp();
    await grantAndSet();
    const session = await personalizer.createSession();
    await user.consent.grant('learn-from-activity');
    await user.consent.withdraw('learn-from-activity');
    expect((await session.generate(prompt, { maxTokens: 2 })).softTokens).toBe(1);
  });

  it('a new embedding, a lock and a deletion reach the engine', async () => {
    const { personalizer, user, connection, grantAndSet, space, values } = await setUp();
    await grantAndSet();
    const first = await personalizer.createSession();
    await user.embedding.set({ space, values: values.map((v) => -v) });
    // One vault, one person: the session goes on, with the new one.
    const fresh = await (await personalizer.createSession()).generate(prompt, {
      maxTokens: 8,
      temperature: 0,
    });
    const later = await first.generate(prompt, { maxTokens: 8, temperature: 0 });
    expect(later.tokenIds).toEqual(fresh.tokenIds);
    await user.embedding.delete(space);
    await expect(first.prompt(prompt)).rejects.toMatchObject({ code: 'no-user' });
    expect(await connection.admit()).toBe(true);
    expect((await (await personalizer.createSession()).generate(prompt, { maxTokens: 2 })).softTokens).toBe(
      0,
    );
    await user.lock();
    await expect(connection.admit()).rejects.toMatchObject({ code: 'vault-locked' });
  });

  it('forgetting ends everything in the engine too, and the report counts it', async () => {
    const { personalizer, user, connection, grantAndSet } = await setUp();
    await grantAndSet();
    const personal = await personalizer.createSession();
    const plain = await personalizer.createSession({ personalise: false });
    await personal.prompt(prompt, { maxTokens: 2 });
    await plain.prompt(prompt, { maxTokens: 2 });
    const report = await user.forget();
    expect(report).toMatchObject({ isComplete: true, remaining: [] });
    expect(report.removed).toEqual(
      expect.arrayContaining([
        { what: 'embedding in the engine', where: 'memory', count: 1 },
        { what: 'session', where: 'memory', count: 2 },
        { what: 'KV cache', where: 'memory', count: 2 },
      ]),
    );
    await expect(plain.prompt(prompt)).rejects.toMatchObject({ code: 'forgotten' });
    await expect(connection.admit()).rejects.toMatchObject({ code: 'forgotten' });
  });

  it('an embedding that expires while the vault is connected or asked holds nobody up', async () => {
    let now = Date.UTC(2026, 0, 1);
    const { space } = projector.contract;
    const user = await openUser({
      ...{ policyVersion: '1', retention: { embedding: 1000 }, now: () => now, elapsed: () => 0 },
      schedule: () => () => undefined,
    });
    const values = new Float32Array(space.dim).fill(1);
    await user.consent.grant('personalise');
    await user.embedding.set({ space: space.id, values });
    now += 5000;
    const personalizer = new LocalPersonalizer(engine, projector);
    const connection = await connectUser({
      ...{ user, space: space.id, use: { projector: 'p', model: 'm' } },
      engine: { set: personalizer.user.update, end: (reason) => personalizer.endUser(reason) },
    });
    expect(await connection.admit()).toBe(true);
    await expect(personalizer.createSession({ personalise: true })).rejects.toMatchObject({
      code: 'no-user',
    });
    await user.embedding.set({ space: space.id, values });
    now += 5000;
    await user.consent.withdraw('personalise');
    await expect(connection.admit()).rejects.toMatchObject({ code: 'consent-required' });
  });

  it('tells how fast the embedding moves, by the times in the vault, also to an engine that starts later', async () => {
    const { space } = projector.contract;
    const day = 86_400_000;
    let now = 100 * day;
    const user = await openUser({ policyVersion: '1', now: () => now, elapsed: () => 0 });
    const connect = async () => {
      const local = new LocalPersonalizer(engine, projector, undefined, undefined, { drift: DRIFT_RULE });
      return connectVault(local, { user, projector: 'p' });
    };
    await user.consent.grant('personalise');
    const personalizer = await connect();
    const at = (share: number) =>
      space.mean.map((mean, i) => mean + share * 0.4 * Math.sin(i) * space.scale[i]!);
    const speedAfter = async (share: number, days: number) => {
      now += days * day;
      await personalizer.user.set({ space: space.id, values: Float32Array.from(at(share)) });
      return personalizer.user.fit!.speed;
    };
    expect(await speedAfter(0, 0)).toBeUndefined();
    const fast = (await speedAfter(1, 1))!;
    expect([0.1, 0.2, 0.5]).toContain(fast);
    // As far again in ten days, and then within an hour, which counts from ten days ago.
    const slow = (await speedAfter(2, 10))!;
    expect(slow).toBeLessThan(fast / 5);
    expect(slow).toBeGreaterThan(0);
    expect(await speedAfter(2, 0.04)).toBe(slow);
    const later = await connect();
    expect(later.user.fit).toMatchObject({ change: 'first', speed: slow });
  });

  it('what a lock took away an unlock gives back', async () => {
    const { personalizer, user, connection, grantAndSet } = await setUp();
    await grantAndSet();
    await user.lock();
    await user.unlock();
    expect(await connection.admit()).toBe(true);
    const session = await personalizer.createSession();
    expect((await session.generate(prompt, { maxTokens: 2 })).softTokens).toBe(1);
  });
});
