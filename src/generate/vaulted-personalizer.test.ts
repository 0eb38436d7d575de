/** `e2p-web/node` with a person's vault in a folder: consent, what reaches the engine, the log, forgetting, and the next start. */
import { mkdtempSync, readdirSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { afterEach, beforeEach, expect, it } from 'vitest';
import { forgetUser, type NodePersonalizerOptions, openUser, Personalizer } from '../node.ts';

const model = fileURLToPath(new URL('../../public/models/e2p-tiny', import.meta.url));
const { readers } = JSON.parse(
  readFileSync(new URL('../../public/world/readers.json', import.meta.url), 'utf8'),
);
const embedding = { space: readers[0].space, values: Float32Array.from(readers[0].values) };
const prompt = 'Story: pocket drone, Quillon, Rook, calmer nerves';

let folder = '';
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'vault-'));
});
afterEach(() => rmSync(folder, { recursive: true, force: true }));

const open = () => openUser({ folder, policyVersion: '1' });
const create = (options: Partial<NodePersonalizerOptions>) =>
  Personalizer.create({ model, projector: join(model, 'projector.safetensors'), ...options });
const softTokens = async (personalizer: Personalizer) =>
  (await (await personalizer.createSession()).generate(prompt, { maxTokens: 4 })).softTokens;

it('personalises by what is in the vault while that is granted, also after a restart', async () => {
  {
    await using user = await open();
    await using personalizer = await create({ user });
    await expect(personalizer.createSession()).rejects.toMatchObject({ code: 'consent-required' });
    expect(await (await personalizer.createSession({ personalise: false })).prompt(prompt)).not.toBe('');
    await expect(personalizer.user.set(embedding)).rejects.toMatchObject({ code: 'consent-required' });
    await user.consent.grant('personalise');
    await personalizer.user.set(embedding);
    expect(await softTokens(personalizer)).toBe(1);
    expect((await user.audit.entries()).at(-1)).toMatchObject({
      ...{ action: 'used', actor: 'e2p-web', purpose: 'personalise', projector: 'projector.safetensors' },
    });
  }
  await using user = await open();
  await using personalizer = await create({ user, withoutConsent: 'unpersonalised' });
  expect(await softTokens(personalizer)).toBe(1);
  const session = await personalizer.createSession();
  await user.consent.withdraw('personalise');
  await expect(session.prompt(prompt)).rejects.toMatchObject({ code: 'consent-required' });
  expect(await softTokens(personalizer)).toBe(0);
  expect(await user.audit.verify()).toMatchObject({ valid: true });
});

it('clears through the vault, and forgets in the engine and on the disk', async () => {
  const user = await open();
  await user.consent.grant('personalise');
  await using personalizer = await create({ user });
  await personalizer.user.set(embedding);
  await personalizer.user.clear();
  expect(await user.embedding.get(embedding.space)).toBeUndefined();
  await expect(personalizer.createSession({ personalise: true })).rejects.toMatchObject({ code: 'no-user' });
  await personalizer.user.set(embedding);
  const session = await personalizer.createSession();
  await session.prompt(prompt, { maxTokens: 4 });
  const report = await user.forget();
  expect(report.isComplete).toBe(true);
  expect(report.removed).toContainEqual({ what: 'embedding in the engine', where: 'memory', count: 1 });
  expect(readdirSync(folder)).toEqual([]);
  await expect(session.prompt(prompt)).rejects.toMatchObject({ code: 'forgotten' });
  expect((await forgetUser({ folder })).isComplete).toBe(true);
});

it('says that nothing is sealed, and refuses a vault without a projector', async () => {
  await using plain = await Personalizer.create({ model });
  expect(plain.privacy.phase).toBe('unsealed');
  expect(plain.privacy.notSealed[0]).toMatch(/^The process: /);
  await using user = await open();
  await expect(Personalizer.create({ model, user })).rejects.toMatchObject({ code: 'invalid-argument' });
});
