/**
 * Answers for many at once, one row of a batch each. A row is what it would be alone: its own soft tokens, its own draws, its own
 * constraint, its own end, its own error. Rows are planned into groups that can be read together; a group goes on until its last row ends.
 */
import { E2PError, throwIfAborted } from '../error.ts';
import { yieldToEvents } from '../runtime/event-loop.ts';
import { Answer, DEFAULT_MAX_TOKENS, type GenerateOptions, type GenerationResult } from './answer.ts';
import { batchObstacle } from './batch-rows.ts';
import type { Decoder, TokenRun } from './decoder.ts';
import { type Engine, isDeviceFault } from './engine.ts';
import type { KvCache } from './kv-cache.ts';

/** What became of a request: its answer, or its own error. */
export type BatchOutcome = PromiseSettledResult<GenerationResult>;

export interface BatchRow {
  readonly prompt: TokenRun;
  /** It ends with the answer's first words. */
  readonly isBegun: boolean;
  /** Called once. */
  readonly settle: (outcome: BatchOutcome) => void;
}

export interface RunBatchOptions extends Omit<GenerateOptions, 'onText' | 'onReasoning'> {
  /** Rows that are computed together, at most. */
  readonly batchSize: number;
}

interface Writing extends BatchRow {
  readonly answer: Answer;
  isDone: boolean;
  /** What the device did to it; it may be written anew on another. */
  fault: E2PError | undefined;
}

/** @throws the signal's reason on an abort; whatever else fails is told to the rows that it meets */
export async function runBatch(
  engine: Engine,
  rows: readonly BatchRow[],
  { batchSize, ...options }: RunBatchOptions,
): Promise<void> {
  const { model, decoder } = engine;
  const { signal, maxTokens = DEFAULT_MAX_TOKENS } = options;
  const writing: Writing[] = [];
  for (const row of rows) {
    throwIfAborted(signal);
    try {
      checkFits(row.prompt, model.config.contextLength);
      const answer = await Answer.open(model, row.prompt, options, row.isBegun);
      writing.push({ ...row, answer, isDone: false, fault: undefined });
    } catch (reason) {
      throwIfAborted(signal);
      row.settle({ status: 'rejected', reason });
    }
  }
  for (const group of planGroups(decoder, writing, batchSize, maxTokens)) {
    await writeGroup(decoder, group, signal);
  }
  const again = writing.filter(({ fault }) => fault !== undefined);
  if (again.length === 0) return;
  try {
    await engine.recover(decoder, again[0]!.fault);
  } catch (reason) {
    for (const row of again) row.settle({ status: 'rejected', reason });
    return;
  }
  await runBatch(engine, again, { batchSize, ...options });
}

/** Rows of about the same length stand together, so that little is padded. */
function planGroups(
  { model, runtime }: Decoder,
  rows: readonly Writing[],
  batchSize: number,
  maxTokens: number,
): readonly (readonly Writing[])[] {
  const lengthOf = ({ prompt }: BatchRow) => prompt.ids.length;
  // One scale for all rows would let each notice the others.
  const most = model.facts.operators.includes('DynamicQuantizeLinear') ? 1 : batchSize;
  const groups: Writing[][] = [];
  for (const row of rows.toSorted((a, b) => lengthOf(a) - lengthOf(b))) {
    const group = groups.at(-1);
    const lengths = [...(group ?? []), row].map(lengthOf);
    // Padding takes room too: a shorter row must not lose what it has left.
    const hasRoom = new Set(lengths).size === 1 || lengthOf(row) + maxTokens <= model.config.contextLength;
    const joins = group !== undefined && group.length < most && hasRoom;
    if (joins && batchObstacle(model, runtime, lengths) === undefined) group.push(row);
    else groups.push([row]);
  }
  return groups;
}

async function writeGroup(
  decoder: Decoder,
  rows: readonly Writing[],
  signal: AbortSignal | undefined,
): Promise<void> {
  let cache: KvCache | undefined;
  try {
    let read = await decoder.readBatch(
      rows.map(({ prompt }) => prompt),
      { signal },
    );
    for (;;) {
      cache = read.cache;
      if (signal !== undefined) await yieldToEvents();
      throwIfAborted(signal);
      const { logits } = read;
      // A row that has ended reads padding, which nobody looks at.
      const ids = rows.map((row, i) => nextOf(row, logits[i]!) ?? 0);
      if (rows.every(({ isDone }) => isDone)) return;
      read = await decoder.readNext(cache, ids);
      cache.release();
    }
  } catch (reason) {
    throwIfAborted(signal);
    for (const row of rows) fail(row, reason);
  } finally {
    cache?.wipe();
  }
}

/** The token that a row goes on with; undefined where it has ended. */
function nextOf(row: Writing, logits: Float32Array): number | undefined {
  if (row.isDone) return undefined;
  try {
    const id = row.answer.forced ?? row.answer.choose(logits);
    if (row.answer.add(id)) return id;
    settle(row, { status: 'fulfilled', value: row.answer.end(0) });
  } catch (reason) {
    fail(row, reason);
  }
  return undefined;
}

function fail(row: Writing, reason: unknown): void {
  if (!isDeviceFault(reason)) settle(row, { status: 'rejected', reason });
  else if (!row.isDone) Object.assign(row, { isDone: true, fault: reason });
}

function settle(row: Writing, outcome: BatchOutcome): void {
  if (row.isDone) return;
  row.isDone = true;
  row.settle(outcome);
}

function checkFits({ ids }: TokenRun, contextLength: number): void {
  if (ids.length <= contextLength) return;
  throw new E2PError(
    'context-overflow',
    `a prompt of ${ids.length} tokens does not fit the context of ${contextLength} tokens`,
  );
}
