/**
 * idb-keyval's connection, made anew once where the browser has dropped it: Safari does so without the event that idb-keyval waits for.
 */
import { createStore, type UseStore } from 'idb-keyval';

/** What a call meets on a connection that is gone: before a transaction begins, or in it, and then nothing of it was done. */
const DROPPED = ['InvalidStateError', 'UnknownError'];

export function createKeptStore(database: string, store: string): UseStore {
  let use = createStore(database, store);
  return async (mode, callback) => {
    try {
      return await use(mode, callback);
    } catch (error) {
      if (!(error instanceof DOMException && DROPPED.includes(error.name))) throw error;
      use = createStore(database, store);
      return use(mode, callback);
    }
  };
}
