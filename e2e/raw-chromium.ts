/**
 * Chromium without Playwright's hands on its pages: Playwright keeps each page visible and focused, and such a page is never frozen. Commands
 * go through a pipe: https://chromedevtools.github.io/devtools-protocol/
 */
import { spawn } from 'node:child_process';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { Readable, Writable } from 'node:stream';
import { chromium } from '@playwright/test';
import { chromiumPath, launchOptions } from './chromium.ts';

export interface RawPage extends AsyncDisposable {
  send(method: string, params?: object): Promise<unknown>;
  evaluate<A, R>(work: (argument: A) => R | Promise<R>, argument: A): Promise<R>;
}

interface Answer {
  readonly id?: number;
  readonly result?: unknown;
  readonly error?: { readonly message: string };
}

export async function openRawPage(url: string): Promise<RawPage> {
  const profile = await mkdtemp(join(tmpdir(), 'e2p-raw-'));
  const args = ['--headless=new', '--remote-debugging-pipe', `--user-data-dir=${profile}`, 'about:blank'];
  const child = spawn(chromiumPath() ?? chromium.executablePath(), [...launchOptions().args!, ...args], {
    stdio: ['ignore', 'ignore', 'ignore', 'pipe', 'pipe'],
  });
  const [into, from] = [child.stdio[3] as Writable, child.stdio[4] as unknown as Readable];
  const pending = new Map<number, (answer: Answer) => void>();
  let [next, rest] = [1, ''];
  from.on('data', (bytes) => {
    const messages = `${rest}${bytes}`.split('\0');
    rest = messages.pop()!;
    for (const text of messages) {
      const answer = JSON.parse(text) as Answer;
      pending.get(answer.id ?? 0)?.(answer);
    }
  });
  const call = async (method: string, params: object = {}, sessionId?: string): Promise<unknown> => {
    const id = next++;
    const { result, error } = await new Promise<Answer>((resolve) => {
      pending.set(id, resolve);
      into.write(`${JSON.stringify({ id, method, params, sessionId })}\0`);
    });
    if (error !== undefined) throw new Error(`${method}: ${error.message}`);
    return result;
  };
  const { targetId } = (await call('Target.createTarget', { url: 'about:blank' })) as {
    readonly targetId: string;
  };
  const { sessionId } = (await call('Target.attachToTarget', { targetId, flatten: true })) as {
    readonly sessionId: string;
  };
  const send = (method: string, params?: object) => call(method, params, sessionId);
  await send('Page.enable');
  await send('Page.navigate', { url });
  return {
    send,
    evaluate: async <A, R>(work: (argument: A) => R | Promise<R>, argument: A) => {
      const expression = `(${work})(${JSON.stringify(argument)})`;
      const options = { expression, awaitPromise: true, returnByValue: true };
      const { result, exceptionDetails } = (await send('Runtime.evaluate', options)) as {
        readonly result: { readonly value: R };
        readonly exceptionDetails?: { readonly exception?: { readonly description?: string } };
      };
      if (exceptionDetails !== undefined) throw new Error(exceptionDetails.exception?.description);
      return result.value;
    },
    [Symbol.asyncDispose]: async () => {
      const gone = new Promise((resolve) => child.once('exit', resolve));
      child.kill();
      await gone;
      await rm(profile, { recursive: true, force: true, maxRetries: 5 });
    },
  };
}
