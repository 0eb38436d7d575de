import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { dirname, join, normalize } from 'node:path';
import { fileURLToPath } from 'node:url';
import { describe, expect, it } from 'vitest';

const root = fileURLToPath(new URL('..', import.meta.url));
const read = (path: string) => readFileSync(join(root, path), 'utf8');
const pages = ['README.md', 'CONTRIBUTING.md', 'SECURITY.md'].concat(
  readdirSync(join(root, 'docs'), { recursive: true, encoding: 'utf8' })
    .filter((path) => path.endsWith('.md'))
    .map((path) => join('docs', path)),
);
/** As GitHub makes them of headings. */
const anchorsOf = (text: string) =>
  [...text.matchAll(/^#+ (.*)$/gm)].map(([, heading]) =>
    heading!
      .toLowerCase()
      .replaceAll(/[^\p{L}\p{N} _-]/gu, '')
      .replaceAll(' ', '-'),
  );

describe('the documentation', () => {
  it.each(pages)('%s links to what is there', (page) => {
    const links = [...read(page).matchAll(/\]\(([^)\s]+)\)/g)].map(([, link]) => link!);
    const broken = links.filter((link) => {
      if (/^[a-z]+:/.test(link)) return false;
      const [path, anchor] = link.split('#');
      const target = path === '' ? page : normalize(join(dirname(page), path!));
      if (!existsSync(join(root, target))) return true;
      return anchor !== undefined && !anchorsOf(read(target)).includes(anchor);
    });
    expect(broken).toEqual([]);
  });

  it('has no figure in docs/choose-a-model.md that is not in the page it names', () => {
    const rows = [
      ...read('docs/choose-a-model.md').matchAll(/^\|[^|]*\|(.*)\|[^|]*\((results\/[^)]*)\) \|$/gm),
    ];
    expect(rows.length).toBeGreaterThan(8);
    for (const [, cells, page] of rows) {
      const found = read(`docs/${page}`).match(/\d+(\.\d+)?/g);
      for (const [figure] of cells!.matchAll(/\d+(\.\d+)?/g))
        expect([page, found]).toEqual([page, expect.arrayContaining([figure])]);
    }
  });

  it('says of each error code what to do', () => {
    const [, codes = ''] = /export type E2PErrorCode =([^;]*);/.exec(read('src/error.ts')) ?? [];
    const named = [...codes.matchAll(/'([^']+)'/g)].map(([, code]) => code);
    const listed = [...read('docs/errors.md').matchAll(/^\| `([^`]+)` \|/gm)].map(([, code]) => code);
    expect(listed.toSorted()).toEqual(named.toSorted());
  });
});
