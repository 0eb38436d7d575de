/**
 * What a model in WASM loses by int8 weights: the likelihood of texts with its weights as stored and converted. `npm run bench int8` writes
 * docs/results/int8.json and .md.
 */
import { readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { cpus } from 'node:os';
import { basename } from 'node:path';
import { openBenchPage, serveFolder } from './chromium-page.ts';
import { int8Page, type TextScore } from './int8-results.ts';
import type { Bench } from './page/page.ts';

declare const bench: Bench;

const FOLDER = '../shared/models/smollm2-135m-instruct';
const DIALOGUES = '../shared/data/synthetic-persona-chat/valid.jsonl';
const WINDOW = 256;
const TEXTS = 8;

export async function benchInt8(args: readonly string[]): Promise<void> {
  const folder = args[0] ?? FOLDER;
  const name = serveFolder(folder);
  const texts = [...dialogues(), ...documentation()];
  await using chromium = await openBenchPage();
  const { page } = chromium;
  const open = (isInt8: boolean) =>
    page.evaluate(([n, i]) => bench.openForLikelihood(n, i), [name, isInt8] as const);
  const scoreAll = async () => {
    const ids = await page.evaluate(
      (t) => bench.encodeTexts(t),
      texts.map(({ text }) => text),
    );
    const scores: number[][] = [];
    for (const some of ids) scores.push(await page.evaluate((i) => bench.scoreIds(i), some.slice(0, WINDOW)));
    return scores;
  };
  const first = await open(true);
  const again = await open(true);
  const int8 = await scoreAll();
  await open(false);
  const stored = await scoreAll();
  const results = {
    ...{ model: basename(folder), chromium: chromium.version, window: WINDOW, load: { first, again } },
    processor: `${cpus().length} cores, ${cpus()[0]?.model.trim()}`,
    texts: texts.map(({ kind }, i): TextScore => {
      const nats = (scores: readonly number[]) => Number((-scores.reduce((a, b) => a + b, 0)).toFixed(3));
      const apart = int8[i]!.filter((score, at) => Math.abs(score - stored[i]![at]!) > 1).length;
      return { kind, tokens: int8[i]!.length, stored: nats(stored[i]!), int8: nats(int8[i]!), apart };
    }),
  };
  writeFileSync('docs/results/int8.json', `${JSON.stringify(results, null, 1)}\n`);
  writeFileSync('docs/results/int8.md', int8Page(results));
  console.log(int8Page(results));
}

type Text = Pick<TextScore, 'kind'> & { readonly text: string };

function dialogues(): Text[] {
  const lines = readFileSync(DIALOGUES, 'utf8').split('\n').slice(0, TEXTS);
  return lines.map((line) => {
    const { turns } = JSON.parse(line) as { turns: readonly { speaker: number; text: string }[] };
    return {
      kind: 'dialogue',
      text: turns.map(({ speaker, text }) => `${'AB'[speaker]}: ${text}`).join('\n'),
    };
  });
}

function documentation(): Text[] {
  const names = readdirSync('docs')
    .filter((file) => file.endsWith('.md'))
    .sort()
    .slice(0, TEXTS);
  return names.map((file) => ({ kind: 'documentation', text: readFileSync(`docs/${file}`, 'utf8') }));
}
