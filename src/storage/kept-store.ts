/**
 * idb-keyval's connection, made anew once where the browser has dropped it: Safari does so without the event that idb-keyval waits for.
 */
import { createStore, type UseStore } from 'idb-keyval';

/** What a call meets on a connection that is gone: before a transaction begins, or in it, and then nothing of it was done. */
const DROPPED = ['InvalidStateError', 'UnknownError'];

export function createKeptStore(database: string, store: string): UseStore {
  let latest = createStore(database, store);
  return async (mode, callback) => {
    const use = latest;
    try {
      return await use(mode, callback);
    } catch (error) {
      if (!(error instanceof DOMException && DROPPED.includes(error.name))) throw error;
      // One new connection for all calls that met the old one.
      if (latest === use) latest = createStore(database, store);
      return latest(mode, callback);
    }
  };
}
