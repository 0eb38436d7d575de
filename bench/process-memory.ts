/** What processes hold, by Linux' own record of them. */
import { readFileSync, writeFileSync } from 'node:fs';
import type { BenchPage } from './chromium-page.ts';

/** Bytes. */
export function resident(id: number, field: 'VmRSS' | 'VmHWM'): number {
  const found = new RegExp(`${field}:\\s+(\\d+) kB`).exec(readFileSync(`/proc/${id}/status`, 'utf8'));
  return Number(found?.[1]) * 1024;
}

export interface Grown {
  readonly type: string;
  readonly peak: number;
  readonly after: number;
}

/** From now on. @returns bytes that each of the browser's processes has grown by, at the most and now; what began since, from nothing */
export async function watchMemory(
  chromium: Pick<BenchPage, 'processes'>,
): Promise<() => Promise<readonly Grown[]>> {
  const before = new Map<number, number>();
  for (const { id } of await chromium.processes()) {
    // Starts the system's own record of the peak anew.
    writeFileSync(`/proc/${id}/clear_refs`, '5');
    before.set(id, resident(id, 'VmRSS'));
  }
  return async () =>
    (await chromium.processes()).map(({ type, id }) => ({
      type,
      peak: resident(id, 'VmHWM') - (before.get(id) ?? 0),
      after: resident(id, 'VmRSS') - (before.get(id) ?? 0),
    }));
}

export const sum = (values: readonly number[]) => values.reduce((a, b) => a + b, 0);
