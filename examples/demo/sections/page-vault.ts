/**
 * A vault of a page of this site: none before the visitor allows something, and what was kept under a consent goes when it is taken back. An
 * engine of its own writes for the person who is in it; whatever ends the vault ends the engine.
 */
import {
  type ConsentState,
  E2PError,
  type ForgetReport,
  forgetUser,
  openUser,
  type Personalizer,
  type Purpose,
  type User,
} from '../../../src/index.ts';
import { type Lazy, lazy } from '../lazy.ts';
import { readDisk } from './disk.ts';

export const USE = { actor: 'site' } as const;
/** Each page has one, since what they ask for is allowed apart. */
const VAULTS = ['site', 'real-llm'] as const;
/** Of what is said under “What you allow”. */
const POLICY = '2026-11';
/** Of an embedding: as many as a trail has points. */
const VERSIONS = 40;
const TOGETHER_MS = 50;

export interface PageVaultOptions<P extends Purpose> {
  readonly name: (typeof VAULTS)[number];
  readonly createEngine: (user: User) => Promise<Personalizer>;
  /** Deletes what was kept under a consent. */
  readonly drop: (user: User, purpose: P) => Promise<unknown>;
  /** Changes that are under way: what is made of them is told with them. */
  readonly settled?: () => Promise<unknown>;
  readonly onClose?: () => void;
}

export interface PageVault<P extends Purpose> {
  readonly name: string;
  /** Open, if there is one. */
  readonly user: User | undefined;
  /** @throws E2PError `destroyed` where there is no vault */
  readonly opened: () => User;
  readonly listen: (listener: PageVaultListener) => void;
  readonly allows: (purpose: P) => boolean;
  readonly allow: (purpose: P, isAllowed: boolean) => Promise<void>;
  /** How often the embedding has become another one. */
  readonly changes: number;
  /** Of this vault, one for all sections; made when it is first asked for. */
  readonly engine: Lazy<Personalizer>['get'];
  /** It may be asked for again. */
  readonly endEngine: () => Promise<void>;
  /** The other page's vault as well, so that the site keeps nothing of the visitor. */
  readonly forget: () => Promise<Forgotten>;
}

export type Forgotten = Pick<ForgetReport, 'removed' | 'isComplete'>;

/** A section that shows what is kept, or makes use of it. */
export interface PageVaultListener {
  /** Something was stored or decided, here or in another tab. */
  readonly onChange: () => void;
  /** Nothing is left of the visitor. */
  readonly onForgotten?: () => void;
}

/** Open where there is a vault already. */
export async function createPageVault<P extends Purpose>(
  options: PageVaultOptions<P>,
): Promise<PageVault<P>> {
  const { name, createEngine, drop, settled, onClose } = options;
  const listeners = new Set<PageVaultListener>();
  let user: User | undefined;
  let consent: ConsentState | undefined;
  let changes = 0;
  let isTelling = false;
  const onChange = (): void => {
    for (const listener of listeners) listener.onChange();
  };
  const opened = (): User => {
    if (user === undefined) throw new E2PError('destroyed', 'there is no vault');
    return user;
  };
  const engine = lazy(async () => createEngine(opened()));
  // Where it could not be created, that was said.
  const endEngine = async (): Promise<void> =>
    engine.drop()?.then(
      (running) => running.destroy(),
      () => undefined,
    );
  const close = (): void => {
    user = consent = undefined;
    opening.drop();
    onClose?.();
    void endEngine();
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
      await settled?.();
      isTelling = false;
      await look();
      onChange();
    }, TOGETHER_MS);
  };
  const opening = lazy(async () => {
    const found = await openUser({ name, policyVersion: POLICY, historyLength: VERSIONS });
    found.subscribe((change) => {
      if (change === 'embedding') changes++;
      if (change === 'forget') close();
      else lookSoon();
    });
    user = found;
    await look();
    return found;
  });
  if ((await readDisk(name)).length > 0) await opening.get();
  return {
    name,
    get user() {
      return user;
    },
    opened,
    listen: (listener) => void listeners.add(listener),
    allows: (purpose) => {
      const decision = consent?.[purpose];
      return decision?.state === 'granted' && decision.policyVersion === POLICY;
    },
    allow: async (purpose, isAllowed) => {
      const person = await opening.get();
      await person.consent[isAllowed ? 'grant' : 'withdraw'](purpose, USE);
      if (!isAllowed) await drop(person, purpose);
      await look();
      lookSoon();
    },
    get changes() {
      return changes;
    },
    engine: engine.get,
    endEngine,
    forget: async () => {
      const own = user;
      const others = VAULTS.filter((other) => other !== name);
      const outcomes = await Promise.allSettled([
        own?.forget() ?? forgetUser({ name }),
        ...others.map(async (other) =>
          (await readDisk(other)).length > 0 ? forgetUser({ name: other }) : undefined,
        ),
      ]);
      // Who is open tells of it.
      if (own === undefined) close();
      return together(outcomes);
    },
  };
}

function together(outcomes: readonly PromiseSettledResult<ForgetReport | undefined>[]): Forgotten {
  const reports = outcomes.flatMap((outcome) =>
    outcome.status === 'fulfilled' ? (outcome.value ?? []) : { removed: [], isComplete: false },
  );
  const counts = new Map<string, ForgetReport['removed'][number]>();
  for (const item of reports.flatMap(({ removed }) => removed)) {
    const key = `${item.what}, ${item.where}`;
    counts.set(key, { ...item, count: item.count + (counts.get(key)?.count ?? 0) });
  }
  return { removed: [...counts.values()], isComplete: reports.every(({ isComplete }) => isComplete) };
}
