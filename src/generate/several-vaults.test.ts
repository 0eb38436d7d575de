/** Two people on one model in memory, each with a vault and a projector of their own: `withProjector(…, { user })`. */
import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { afterEach, beforeEach, expect, it } from 'vitest';
import { openUser, Personalizer, type UserEmbedding, type WithProjectorOptions } from '../node.ts';
import { toneProjector } from '../testing/tone-projector.ts';

const at = (path: string) => fileURLToPath(new URL(`../../public/${path}`, import.meta.url));
const model = at('models/e2p-tiny');
const shipped = join(model, 'projector.safetensors');
const tone = new Blob([toneProjector(readFileSync(shipped))]);
const { readers } = JSON.parse(readFileSync(at('world/readers.json'), 'utf8'));
const values = (reader: number) => Float32Array.from(readers[reader].values);
const prompt = 'Story: pocket drone, Quillon, Rook, calmer nerves';
const GREEDY = { temperature: 0, maxTokens: 8 } as const;

let folder = '';
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'vaults-'));
});
afterEach(() => rmSync(folder, { recursive: true, force: true }));

const openVault = (name: string) => openUser({ folder: join(folder, name), policyVersion: '1' });

/** Two vaults, and a personalizer of each; both have consented and are somebody. */
async function openBoth(second: string | Blob, options: WithProjectorOptions = {}) {
  const [ann, ben] = [await openVault('ann'), await openVault('ben')];
  const anns = await Personalizer.create({ model, projector: shipped, user: ann });
  const bens = await anns.withProjector(second, { ...options, user: ben });
  const introduce = async (reader: number, of: typeof ben, to: Personalizer) => {
    await of.consent.grant('personalise');
    await to.user.set({ space: to.space!.id, values: values(reader) });
  };
  const close = async () => {
    for (const each of [anns, bens, ann, ben]) await each[Symbol.asyncDispose]();
  };
  return { ann, ben, anns, bens, introduce, close };
}

it('takes nothing of a person before that person consents, whatever another one has said', async () => {
  const { ann, ben, anns, bens, introduce, close } = await openBoth(tone);
  await introduce(0, ann, anns);
  const given: UserEmbedding = { space: bens.space!.id, values: values(1) };
  for (const refused of [() => bens.user.set(given), () => bens.createSession()])
    await expect(refused()).rejects.toMatchObject({ code: 'consent-required' });
  expect((await ben.audit.entries()).map(({ action }) => action)).not.toContain('embedding-set');
  await introduce(1, ben, bens);
  expect((await ben.embedding.history(given.space)).map((each) => each.values)).toEqual([values(1)]);
  // Neither vault knows of the other's person.
  expect(await ann.embedding.history(given.space)).toEqual([]);
  expect(await ben.embedding.history(anns.space!.id)).toEqual([]);
  const { softTokens } = await (await bens.createSession()).generate(prompt, GREEDY);
  expect(softTokens).toBe(1);
  const used = (await ben.audit.entries()).filter(({ action }) => action === 'used');
  expect(used.at(-1)).toMatchObject({ purpose: 'personalise', projector: 'the projector' });
  await close();
});

it.each([
  ['withdraw', 'consent-required'],
  ['forget', 'forgotten'],
] as const)('%s ends the sessions of one person, while the other’s answer as before', async (how, code) => {
  const { ann, ben, anns, bens, introduce, close } = await openBoth(tone);
  await introduce(0, ann, anns);
  await introduce(1, ben, bens);
  const expected = await (await anns.createSession()).prompt(prompt, GREEDY);
  const [kept, ending] = [await anns.createSession(), await bens.createSession()];
  const answer = kept.prompt(prompt, GREEDY);
  if (how === 'withdraw') await ben.consent.withdraw('personalise');
  else expect((await ben.forget()).isComplete).toBe(true);
  expect(await answer).toBe(expected);
  for (const refused of [() => ending.prompt(prompt), () => bens.createSession()])
    await expect(refused()).rejects.toMatchObject({ code });
  expect(await (await anns.createSession()).prompt(prompt, GREEDY)).toBe(expected);
  expect(await ann.embedding.get(anns.space!.id)).toBeDefined();
  await close();
});

it('gives no person what another’s session has read, however alike they and their prompts are', async () => {
  const { ann, ben, anns, bens, introduce, close } = await openBoth(shipped, {
    withoutConsent: 'unpersonalised',
  });
  await introduce(0, ann, anns);
  await introduce(0, ben, bens);
  const initialPrompts = [{ role: 'system', content: prompt }] as const;
  const ask = async (of: Personalizer, question: string, personalise = true) =>
    (await of.createSession({ initialPrompts, personalise })).generate(question, GREEDY);
  expect((await ask(anns, 'Elif')).cachedTokens).toBe(0);
  expect((await ask(anns, 'Ruth')).cachedTokens).toBeGreaterThan(10);
  const bensFirst = await ask(bens, 'Ruth');
  expect(bensFirst.cachedTokens).toBe(0);
  expect((await ask(bens, 'Ruth')).cachedTokens).toBeGreaterThan(10);
  // Equal in every number, so that only whose it is kept it from being used.
  expect(bensFirst.tokenIds).toEqual((await ask(anns, 'Ruth')).tokenIds);
  expect((await ask(anns, 'Elif', false)).cachedTokens).toBe(0);
  expect((await ask(bens, 'Elif', false)).cachedTokens).toBe(0);
  // What a person's sessions had read goes with the consent, and only that.
  await ben.consent.withdraw('personalise');
  expect((await bens.createSession()).personalised).toBe(false);
  expect((await ask(anns, 'Gigi')).cachedTokens).toBeGreaterThan(10);
  await close();
});

it('is connected to the first one’s vault where it is given none', async () => {
  await using user = await openVault('ann');
  await user.consent.grant('personalise');
  await using first = await Personalizer.create({ model, projector: shipped, user });
  await using second = await first.withProjector(tone, { user: undefined } as object);
  await second.user.set({ space: second.space!.id, values: values(1) });
  expect(await user.embedding.get(second.space!.id)).toBeDefined();
});
