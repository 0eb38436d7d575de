/** Where the time goes, operator by operator, ours beside theirs. */
import type { Profile } from './generate-results.ts';
import { table } from './results-table.ts';

/** Operators with less than this share of either are one row. */
const LEAST_SHARE = 0.02;

export function profileTable(profiles: readonly Profile[]): string {
  const whats = [...new Set(profiles.map(({ what }) => what))];
  const rows = whats.flatMap((what) => {
    const sides = (['ours', 'theirs'] as const).map((who) =>
      profiles.find((p) => p.who === who && p.what === what),
    );
    const of = (read: (profile: Profile) => number) => sides.map((p) => (p === undefined ? 0 : read(p)));
    const kernels = (p: Profile) => Object.values(p.operators).reduce((sum, ms) => sum + ms, 0);
    const share = (p: Profile, name: string) => (p.operators[name] ?? 0) / p.all;
    const names = [...new Set(sides.flatMap((p) => Object.keys(p?.operators ?? {})))];
    const isLarge = (name: string) => of((p) => share(p, name)).some((s) => s >= LEAST_SHARE);
    const small = names.filter((name) => !isLarge(name));
    const row = (name: string, read: (profile: Profile) => number) => [
      what,
      name,
      ...sides.map((p) =>
        p === undefined ? '' : `${read(p).toFixed(1)} (${((100 * read(p)) / p.all).toFixed()} %)`,
      ),
    ];
    return [
      ...names.filter(isLarge).map((name) => row(name, (p) => p.operators[name] ?? 0)),
      row('other operators', (p) => small.reduce((sum, name) => sum + (p.operators[name] ?? 0), 0)),
      row('between operators', (p) => p.runs - kernels(p)),
      row('outside of the graph', (p) => p.all - p.runs),
      row('all', (p) => p.all),
    ];
  });
  return table(['of', 'operator', 'ours, ms', 'theirs, ms'], rows);
}
