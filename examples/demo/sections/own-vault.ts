/**
 * What the main page keeps of its visitor: clicks become events in the vault (`page-vault.ts`), the events an embedding, and the embedding goes
 * into the engine (`own-engine.ts`). What was kept under a consent is deleted when it is taken back, with what was made of it.
 */
import type { Purpose, StoredEmbedding, UserEvent, UserEvents } from '../../../src/index.ts';
import { type Lazy, lazy } from '../lazy.ts';
import type { Site } from '../lazy-sections.ts';
import { createOwnEngine, learnFrom } from './own-engine.ts';
import { createPageVault, type PageVault, USE } from './page-vault.ts';
import { eventsOf, nameOf } from './press-events.ts';

export type OwnPurpose = Extract<Purpose, 'personalise' | 'learn-from-activity'>;

export interface OwnVault extends PageVault<OwnPurpose> {
  /** Events, as far as they may be remembered, and the version of the embedding that says so too. */
  readonly add: (events: readonly UserEvent[]) => Promise<void>;
  /** The events of a button that stays pressed; those of one that is released are taken back. */
  readonly note: (name: string, isPressed: boolean) => Promise<void>;
  /** The buttons whose events are kept. */
  readonly pressed: () => Promise<readonly string[]>;
  /** Of the embedding, newest first, as far as that is allowed. */
  readonly versions: () => Promise<readonly StoredEmbedding[]>;
}

let own: Lazy<OwnVault> | undefined;

/** One for the page; open where there is a vault already. */
export function ownVault(site: Pick<Site, 'data' | 'options'>): Promise<OwnVault> {
  own ??= lazy(() => createOwnVault(site));
  return own.get();
}

async function createOwnVault({ data, options }: Pick<Site, 'data' | 'options'>): Promise<OwnVault> {
  const { space } = data.world;
  let changing: Promise<unknown> = Promise.resolve();
  const learning = lazy(async () => learnFrom(vault.opened(), data));
  const vault: PageVault<OwnPurpose> = await createPageVault<OwnPurpose>({
    name: 'site',
    createEngine: (user) => createOwnEngine(user, options),
    drop: async (person, purpose) => {
      await person.embedding.delete(space, USE);
      if (purpose === 'learn-from-activity') await person.events.clear(USE);
    },
    settled: () => changing,
    onClose: () => void learning.drop(),
  });
  const { allows, opened } = vault;
  const learn = async (): Promise<void> => (await learning.get()).settled();
  /** One after the other, and each is one version. */
  const change = (work: (events: UserEvents) => Promise<unknown>): Promise<void> => {
    const done = changing.then(async () => {
      if (!allows('learn-from-activity')) return;
      await work(opened().events);
      await learn();
    });
    changing = done.catch(() => undefined);
    return done;
  };
  const addAll = async (to: UserEvents, events: readonly UserEvent[]): Promise<void> => {
    for (const event of events) await to.add(event, USE);
  };
  const more: Omit<OwnVault, keyof PageVault<OwnPurpose>> = {
    add: (events) => change((to) => addAll(to, events)),
    note: (name, isPressed) =>
      change(async (events) => {
        const ids = (await events.list(USE)).flatMap((event) => (nameOf(event) === name ? event.id : []));
        if (!isPressed) await events.delete(ids, USE);
        else if (ids.length === 0) await addAll(events, eventsOf(data.world, name));
      }),
    pressed: async () => {
      const kept = allows('learn-from-activity') ? await opened().events.list(USE) : [];
      return [...new Set(kept.flatMap((event) => nameOf(event) ?? []))];
    },
    versions: async () => {
      await changing;
      if (!allows('personalise')) return [];
      const { embedding } = opened();
      const kept = await embedding.history(space, USE);
      if (kept.length > 0 || !allows('learn-from-activity')) return kept;
      await learn();
      return embedding.history(space, USE);
    },
  };
  return Object.assign(vault, more);
}
