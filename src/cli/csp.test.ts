import { afterEach, describe, expect, it, vi } from 'vitest';
import { command } from './csp.ts';

afterEach(() => vi.restoreAllMocks());

async function output(...args: string[]): Promise<string> {
  const log = vi.spyOn(console, 'log').mockImplementation(() => {});
  await command.run(args);
  return log.mock.calls.flat().join('\n');
}

describe('e2p csp', () => {
  it('prints both policies, with the hosts that models come from', async () => {
    const { page, worker } = JSON.parse(
      await output('--format', 'json', '--model', 'https://huggingface.co/'),
    );
    expect(page).toMatch(/^default-src 'none'; .*connect-src 'self' https:\/\/huggingface.co;/);
    expect(worker).toBe(
      "default-src 'none'; script-src 'wasm-unsafe-eval'; connect-src 'self' https://huggingface.co",
    );
  });

  it('as a server wants them', async () => {
    expect(await output('--format', 'headers')).toMatch(
      /^\/\*\n {2}Content-Security-Policy: default-src 'none'/,
    );
    expect(await output('--format', 'nginx')).toContain('location ~ ^/assets/engine-worker-[^/]*\\.js$');
    expect(await output('--threads')).toMatch(
      /worker: .*script-src 'wasm-unsafe-eval'; .*; worker-src 'self'$/,
    );
  });

  it.each([
    [['--model', "https://a.b; script-src 'self'"], /--model is ".*", expected an origin/],
    [['--model', 'https://a.b/path'], /expected an origin/],
    [['--model', 'ftp://a.b'], /expected an origin/],
    [['--format', 'xml'], /--format is "xml", expected one of text, json/],
    [['--worker', 'engine.js'], /expected a path/],
    [['please'], /found 1 argument without an option name, expected options only/],
  ])('refuses %j', async (args, message) => {
    await expect(command.run(args)).rejects.toThrow(message);
  });
});
