/** Threads of WASM in a page that is isolated: each load measures one number of them, before anything personal is there, and then the fastest is taken. */
import { expect, type Page, test } from '@playwright/test';
import type { Harness } from './harness/harness.ts';
import { DEMO_URL, HARNESS_URL } from './ports.ts';

declare const harness: Harness;

test.use({ baseURL: HARNESS_URL });

/** Why the device computes as it does, at a visit; and what is kept of the times. */
async function visit(page: Page) {
  await page.goto('/');
  await page.waitForFunction(() => 'harness' in globalThis);
  return page.evaluate(async (model) => {
    const options = { model, dtype: 'q4', device: 'wasm', persist: false, recheck: false } as const;
    const personalizer = await harness.Personalizer.create(options);
    const { reason } = personalizer.device;
    const { text } = await (await personalizer.createSession()).generate('A story', {
      ...{ temperature: 0, maxTokens: 6 },
    });
    await personalizer.destroy();
    const done = <T>(asked: IDBRequest<T>) =>
      new Promise<T>((resolve) => {
        asked.onsuccess = () => resolve(asked.result);
      });
    const database = await done(indexedDB.open('e2p-device'));
    const all = database.transaction('notes').objectStore('notes');
    const [keys, values] = await Promise.all([done(all.getAllKeys()), done(all.getAll())]);
    database.close();
    const kept = keys.flatMap((key, i) =>
      String(key).includes('| threads |') ? [(values[i] as { found: number }).found] : [],
    );
    return { reason, text, kept, cores: navigator.hardwareConcurrency, isIsolated: crossOriginIsolated };
  }, `${DEMO_URL}/models/e2p-tiny`);
}

test('are measured one number a load, and the fastest is taken', async ({ page }) => {
  const plain = await visit(page);
  expect(plain).toMatchObject({ isIsolated: false, reason: 'WASM was asked for', kept: [] });
  test.skip(plain.cores < 2, 'one core');
  await page.route(`${HARNESS_URL}/`, async (route) => {
    const response = await route.fetch();
    const isolating = {
      'cross-origin-opener-policy': 'same-origin',
      'cross-origin-embedder-policy': 'require-corp',
    };
    await route.fulfill({ response, headers: { ...response.headers(), ...isolating } });
  });
  const counts = plain.cores < 4 ? 2 : 3;
  for (let load = 1; load <= counts; load++) {
    const found = await visit(page);
    expect(found).toMatchObject({ isIsolated: true, text: plain.text });
    expect(found.reason).toMatch(
      /^WASM was asked for; \d threads?, for which the time is measured at this load$/,
    );
    expect(found.kept).toHaveLength(load);
  }
  const known = await visit(page);
  expect(known.reason).toMatch(/^WASM was asked for; \d threads?: [\d.]+ ms a token(, [\d.]+ with \d){1,2}$/);
  expect(known).toMatchObject({ text: plain.text });
  expect(known.kept).toHaveLength(counts);
});
