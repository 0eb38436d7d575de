/**
 * The engine knows one user at a time, so a page has one writer at a time. Whoever takes the turn aborts the writer before and waits until
 * that one is done, so that nobody's text is written with somebody else's token.
 */

/** @returns what `work` returns. @throws what it throws; an AbortError where the next writer came before it began. */
export type TakeTurn = <T>(controller: AbortController, work: () => Promise<T>) => Promise<T>;

export function createTurns(): TakeTurn {
  let current: AbortController | undefined;
  let before: Promise<unknown> = Promise.resolve();
  return (controller, work) => {
    current?.abort();
    current = controller;
    const done = before.then(() => {
      controller.signal.throwIfAborted();
      return work();
    });
    before = done.catch(() => undefined);
    return done;
  };
}
