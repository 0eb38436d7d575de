/**
 * One at a time: everything that reads, changes and writes a vault happens inside its exclusive lock, across all tabs and
 * workers of the origin. The browser frees the lock of a tab or worker that dies.
 */

/** Runs tasks one after the other, in the order of the calls. A task that waits for another one would wait for ever. */
export type Exclusive = <T>(task: () => Promise<T>) => Promise<T>;

/** For records that only this thread can see. */
export function createQueue(): Exclusive {
  let last: Promise<unknown> = Promise.resolve();
  return (task) => {
    const run = last.then(task, task);
    last = run.catch(() => undefined);
    return run;
  };
}

/** A Web Lock (w3c.github.io/web-locks) named after the vault. */
export function createWebLock(vault: string, locks: LockManager = navigator.locks): Exclusive {
  return async (task) => await locks.request(`e2p-vault-${vault}`, task);
}
