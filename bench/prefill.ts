/**
 * What shorter runs of a prefill cost, and what an abort gains by them: Node and WASM in Chromium, one thread each, interleaved.
 * `npm run bench prefill [-- <model folder> [<where>]]` writes docs/results/prefill.json and .md; `where` is one of `SIZES`, default all.
 */
import { mkdirSync, rmSync, symlinkSync } from 'node:fs';
import { cpus, loadavg } from 'node:os';
import { basename, resolve } from 'node:path';
import { createRuntime, loadModel } from '../src/node.ts';
import { openBenchPage } from './chromium-page.ts';
import { openWays } from './int8-ways.ts';
import type { Bench } from './page/page.ts';
import { keepPrefill, type PrefillCase } from './prefill-results.ts';
import { openPrefiller, type Prefiller } from './prefill-run.ts';

declare const bench: Bench;

const FOLDER = '../shared/models/smollm2-135m-instruct';
const TOKENS = 900;
/** `undefined`: as the decoder chooses. The first is the limit, which all runs were before. */
const SIZES = {
  node: [512, 256, 128, 64, 32, undefined],
  'node-int8': [512, 256, 128, 64, undefined],
  wasm: [256, 64],
  int8: [256, 128, 64, 32, undefined],
} as const;
/** When an abort comes, as a share of a prefill's time. */
const ABORTED = [0.13, 0.3, 0.47, 0.64];
const ROUNDS = { node: 5, 'node-int8': 5, wasm: 2, int8: 3 } as const;

type Where = keyof typeof SIZES;

export async function benchPrefill([folder = FOLDER, only]: readonly string[]): Promise<void> {
  const isWanted = (where: Where) => only === undefined || only === where;
  const ids = Array.from({ length: TOKENS }, (_, i) => ((i * 7919 + 13) % 40_000) + 100);
  const ownCpu = async () => {
    const { user, system } = process.cpuUsage();
    return (user + system) / 1000;
  };
  if (isWanted('node')) {
    const node = await openPrefiller(await loadModel({ model: folder, dtype: 'q4' }), createRuntime());
    await measure('node', folder, ids, node, ownCpu);
  }
  if (isWanted('node-int8')) {
    const int8 = await (await openWays(folder)).int8(() => true);
    await measure('node-int8', folder, ids, await openPrefiller(int8, createRuntime()), ownCpu);
  }
  for (const where of ['wasm', 'int8'] as const) {
    if (isWanted(where)) await measureInPage(where, folder, ids);
  }
}

async function measureInPage(where: 'wasm' | 'int8', folder: string, ids: readonly number[]): Promise<void> {
  mkdirSync('.cache/bench', { recursive: true });
  rmSync('.cache/bench/prefill', { force: true });
  symlinkSync(resolve(folder), '.cache/bench/prefill');
  await using chromium = await openBenchPage();
  const { page } = chromium;
  const isInt8 = where === 'int8';
  const cdp = await page.context().browser()!.newBrowserCDPSession();
  const rendererCpu = async () => {
    const { processInfo } = await cdp.send('SystemInfo.getProcessInfo');
    const renderers = processInfo.filter(({ type }) => type === 'renderer');
    return 1000 * renderers.reduce((sum, { cpuTime }) => sum + cpuTime, 0);
  };
  const inPage: Prefiller = {
    prefill: (size, run) =>
      page.evaluate(async ([i, s, r]) => (await bench.openPrefill(i)).prefill(s, r), [
        isInt8,
        size,
        run,
      ] as const),
    abort: (size, run, after) =>
      page.evaluate(async ([i, s, r, a]) => (await bench.openPrefill(i)).abort(s, r, a), [
        isInt8,
        size,
        run,
        after,
      ] as const),
  };
  await measure(where, folder, ids, inPage, rendererCpu);
}

/** The first round warms up, and lets the decoder find its sizes; it doesn't count. */
async function measure(
  where: Where,
  folder: string,
  ids: readonly number[],
  prefiller: Prefiller,
  cpu: () => Promise<number>,
): Promise<void> {
  const sizes = SIZES[where];
  const ways = sizes.map((size) => ({
    size,
    longest: 0,
    runs: 0,
    difference: 0,
    cpuMs: [] as number[],
    abortMs: [] as number[],
  }));
  let expected: readonly number[] | undefined;
  const load = loadavg()[0]!;
  for (let round = 0; round <= ROUNDS[where]; round++) {
    for (const i of ways.keys()) {
      const way = ways[(i + round) % ways.length]!;
      const before = await cpu();
      const { ms, runs, longest, logits } = await prefiller.prefill(way.size, ids);
      const spent = (await cpu()) - before;
      expected ??= logits;
      way.difference = Math.max(...logits.map((logit, at) => Math.abs(logit - expected![at]!)));
      const late: number[] = [];
      for (const part of ABORTED) {
        const waited = await prefiller.abort(way.size, ids, part * ms);
        // The machine was faster than in the prefill that was timed.
        if (waited !== undefined) late.push(Math.round(waited));
      }
      console.log(
        where,
        round,
        way.size ?? 'chosen',
        `${spent.toFixed()} ms, ${runs} runs, abort ${late.join(', ')} ms`,
      );
      if (round === 0) continue;
      Object.assign(way, { runs, longest });
      way.cpuMs.push(Math.round(spent));
      way.abortMs.push(...late);
    }
  }
  keepPrefill({
    ...{ where, model: basename(folder), tokens: ids.length },
    ways: ways satisfies PrefillCase['ways'],
    processor: `${cpus().length} × ${cpus()[0]?.model.trim()}`,
    load: [load, loadavg()[0]!].map((value) => Number(value.toFixed(1))),
  });
}
