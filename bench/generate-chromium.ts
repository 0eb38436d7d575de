/**
 * `bench generate` on WASM in Chromium, one thread: with the file's weights and as int8, both against Transformers.js on the same file, in turn in
 * one page. Wall time, since a page knows no other; rounds are few, as one takes minutes.
 */
import { loadavg } from 'node:os';
import { basename } from 'node:path';
import { openBenchPage, serveFolder } from './chromium-page.ts';
import { MAX_TOKENS } from './generate-plan.ts';
import { keepSpeed, type Pair } from './generate-results.ts';
import { inTurn, isSameText, type Measured } from './generate-sides.ts';
import type { Side } from './page/generate.ts';
import type { Bench } from './page/page.ts';

declare const bench: Bench;

const ROUNDS = { rounds: 3, warmUps: 0 } as const;
const OURS = ['as-stored', 'int8'] as const;
const SIDES = [...OURS, 'theirs'] as const;
/** Prompt tokens, and tokens of the answer: all of them are waited for once. */
const PROMPTS = [
  [16, 1],
  [128, MAX_TOKENS],
  [512, 1],
] as const;

export async function generateInChromium(folder: string): Promise<void> {
  const name = serveFolder(folder);
  await using chromium = await openBenchPage({ isIsolated: false });
  const { page, version } = chromium;
  const load = await page.evaluate((n) => bench.openSides(n), name);
  console.log('until there, ms:', load);
  const answer = (side: Side, content: string, tokens: number) =>
    page.evaluate(([s, c, t]) => bench.answer(s, c, t), [side, content, tokens] as const);
  const pairs: Record<(typeof OURS)[number], Pair[]> = { 'as-stored': [], int8: [] };
  for (const [tokens, maxTokens] of PROMPTS) {
    const content = await page.evaluate((t) => bench.contentOf(t), tokens);
    if (content === undefined) continue;
    const found = await inTurn(
      SIDES.map((side) => () => answer(side, content, maxTokens)),
      ROUNDS,
    );
    const theirs = found[2]!;
    for (const [i, side] of OURS.entries()) {
      const isSame = isSameText(found[i]![0]!.ids, theirs[0]!.ids);
      if (side === 'as-stored' && !isSame)
        throw new Error(`${name}, ${tokens} tokens: other ids than theirs`);
      for (const what of maxTokens === 1 ? (['first'] as const) : (['first', 'perToken', 'total'] as const)) {
        const of = (some: readonly Measured[]) => some.map((r) => r[what]);
        pairs[side].push({ kind: 'peer', what, tokens, isSame, ours: of(found[i]!), theirs: of(theirs) });
        console.log(side, tokens, what, of(found[i]!), of(theirs), isSame);
      }
    }
  }
  for (const side of OURS) {
    let prefixTokens = 0;
    const begun = async (again: boolean) => {
      const done = await page.evaluate(([s, a]) => bench.begun(s, a), [side, again] as const);
      prefixTokens = Math.max(prefixTokens, done.prefixTokens);
      return done.measured;
    };
    const [again, anew] = await inTurn([() => begun(true), () => begun(false)], { rounds: 5, warmUps: 1 });
    const first = (some: readonly Measured[]) => some.map((r) => r.first);
    pairs[side].push({
      kind: 'prefix',
      what: 'first',
      tokens: prefixTokens,
      ours: first(again!),
      theirs: first(anew!),
    });
    const where = `Chromium ${version}, WASM, one thread`;
    keepSpeed({
      model: basename(folder),
      dtype: 'q4',
      where,
      weights: side,
      load: loadavg()[1]!,
      pairs: pairs[side],
    });
  }
}
