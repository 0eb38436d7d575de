/**
 * What an evaluation has measured so far, as JSON Lines: a fingerprint of everything that the numbers depend on, then a line for each piece of
 * work as soon as it is done. Whoever is killed loses the piece at hand. The log of another evaluation is refused, naming what differs.
 */
import { E2PError, throwIfAborted } from '../error.ts';
import type { Fingerprint } from '../train/checkpoint.ts';

/** Where scores are kept, so that an evaluation that ends early goes on. */
export interface ScoreLogOptions {
  /** What an evaluation that ended early has left, and its name for messages; absent: begun anew. */
  readonly before?: { readonly bytes: Uint8Array; readonly name: string } | undefined;
  /** Takes whole lines to be kept, behind `before`. */
  readonly append: (lines: string) => void;
}

export interface ScoreLog {
  get(piece: string): readonly number[] | undefined;
  put(piece: string, values: readonly number[]): void;
}

const VERSION = 1;

/** @throws E2PError `invalid-checkpoint` for the log of another evaluation */
export function openScoreLog(options: ScoreLogOptions | undefined, fingerprint: Fingerprint): ScoreLog {
  const known = new Map<string, readonly number[]>();
  if (options === undefined) return { get: () => undefined, put: () => {} };
  const { before, append } = options;
  if (before === undefined) append(`${JSON.stringify({ version: VERSION, fingerprint })}\n`);
  else {
    const text = new TextDecoder().decode(before.bytes);
    const [head, ...lines] = text.split('\n').map(parsed);
    checkHead(head, before.name, fingerprint);
    for (const line of lines) {
      const { piece, values } = (line ?? {}) as { readonly piece?: unknown; readonly values?: unknown };
      if (typeof piece === 'string' && isNumbers(values)) known.set(piece, values);
    }
    // Whoever was killed while writing has left half a line, whose piece is done again.
    if (!text.endsWith('\n')) append('\n');
  }
  return {
    get: (piece) => known.get(piece),
    put: (piece, values) => append(`${JSON.stringify({ piece, values })}\n`),
  };
}

function checkHead(head: unknown, name: string, fingerprint: Fingerprint): void {
  const { version, fingerprint: found } = (head ?? {}) as {
    readonly version?: unknown;
    readonly fingerprint?: Fingerprint;
  };
  const refuse = (why: string): never => {
    throw new E2PError('invalid-checkpoint', `${name}: ${why}`);
  };
  if (version !== VERSION) refuse('it holds no scores of this version of e2p-web');
  const all = Object.keys({ ...found, ...fingerprint });
  const other = all.find((key) => found?.[key] !== fingerprint[key]);
  if (other === undefined) return;
  const [was, is] = [found?.[other] ?? 'nothing', fingerprint[other] ?? 'nothing'];
  refuse(
    `it was made with ${other} = ${was}, found ${is}; begin anew without resuming, or go back to what it was`,
  );
}

/** Undefined for half a line. */
function parsed(line: string): unknown {
  try {
    return JSON.parse(line);
  } catch {
    return undefined;
  }
}

const isNumbers = (value: unknown): value is readonly number[] =>
  Array.isArray(value) && value.every((v) => typeof v === 'number');

export interface PiecesOptions {
  readonly log: ScoreLog;
  readonly signal?: AbortSignal | undefined;
  /** Called once before the first piece that is left, then after each. */
  readonly onProgress?: ((done: number, all: number) => void) | undefined;
}

/** The numbers of each piece of work; only what the log has not is done, in order. */
export async function eachPiece(
  pieces: readonly string[],
  work: (at: number) => Promise<readonly number[]>,
  { log, signal, onProgress }: PiecesOptions,
): Promise<(readonly number[])[]> {
  const found = pieces.map((piece) => log.get(piece));
  let done = found.filter((values) => values !== undefined).length;
  onProgress?.(done, pieces.length);
  for (const [at, piece] of pieces.entries()) {
    if (found[at] !== undefined) continue;
    throwIfAborted(signal);
    const values = await work(at);
    log.put(piece, values);
    found[at] = values;
    onProgress?.(++done, pieces.length);
  }
  return found as (readonly number[])[];
}
