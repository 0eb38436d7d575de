import { afterEach, describe, expect, it, vi } from 'vitest';
import { command } from './csp.ts';

afterEach(() => vi.restoreAllMocks());

async function output(...args: string[]): Promise<string> {
  const log = vi.spyOn(console, 'log').mockImplementation(() => {});
  await command.run(args);
  return log.mock.calls.flat().join('\n');
}

describe('e2p csp', () => {
  it('prints all policies, with the hosts that models come from', async () => {
    const { page, loader, engine, frameScript } = JSON.parse(
      await output('--format', 'json', '--model', 'https://huggingface.co/'),
    );
    expect(page).toMatch(/^default-src 'none'; .*connect-src 'self' https:\/\/huggingface.co;/);
    expect(page).toContain(frameScript);
    expect(loader).toMatch(/connect-src 'self' https:\/\/huggingface.co$/);
    expect(engine).toBe("default-src 'none'; script-src 'wasm-unsafe-eval'");
  });

  it('as a server wants them', async () => {
    expect(await output('--format', 'headers')).toMatch(
      /^\/\*\n {2}Content-Security-Policy: default-src 'none'/,
    );
    expect(await output('--format', 'nginx', '--loader', '/assets/loader-*.js')).toContain(
      'location ~ ^/assets/loader-[^/]*\\.js$',
    );
    expect(await output()).toMatch(
      /In a page's own policy: script-src 'sha256-[^']+' 'wasm-unsafe-eval'; worker-src blob:$/,
    );
  });

  it.each([
    [['--model', "https://a.b; script-src 'self'"], /--model is ".*", expected an origin/],
    [['--model', 'https://a.b/path'], /expected an origin/],
    [['--model', 'ftp://a.b'], /expected an origin/],
    [['--format', 'xml'], /--format is "xml", expected one of text, json/],
    [['--engine', 'engine.js'], /expected a path/],
    [['please'], /found 1 argument without an option name, expected options only/],
  ])('refuses %j', async (args, message) => {
    await expect(command.run(args)).rejects.toThrow(message);
  });
});
