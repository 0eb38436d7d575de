/**
 * `bench generate` on WASM in Chromium, one thread: ours with int8 weights or the file's own, against Transformers.js on the same file and, where its
 * GGUF twin is at hand, wllama, in turn in one page. Wall time, since a page knows no other; rounds are few, as one may take minutes. And what a
 * step asks of WebGPU, where counts are sound without a GPU.
 */
import { mkdirSync, writeFileSync } from 'node:fs';
import { basename, dirname, join } from 'node:path';
import { createRuntime, loadModel } from '../src/node.ts';
import { openBenchPage, SERVED, serveFolder } from './chromium-page.ts';
import { IN_CHROMIUM, MAX_TOKENS, PARITY_TOKENS, SAMPLINGS, SHORT_IN_CHROMIUM } from './generate-plan.ts';
import { tell } from './generate-ratio.ts';
import { type KeepSpeed, noteMeasured, type Pair, type StepCost, type Who } from './generate-results.ts';
import { inTurn, isSameText, type Measured, pairsOf, parityOf } from './generate-sides.ts';
import { startsInChromium } from './generate-start.ts';
import { writeInt8Folder } from './int8-folder.ts';
import { oneTokenProjector } from './one-token-projector.ts';
import type { Weights } from './page/generate.ts';
import type { Bench } from './page/page.ts';

declare const bench: Bench;

/** Prompt tokens, and tokens of the answer: all of them are waited for once. */
const PROMPTS = [
  [16, 1],
  [128, MAX_TOKENS],
  [512, 1],
] as const;
const USUAL = 128;

interface HowInChromium {
  readonly weights: Weights;
  readonly gguf: string | undefined;
  /** Whether Transformers.js is given weights as int8, too. */
  readonly isPeerInt8: boolean;
}

export async function generateInChromium(
  folder: string,
  keep: KeepSpeed,
  { weights, gguf, isPeerInt8 }: HowInChromium,
): Promise<void> {
  const measured = noteMeasured();
  const name = await serveWithProjector(folder);
  const peerName = isPeerInt8 ? serveFolder(await writeInt8Folder(folder)) : name;
  const twin = gguf && `/${serveFolder(dirname(gguf))}/${basename(gguf)}`;
  await using chromium = await openBenchPage({ isIsolated: false });
  const { page, version } = chromium;
  console.log(
    name,
    'until ours is there, ms:',
    await page.evaluate((a) => bench.openSides(...a), [name, weights, peerName] as const),
  );
  const ask = (who: Who, content: string, tokens: number) =>
    page.evaluate(([w, c, t]) => bench.answer(w, c, t), [who, content, tokens] as const);
  const contentOf = (tokens: number) => page.evaluate((t) => bench.contentOf(t), tokens);
  const usual = (await contentOf(USUAL))!;
  const own = await ask('ours', usual, PARITY_TOKENS);
  const parity = parityOf(USUAL, own, await ask('theirs', usual, PARITY_TOKENS));
  console.log(name, parity);
  if (weights === 'as-stored' && parity.same < parity.of) throw new Error(`${name}: other ids than theirs`);
  const pairs: Pair[] = [];
  for (const [tokens, maxTokens] of PROMPTS) {
    const content = await contentOf(tokens);
    if (content === undefined) continue;
    const [ours, theirs] = await inTurn(
      (['ours', 'theirs'] as const).map((who) => () => ask(who, content, maxTokens)),
      IN_CHROMIUM,
    );
    const isSame = isSameText(ours![0]!.ids, theirs![0]!.ids);
    const about = { kind: 'peer', tokens, isSame } as const;
    pairs.push(...pairsOf(about, ours!, theirs!, maxTokens === 1 ? ['first'] : undefined));
    tell(name, parity, pairs.at(-1)!);
  }
  const short = (await contentOf(16))!;
  const [greedy, ...sampled] = await inTurn(
    (['greedy', ...Object.keys(SAMPLINGS)] as (keyof typeof SAMPLINGS)[]).map(
      (what) => () => page.evaluate(([c, w]) => bench.sample(c, w), [short, what] as const),
    ),
    weights === 'int8' ? SHORT_IN_CHROMIUM : IN_CHROMIUM,
  );
  for (const [i, what] of Object.keys(SAMPLINGS).entries()) {
    const [pair] = pairsOf({ kind: 'sampling', tokens: 16 }, sampled[i]!, greedy!, ['perToken']);
    pairs.push({ ...pair!, what });
  }
  let prefixTokens = 0;
  const begun = async (again: boolean) => {
    const done = await page.evaluate((a) => bench.begun(a), again);
    prefixTokens = Math.max(prefixTokens, done.prefixTokens);
    return done.measured;
  };
  const [again, anew] = await inTurn([() => begun(true), () => begun(false)], SHORT_IN_CHROMIUM);
  pairs.push(...pairsOf({ kind: 'prefix', tokens: prefixTokens }, again!, anew!, ['first']));
  pairs.push(...(await page.evaluate((c) => bench.forPersona(c), short)));
  if (twin !== undefined) pairs.push(...(await againstWllama(twin, usual)));
  const starts = weights === 'int8' && !isPeerInt8 ? await startsInChromium(chromium, name, short) : [];
  keep({
    ...{ model: basename(folder), dtype: 'q4', weights, measured: measured() },
    ...(isPeerInt8 && { peerWeights: 'int8' as const }),
    where: `Chromium ${version}, WASM, one thread`,
    ...{ parity: [parity], pairs, starts },
  });

  /** Beside ours, in the same page. */
  async function againstWllama(url: string, content: string): Promise<Pair[]> {
    await page.evaluate((u) => bench.openWllama(u), url);
    const theirs = async (): Promise<Measured> => {
      const { text, pieces, ...times } = await page.evaluate(([c, t]) => bench.askWllama(c, t), [
        content,
        MAX_TOKENS,
      ] as const);
      console.log('wllama', pieces, text, times);
      return { ...times, ids: [] };
    };
    const [a, b] = await inTurn([() => ask('ours', content, MAX_TOKENS), theirs], IN_CHROMIUM);
    return pairsOf({ kind: 'wllama', tokens: USUAL }, a!, b!);
  }
}

/** Calls of WebGPU, counted on a page's main thread with SwiftShader, each way in a browser of its own. */
export async function gpuCallsInChromium(folder: string, title: string, keep: KeepSpeed): Promise<void> {
  const measured = noteMeasured();
  const name = serveFolder(folder);
  await using chromium = await openBenchPage({ isIsolated: false });
  const steps: StepCost[] = [];
  for (const way of ['repeated', 'in place', 'copied'] as const) {
    const found = await chromium.page.evaluate(([n, w]) => bench.ourSteps(n, w), [name, way] as const);
    console.log(way, found.reason, found.step.calls);
    steps.push(found.step);
  }
  await chromium.relaunch();
  const theirs = await chromium.page.evaluate((n) => bench.theirSteps(n, 'the grey heron stands'), name);
  console.log('theirs', theirs.calls);
  keep({
    ...{ model: title, dtype: 'q4', where: `Chromium ${chromium.version}, WebGPU, SwiftShader` },
    ...{ measured: measured(), pairs: [], steps: [...steps, theirs] },
  });
}

/** At `/<name>/`, and a projector at `/<name>.safetensors`. */
async function serveWithProjector(folder: string): Promise<string> {
  const name = serveFolder(folder);
  mkdirSync(SERVED, { recursive: true });
  const model = await loadModel({ model: folder, dtype: 'q4' });
  writeFileSync(join(SERVED, `${name}.safetensors`), await oneTokenProjector(model, createRuntime()));
  return name;
}
