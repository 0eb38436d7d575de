/** A tab that was killed while it brought a model up, as a phone does for want of memory: the next visit is told, and of what is smaller. */
import { type BrowserContext, expect, type Page, test } from '@playwright/test';
import type { InterruptedLoad } from '../src/index.ts';
import type { Harness } from './harness/harness.ts';
import { DEMO_URL, HARNESS_URL } from './ports.ts';

declare const harness: Harness;

const SHIPPED = `${DEMO_URL}/models/e2p-tiny`;

async function visit(context: BrowserContext): Promise<Page> {
  const page = await context.newPage();
  await page.goto(HARNESS_URL);
  await page.waitForFunction(() => 'harness' in globalThis);
  return page;
}

/** Begins a load that takes a while, as a GPU in software does; resolves when the model is being brought up. */
const beginLoad = (page: Page) =>
  page.evaluate(
    (model) =>
      new Promise<void>((resolve, reject) => {
        const onProgress = ({ stage }: { stage: string }) => stage === 'device' && resolve();
        harness.Personalizer.create({ model, dtype: 'fp32', device: 'webgpu', onProgress }).catch(reject);
      }),
    SHIPPED,
  );

/** A whole load: what it was told, as an event and afterwards. */
const load = (page: Page) =>
  page.evaluate(async (model) => {
    const told: unknown[] = [];
    const onProgress = (progress: { stage: string }) => {
      if (progress.stage === 'interrupted') told.push(progress);
    };
    const personalizer = await harness.Personalizer.create({
      model,
      dtype: 'q4',
      device: 'wasm',
      onProgress,
    });
    const { interrupted } = personalizer;
    await personalizer.destroy();
    return { told, interrupted };
  }, SHIPPED);

const nothing = { told: [], interrupted: undefined };

test('the next visit is told once, with the precisions that are smaller', async ({ context }) => {
  const killed = await visit(context);
  await beginLoad(killed);
  const began = Date.now();
  const cdp = await context.newCDPSession(killed);
  // The whole process of the tab, its workers with it.
  const crashed = killed.waitForEvent('crash');
  // Nobody is left to answer.
  void cdp.send('Page.crash').catch(() => undefined);
  await crashed;
  const next = await visit(context);
  const { told, interrupted } = await load(next);
  expect(told).toEqual([{ stage: 'interrupted', ...interrupted }]);
  const { dtype, at, smaller } = interrupted as InterruptedLoad;
  expect(dtype).toBe('fp32');
  expect(Math.abs(at.getTime() - began)).toBeLessThan(30_000);
  expect(smaller).toMatchObject([{ dtype: 'q4' }]);
  expect(smaller[0]!.bytes).toBeGreaterThan(100_000);
  expect(await load(next)).toEqual(nothing);
});

test('a load that is under way in another tab, ends, fails, is aborted or is left is none', async ({
  context,
}) => {
  test.skip(!process.env.CI, 'a quarter of a minute');
  const [first, second] = [await visit(context), await visit(context)];
  await beginLoad(first);
  expect(await load(second)).toEqual(nothing);
  // Somebody goes elsewhere.
  await first.goto('about:blank');
  expect(await load(second)).toEqual(nothing);
  const aborted = await second.evaluate(async (model) => {
    const controller = new AbortController();
    const onProgress = ({ stage }: { stage: string }) => stage === 'device' && controller.abort();
    const { signal } = controller;
    return harness.Personalizer.create({ model, dtype: 'fp32', device: 'webgpu', onProgress, signal }).catch(
      ({ name }) => name,
    );
  }, SHIPPED);
  expect(aborted).toBe('AbortError');
  expect(await load(second)).toEqual(nothing);
});
