/** What the soaks have found, as `docs/results/soak.json` keeps it, and the page that is made from it. */
import { existsSync, readFileSync, writeFileSync } from 'node:fs';
import { cpus } from 'node:os';
import type { SoakReport } from '../src/testing/soak.ts';
import { table } from './results-table.ts';

const JSON_FILE = 'docs/results/soak.json';
const PAGE = 'docs/results/soak.md';

export interface MemorySample {
  readonly seconds: number;
  readonly megabytes: number;
}

export interface SoakCase {
  readonly processor: string;
  readonly versions: string;
  readonly date: string;
  readonly report: SoakReport;
  /** Devices that are lost, of which no caller is told; engines that are ended, and brought up anew by the app; runs that throw. */
  readonly injected: { readonly lost?: number; readonly crashed?: number; readonly failedRuns?: number };
  /** Resident, after a garbage collection: of the process (Node), or of all renderers. */
  readonly memory: readonly MemorySample[];
  /** With loading, and the texts to compare with, s. */
  readonly wall: number;
}

export type SoakResults = Readonly<Record<string, SoakCase>>;

export const machine = (versions = `Node ${process.versions.node}`) => ({
  processor: `${cpus().length} × ${cpus()[0]?.model.trim()}`,
  versions,
  date: new Date().toISOString().slice(0, 10),
});

export function keepSoak(where: string, found: SoakCase): void {
  const before: SoakResults = existsSync(JSON_FILE) ? JSON.parse(readFileSync(JSON_FILE, 'utf8')) : {};
  const results = { ...before, [where]: found };
  writeFileSync(JSON_FILE, `${JSON.stringify(results, null, 1)}\n`);
  writeFileSync(PAGE, soakPage(results));
}

/** Memory of the last quarter of the time against that of the second: medians, in MB. */
export function growth(memory: readonly MemorySample[]): { readonly early: number; readonly late: number } {
  const quarter = Math.floor(memory.length / 4);
  const median = (samples: readonly MemorySample[]) =>
    samples.map(({ megabytes }) => megabytes).sort((a, b) => a - b)[samples.length >> 1] ?? 0;
  return { early: median(memory.slice(quarter, 2 * quarter)), late: median(memory.slice(-quarter)) };
}

export const soakPage = (results: SoakResults): string => `# Soak

\`npm run bench soak\` in Node (\`-- <seconds>\`), \`E2P_SOAK=300 npx playwright test e2e/soak.spec.ts\` in Chromium; from [soak.json](soak.json). Six conversations at once on the
default model, of one or two turns and clones of them, greedy. Meanwhile calls are aborted and sessions destroyed while they answer, and the user is replaced, cleared, or
withdraws consent. Runs of the model fail: in Node before they begin, in Chromium while onnxruntime copies what it is given. In Node the device is lost, too, upon which another goes on;
in Chromium lost GPUs are [tests of their own](faults.md). There the sealed engine crashes: its frame is taken out of the page while it answers, and another is brought up. Every text is compared with what an undisturbed session wrote before; every error must be one
that was caused.

${table(
  ['', ...Object.keys(results)],
  ROWS.map(([name, cell]) => [name, ...Object.values(results).map(cell)]),
)}
`;

const injectedOf = (count: number | undefined, absent = 'not injected') =>
  count === undefined ? absent : number(count);

const number = (value: number) => value.toLocaleString('en');

const ROWS: readonly (readonly [string, (found: SoakCase) => string])[] = [
  ['where', ({ processor, versions, date }) => `${versions}, ${processor}, ${date}`],
  ['minutes', ({ report }) => `${(report.seconds / 60).toFixed(1)}`],
  ['texts as expected', ({ report }) => number(report.right)],
  ['other texts', ({ report }) => number(report.wrong)],
  ['calls aborted', ({ report }) => number(report.aborted)],
  ['slowest answer to an abort', ({ report }) => `${number(report.slowestAbortMs)} ms`],
  ['calls ended by what was caused', ({ report }) => list(report.failed)],
  ['devices lost, unnoticed by callers', ({ injected }) => injectedOf(injected.lost)],
  ['runs that failed', ({ injected }) => injectedOf(injected.failedRuns, 'not counted')],
  ['engines crashed', ({ injected }) => injectedOf(injected.crashed)],
  ['any other error', ({ report }) => number(report.unexpected.length - report.wrong)],
  [
    'resident memory, median of the second and of the last quarter',
    ({ memory }) => `${growth(memory).early}, ${growth(memory).late} MB`,
  ],
];

const list = (failed: Readonly<Record<string, number>>) =>
  Object.entries(failed)
    .sort(([a], [b]) => (a < b ? -1 : 1))
    .map(([code, count]) => `${number(count)} \`${code}\``)
    .join(', ');
