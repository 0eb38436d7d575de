/** What `npm run release` lets through, in a clone of its own: nothing is published or tagged. */
import { spawnSync } from 'node:child_process';
import { copyFileSync, mkdtempSync, readFileSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { beforeEach, describe, expect, it } from 'vitest';
// @ts-expect-error A script of plain JavaScript.
import { contentFaults, releaseFaults } from '../scripts/check-release.mjs';

const root = fileURLToPath(new URL('..', import.meta.url));
const FILES = ['package.json', 'package-lock.json', 'CHANGELOG.md', 'CITATION.cff'];
const manifest = JSON.parse(readFileSync(join(root, 'package.json'), 'utf8'));
let folder: string;
const git = (...args: string[]) => {
  const me = ['-c', 'user.name=Test', '-c', 'user.email=test@example.org'];
  const { status, stderr } = spawnSync('git', [...me, ...args], { cwd: folder, encoding: 'utf8' });
  if (status !== 0) throw new Error(stderr);
};
const change = (file: string, from: string | RegExp, to: string) => {
  const path = join(folder, file);
  writeFileSync(path, readFileSync(path, 'utf8').replace(from, to));
  git('commit', '--quiet', '--all', '--message', 'change');
};

describe('a release', () => {
  beforeEach(() => {
    folder = mkdtempSync(join(tmpdir(), 'e2p-release-'));
    for (const file of FILES) copyFileSync(join(root, file), join(folder, file));
    git('init', '--quiet');
    git('add', '.');
    git('commit', '--quiet', '--message', 'all');
  });

  it('may be made of a clean tree with one version everywhere', () => {
    expect(releaseFaults(folder)).toEqual([]);
  });

  it('is not made of what is not committed, nor twice', () => {
    writeFileSync(join(folder, 'note'), '');
    expect(releaseFaults(folder).join()).toMatch(/not committed:\n\?\? note/);
    git('add', '.');
    git('commit', '--quiet', '--message', 'note');
    git('tag', `v${manifest.version}`);
    expect(releaseFaults(folder).join()).toMatch(/is tagged already/);
  });

  it('is not made where a file has another version, or the changelog nothing to say', () => {
    change('package.json', /"version": "[^"]*"/, '"version": "9.8.7"');
    const faults: string[] = releaseFaults(folder);
    expect(faults).toEqual([
      expect.stringContaining('CHANGELOG.md has no text under ## 9.8.7'),
      expect.stringContaining('CITATION.cff has version'),
      expect.stringContaining('package-lock.json has version'),
    ]);
    change('CHANGELOG.md', '## ', '## 9.8.7\n\n## ');
    expect(releaseFaults(folder)).toEqual(faults);
    change('CHANGELOG.md', '## 9.8.7\n', '## 9.8.7\n\nNew.\n');
    expect(releaseFaults(folder)).toEqual(faults.slice(1));
  });

  it('is not made where its provenance would say nothing', () => {
    change('package.json', '"provenance": true', '"provenance": false');
    expect(releaseFaults(folder).join()).toMatch(/publishConfig/);
  });

  it('has each entry, and nothing that does not belong', () => {
    const entries = Object.values(manifest.exports).flatMap((each) =>
      typeof each === 'string' ? [] : Object.values(each as object),
    );
    const named = [...entries, manifest.bin.e2p].map((path: string) => path.replace(/^\.\//, ''));
    const needed = ['README.md', 'LICENSE', 'CHANGELOG.md', 'sealed/LICENSES.txt', 'package.json', ...named];
    const files = needed.map((path) => ({ path }));
    const sizes = { size: 1, unpackedSize: 1 };
    expect(contentFaults({ files, ...sizes }, manifest)).toEqual([]);
    const some = files.filter(({ path }) => path !== 'dist/js/train.js');
    const more = ['dist/js/a.test.js', 'public/models/e2p-tiny/onnx/model.onnx', 'examples/vite/.env'];
    const all = [...some, ...more.map((path) => ({ path }))];
    expect(contentFaults({ files: all, size: 1e9, unpackedSize: 1 }, manifest)).toEqual([
      'dist/js/train.js is not in the package',
      ...more.map((path) => `${path} is in the package`),
      expect.stringContaining('size is 1000000000 bytes'),
    ]);
  });
});
