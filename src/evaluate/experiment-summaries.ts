/** The summaries of many devices, checked before any is counted. */
import { ARMS, isName, NAME_IN_WORDS } from '../user/experiment.ts';
import type { ExperimentSummary } from '../user/stored-experiment.ts';
import { deviceLines } from './device-lines.ts';

export interface SummaryFile {
  /** Each once. */
  readonly summaries: readonly ExperimentSummary[];
  /** Lines whose id an earlier line had. */
  readonly repeated: number;
}

/** @throws E2PError `invalid-data` naming file, line and field */
export function readSummaries(bytes: Uint8Array, fileName: string): SummaryFile {
  const summaries: ExperimentSummary[] = [];
  let repeated = 0;
  for (const { value, expect, isRepeated } of deviceLines(bytes, fileName, 'e2p-summary')) {
    const { experiment, arm, share, exposed, moved, days, outcomes } = value;
    expect('experiment', isName(experiment), NAME_IN_WORDS);
    expect('arm', (ARMS as readonly unknown[]).includes(arm), ARMS.join(' or '));
    expect('share', typeof share === 'number' && share >= 0 && share <= 1, 'a number from 0 to 1');
    expect('exposed', typeof exposed === 'boolean', 'true or false');
    expect('moved', typeof moved === 'boolean', 'true or false');
    expect('days', Number.isInteger(days) && (days as number) >= 1, 'a whole number from 1');
    expect('outcomes', isOutcomes(outcomes), 'numbers from 0 by name');
    if (isRepeated) repeated++;
    else summaries.push(value as unknown as ExperimentSummary);
  }
  return { summaries, repeated };
}

function isOutcomes(value: unknown): boolean {
  if (typeof value !== 'object' || value === null || Array.isArray(value)) return false;
  return Object.entries(value).every(
    ([name, v]) => isName(name) && typeof v === 'number' && v >= 0 && Number.isFinite(v),
  );
}
