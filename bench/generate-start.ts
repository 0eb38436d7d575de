/** What comes before the first token of a process or a page that has nothing in memory, phase by phase, and what memory that takes; ours and theirs in turn. */
import { spawnSync } from 'node:child_process';
import type { BenchPage } from './chromium-page.ts';
import type { Rounds } from './generate-plan.ts';
import type { Start, Who } from './generate-results.ts';
import { inTurn } from './generate-sides.ts';
import type { Bench } from './page/page.ts';
import { sum, watchMemory } from './process-memory.ts';

declare const bench: Bench;

/** The first fills caches: of the system, and what a page keeps. */
const ROUNDS: Rounds = { least: 3, most: 5, budgetMs: 45_000, warmUps: 1 };
const WHO: readonly Who[] = ['ours', 'theirs'];

interface Sample {
  readonly phases: Readonly<Record<string, number>>;
  readonly peak: number;
}

export const startsInNode = (folder: string, content: string, weights: 'as-stored' | 'int8') =>
  starts(async (who) => {
    const command = ['--import', 'tsx', 'bench/generate-child.ts', who, folder, content, weights];
    const child = spawnSync(process.execPath, command, { encoding: 'utf8' });
    if (child.status !== 0) throw new Error(`${who}: ${child.stderr}`);
    return JSON.parse(child.stdout.trim().split('\n').at(-1)!);
  });

/** In a browser that is started anew, with what the visits before have left. */
export const startsInChromium = (chromium: BenchPage, name: string, content: string) =>
  starts(async (who) => {
    await chromium.relaunch();
    await chromium.page.evaluate((w) => bench.prepareStart(w), who);
    const grownBy = await watchMemory(chromium);
    const phases = await chromium.page.evaluate(([n, c]) => bench.start(n, c), [name, content] as const);
    const renderers = (await grownBy()).filter(({ type }) => type === 'renderer');
    return { phases, peak: sum(renderers.map(({ peak }) => peak)) };
  });

async function starts(run: (who: Who) => Promise<Sample>): Promise<readonly Start[]> {
  const found = await inTurn(
    WHO.map((who) => () => run(who)),
    ROUNDS,
  );
  return WHO.map((who, i) => {
    const samples = found[i]!;
    const names = Object.keys(samples[0]!.phases);
    const phases = Object.fromEntries(names.map((n) => [n, samples.map((s) => s.phases[n]!)]));
    console.log('start', who, JSON.stringify(phases));
    return { who, phases, peak: samples.map(({ peak }) => peak) };
  });
}
