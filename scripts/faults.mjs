/**
 * `docs/results/faults.md`: what was broken on purpose, and what then happens. Each row names tests, and what the runners said of them in
 * the last `npm test` decides: a row whose tests did not run, or did not pass, is no row. `node scripts/faults.mjs` writes the page.
 */
import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { root } from './setup.mjs';

const PAGE = join(root, 'docs/results/faults.md');
const ROWS = join(root, 'docs/results/faults.json');

/** @returns what is wrong: rows without a test that passed, or a page that is not what the rows make. */
export function checkFaults(tests) {
  const passed = tests.filter((test) => test.passed).map(({ title }) => title);
  const rows = readRows();
  const unproven = rows
    .filter(({ test }) => !passed.some((title) => title.includes(test)))
    .map(({ fault, test }) => `no test with "${test}" in its title has passed: ${fault}`);
  const isCurrent = readFileSync(PAGE, 'utf8') === pageOf(rows);
  return [...unproven, ...(isCurrent ? [] : [`${PAGE} is not what ${ROWS} makes: node scripts/faults.mjs`])];
}

const readRows = () => JSON.parse(readFileSync(ROWS, 'utf8'));

const pageOf = (rows) => `# Faults, tried

\`node scripts/faults.mjs\` wrote this page from [faults.json](faults.json). Each row is a test with that text in its title, in real Chromium or in Node.
\`npm test\` looks for it among the tests that *passed* in that run, and fails where there is none.

| fault | what the person sees | what is kept | test |
| --- | --- | --- | --- |
${rows.map(({ fault, sees, kept, test }) => `| ${fault} | ${sees} | ${kept} | \`${test}\` |`).join('\n')}
`;

if (process.argv[1]?.endsWith('faults.mjs')) writeFileSync(PAGE, pageOf(readRows()));
