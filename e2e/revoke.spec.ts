/** What a person takes back is gone from the engine worker: while it answers, when it hangs, when it has crashed. In real Chromium. */
import { readdirSync, readFileSync, statSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { expect, type Page, test } from '@playwright/test';
import type { Personalizer, User } from '../src/index.ts';
import { type FaultServer, startFaultServer } from '../src/testing/fault-server.ts';
import type { Harness } from './harness/harness.ts';
import { HARNESS_URL } from './ports.ts';

declare const harness: Harness;

const MODEL = fileURLToPath(new URL('../public/models/e2p-tiny', import.meta.url));
const PROMPT = 'Story: pocket drone, Quillon, Rook, calmer nerves';
/** A prompt that the template of the model below never gets done with. */
const ENDLESS = 'endless';
const TEMPLATE = `{% for m in messages %}{% if m.content == '${ENDLESS}' %}{% for a in range(99999) %}{% for b in range(99999) %}{% endfor %}{% endfor %}{% endif %}{{ m.content }}{% endfor %}`;

let models: FaultServer;
test.beforeAll(async () => {
  models = await startFaultServer();
  for (const path of readdirSync(MODEL, { recursive: true, encoding: 'utf8' })) {
    const file = join(MODEL, path);
    if (!statSync(file).isFile() || path.endsWith('manifest.json')) continue;
    const bytes = readFileSync(file);
    const isTemplate = path === 'tokenizer_config.json';
    const changed = isTemplate && JSON.stringify({ ...JSON.parse(`${bytes}`), chat_template: TEMPLATE });
    models.files.set(`/m/${path}`, changed ? Buffer.from(changed) : bytes);
  }
});
test.afterAll(() => models.close());

interface Opened {
  readonly user: User;
  readonly personalizer: Personalizer;
}

async function openPage(page: Page): Promise<void> {
  await page.goto(HARNESS_URL);
  await page.waitForFunction(() => 'harness' in globalThis);
  await page.evaluate((url) => {
    const open = async (name: string): Promise<Opened> => {
      const user = await harness.openUser({ policyVersion: '1', name });
      const personalizer = await harness.Personalizer.create({
        ...{ model: url, projector: `${url}/projector.safetensors`, device: 'wasm', user, drift: false },
      });
      const { id, dim } = personalizer.space!;
      await user.consent.grant('personalise');
      await user.embedding.set({ space: id, values: new Float32Array(dim).fill(0.5) });
      return { user, personalizer };
    };
    Object.assign(globalThis, { open });
  }, `${models.url}/m`);
}

declare function open(name: string): Promise<Opened>;

test('an engine worker that hangs is ended by whatever revokes, which succeeds and says so; an abort waits for it no longer', async ({
  page,
}) => {
  await openPage(page);
  const outcome = await page.evaluate(async (endless) => {
    const ways: Record<string, (opened: Opened) => Promise<unknown>> = {
      withdraw: ({ user }) => user.consent.withdraw('personalise'),
      lock: ({ user }) => user.lock(),
      delete: ({ user, personalizer }) => user.embedding.delete(personalizer.space!.id),
      forget: async ({ user }) => {
        const { removed, isComplete } = await user.forget();
        return { isComplete, removed: removed.map(({ what }) => what) };
      },
      destroy: ({ personalizer }) => personalizer.destroy(),
    };
    const opened: [string, Opened][] = [];
    for (const way of Object.keys(ways)) opened.push([way, await open(way)]);
    const other = await (await open('other')).personalizer.createSession();
    const second = await other.clone();
    let ticks = 0;
    const ticking = setInterval(() => ticks++, 100);
    const messageOf = (error: Error) => error.message;
    const hanging = other.prompt(endless, { signal: AbortSignal.timeout(1) }).catch(messageOf);
    const others = Promise.all([hanging, second.destroy().catch(messageOf)]);
    const ended = await Promise.all(
      opened.map(async ([way, one]) => {
        const session = await one.personalizer.createSession();
        const hanging = session.prompt(endless).catch(messageOf);
        const started = performance.now();
        const value = await ways[way]!(one);
        const seconds = (performance.now() - started) / 1000;
        return [way, { value, seconds, hanging: await hanging }] as const;
      }),
    );
    clearInterval(ticking);
    return { ended: Object.fromEntries(ended), ticks, others: await others };
  }, ENDLESS);
  expect(outcome.ended.forget!.value).toEqual({
    isComplete: true,
    removed: expect.arrayContaining(['engine worker that had stopped']),
  });
  for (const [way, { seconds, hanging }] of Object.entries(outcome.ended)) {
    expect(seconds, way).toBeLessThan(20);
    expect(hanging, way).toMatch(/did not answer within 10 s/);
  }
  expect(outcome.others).toEqual([
    expect.stringMatching(/timed out/),
    expect.stringMatching(/was busy for 10 s; it lets go/),
  ]);
  // The page went on meanwhile.
  expect(outcome.ticks).toBeGreaterThan(50);
});

test('an engine worker that has crashed holds nothing: whatever revokes succeeds and says so', async ({
  page,
}) => {
  await openPage(page);
  const opened = await page.evaluateHandle(() => open('crash'));
  await page.evaluate(async ({ personalizer }) => {
    const session = await personalizer.createSession();
    Object.assign(globalThis, {
      session,
      // Answers are short, and a crash may come between two.
      running: (async () => {
        for (;;) await session.prompt('x');
      })().catch((error: Error) => error.message),
    });
  }, opened);
  const worker = page.workers().findLast((each) => each.url().startsWith('blob:'))!;
  await worker
    .evaluate(
      () =>
        void setTimeout(() => {
          throw new Error('crashed on purpose');
        }),
    )
    .catch(() => undefined);
  const outcome = await page.evaluate(async ({ user, personalizer }) => {
    const { session, running } = globalThis as unknown as {
      session: { prompt(text: string): Promise<string>; destroy(): Promise<void> };
      running: Promise<string>;
    };
    const said = await running;
    await user.consent.withdraw('personalise');
    const later = await session.prompt('x').catch((error: Error) => error.message);
    // With `await using` it would hide why the engine has stopped.
    await session.destroy();
    await user.embedding.delete(personalizer.space!.id);
    await user.lock();
    const { isComplete, removed } = await user.forget();
    return { said, later, isComplete, removed: removed.map(({ what }) => what) };
  }, opened);
  expect(outcome.said).toMatch(/the engine worker stopped: .*crashed on purpose/);
  expect(outcome.later).toMatch(/the engine worker stopped/);
  expect(outcome.isComplete).toBe(true);
  expect(outcome.removed).toContain('engine worker that had stopped');
});

test('a clone that answers is cut short by forget, and no text comes after; dropped sessions are freed', async ({
  page,
}) => {
  await openPage(page);
  const opened = await page.evaluateHandle(() => open('clone'));
  await page.evaluate(
    async ([{ personalizer }, prompt]) => {
      for (let i = 0; i < 4; i++) await (await personalizer.createSession()).prompt(prompt, { maxTokens: 1 });
    },
    [opened, PROMPT] as const,
  );
  for (let i = 0; i < 3; i++) {
    await page.requestGC();
    await page.waitForTimeout(50);
  }
  const outcome = await page.evaluate(
    async ([{ user, personalizer }, prompt]) => {
      const session = await personalizer.createSession();
      await session.prompt(prompt, { maxTokens: 2 });
      const clone = await session.clone();
      let pieces = 0;
      let start = () => {};
      const started = new Promise<void>((resolve) => {
        start = resolve;
      });
      const onText = () => {
        if (++pieces === 2) start();
      };
      const running = clone.generate(prompt, { maxTokens: 400, temperature: 1.5, onText });
      const failed = running.then(
        () => 'it ended by itself',
        (error: { code: string }) => error.code,
      );
      await started;
      const { removed } = await user.forget();
      const shown = pieces;
      await new Promise((resolve) => setTimeout(resolve, 200));
      const codes = await Promise.all(
        [session, clone].map((each) => each.prompt('x').catch((error: { code: string }) => error.code)),
      );
      return { failed: await failed, after: pieces - shown, codes, removed };
    },
    [opened, PROMPT] as const,
  );
  expect(outcome).toMatchObject({ failed: 'forgotten', after: 0, codes: ['forgotten', 'forgotten'] });
  expect(outcome.removed).toContainEqual({ what: 'session', where: 'memory', count: 2 });
});
