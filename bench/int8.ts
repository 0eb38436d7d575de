/**
 * What a model on a CPU loses by int8 weights: the likelihood of texts, and in Node the greedy answers behind long prompts too. Writes docs/results/int8.json and .md.
 *
 *   npm run bench int8 [-- <model folder>]   Node: as stored, by floats, as int8; a few minutes of one core
 *   --chromium       WASM in Chromium: as stored and as int8
 *   --least          one short text and prompt, nothing written: whether it runs
 */
import { readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { cpus } from 'node:os';
import { basename } from 'node:path';
import { parseArgs } from 'node:util';
import { openBenchPage, serveFolder } from './chromium-page.ts';
import { int8InNode } from './int8-node.ts';
import {
  type Int8InChromium,
  type Int8InNode,
  type Int8Results,
  int8Page,
  nats,
  type Text,
} from './int8-results.ts';
import type { Bench } from './page/page.ts';

declare const bench: Bench;

const FOLDER = '../shared/models/smollm2-135m-instruct';
const DIALOGUES = '../shared/data/synthetic-persona-chat/valid.jsonl';
const WINDOW = 256;
const TEXTS = 8;
/** Of each kind, three ways. */
const NODE_TEXTS = 4;
const JSON_FILE = 'docs/results/int8.json';

export async function benchInt8(args: readonly string[]): Promise<void> {
  const { values, positionals } = parseArgs({
    args: [...args],
    allowPositionals: true,
    options: { chromium: { type: 'boolean', default: false }, least: { type: 'boolean', default: false } },
  });
  const folder = positionals[0] ?? FOLDER;
  const about = {
    ...{ model: basename(folder), window: WINDOW },
    processor: `${cpus().length} cores, ${cpus()[0]?.model.trim()}`,
  };
  const keep = (found: Int8Results) => {
    const results = { ...JSON.parse(readFileSync(JSON_FILE, 'utf8')), ...found };
    if (values.least) return console.log(int8Page(results));
    writeFileSync(JSON_FILE, `${JSON.stringify(results, null, 1)}\n`);
    writeFileSync('docs/results/int8.md', int8Page(results));
    console.log(int8Page(results));
  };
  if (values.chromium) return keep({ chromium: { ...about, ...(await inChromium(folder, textsOf(TEXTS))) } });
  const ofNode = (found: Omit<Int8InNode, keyof typeof about>) => keep({ node: { ...about, ...found } });
  const plan = { window: WINDOW, isLeast: values.least, keep: ofNode };
  ofNode(await int8InNode(folder, { ...plan, texts: textsOf(NODE_TEXTS) }));
}

async function inChromium(
  folder: string,
  texts: readonly Text[],
): Promise<Pick<Int8InChromium, 'chromium' | 'load' | 'texts'>> {
  const name = serveFolder(folder);
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
  return {
    ...{ chromium: chromium.version, load: { first, again } },
    texts: texts.map(({ kind }, i) => {
      const apart = int8[i]!.filter((score, at) => Math.abs(score - stored[i]![at]!) > 1).length;
      return { kind, tokens: int8[i]!.length, stored: nats(stored[i]!), int8: nats(int8[i]!), apart };
    }),
  };
}

/** So many of each kind. */
const textsOf = (count: number) => [...dialogues(count), ...documentation(count)];

function dialogues(count: number): Text[] {
  const lines = readFileSync(DIALOGUES, 'utf8').split('\n').slice(0, count);
  return lines.map((line) => {
    const { turns } = JSON.parse(line) as { turns: readonly { speaker: number; text: string }[] };
    const text = turns.map(({ speaker, text }) => `${'AB'[speaker]}: ${text}`).join('\n');
    return { kind: 'dialogue', text };
  });
}

function documentation(count: number): Text[] {
  const names = readdirSync('docs')
    .filter((file) => file.endsWith('.md'))
    .sort()
    .slice(0, count);
  return names.map((name) => ({
    kind: 'documentation',
    text: readFileSync(`docs/${name}`, 'utf8'),
  }));
}
