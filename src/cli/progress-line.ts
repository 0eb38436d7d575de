/**
 * How far a long command is: one line that renews itself on a terminal, else one every ten seconds. The time left is told from the pace since the
 * first call of a stage, so that what was done before (by an interrupted run) does not flatter it.
 */

export interface Progress {
  /** What is being done; another one begins a new count. */
  readonly stage: string;
  readonly done: number;
  readonly all: number;
  /** Measured so far. */
  readonly note?: string | undefined;
  /** Worth a line of its own. */
  readonly keep?: boolean;
}

export interface ProgressLineOptions {
  /** Default: standard error. */
  readonly out?: { readonly isTTY?: boolean; readonly columns?: number; write(text: string): unknown };
  /** ms */
  readonly now?: () => number;
}

const EVERY_MS = 10_000;

export function createProgressLine({
  out = process.stderr,
  now = () => performance.now(),
}: ProgressLineOptions = {}): (progress: Progress) => void {
  let [shown, current, began, from] = [now(), '', 0, 0];
  return ({ stage, done, all, note, keep = done === all }) => {
    const time = now();
    if (stage !== current) [current, began, from] = [stage, time, done];
    if (!out.isTTY && !keep && time - shown < EVERY_MS) return;
    shown = time;
    const left = done > from && done < all ? timeText(((time - began) / (done - from)) * (all - done)) : '';
    const line = [`${stage} ${done}/${all}`, note, left && `${left} left`].filter(Boolean).join('  ');
    if (!out.isTTY) out.write(`${line}\n`);
    // A line that wraps could not be renewed.
    else out.write(`\r\x1b[K${line.slice(0, (out.columns || 80) - 1)}${keep ? '\n' : ''}`);
  };
}

/** As somebody who waits wants to know it. */
function timeText(ms: number): string {
  if (ms < 120_000) return `${Math.ceil(ms / 1000)} s`;
  const minutes = Math.round(ms / 60_000);
  return minutes < 60 ? `${minutes} min` : `${Math.floor(minutes / 60)} h ${minutes % 60} min`;
}
