/** The proof of a forgetting: what was removed, and what a second look found. */
import type { ForgottenItem } from './attachment.ts';
import type { RecordStore } from './vault/record-store.ts';
import { countRecords, type RecordCounts } from './vault/shred-records.ts';

/** What was forgotten, and what is left, after a second look. */
export interface ForgetReport {
  /** Milliseconds since 1970. */
  readonly time: number;
  /** Keys, records, buffers, and what attachments let go of. */
  readonly removed: readonly ForgottenItem[];
  /** What the records still held when they were opened anew, and attachments that failed to forget. */
  readonly remaining: readonly ForgottenItem[];
  /** Nothing remains. Weights and other files that are not personal are not part of this. */
  readonly isComplete: boolean;
}

export interface ForgetSteps {
  readonly time: number;
  readonly records: RecordStore;
  readonly shredded: RecordCounts;
  /** Arrays that were overwritten. */
  readonly buffers: number;
  readonly attachments: { readonly items: readonly ForgottenItem[]; readonly failures: number };
}

export async function reportForgetting(steps: ForgetSteps): Promise<ForgetReport> {
  const { time, records, shredded, buffers, attachments } = steps;
  const again = records.reopen();
  const left = await countRecords(again);
  again.close();
  const remaining = [...inStorage(left), ...inMemory('attachment', attachments.failures)];
  return {
    time,
    removed: [...inStorage(shredded), ...inMemory('embedding', buffers), ...attachments.items],
    remaining,
    isComplete: remaining.length === 0,
  };
}

function inStorage(counts: RecordCounts): ForgottenItem[] {
  return [...counts].map(([what, count]) => ({ what, where: 'storage', count }));
}

function inMemory(what: string, count: number): ForgottenItem[] {
  return count === 0 ? [] : [{ what, where: 'memory', count }];
}
