/**
 * What a model on a CPU loses by int8 weights: the likelihood of texts with its weights as stored and converted, in Chromium's WASM and in Node. `npm run bench int8`
 * writes docs/results/int8.json and .md.
 */
import { readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { cpus } from 'node:os';
import { basename } from 'node:path';
import { Decoder } from '../src/generate/decoder.ts';
import { loadBaseModel } from '../src/model/base-model.ts';
import { createRuntime } from '../src/node.ts';
import { createFolderSource } from '../src/storage/folder-source.ts';
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
  const inNode = await scoreInNode(
    folder,
    texts.map(({ text }) => text),
  );
  const results = {
    ...{ model: basename(folder), chromium: chromium.version, window: WINDOW, load: { first, again } },
    processor: `${cpus().length} cores, ${cpus()[0]?.model.trim()}`,
    texts: texts.map(({ kind }, i): TextScore => {
      const apart = int8[i]!.filter((score, at) => Math.abs(score - stored[i]![at]!) > 1).length;
      const node = {
        exact: nats(inNode.exact[i]!),
        stored: nats(inNode.stored[i]!),
        int8: nats(inNode.int8[i]!),
      };
      return { kind, tokens: int8[i]!.length, stored: nats(stored[i]!), int8: nats(int8[i]!), apart, node };
    }),
  };
  writeFileSync('docs/results/int8.json', `${JSON.stringify(results, null, 1)}\n`);
  writeFileSync('docs/results/int8.md', int8Page(results));
  console.log(int8Page(results));
}

const nats = (scores: Iterable<number>) =>
  Number([...scores].reduce((sum, score) => sum - score, 0).toFixed(3));

/** Of each text, by floats, by the file's own weights with activations rounded as it asks for, and by int8 weights. */
async function scoreInNode(folder: string, texts: readonly string[]) {
  const { read, open, name } = createFolderSource(folder);
  const runtime = createRuntime();
  // Without a place to keep the int8 weights: they are made in memory.
  const load = (isInt8: boolean) =>
    loadBaseModel({ source: { name, read, open: open! }, dtypes: ['q4'], int8: async () => isInt8 });
  const scores = async (isInt8: boolean, isExact: boolean) => {
    const model = await load(isInt8);
    const decoder = await Decoder.create(model, runtime, isExact);
    const found: Float64Array[] = [];
    for (const text of texts) {
      found.push(await decoder.score({ ids: model.codec.encode(text).slice(0, WINDOW) }, 1));
    }
    await decoder.release();
    return found;
  };
  return {
    exact: await scores(false, true),
    stored: await scores(false, false),
    int8: await scores(true, false),
  };
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
