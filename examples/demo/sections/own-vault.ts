/**
 * What the page keeps of its visitor, all of it through the library's vault: none before the visitor allows something, and what was kept
 * under a consent is deleted when it is taken back, with what was made of it. Clicks become events, the events an embedding, and the embedding goes
 * into the engine (`own-engine.ts`).
 */
import {
  type ConsentState,
  E2PError,
  type ForgetReport,
  forgetUser,
  openUser,
  type Personalizer,
  type Purpose,
  type StoredEmbedding,
  type User,
  type UserEvent,
  type UserEvents,
} from '../../../src/index.ts';
import { type Lazy, lazy } from '../lazy.ts';
import type { Site } from '../lazy-sections.ts';
import { readDisk } from './disk.ts';
import { createOwnEngine, learnFrom } from './own-engine.ts';
import { eventsOf, nameOf } from './press-events.ts';

export const VAULT = 'site';
export const USE = { actor: 'site' } as const;
/** Of what is said under “What you allow”. */
const POLICY = '2026-11';
/** Of an embedding: as many as a trail has points. */
const VERSIONS = 40;
const TOGETHER_MS = 50;

export type OwnPurpose = Extract<Purpose, 'personalise' | 'learn-from-activity'>;

export interface OwnVault {
  /** Open, if there is one. */
  readonly user: User | undefined;
  readonly listen: (listener: OwnVaultListener) => void;
  readonly allows: (purpose: OwnPurpose) => boolean;
  readonly allow: (purpose: OwnPurpose, isAllowed: boolean) => Promise<void>;
  /** Events, as far as they may be remembered, and the version of the embedding that says so too. */
  readonly add: (events: readonly UserEvent[]) => Promise<void>;
  /** The events of a button that stays pressed; those of one that is released are taken back. */
  readonly note: (name: string, isPressed: boolean) => Promise<void>;
  /** The buttons whose events are kept. */
  readonly pressed: () => Promise<readonly string[]>;
  /** How often the embedding has become another one. */
  readonly changes: number;
  /** Of the embedding, newest first, as far as that is allowed. */
  readonly versions: () => Promise<readonly StoredEmbedding[]>;
  /** Of this vault, one for all sections; made when it is first asked for. @throws E2PError `destroyed` where there is no vault */
  readonly engine: () => Promise<Personalizer>;
  readonly forget: () => Promise<ForgetReport>;
}

/** A section that shows what is kept, or makes use of it. */
export interface OwnVaultListener {
  /** Something was stored or decided, here or in another tab. */
  readonly onChange: () => void;
  /** Nothing is left of the visitor. */
  readonly onForgotten?: () => void;
}

let own: Lazy<OwnVault> | undefined;

/** One for the page; open where there is a vault already. */
export function ownVault(site: Pick<Site, 'data' | 'options'>): Promise<OwnVault> {
  own ??= lazy(() => createOwnVault(site));
  return own.get();
}

async function createOwnVault({ data, options }: Pick<Site, 'data' | 'options'>): Promise<OwnVault> {
  const { space } = data.world;
  const listeners = new Set<OwnVaultListener>();
  let user: User | undefined;
  let consent: ConsentState | undefined;
  let changes = 0;
  let isTelling = false;
  let changing: Promise<unknown> = Promise.resolve();
  const allows = (purpose: OwnPurpose): boolean => {
    const decision = consent?.[purpose];
    return decision?.state === 'granted' && decision.policyVersion === POLICY;
  };
  const onChange = (): void => {
    for (const listener of listeners) listener.onChange();
  };
  const close = (): void => {
    user = consent = undefined;
    opening.drop();
    learning.drop();
    // Where it could not be created, that was said.
    void engine.drop()?.then(
      (running) => running.destroy(),
      () => undefined,
    );
    for (const listener of listeners) listener.onForgotten?.();
    onChange();
  };
  const look = async (): Promise<void> => {
    try {
      consent = await user?.consent.state();
    } catch (error) {
      // Another tab has forgotten the visitor.
      if (!(error instanceof E2PError && error.code === 'destroyed')) throw error;
      close();
    }
  };
  /** All clicks of a press are one change, and so are decisions in a row: each look at the embedding is an entry of the audit. */
  const lookSoon = (): void => {
    if (isTelling) return;
    isTelling = true;
    setTimeout(async () => {
      await changing;
      isTelling = false;
      await look();
      onChange();
    }, TOGETHER_MS);
  };
  const opening = lazy(async () => {
    const opened = await openUser({ name: VAULT, policyVersion: POLICY, historyLength: VERSIONS });
    opened.subscribe((change) => {
      if (change === 'embedding') changes++;
      if (change === 'forget') close();
      else lookSoon();
    });
    user = opened;
    await look();
    return opened;
  });
  const opened = (): User => {
    if (user === undefined) throw new E2PError('destroyed', 'there is no vault');
    return user;
  };
  const learning = lazy(async () => learnFrom(opened(), data));
  const learn = async (): Promise<void> => (await learning.get()).settled();
  const engine = lazy(async () => createOwnEngine(opened(), options));
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
  if ((await readDisk(VAULT)).length > 0) await opening.get();
  return {
    get user() {
      return user;
    },
    listen: (listener) => void listeners.add(listener),
    allows,
    allow: async (purpose, isAllowed) => {
      const person = await opening.get();
      await person.consent[isAllowed ? 'grant' : 'withdraw'](purpose, USE);
      if (!isAllowed) {
        await person.embedding.delete(space, USE);
        if (purpose === 'learn-from-activity') await person.events.clear(USE);
      }
      await look();
      lookSoon();
    },
    get changes() {
      return changes;
    },
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
    engine: engine.get,
    forget: async () => {
      if (user !== undefined) return user.forget();
      const report = await forgetUser({ name: VAULT });
      close();
      return report;
    },
  };
}
