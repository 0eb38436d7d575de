/** What an event costs, as `docs/results/activity.json` keeps it, and the page that is made from it. */
import { table } from './results-table.ts';

/** Milliseconds, of events of processor time. */
export interface Times {
  readonly median: number;
  readonly p95: number;
}

export interface StepTimes {
  readonly dim: number;
  /** In the log before the one that is added. */
  readonly events: number;
  /** An event, and the embedding after it. */
  readonly add: Times;
  /** The same taken back, and the embedding after that. */
  readonly undo: Times;
  /** `foldIn` of the whole log. */
  readonly full: Times;
  /** Largest distance between both embeddings, relative to their length. */
  readonly apart: number;
}

export interface ActivityResults {
  readonly node: string;
  readonly processor: string;
  /** Of the machine, before and after. */
  readonly load: readonly number[];
  readonly items: number;
  readonly rounds: number;
  readonly steps: readonly StepTimes[];
  readonly catalogue: {
    readonly items: number;
    readonly dim: number;
    readonly bytes: number;
    readonly writeMs: number;
    readonly openMs: number;
    /** Of an id, and its row. */
    readonly lookUps: Times;
    readonly asked: number;
    /** Bytes of memory that the process has before it is opened, and after all look-ups. */
    readonly resident: { readonly before: number; readonly after: number };
  };
}

const ms = ({ median, p95 }: Times): string => `${median.toFixed(2)} (${p95.toFixed(2)})`;
const mb = (bytes: number): string => `${(bytes / 1e6).toFixed(0)} MB`;

export function activityPage(results: ActivityResults): string {
  const { node, processor, load, items, rounds, steps, catalogue: c } = results;
  const rows = steps.map(({ dim, events, add, undo, full, apart }) => [
    ...[String(dim), String(events), ms(add), ms(undo), ms(full)],
    ...[(full.median / add.median).toFixed(1), apart === 0 ? '0' : apart.toExponential(0)],
  ]);
  return `# What an event costs

Made by \`npm run bench activity\` in Node ${node}, ${processor}, load ${load.join(' and ')}. \`ActivityEmbedding\` with fold-in and a half-life of 30 days: one event is added
to a log of so many and the embedding is computed; then it is taken back. Beside it, \`foldIn\` of the whole log with the Gram matrix given. Random factors, ${items} items, some of them again and again;
${rounds} rounds. Milliseconds of processor time, since the machine was shared, median (95th percentile); the ratio is of medians; the last column is the largest distance between both embeddings, relative to their length.

${table(['dim', 'events', 'add', 'undo', 'whole log', 'ratio', 'apart'], rows)}

A catalogue of ${c.items} items × ${c.dim} with ids: a file of ${mb(c.bytes)}, written in ${(c.writeMs / 1000).toFixed(1)} s. Another process, which never had it in memory, opens it in
${c.openMs.toFixed(0)} ms and asks for ${c.asked} ids at random, each with its row: ${ms(c.lookUps)} ms an item by the clock. It has ${mb(c.resident.before)} of memory resident before, ${mb(c.resident.after)} after. The file was in the system's cache.

Not measured here: a phone; the vault's own part of an event, which is encrypted and written.
`;
}
