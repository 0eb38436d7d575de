/** Levels of drift, and a newer embedding of the same person, through the sealed engine. In real Chromium. */
import { expect, test } from '@playwright/test';
import type { Personalizer, UserFit } from '../src/index.ts';
import type { Harness } from './harness/harness.ts';
import { DEMO_URL, HARNESS_URL } from './ports.ts';

declare const harness: Harness;

const MODEL = `${DEMO_URL}/models/e2p-tiny`;

test('the page sees the level of an embedding; a newer one is picked up at the next turn, with a vault and without', async ({
  page,
}) => {
  await page.goto(HARNESS_URL);
  await page.waitForFunction(() => 'harness' in globalThis);
  const found = await page.evaluate(async (url) => {
    const { readers, stories } = await (await fetch(new URL('../../world/readers.json', `${url}/`))).json();
    const [first, second] = readers as { space: string; values: number[] }[];
    const space = first!.space;
    const prompt: string = stories[0];
    const greedy = { temperature: 0, maxTokens: 12 } as const;
    const told: UserFit[] = [];
    const given = {
      ...{ model: url, projector: `${url}/projector.safetensors` },
      ...{ device: 'wasm' as const, drift: { apply: 'shrink' as const } },
      ...{ onDrift: (fit: UserFit) => void told.push(fit) },
    };
    const write = async (personalizer: Personalizer, strength = 1) => {
      const session = await personalizer.createSession({ strength });
      const { tokenIds, softTokens } = await session.generate(prompt, greedy);
      return { tokenIds, softTokens, personalised: session.personalised, strength: session.strength };
    };

    const personalizer = await harness.Personalizer.create(given);
    const nobody = personalizer.user.fit;
    await personalizer.user.set(first!);
    const fine = { fit: personalizer.user.fit, ...(await write(personalizer)) };
    // Somebody stretched until they are unusual.
    let unusual: UserFit | undefined;
    for (let factor = 1.05; unusual === undefined; factor += 0.02) {
      await personalizer.user.set({ space, values: first!.values.map((v) => v * factor) });
      const { fit } = personalizer.user;
      // Beside the threshold λ is still 1, in tenths.
      if (fit!.level === 'unusual' && fit!.strength < 1) unusual = fit;
      if (fit!.level === 'alien') throw new Error('stretched too far');
    }
    const stretched = await write(personalizer);
    await personalizer.user.set({ space, values: first!.values.map((v) => -3 * v) });
    const alien = { fit: personalizer.user.fit, ...(await write(personalizer)) };
    const bare = await (await personalizer.createSession({ personalise: false })).generate(prompt, greedy);
    const count = told.length;

    await personalizer.user.set(second!);
    const second12 = await write(personalizer);
    await personalizer.user.set(first!);
    const session = await personalizer.createSession();
    await personalizer.user.update(second!);
    const updated = (await session.generate(prompt, greedy)).tokenIds;
    const change = personalizer.user.fit!.change;
    await personalizer.user.set(first!);
    const replaced = await session.prompt(prompt).catch(({ code }) => code);
    await personalizer.destroy();

    const user = await harness.openUser({ policyVersion: '1', name: 'drift' });
    await user.consent.grant('personalise');
    const vaulted = await harness.Personalizer.create({ ...given, user });
    await vaulted.user.set(first!);
    const kept = await vaulted.createSession();
    await kept.prompt('Elif', greedy);
    await user.embedding.set({ space, values: Float32Array.from(second!.values) });
    const { cachedTokens } = await kept.generate(prompt, greedy);
    const { level, speed } = vaulted.user.fit!;
    const behind = { level, speed, history: (await user.embedding.history(space)).length };
    const live = await vaulted.createSession({ newVersion: 'at-once' });
    const longer = { temperature: 0, maxTokens: 40, constraint: { regexp: /[a-z ]{300}/ } };
    const plain = await (await vaulted.createSession()).generate(prompt, longer);
    const pieces: string[] = [];
    const onText = (text: string) => {
      if (pieces.push(text) === 1)
        void user.embedding.set({ space, values: Float32Array.from(first!.values) });
    };
    const { text } = await live.generate(prompt, { ...longer, onText });
    const atOnce = { isWhole: pieces.join('') === text, isNew: text !== plain.text };
    await user.consent.withdraw('personalise');
    const withdrawn = await kept.prompt(prompt).catch(({ code }) => code);
    const after = vaulted.user.fit;
    await vaulted.destroy();
    const off = await harness.Personalizer.create({ ...given, drift: false });
    await off.user.set({ space, values: first!.values.map((v) => -3 * v) });
    const ignored = { level: off.user.fit!.level, softTokens: (await write(off)).softTokens };
    await off.destroy();
    const wrong = await harness.Personalizer.create({ ...given, drift: { alien: 2 } }).catch(
      ({ code }) => code,
    );
    return {
      ...{ nobody, fine, unusual, stretched, alien, bare: bare.tokenIds, count, told, second12, updated },
      ...{ change, replaced, cachedTokens, behind, atOnce, withdrawn, after, ignored, wrong },
    };
  }, MODEL);
  expect(found.nobody).toBeUndefined();
  expect(found.fine).toMatchObject({
    ...{
      fit: { level: 'fine', strength: 1, change: 'first' },
      softTokens: 1,
      personalised: true,
      strength: 1,
    },
  });
  expect(found.unusual!.strength).toBeLessThan(1);
  expect(found.stretched).toMatchObject({ softTokens: 1, strength: found.unusual!.strength });
  expect(found.alien).toMatchObject({ softTokens: 0, personalised: false });
  expect(found.alien.strength).toBeUndefined();
  expect(found.alien.fit).toMatchObject({
    level: 'alien',
    reason: expect.stringContaining('less than 1 in'),
  });
  expect(found.alien.tokenIds).toEqual(found.bare);
  const levels = found.told.slice(0, found.count).map(({ level }) => level);
  expect([...new Set(levels)]).toEqual(['unusual', 'alien']);
  expect(found.updated).toEqual(found.second12.tokenIds);
  expect(found.updated).not.toEqual(found.fine.tokenIds);
  expect(found.change).toBe('leap');
  expect(found.replaced).toBe('user-replaced');
  expect(found.cachedTokens).toBe(0);
  expect(found.behind).toMatchObject({ level: 'fine', history: 2 });
  expect([0.5, 1, 2]).toContain(found.behind.speed);
  expect(found.atOnce).toEqual({ isWhole: true, isNew: true });
  expect(found.withdrawn).toBe('consent-required');
  expect(found.after).toBeUndefined();
  expect(found.ignored).toEqual({ level: 'unknown', softTokens: 1 });
  expect(found.wrong).toBe('invalid-argument');
});
