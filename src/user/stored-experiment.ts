/** What the vault keeps of an experiment, and what of it leaves. */
import type { Arm } from './experiment.ts';

/** All that is told of a person: what stands in the experiment's declaration, an arm, and sums. */
export interface ExperimentSummary {
  /** What it is. */
  readonly format: 'e2p-summary';
  /** Of this format. */
  readonly version: 1;
  /** 128 random bits of this summary alone, so that one which was sent twice is counted once. */
  readonly id: string;
  /** Id of the experiment. */
  readonly experiment: string;
  /** The first one, also where a share was changed since. */
  readonly arm: Exclude<Arm, 'outside'>;
  /** Share of people who were treated, when this person came in. */
  readonly share: number;
  /** Whether `expose` was called. */
  readonly exposed: boolean;
  /** Given another arm since: a share was changed. */
  readonly moved: boolean;
  /** Days that were counted. */
  readonly days: number;
  /** Sum of each metric, at most its `most`, rounded to its `step`. */
  readonly outcomes: Readonly<Record<string, number>>;
}

/** What is kept of an experiment. */
export interface StoredExperiment
  extends Pick<ExperimentSummary, 'arm' | 'share' | 'exposed' | 'moved' | 'days'> {
  /** Of the experiment. */
  readonly id: string;
  /** Sums so far; emptied when the summary is made. */
  readonly totals: Readonly<Record<string, number>>;
  /** Once it is made. */
  readonly summary?: ExperimentSummary;
}

/** Of a person who has left: nothing else is kept. */
export interface LeftExperiment {
  readonly left: true;
}

/** @param json of a record; undefined for who has left */
export function asStored(json: unknown): StoredExperiment | undefined {
  const stored = json as StoredExperiment | LeftExperiment;
  return 'left' in stored ? undefined : stored;
}
