/** The batches that run on an engine, so that whoever ends one of their owners can stop them and wait. */
import type { E2PError } from '../error.ts';
import type { Engine } from './engine.ts';
import { type BatchRow, type RunBatchOptions, runBatch } from './generate-batch.ts';
import type { Turns } from './turns.ts';

interface Running {
  readonly owner: object;
  readonly controller: AbortController;
  readonly settled: Promise<unknown>;
}

export class Batches {
  readonly #running = new Set<Running>();
  readonly #turns: Turns;

  constructor(turns: Turns) {
    this.#turns = turns;
  }

  /**
   * Answers many at once; `options.signal`, and the end of their owner, stop them. What stood for their users is overwritten then.
   * @throws the signal's reason on an abort; what {@link end} is told
   */
  async run(
    engine: Engine,
    owner: object,
    rows: readonly BatchRow[],
    options: RunBatchOptions,
  ): Promise<void> {
    const controller = new AbortController();
    const { signal: ended } = controller;
    const signal = options.signal ? AbortSignal.any([options.signal, ended]) : ended;
    const work = () => runBatch(engine, rows, { ...options, signal });
    const run = this.#turns.take(owner, signal, work).finally(() => {
      for (const { prompt } of rows) for (const vector of prompt.soft?.values() ?? []) vector.fill(0);
    });
    const batch = { owner, controller, settled: run.catch(() => undefined) };
    this.#running.add(batch);
    try {
      await run;
    } finally {
      this.#running.delete(batch);
    }
  }

  /** Resolves when none of them runs any more. */
  async end(owner: object, error: E2PError): Promise<void> {
    const batches = [...this.#running].filter((batch) => batch.owner === owner);
    for (const { controller } of batches) controller.abort(error);
    await Promise.all(batches.map(({ settled }) => settled));
  }
}
