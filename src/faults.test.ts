/** The table of faults is a promise: each row names a test that exists. */
import { readdirSync, readFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { expect, it } from 'vitest';

const root = fileURLToPath(new URL('..', import.meta.url));
const read = (path: string) => readFileSync(root + path, 'utf8');

it('each row of docs/results/faults.md names a test', () => {
  const tests = [
    ...readdirSync(`${root}e2e`).map((name) => `e2e/${name}`),
    ...readdirSync(`${root}src`, { recursive: true, encoding: 'utf8' }).map((name) => `src/${name}`),
  ]
    .filter((path) => /\.(test|spec)\.ts$/.test(path) && !path.endsWith('faults.test.ts'))
    .map(read)
    .join('\n');
  const rows = read('docs/results/faults.md')
    .split('\n')
    .filter((line) => /^\| (?!fault|-)/.test(line));
  expect(rows.length).toBeGreaterThan(20);
  for (const row of rows) {
    const title = /`([^`]+)` \|$/.exec(row)?.[1];
    // Titles made from a table have the varying part in braces.
    const fixed = title
      ?.replace(/^(tab closed at) .*/, '$1')
      .replace(/^(a server that answers with) .*/, '$1');
    expect(fixed, row).toBeDefined();
    expect(tests.includes(fixed!), row).toBe(true);
  }
});
