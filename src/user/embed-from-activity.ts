/**
 * Keeps an embedding in the vault up to date with what the person does. Think of it as a clerk who is told that the log has changed, waits
 * until it is quiet, reads what is new in it, and files a new version; who stops and forgets as soon as `learn-from-activity` is not granted.
 *
 * The embedding of the space is this connection's own: what else is set there is replaced with the next event.
 */
import { checkRange, E2PError, readArgument } from '../error.ts';
import { ActivityEmbedding, type ActivityMethod } from './activity-embedding.ts';
import { type ActivityTypes, activityWeight } from './activity-weights.ts';
import type { UserChange } from './attachment.ts';
import type { Catalogue } from './catalogue.ts';
import type { StoredEvent } from './events.ts';
import type { User } from './user.ts';

/** How what a person does becomes their embedding. */
export interface ActivityOptions {
  /** Default: fold-in, with regularisation, alpha and Gram matrix of the catalogue. */
  readonly method?: 'fold-in' | 'mean';
  /** Clicks that an event counts as, by its type. Default: `ACTIVITY_TYPES`; other types say nothing. */
  readonly types?: ActivityTypes;
  /** Milliseconds after which an event counts half. Default: for ever the same. */
  readonly halfLife?: number;
  /** Milliseconds from a change until it is taken in, with those that came meanwhile; each makes a new version. Default 500. */
  readonly delay?: number;
  /** Told why an update failed; the next change tries again. */
  readonly onError?: (error: unknown) => void;
}

/** `disconnect` it, or it ends with the vault. */
export interface ActivityConnection {
  /** `paused` while the consent is missing or the vault is locked: then nothing of the person is in its memory. */
  readonly state: 'learning' | 'paused' | 'ended';
  /** Events that were left out, since the catalogue has no such item. */
  readonly unknown: number;
  /** Resolves when what has happened until now is in the vault. @throws what the last update failed with */
  settled(): Promise<void>;
  /** Ends it and overwrites what it knows; the embedding stays. */
  disconnect(): Promise<void>;
}

const ACTOR = { actor: 'e2p-web' } as const;
const LEARNING = { ...ACTOR, purpose: 'learn-from-activity' } as const;
/** What a vault may say that is no failure. */
const REFUSALS: readonly unknown[] = ['consent-required', 'vault-locked', 'destroyed'];
const DELAY = { default: 500, most: 3_600_000 } as const;

/**
 * Needs the grants for `learn-from-activity`, to read events, and for `personalise`, to set the embedding. Resolves when the embedding
 * says what the log does; where a grant is missing it waits for it.
 * @throws E2PError `invalid-argument`; what reading the vault or the catalogue fails with
 */
export async function embedFromActivity(
  user: User,
  catalogue: Catalogue,
  given: ActivityOptions = {},
): Promise<ActivityConnection> {
  const options = readArgument('the options', () => ({ ...given }));
  const { delay = DELAY.default, types, halfLife, onError } = options;
  const { space, dim, gram, regularisation, alpha } = catalogue;
  checkRange('delay', delay, 0, DELAY.most);
  const method: ActivityMethod = options.method === 'mean' ? 'mean' : { gram, regularisation, alpha };
  const begin = () => new ActivityEmbedding({ dim, method, halfLife });
  let activity = begin();
  /** Of all events that were read, those that say nothing too. */
  let seen = new Set<string>();
  let unknown = new Set<string>();
  let state: ActivityConnection['state'] = 'learning';
  let failure: unknown;
  let timer: ReturnType<typeof setTimeout> | undefined;
  let tail: Promise<void> = Promise.resolve();

  const letGo = (next: 'paused' | 'ended') => {
    clearTimeout(timer);
    timer = undefined;
    if (state !== 'ended') state = next;
    activity.destroy();
    activity = begin();
    [seen, unknown] = [new Set(), new Set()];
  };
  const isEnded = () => state === 'ended';
  const takeIn = async (added: readonly StoredEvent[]): Promise<void> => {
    const counted = added.map((event) => ({ ...event, weight: activityWeight(event, types) }));
    const telling = counted.filter(({ weight }) => weight !== 0);
    const found = await catalogue.find(telling.map(({ item }) => item));
    const known = telling.flatMap((event, i) => (found[i] === undefined ? [] : { event, row: found[i] }));
    const rows = await catalogue.rows(known.map(({ row }) => row));
    if (isEnded()) return void rows.fill(0);
    for (const { id } of added) seen.add(id);
    for (const [i, { id }] of telling.entries()) if (found[i] === undefined) unknown.add(id);
    for (const [i, { event, row }] of known.entries()) {
      // A clock that was wrong must not make an event newer than its storing.
      const time = Math.min(event.time, event.storedAt);
      const vector = rows.subarray(i * dim, (i + 1) * dim);
      activity.add({ id: event.id, item: row, weight: event.weight, time }, vector);
    }
    rows.fill(0);
  };
  /** The last event may have gone while nobody looked. */
  const isLearnt = async (): Promise<boolean> => {
    const history = await user.embedding.history(space, ACTOR);
    for (const { values } of history) values.fill(0);
    // What feedback made of it goes with it.
    return history.find(({ learntFrom }) => learntFrom !== 'feedback')?.learntFrom === 'activity';
  };
  const store = async (hadSome: boolean): Promise<void> => {
    const values = activity.values();
    if (values === undefined) {
      if (hadSome || (await isLearnt())) await user.embedding.delete(space, ACTOR);
      return;
    }
    try {
      if (!isEnded()) await user.embedding.set({ space, values }, LEARNING);
    } finally {
      values.fill(0);
    }
  };
  const update = async (): Promise<void> => {
    if (isEnded()) return;
    try {
      const { added, removed } = await user.events.difference(seen, ACTOR);
      const hadSome = activity.size > 0;
      if (isEnded()) return;
      state = 'learning';
      for (const id of removed) {
        activity.remove(id);
        seen.delete(id);
        unknown.delete(id);
      }
      await takeIn(added);
      // It may have been withdrawn while rows were read.
      await user.consent.require('learn-from-activity', ACTOR);
      await store(hadSome);
      failure = undefined;
    } catch (error) {
      if (error instanceof E2PError && REFUSALS.includes(error.code)) return letGo('paused');
      failure = error;
      onError?.(error);
    }
  };
  const inTurn = (): Promise<void> => {
    clearTimeout(timer);
    timer = undefined;
    tail = tail.then(update);
    return tail;
  };
  const detach = user.attach({
    onChange: async (change: UserChange) => {
      if (isEnded() || change === 'embedding' || change === 'feedback') return;
      if (change === 'events') timer ??= setTimeout(inTurn, delay);
      // Whoever withdraws waits until it is forgotten here; a decision on something else finds nothing new.
      else await inTurn();
    },
    forget: async () => {
      const count = activity.size;
      detach();
      letGo('ended');
      return count === 0 ? [] : [{ what: 'activity', where: 'memory', count }];
    },
  });
  const connection: ActivityConnection = {
    get state() {
      return state;
    },
    get unknown() {
      return unknown.size;
    },
    settled: async () => {
      await (timer === undefined ? tail : inTurn());
      if (failure !== undefined) throw failure;
    },
    disconnect: async () => {
      detach();
      letGo('ended');
      await tail;
      activity.destroy();
    },
  };
  await inTurn();
  if (failure === undefined) return connection;
  await connection.disconnect();
  throw failure;
}
