/** What a session answers beside one text, through the workers of real Chromium: thoughts, and several projectors on one model. */
import { expect, type Page, test } from '@playwright/test';
import { loadDefaultModel } from '../src/generate/default-model.ts';
import type { Personalizer } from '../src/index.ts';
import { type FaultServer, startFaultServer } from '../src/testing/fault-server.ts';
import { STORY, thinkingModel } from '../src/testing/thinking-model.ts';
import { TONE_SPACE, toneProjector } from '../src/testing/tone-projector.ts';
import type { Harness } from './harness/harness.ts';
import { HARNESS_URL } from './ports.ts';

declare const harness: Harness;

let server: FaultServer;
let embeddings: number[][];
test.beforeAll(async () => {
  server = await startFaultServer();
  const { model, projector, readers } = await loadDefaultModel();
  embeddings = readers.map(({ embedding }) => [...embedding.values]);
  const thinking = await thinkingModel(model, 'switched');
  for (const [folder, { files }] of Object.entries({ plain: model, thinking })) {
    for (const [path, blob] of Object.entries(files))
      server.files.set(`/${folder}/${path}`, Buffer.from(await blob.arrayBuffer()));
  }
  const news = new Uint8Array(await projector.arrayBuffer());
  server.files.set('/news.safetensors', Buffer.from(news));
  server.files.set('/tone.safetensors', Buffer.from(toneProjector(news)));
});
test.afterAll(() => server.close());

async function open(page: Page): Promise<void> {
  await page.goto(HARNESS_URL);
  await page.waitForFunction(() => 'harness' in globalThis);
}

test('a thought comes through the worker apart from the text, and a template variable prevents it', async ({
  page,
}) => {
  await open(page);
  const found = await page.evaluate(
    async ([model, story]) => {
      const personalizer = await harness.Personalizer.create({ model, device: 'wasm' });
      const [texts, thoughts]: [string[], string[]] = [[], []];
      const session = await personalizer.createSession();
      const result = await session.generate(story, {
        ...{ temperature: 0, maxTokens: 40 },
        onText: (text) => texts.push(text),
        onReasoning: (text) => thoughts.push(text),
      });
      const off = await personalizer.createSession({ templateVariables: { enable_thinking: false } });
      const silent = await off.generate(story, { temperature: 0, maxTokens: 40 });
      const refusals = [{ enable_thinkng: true }, { enable_thinking: (() => true) as never }].map((given) =>
        personalizer.createSession({ templateVariables: given }).catch(({ code }) => code),
      );
      return { result, texts, thoughts, silent, refused: await Promise.all(refusals) };
    },
    [`${server.url}/thinking`, STORY] as const,
  );
  const { result, texts, thoughts, silent, refused } = found;
  expect(result.reasoning).toMatch(/^pocket drone/);
  expect(result.text).toMatch(/\w/);
  expect(texts.join('')).toBe(result.text);
  expect(thoughts.join('')).toBe(result.reasoning);
  expect(thoughts.length).toBeGreaterThan(3);
  expect(silent).not.toHaveProperty('reasoning');
  expect(refused).toEqual(['invalid-argument', 'invalid-argument']);
});

test('two projectors on one model have a user each, and end each by itself', async ({ page }) => {
  await open(page);
  const found = await page.evaluate(
    async ([url, story, readers]) => {
      const write = async (personalizer: Personalizer) =>
        (await personalizer.createSession()).prompt(story, { temperature: 0, maxTokens: 12 });
      const set = (personalizer: Personalizer, reader: number) => {
        const values = Float32Array.from(readers[reader]!);
        return personalizer.user.set({ space: personalizer.space!.id, values });
      };
      const code = (work: Promise<unknown>) =>
        work.then(
          () => 'done',
          (error) => error.code,
        );
      const given = { model: `${url}/plain`, device: 'wasm' } as const;
      const news = await harness.Personalizer.create({ ...given, projector: `${url}/news.safetensors` });
      await set(news, 0);
      const alone = await write(news);
      const tone = await news.withProjector(`${url}/tone.safetensors`);
      const isEmpty = !(await tone.createSession()).personalised;
      await set(tone, 1);
      const together = await Promise.all([write(news), write(tone)]);
      const [newsSession, toneSession] = [await news.createSession(), await tone.createSession()];
      await news.user.clear();
      const cleared = [await code(newsSession.prompt(story)), await code(toneSession.prompt(story))];
      const bytes = await (await fetch(`${url}/tone.safetensors`)).blob();
      const third = await tone.withProjector(bytes);
      const missing = await code(tone.withProjector(`${url}/none.safetensors`));
      await news.destroy();
      const gone = [await code(news.createSession()), await code(news.withProjector(bytes))];
      const after = await write(tone);
      await tone.destroy();
      await set(third, 1);
      const last = await write(third);
      await third.destroy();
      const ended = await code(third.createSession());
      return { alone, isEmpty, together, cleared, missing, gone, after, last, ended, space: tone.space?.id };
    },
    [server.url, STORY, embeddings] as const,
  );
  expect(found.isEmpty).toBe(true);
  expect(found.space).toBe(TONE_SPACE);
  expect(found.together[0]).toBe(found.alone);
  expect(found.together[1]).not.toBe(found.alone);
  expect(found.cleared).toEqual(['no-user', 'done']);
  expect(found.missing).toBe('invalid-projector');
  expect(found.gone).toEqual(['destroyed', 'destroyed']);
  expect([found.after, found.last]).toEqual([found.together[1], found.together[1]]);
  expect(found.ended).toBe('destroyed');
});

test('one vault is behind all projectors: a withdrawal ends the sessions of each', async ({ page }) => {
  await open(page);
  const found = await page.evaluate(async (url) => {
    const user = await harness.openUser({ policyVersion: '1', name: 'several' });
    const news = await harness.Personalizer.create({
      ...{ model: `${url}/plain`, projector: `${url}/news.safetensors`, device: 'wasm', user, drift: false },
    });
    const tone = await news.withProjector(`${url}/tone.safetensors`);
    await user.consent.grant('personalise');
    for (const personalizer of [news, tone]) {
      const { id, dim } = personalizer.space!;
      await personalizer.user.set({ space: id, values: new Float32Array(dim).fill(0.5) });
    }
    const sessions = [await news.createSession(), await tone.createSession()];
    const personalised = sessions.map((session) => session.personalised);
    await user.consent.withdraw('personalise');
    const codes = sessions.map((session) => session.prompt('x').catch(({ code }) => code));
    return { personalised, codes: await Promise.all(codes) };
  }, server.url);
  expect(found).toEqual({
    personalised: [true, true],
    codes: ['consent-required', 'consent-required'],
  });
});

test('two people on one engine, each behind a vault: one takes back, and the other goes on', async ({
  page,
}) => {
  await open(page);
  const found = await page.evaluate(
    async ([url, story, readers]) => {
      const ann = await harness.openUser({ policyVersion: '1', name: 'ann' });
      const ben = await harness.openUser({ policyVersion: '1', name: 'ben' });
      const file = `${url}/news.safetensors`;
      const anns = await harness.Personalizer.create({
        ...{ model: `${url}/plain`, projector: file, device: 'wasm', user: ann, drift: false },
      });
      const bens = await anns.withProjector(file, { user: ben });
      const code = (work: Promise<unknown>) =>
        work.then(
          () => 'done',
          (error: { readonly code?: string }) => error.code,
        );
      const { id: space } = anns.space!;
      const set = (of: Personalizer) => of.user.set({ space, values: Float32Array.from(readers[0]!) });
      await ann.consent.grant('personalise');
      await set(anns);
      const before = [await code(set(bens)), await code(bens.createSession())];
      const isPersonalised = (await bens.createSession({ personalise: false })).personalised;
      await ben.consent.grant('personalise');
      await set(bens);
      const initialPrompts = [{ role: 'system', content: story }] as const;
      const greedy = { temperature: 0, maxTokens: 12 };
      const ask = async (of: Personalizer) =>
        (await of.createSession({ initialPrompts })).generate('Elif', greedy);
      const [first, second, bensFirst] = [await ask(anns), await ask(anns), await ask(bens)];
      const cached = [first, second, bensFirst].map(({ cachedTokens }) => cachedTokens);
      const [kept, ending] = [await anns.createSession(), await bens.createSession()];
      await kept.prompt(story, greedy);
      const answer = ending.prompt(story, { temperature: 0, maxTokens: 200 });
      await ben.consent.withdraw('personalise');
      const after = [await code(answer), await code(kept.prompt(story, greedy)), await code(ask(bens))];
      const logged = (await ben.audit.entries()).filter(({ action }) => action === 'used');
      const report = await ann.forget();
      const ended = await code(kept.prompt(story, greedy));
      await anns.destroy();
      await bens.destroy();
      return {
        ...{ before, isPersonalised, cached, after, ended },
        isSame: first.text === bensFirst.text,
        isForgotten: report.isComplete,
        projectors: [...new Set(logged.map(({ projector }) => projector?.endsWith('/news.safetensors')))],
        left: (await ben.embedding.history(space).catch(({ code }) => code)) as unknown,
      };
    },
    [server.url, STORY, embeddings] as const,
  );
  expect(found).toMatchObject({
    before: ['consent-required', 'consent-required'],
    isPersonalised: false,
    after: ['consent-required', 'done', 'consent-required'],
    ...{ ended: 'forgotten', isSame: true, isForgotten: true },
    ...{ projectors: [true], left: 'consent-required' },
  });
  const [first, second, bensFirst] = found.cached;
  expect([first, bensFirst]).toEqual([0, 0]);
  expect(second).toBeGreaterThan(10);
});
