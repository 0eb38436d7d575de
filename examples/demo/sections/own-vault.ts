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
const ACTOR = 'site';

export type OwnPurpose = Exclude<Purpose, 'share-aggregates'>;

export interface OwnVault {
  /** Open, if there is one. */
  readonly user: User | undefined;
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

export interface OwnVaultOptions {
  readonly space: string;
  /** Ends what is written with the visitor's point. @returns how many texts that were */
  readonly letGo: () => Promise<number>;
  /** Something was stored, decided or forgotten, here or in another tab. */
  readonly onChange: () => void;
}

/** Opens the vault where there is one already. */
export async function createOwnVault({ space, letGo, onChange }: OwnVaultOptions): Promise<OwnVault> {
  let opening: Promise<User> | undefined;
  let user: User | undefined;
  let consent: ConsentState | undefined;
  const allows = (purpose: OwnPurpose): boolean => {
    const decision = consent?.[purpose];
    return decision?.state === 'granted' && decision.policyVersion === POLICY;
  };
  const close = (): void => {
    opening = user = consent = undefined;
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
  const open = async (): Promise<User> => {
    const opened = await openUser({ name: VAULT, policyVersion: POLICY });
    opened.subscribe((change) => (change === 'forget' ? close() : void look().then(onChange)));
    opened.attach({
      onChange: async (change) => {
        if (change === 'embedding') return;
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
    allows,
    allow: async (purpose, isAllowed) => {
      const own = await ensure();
      await own.consent[isAllowed ? 'grant' : 'withdraw'](purpose, { actor: ACTOR });
      if (!isAllowed && purpose === 'personalise') await own.embedding.delete(space, { actor: ACTOR });
      if (!isAllowed && purpose === 'learn-from-activity') await own.events.clear({ actor: ACTOR });
      await look();
      onChange();
    },
    keep: async (embedding) => {
      if (user === undefined || !allows('personalise')) return;
      if (embedding === undefined) await user.embedding.delete(space, { actor: ACTOR });
      else await user.embedding.set(embedding, { actor: ACTOR });
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
      const point = user && allows('personalise') ? await user.embedding.get(space, use) : undefined;
      return { pressed: [...pressed], point };
    },
    take: async (use) => user?.embedding.get(space, { actor: ACTOR, ...use }),
    forget: async () => {
      const report = user ? await user.forget() : await forgetUser({ name: VAULT });
      close();
      return report;
    },
  };
}
