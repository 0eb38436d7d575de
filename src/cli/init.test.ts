import { mkdirSync, mkdtempSync, readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import { command as generate } from './generate.ts';
import { command } from './init.ts';

const root = fileURLToPath(new URL('../../', import.meta.url));
let folder: string;
let said: string;
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'e2p-init-'));
  said = '';
  vi.spyOn(console, 'log').mockImplementation((line) => {
    said += line;
  });
});
afterEach(() => {
  vi.restoreAllMocks();
});

describe('e2p init', () => {
  it("writes the README's first code and what it needs, into a new folder", async () => {
    const app = join(folder, 'new', 'My App');
    await command.run([app]);
    const read = (name: string) => readFileSync(join(app, name), 'utf8');
    expect(readdirSync(app).toSorted()).toEqual([
      ...['index.html', 'package.json', 'src', 'users.jsonl', 'vite.config.js'],
    ]);
    expect(readdirSync(join(app, 'src'))).toEqual(['headlines.js', 'main.js']);
    const [, code] = /```js\n(.*?)```/s.exec(readFileSync(join(root, 'README.md'), 'utf8'))!;
    expect(read('src/headlines.js')).toBe(code);
    const { version, files } = JSON.parse(readFileSync(join(root, 'package.json'), 'utf8'));
    expect(JSON.parse(read('package.json'))).toMatchObject({
      ...{ name: 'my-app', private: true, scripts: { dev: 'vite' } },
      dependencies: { 'e2p-web': `^${version}` },
    });
    expect(files).toContain('examples/vite');
  });

  it('says three things to do next, the last of which works', async () => {
    await command.run([folder]);
    const [, first, second, third] = /\n\n(.*)\n(.*)\n(.*)$/.exec(said)!;
    expect([first, second]).toEqual([`cd ${folder} && npm install`, 'npm run dev']);
    const [, options, prompt] = /npx e2p generate (.*) --prompt '(.*)'$/.exec(third!)!;
    const installed = (text: string) =>
      text.replace('node_modules/e2p-web/', root).replace('users.jsonl', join(folder, 'users.jsonl'));
    said = '';
    await generate.run([...options!.split(' ').map(installed), '--prompt', prompt!, '--json']);
    expect(JSON.parse(said)).toMatchObject({ softTokens: 1, text: expect.stringMatching(/\w/) });
  });

  it('takes an empty folder, a repository too, and no other', async () => {
    mkdirSync(join(folder, '.git'));
    await command.run([folder]);
    await expect(command.run([folder])).rejects.toThrow(/has files, expected a new or an empty folder/);
    const file = join(folder, 'note');
    writeFileSync(file, '');
    await expect(command.run([file])).rejects.toThrow(
      /note.index\.html could not be written: a part of its path is a file/,
    );
    await expect(command.run(['a', 'b'])).rejects.toThrow(/expected at most one \[folder\]/);
  });

  it('takes the folder it is in', async () => {
    vi.spyOn(process, 'cwd').mockReturnValue(folder);
    await command.run([folder]);
    expect(said).toMatch(/\n\nnpm install\n/);
  });
});
