/** The person's vault in real Chromium: what lies in IndexedDB, two tabs, passkeys, refused storage, killed writers. */
import { expect, type Page, test } from '@playwright/test';
import type { User } from '../src/user/user.ts';
import type { UserHarness } from './harness/user-harness.ts';
import { DEMO_URL, HARNESS_URL } from './ports.ts';

declare const harness: UserHarness;

test.use({ baseURL: HARNESS_URL });

const KILLS = Number(process.env.E2P_KILLS ?? 50);
const WORD = 'marzipan-lighthouse';

async function open(page: Page): Promise<string[]> {
  const errors: string[] = [];
  page.on('console', (m) => m.text().startsWith('[vite]') || errors.push(m.text()));
  page.on('pageerror', (e) => errors.push(e.message));
  await page.goto('/user.html');
  await page.waitForFunction(() => 'harness' in globalThis);
  return errors;
}

const fill = (page: Page, word: string) =>
  page.evaluate(async (secret) => {
    const user = await harness.openUser({ policyVersion: '1' });
    await user.consent.grant('personalise');
    await user.consent.grant('learn-from-activity');
    await user.embedding.set({ space: `space-${secret}`, values: Float32Array.of(0.123, 4.567, 8.901) });
    await user.events.add({ type: 'click', item: secret });
    await user.transcripts.save({ title: secret, messages: [{ role: 'user', content: secret }] });
    await user.close();
  }, word);

test('what was stored is there after a reload, and only encrypted', async ({ page }) => {
  const requests: string[] = [];
  page.on('request', (r) => requests.push(`${r.url()} ${r.postData() ?? ''}`));
  const errors = await open(page);
  await fill(page, WORD);
  await page.reload();
  await page.waitForFunction(() => 'harness' in globalThis);
  const after = await page.evaluate(async (secret) => {
    const user = await harness.openUser({ policyVersion: '1' });
    const embedding = await user.embedding.get(`space-${secret}`);
    const { persistent, warning } = user;
    return {
      ...{ persistent, warning, values: [...(embedding?.values ?? [])], events: await user.events.list() },
      behind: await harness.lookBehind('default'),
      databases: (await indexedDB.databases()).map(({ name }) => name),
      locks: (await navigator.locks.query()).held?.map(({ name }) => name),
    };
  }, WORD);
  expect(after).toMatchObject({
    persistent: true,
    values: [...Float32Array.of(0.123, 4.567, 8.901)],
    locks: [],
  });
  expect(after.events).toMatchObject([{ item: WORD }]);
  expect(after.databases).toEqual(['e2p-vault-default']);
  const { text, exported, keys } = after.behind;
  expect(text.length).toBeGreaterThan(1_000);
  const bytes = Buffer.from(Float32Array.of(0.123, 4.567, 8.901).buffer).toString('latin1');
  for (const plain of [WORD, 'click', 'granted', 'personalise:', 'https', 'localhost', bytes]) {
    expect(text).not.toContain(plain);
  }
  expect(exported).toEqual(['InvalidAccessError']);
  for (const key of keys) expect(key).toMatch(/^(key|[a-z]+:([0-9a-f]{32}\.)?[0-9]+|consent:[a-z-]+)$/);
  expect(requests.filter((request) => request.includes(WORD))).toEqual([]);
  expect(errors).toEqual([]);
});

/** Another origin on the same servers. */
const FRAME_URL = HARNESS_URL.replace('localhost', 'frame.localhost');

test('a frame of another origin gets nothing, even with our own code; and the demo is not framed', async ({
  page,
}) => {
  await open(page);
  await fill(page, WORD);
  await page.evaluate(
    async ([ours, demo]) => {
      for (const [name, src] of Object.entries({ stranger: `${ours}/user.html`, demo })) {
        const frame = document.createElement('iframe');
        Object.assign(frame, { name, src });
        document.body.append(frame);
      }
    },
    [FRAME_URL, DEMO_URL] as const,
  );
  await expect.poll(() => page.frame('stranger')?.url()).toContain('frame.localhost');
  const frame = page.frame('stranger')!;
  await frame.waitForFunction(() => 'harness' in globalThis);
  await frame.evaluate(() => {
    const heard: unknown[] = [];
    Object.assign(globalThis, { heard });
    new BroadcastChannel('e2p-vault-default').onmessage = ({ data }) => heard.push(data);
    globalThis.addEventListener('message', ({ data }) => heard.push(data));
  });
  // Something changes meanwhile, and tabs of the origin hear of it.
  const told = await page.evaluate(async () => {
    const channel = new BroadcastChannel('e2p-vault-default');
    const message = new Promise((resolve) => {
      channel.onmessage = () => resolve('told');
    });
    const user = await harness.openUser({ policyVersion: '1' });
    await user.embedding.set({ space: 'space', values: Float32Array.of(1, 2, 3) });
    return message;
  });
  expect(told).toBe('told');
  const seen = await frame.evaluate(async (secret) => {
    const reach = (work: () => unknown) => {
      try {
        return String(work());
      } catch (error) {
        return (error as Error).name;
      }
    };
    // Chromium refuses storage to such frames altogether; other browsers give them one of their own.
    const databases = await indexedDB.databases().catch(() => []);
    const user = await harness.openUser({ policyVersion: '1' });
    await user.consent.grant('personalise');
    return {
      databases,
      embedding: await user.embedding.get(`space-${secret}`),
      heard: (globalThis as unknown as { heard: unknown[] }).heard,
      parent: reach(() => (parent as unknown as { harness: unknown }).harness),
      document: reach(() => parent.document.body.innerText),
    };
  }, WORD);
  expect(seen).toMatchObject({
    databases: [],
    embedding: undefined,
    heard: [],
    parent: 'SecurityError',
    document: 'SecurityError',
  });
  await expect.poll(() => page.frame('demo')?.url()).toMatch(/^chrome-error/);
});

test('two tabs set the embedding at once: both in the history, and each hears of the other', async ({
  context,
}) => {
  const pages = await Promise.all([context.newPage(), context.newPage()]);
  for (const page of pages) await open(page);
  await fill(pages[0]!, 'x');
  for (const page of pages) {
    await page.evaluate(async () => {
      const user = await harness.openUser({ policyVersion: '1', historyLength: 100 });
      const changes: string[] = [];
      user.subscribe((change) => changes.push(change));
      Object.assign(globalThis, { user, changes });
    });
  }
  const set = (page: Page, first: number) =>
    page.evaluate(async (from) => {
      const { user } = globalThis as unknown as { user: User };
      const values = (i: number) => new Float32Array(512).fill(from + i);
      await Promise.all(
        Array.from({ length: 20 }, (_, i) => user.embedding.set({ space: 'both', values: values(i) })),
      );
    }, first);
  await Promise.all(pages.map((page, tab) => set(page, tab * 100)));
  const heard = (page: Page) =>
    page.evaluate(() => (globalThis as unknown as { changes: string[] }).changes.length);
  for (const page of pages) await expect.poll(() => heard(page)).toBe(40);
  const result = await pages[0]!.evaluate(async () => {
    const user = await harness.openUser({ policyVersion: '1', historyLength: 100 });
    const history = await user.embedding.history('both');
    return {
      found: history.map(({ values }) => [...new Set(values)]).sort((a, b) => a[0]! - b[0]!),
      audit: await user.audit.verify(),
    };
  });
  expect(result.found).toEqual(
    [0, 100].flatMap((first) => Array.from({ length: 20 }, (_, i) => [first + i])),
  );
  expect(result.audit).toMatchObject({ valid: true });
});

test('withdrawn and forgotten in one tab, it is so in the other at once', async ({ context }) => {
  const [one, other] = [await context.newPage(), await context.newPage()];
  for (const page of [one, other]) await open(page);
  await fill(one, 'x');
  await other.evaluate(async () => {
    const user = await harness.openUser({ policyVersion: '1' });
    const values = (await user.embedding.get('space-x'))!.values;
    const told: string[] = [];
    user.attach({
      onChange: async (change) => void told.push(change),
      forget: async () => {
        told.push('forget');
        return [];
      },
    });
    Object.assign(globalThis, {
      told,
      values,
      again: () => user.embedding.get('space-x').catch((e) => e.code),
    });
  });
  const state = () =>
    other.evaluate(async () => {
      const seen = globalThis as unknown as {
        told: string[];
        values: Float32Array;
        again(): Promise<unknown>;
      };
      return { told: seen.told, sum: seen.values.reduce((a, b) => a + b, 0), again: await seen.again() };
    });
  const user = () => harness.openUser({ policyVersion: '1' });
  expect((await state()).sum).toBeGreaterThan(1);
  await one.evaluate(`(${user})().then((user) => user.consent.withdraw('personalise'))`);
  await expect.poll(state).toMatchObject({ told: ['consent'], again: 'consent-required' });
  const report = await one.evaluate(async () => (await harness.openUser({ policyVersion: '1' })).forget());
  expect(report).toMatchObject({ isComplete: true, remaining: [] });
  await expect.poll(state).toEqual({ told: ['consent', 'forget'], sum: 0, again: 'destroyed' });
  expect((await one.evaluate(() => harness.lookBehind('default'))).keys).toEqual([]);
});

test('a passphrase is asked for anew after a reload', async ({ page }) => {
  await open(page);
  await page.evaluate(async () => {
    const user = await harness.openUser({ policyVersion: '1', lock: { passphrase: 'right' } });
    await user.consent.grant('personalise');
  });
  await page.reload();
  await page.waitForFunction(() => 'harness' in globalThis);
  const outcome = await page.evaluate(async () => {
    const codeOf = (error: { code: string }) => error.code;
    const wrong = await harness.openUser({ policyVersion: '1', lock: { passphrase: 'wrong' } }).catch(codeOf);
    const locked = await harness.openUser({ policyVersion: '1' });
    const read = await locked.consent.state().catch(codeOf);
    const before = performance.now();
    await locked.unlock({ passphrase: 'right' });
    return { wrong, read, state: await locked.consent.state(), took: performance.now() - before };
  });
  expect(outcome).toMatchObject({ wrong: 'vault-locked', read: 'vault-locked' });
  expect(outcome.state).toMatchObject({ personalise: { state: 'granted' } });
});

test('a passkey with PRF locks and opens the vault; another authenticator does not', async ({ page }) => {
  await open(page);
  const cdp = await page.context().newCDPSession(page);
  await cdp.send('WebAuthn.enable');
  const authenticator = {
    protocol: 'ctap2',
    ctap2Version: 'ctap2_1',
    transport: 'internal',
    hasResidentKey: true,
    hasUserVerification: true,
    hasPrf: true,
    isUserVerified: true,
    automaticPresenceSimulation: true,
  } as const;
  const { authenticatorId } = await cdp.send('WebAuthn.addVirtualAuthenticator', { options: authenticator });
  const visit = () =>
    page.evaluate(async () => {
      const passkey = harness.webAuthnPasskey({ appName: 'A test' });
      const user = await harness
        .openUser({ policyVersion: '1', lock: { passkey } })
        .catch((e) => String(e.message));
      if (typeof user === 'string') return { error: user };
      const state = (await user.consent.state()).personalise.state;
      await user.consent.grant('personalise');
      await user.close();
      return { lockKind: user.lockKind, state };
    });
  expect(await visit()).toEqual({ lockKind: 'passkey', state: 'unset' });
  await page.reload();
  await page.waitForFunction(() => 'harness' in globalThis);
  expect(await visit()).toEqual({ lockKind: 'passkey', state: 'granted' });
  const without = await page.evaluate(async () => (await harness.openUser({ policyVersion: '1' })).isLocked);
  expect(without).toBe(true);
  await cdp.send('WebAuthn.removeVirtualAuthenticator', { authenticatorId });
  await cdp.send('WebAuthn.addVirtualAuthenticator', { options: authenticator });
  expect(await visit()).toEqual({ error: 'the passkey was not given: NotAllowedError' });
});

test('an authenticator without PRF is refused, and nothing is left behind', async ({ page }) => {
  await open(page);
  const cdp = await page.context().newCDPSession(page);
  await cdp.send('WebAuthn.enable');
  await cdp.send('WebAuthn.addVirtualAuthenticator', {
    options: {
      protocol: 'ctap2',
      transport: 'internal',
      hasResidentKey: true,
      hasUserVerification: true,
      isUserVerified: true,
      automaticPresenceSimulation: true,
    },
  });
  const code = await page.evaluate(async () => {
    const passkey = harness.webAuthnPasskey({ appName: 'A test' });
    return harness.openUser({ policyVersion: '1', lock: { passkey } }).catch((e) => e.code);
  });
  expect(code).toBe('unsupported-device');
  expect((await page.evaluate(() => harness.lookBehind('default'))).keys).toEqual([]);
});

for (const [how, block] of [
  [
    'refuses to open',
    () => {
      IDBFactory.prototype.open = () => {
        throw new DOMException('denied', 'SecurityError');
      };
    },
  ],
  [
    'opens and refuses to write',
    () => {
      IDBObjectStore.prototype.put = () => {
        throw new DOMException('denied', 'DataCloneError');
      };
    },
  ],
  ['does not exist', () => Object.defineProperty(globalThis, 'indexedDB', { value: undefined })],
] as const) {
  test(`where IndexedDB ${how}, the vault is in memory and says so`, async ({ page }) => {
    await page.addInitScript(block);
    await open(page);
    const outcome = await page.evaluate(async () => {
      const user = await harness.openUser({ policyVersion: '1', retention: { embedding: 60_000 } });
      await user.consent.grant('personalise');
      await user.embedding.set({ space: 's', values: Float32Array.of(1) });
      const { persistent, warning } = user;
      return { persistent, warning, value: (await user.embedding.get('s'))?.values[0] };
    });
    expect(outcome).toMatchObject({ persistent: false, value: 1 });
    expect(outcome.warning).toMatch(/keeps nothing .*until the page closes/);
  });
}

test(`a writer killed ${KILLS} times in the middle of a write: the old value or the new one, and a whole log`, async ({
  page,
}) => {
  await open(page);
  await page.evaluate(async () => {
    const user = await harness.openUser({ policyVersion: '1', name: 'killed' });
    await user.consent.grant('personalise');
    await user.close();
  });
  let between = 0;
  for (let kill = 0; kill < KILLS; kill++) {
    const start = 1 + kill * 1_000;
    const result = await page.evaluate(
      ([s, wait]) => harness.killWriter(s!, wait!),
      [start, (kill * 7) % 40],
    );
    expect(result.length).toBe(4_096);
    expect(result.stored).toHaveLength(1);
    // Its last words may still be on their way when the worker dies: at least what it said is done, at most one more than begun.
    expect(result.stored[0]).toBeGreaterThanOrEqual(result.done);
    expect(result.stored[0]).toBeLessThan(start + 1_000);
    expect(result.audit).toMatchObject({ valid: true });
    if (result.begun > result.done) between++;
  }
  // Else the test has not met what it is about.
  expect(between).toBeGreaterThan(KILLS / 5);
});

test('killed during the very first opening, the vault opens the next time', async ({ page }) => {
  await open(page);
  expect(await page.evaluate((steps) => harness.killOpeners(steps), KILLS)).toEqual({ opened: KILLS });
});

test('two tabs that open a vault first, at once, both have it: the same vault, with or without a passphrase', async ({
  context,
}) => {
  const [a, b] = [await context.newPage(), await context.newPage()];
  await open(a);
  await open(b);
  const times = 10;
  const openAll = (page: Page) =>
    page.evaluate(async (count) => {
      const outcomes: string[] = [];
      for (let i = 0; i < count; i++) {
        const lock = i % 2 === 0 ? { lock: { passphrase: 'the same' } } : {};
        const user = await harness
          .openUser({ policyVersion: '1', name: `first-${i}`, ...lock })
          .catch((e) => e);
        outcomes.push(user.code ?? (user.isLocked ? 'locked' : 'open'));
        // So that both are at the same one.
        await new Promise((resolve) => setTimeout(resolve, 1_000 - (Date.now() % 1_000)));
      }
      return outcomes;
    }, times);
  expect(await Promise.all([openAll(a), openAll(b)])).toEqual([
    new Array(times).fill('open'),
    new Array(times).fill('open'),
  ]);
});

test('a database connection that the browser dropped without a word is made anew', async ({ page }) => {
  await open(page);
  const values = await page.evaluate(async () => {
    const user = await harness.openUser({ policyVersion: '1' });
    await user.consent.grant('personalise');
    // Closed behind the library's back, as Safari does.
    const { transaction } = IDBDatabase.prototype;
    IDBDatabase.prototype.transaction = function (...args) {
      IDBDatabase.prototype.transaction = transaction;
      this.close();
      return transaction.apply(this, args);
    };
    await user.embedding.set({ space: 's', values: Float32Array.of(7) });
    return [...(await user.embedding.get('s'))!.values];
  });
  expect(values).toEqual([7]);
});
