/** What `npm run bench generate` has measured, as `docs/results/speed.json` keeps it. */
import { execFileSync } from 'node:child_process';
import { existsSync, readFileSync, writeFileSync } from 'node:fs';
import { cpus, loadavg } from 'node:os';
import { join } from 'node:path';
import type { GpuCalls } from '../src/testing/gpu-calls.ts';
import { speedPage } from './generate-page.ts';

/** Milliseconds, round by round: of the CPU in Node, of the wall in a page. */
export interface Pair {
  readonly kind: 'peer' | 'sampling' | 'prefix' | 'cache' | 'persona' | 'wllama';
  readonly what: string;
  /** Of the prompt, or of the prefix. */
  readonly tokens: number;
  /** Tokens that one reads more than the other. */
  readonly fewer?: number;
  /** Whether both wrote the same ids. */
  readonly isSame?: boolean;
  readonly ours: readonly number[];
  readonly theirs: readonly number[];
}

export type Who = 'ours' | 'theirs';

/** Of a greedy answer, which may end before it has all the tokens it is asked for. */
export interface Parity {
  /** Of the prompt, at least. */
  readonly tokens: number;
  /** From the first on. */
  readonly same: number;
  readonly of: number;
}

/** From a process or a page that has nothing in memory to the first token. */
export interface Start {
  readonly who: Who;
  /** Milliseconds on the clock, one after the other, round by round. */
  readonly phases: Readonly<Record<string, readonly number[]>>;
  /** Bytes at the most, above what the process had with its modules loaded. */
  readonly peak: readonly number[];
}

/** What a step of an answer hands out or asks for. */
export interface StepCost {
  readonly who: Who;
  /** How steps are run; absent where there is one way. */
  readonly way?: string;
  readonly context: number;
  /** Bytes of logits, and of the cache where that is handed out. */
  readonly logits?: number;
  readonly cache?: number;
  readonly calls?: GpuCalls;
}

/** Where the time goes, by onnxruntime's own record. */
export interface Profile {
  readonly who: Who;
  readonly what: string;
  /** Milliseconds by operator, of one prefill or one step, in order. */
  readonly operators: Readonly<Record<string, number>>;
  /** Of the runs of the graph, kernels and what is between them. */
  readonly runs: number;
  /** Of the whole of it on the clock, with what is done outside of the graph. */
  readonly all: number;
}

/** When and on what. */
export interface Measured {
  /** Short hash; with a + where files of the tree were changed. */
  readonly commit: string;
  readonly date: string;
  /** Of the machine: over the minute before, and over the last five at the end. */
  readonly load: readonly number[];
  /** Garbage was collected before each answer. */
  readonly isCollected?: true;
}

export interface SpeedRun {
  readonly model: string;
  readonly dtype: string;
  /** Absent: Node. */
  readonly where?: string;
  /** What ours computes with; absent: as stored. */
  readonly weights?: 'as-stored' | 'int8';
  /** What theirs was given; absent: the file's own. */
  readonly peerWeights?: 'int8';
  readonly measured: Measured;
  readonly parity?: readonly Parity[];
  readonly pairs: readonly Pair[];
  readonly starts?: readonly Start[];
  readonly steps?: readonly StepCost[];
  readonly profiles?: readonly Profile[];
}

export interface SpeedResults {
  readonly node: string;
  readonly processor: string;
  readonly runs: readonly SpeedRun[];
}

/** To be called when measuring begins. @returns what is kept of it at the end */
export function noteMeasured(): () => Measured {
  const git = (...args: string[]) => execFileSync('git', args, { encoding: 'utf8' }).trim();
  const isChanged =
    git('status', '--porcelain', '--untracked-files=no', '--', 'src', 'bench', 'package.json') !== '';
  const commit = `${git('rev-parse', '--short', 'HEAD')}${isChanged ? '+' : ''}`;
  const before = loadavg()[0]!;
  return () => ({
    commit,
    date: new Date().toISOString().slice(0, 10),
    load: [before, loadavg()[1]!].map((value) => Math.round(10 * value) / 10),
    ...(globalThis.gc && { isCollected: true as const }),
  });
}

export type KeepSpeed = (run: SpeedRun) => void;

/** Adds a run in place of the last of this model and place, and makes the page anew. */
export function keepSpeedIn(folder: string, run: SpeedRun): void {
  const before = existsSync(fileIn(folder)) ? readSpeed(folder).runs : [];
  const cores = cpus();
  const others = before.filter((other) => keyOf(other) !== keyOf(run));
  const results: SpeedResults = {
    node: process.version,
    processor: `${cores.length} cores, ${cores[0]?.model.trim()}`,
    runs: [...others, rounded(run)].toSorted((a, b) => orderOf(a) - orderOf(b)),
  };
  writeFileSync(fileIn(folder), `${JSON.stringify(results, null, 1)}\n`);
  writeSpeedPage(folder);
}

const fileIn = (folder: string) => join(folder, 'speed.json');
const readSpeed = (folder: string): SpeedResults => JSON.parse(readFileSync(fileIn(folder), 'utf8'));

export const writeSpeedPage = (folder: string): void =>
  writeFileSync(join(folder, 'speed.md'), speedPage(readSpeed(folder)));

/** Of a browser any version. */
const keyOf = ({ model, where, weights, peerWeights }: SpeedRun) =>
  JSON.stringify([model, where?.split(' ')[0], weights ?? 'as-stored', peerWeights]);

/** Real models first, Node before pages. */
const orderOf = ({ model, where }: SpeedRun) =>
  2 * Number(model.startsWith('random')) + Number(where !== undefined);

/** To hundredths. */
const rounded = (run: SpeedRun): SpeedRun =>
  JSON.parse(JSON.stringify(run), (_, value) =>
    typeof value === 'number' ? Math.round(100 * value) / 100 : value,
  );
