/**
 * What the page keeps of its visitor, all of it through the library's vault: none before the visitor allows something, and what was kept
 * under a consent is deleted when it is taken back.
 */
import {
  type ConsentState,
  E2PError,
  type ForgetReport,
  forgetUser,
  openUser,
  type Purpose,
  type User,
  type UserEmbedding,
} from '../../../src/index.ts';
import { readDisk } from './disk.ts';

export const VAULT = 'site';
/** Of what is said under “What you allow”. */
const POLICY = '2026-11';
export const ACTOR = 'site';
/** Of an embedding: as many as a trail has points. */
const VERSIONS = 40;
const TOGETHER_MS = 50;

export type OwnPurpose = Exclude<Purpose, 'share-aggregates'>;

export interface OwnVault {
  /** Open, if there is one. */
  readonly user: User | undefined;
  readonly listen: (listener: OwnVaultListener) => void;
  readonly allows: (purpose: OwnPurpose) => boolean;
  readonly allow: (purpose: OwnPurpose, isAllowed: boolean) => Promise<void>;
  /** As far as it is allowed. */
  readonly keep: (embedding: UserEmbedding | undefined) => Promise<void>;
  readonly note: (name: string, isPressed: boolean) => Promise<void>;
  /** What was pressed when it was remembered, and the point that was kept. */
  readonly recall: () => Promise<{
    readonly pressed: readonly string[];
    readonly point: UserEmbedding | undefined;
  }>;
  /** The point, for a text: noted in the audit log. @throws E2PError `consent-required` */
  readonly take: (use: {
    readonly model: string;
    readonly projector: string;
  }) => Promise<UserEmbedding | undefined>;
  readonly forget: () => Promise<ForgetReport>;
}

/** A section that shows what is kept, or makes use of it. */
export interface OwnVaultListener {
  /** Something was stored or decided, here or in another tab. */
  readonly onChange: () => void;
  /** Nothing is left of the visitor. */
  readonly onForgotten: () => void;
  /** Ends what is written with the visitor's point. @returns how many texts that were */
  readonly letGo?: () => Promise<number>;
}

let own: Promise<OwnVault> | undefined;

/** One for the page; open where there is a vault already. @param space that the projector reads */
export function ownVault(space: string): Promise<OwnVault> {
  own ??= createOwnVault(space).catch((error) => {
    // Whoever comes by again tries again.
    own = undefined;
    throw error;
  });
  return own;
}

async function createOwnVault(space: string): Promise<OwnVault> {
  const listeners = new Set<OwnVaultListener>();
  /** Beside what is learnt from clicks, which is the space's own. */
  const pressedSpace = `${space}, as pressed`;
  let opening: Promise<User> | undefined;
  let user: User | undefined;
  let consent: ConsentState | undefined;
  let isTelling = false;
  const allows = (purpose: OwnPurpose): boolean => {
    const decision = consent?.[purpose];
    return decision?.state === 'granted' && decision.policyVersion === POLICY;
  };
  const onChange = (): void => {
    for (const listener of listeners) listener.onChange();
  };
  const letGo = async (): Promise<number> => {
    const counts = await Promise.all([...listeners].map(async (listener) => (await listener.letGo?.()) ?? 0));
    return counts.reduce((sum, count) => sum + count, 0);
  };
  const close = (): void => {
    opening = user = consent = undefined;
    for (const listener of listeners) listener.onForgotten();
    onChange();
  };
  const look = async (): Promise<void> => {
    try {
      consent = await user?.consent.state();
    } catch (error) {
      // Another tab has forgotten the visitor.
      if (!(error instanceof E2PError && error.code === 'destroyed')) throw error;
      user = opening = consent = undefined;
    }
  };
  /** Fifteen clicks are one change. */
  const lookSoon = (): void => {
    if (isTelling) return;
    isTelling = true;
    setTimeout(() => {
      isTelling = false;
      void look().then(onChange);
    }, TOGETHER_MS);
  };
  const open = async (): Promise<User> => {
    const opened = await openUser({ name: VAULT, policyVersion: POLICY, historyLength: VERSIONS });
    opened.subscribe((change) => (change === 'forget' ? close() : lookSoon()));
    opened.attach({
      onChange: async (change) => {
        if (change !== 'consent') return;
        consent = await opened.consent.state();
        if (!allows('personalise')) await letGo();
      },
      forget: async () => {
        const count = await letGo();
        return count > 0 ? [{ what: 'embedding in the engine', where: 'memory', count }] : [];
      },
    });
    user = opened;
    await look();
    return opened;
  };
  const ensure = (): Promise<User> => {
    opening ??= open();
    return opening;
  };
  if ((await readDisk(VAULT)).length > 0) await ensure();
  return {
    get user() {
      return user;
    },
    listen: (listener) => void listeners.add(listener),
    allows,
    allow: async (purpose, isAllowed) => {
      const own = await ensure();
      await own.consent[isAllowed ? 'grant' : 'withdraw'](purpose, { actor: ACTOR });
      if (!isAllowed && purpose === 'personalise')
        for (const each of [space, pressedSpace]) await own.embedding.delete(each, { actor: ACTOR });
      if (!isAllowed && purpose === 'learn-from-activity') await own.events.clear({ actor: ACTOR });
      await look();
      onChange();
    },
    keep: async (embedding) => {
      if (user === undefined || !allows('personalise')) return;
      if (embedding === undefined) await user.embedding.delete(pressedSpace, { actor: ACTOR });
      else await user.embedding.set({ ...embedding, space: pressedSpace }, { actor: ACTOR });
      onChange();
    },
    note: async (item, isPressed) => {
      if (user === undefined || !allows('learn-from-activity')) return;
      await user.events.add({ type: isPressed ? 'press' : 'release', item }, { actor: ACTOR });
      onChange();
    },
    recall: async () => {
      const pressed = new Set<string>();
      const use = { actor: ACTOR };
      const events = user && allows('learn-from-activity') ? await user.events.list(use) : [];
      for (const { type, item } of events) pressed[type === 'press' ? 'add' : 'delete'](item);
      const point = user && allows('personalise') ? await user.embedding.get(pressedSpace, use) : undefined;
      return { pressed: [...pressed], point: point && { ...point, space } };
    },
    take: async (use) => {
      const point = await user?.embedding.get(pressedSpace, { actor: ACTOR, ...use });
      return point && { ...point, space };
    },
    forget: async () => {
      if (user !== undefined) return user.forget();
      const report = await forgetUser({ name: VAULT });
      close();
      return report;
    },
  };
}
