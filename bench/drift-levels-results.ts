/** What the levels of drift are worth, as `docs/results/drift-levels.json` keeps it, and the page that is made from it. */
import type { Interval } from '../src/evaluate/index.ts';
import type { DriftRule } from '../src/user/user-fit.ts';
import { interval, table } from './results-table.ts';

export const LEVELS = ['fine', 'unusual', 'alien'] as const;

export interface DriftLevelsResults extends Levels {
  readonly llm?: Levels;
}

export interface Levels {
  readonly readers: number;
  readonly tokens: number;
  readonly rule: DriftRule;
  /** What the mean user's soft token gains over none. */
  readonly mean: Interval;
  readonly rows: readonly {
    readonly way: string;
    readonly level: (typeof LEVELS)[number];
    readonly readers: number;
    /** Gains over nobody set, personalised at λ = 1 and as the level has it; absent for few readers. */
    readonly asIs?: Interval;
    readonly ruled?: Interval;
    readonly mean?: Interval;
    /** What the rule gains over λ = 1. */
    readonly rule?: Interval;
  }[];
}

export function driftLevelsPage({ llm, ...own }: DriftLevelsResults): string {
  const { readers, tokens, rule } = own;
  return `# What the levels of drift are worth

Made by \`npm run bench drift-levels\` on the default model and its synthetic world (q4, onnxruntime-node): ${readers} readers whom nothing was fitted on, ${tokens} target tokens, each reader's vector spoilt in several ways. Levels and λ are those that
\`personalizer.user.fit\` tells with \`drift: { apply: 'shrink' }\` (by default only alien vectors personalise less): unusual below p = ${rule.unusual}, alien below ${rule.alien.toFixed(6)}. Gain = nats per target token of *nobody set* minus those of the reader: more is better. 95 % bootstrap intervals over readers, paired within readers. Everything is synthetic.

${levelsText(own)}
What the levels can't see: a vector of somebody else looks like anybody's. A vector may also be far from everybody's and still say something true.
${llm ? llmText(llm) : ''}`;
}

const llmText = (llm: Levels): string => `
## A real LLM: SmolLM2-135M-Instruct

Made by \`npm run bench drift-levels -- --llm\` (q4, onnxruntime-node): the projector that ships, with the reference in its file, which reads lines as vectors of all-MiniLM-L6-v2, of length 1. ${llm.readers} people who say one line each, about an interest of training in an unseen wording, and ask about its topic; the target names the interest (${llm.tokens} tokens). Levels, gain and intervals as above.

${levelsText(llm)}`;

function levelsText({ mean, rows }: Levels): string {
  const told = rows.map(({ way, level, readers: count, asIs, ruled, rule: by }) => [
    ...[way, level, String(count)],
    asIs ? interval(asIs) : 'too few',
    ruled === undefined ? '' : level === 'alien' ? '0: nobody set' : interval(ruled),
    by === undefined ? '' : level === 'fine' ? 'none: λ = 1' : interval(by),
  ]);
  const changed = rows.filter(({ level, rule: by }) => level !== 'fine' && by !== undefined);
  const unusual = changed.filter(({ level }) => level === 'unusual');
  const verdict = (of: (by: Interval) => boolean) =>
    changed.filter(({ rule: by }) => of(by!)).map(({ way, level }) => `${way} (${level})`);
  const listed = (names: readonly string[]) => (names.length === 0 ? 'nowhere' : names.join('; '));
  return `${table(['vector', 'level', 'readers', 'gain at λ = 1', 'gain as the level has it', 'what the level gains'], told)}

The mean user's soft token gains ${interval(mean)} over none.

- The level gains, its interval clear of zero: ${listed(verdict(({ low }) => low > 0))}.
- It loses, likewise: ${listed(verdict(({ high }) => high < 0))}.
- Neither can be told: ${listed(verdict(({ low, high }) => low <= 0 && high >= 0))}.

Of ${unusual.length} rows that are unusual, a lower λ gained in ${unusual.filter(({ rule: by }) => by!.low > 0).length}, its interval clear of zero, and lost in ${unusual.filter(({ rule: by }) => by!.high < 0).length}.
`;
}
