/** For tests only: a device with one vault, whose clock, records and tabs are in the test's hands. */
import type { UserChange } from '../user/attachment.ts';
import { type OpenUserOptions, openUser } from '../user/open-user.ts';
import type { User } from '../user/user.ts';
import type { ChangeChannel } from '../user/user-changes.ts';
import { createQueue } from '../user/vault/exclusive.ts';
import { createMemoryRecords, type RecordStore } from '../user/vault/record-store.ts';
import type { SealedRecord } from '../user/vault/sealed-record.ts';

export const SPACE = 'podcasts-v3';
export const HOUR = 3_600_000;

export interface UserWorld {
  /** What lies on the disk. */
  readonly disk: Map<string, unknown>;
  readonly records: RecordStore;
  /** Milliseconds since 1970; the test sets it. */
  time: number;
  /** Milliseconds that passed while the vault was open. */
  elapsed: number;
  /** Timers that are set: milliseconds, and what happens then. */
  readonly timers: { readonly wait: number; readonly task: () => void }[];
  /** Another tab of the same vault. */
  open(options?: Partial<OpenUserOptions>): Promise<User>;
  /** {@link open}, and all purposes granted. */
  openGranted(options?: Partial<OpenUserOptions>): Promise<User>;
  /** Sealed records of a kind, by their keys. */
  sealed(kind: string): [key: string, record: SealedRecord][];
}

export function createUserWorld(): UserWorld {
  const disk = new Map<string, unknown>();
  const records = createMemoryRecords(disk);
  const exclusive = createQueue();
  const tabs: ((message: unknown) => void)[] = [];
  const timers: UserWorld['timers'] = [];
  const channel = (): ChangeChannel => {
    let mine: (message: unknown) => void = () => undefined;
    return {
      post: (change: UserChange) => {
        for (const tell of tabs) if (tell !== mine) tell(change);
      },
      listen: (listener) => {
        mine = listener;
        tabs.push(mine);
      },
      close: () => tabs.splice(tabs.indexOf(mine), 1),
    };
  };
  const world: UserWorld = {
    disk,
    records,
    time: Date.UTC(2026, 0, 1),
    elapsed: 0,
    timers,
    open: (options) =>
      openUser({
        policyVersion: '1',
        records,
        exclusive,
        channel: channel(),
        origin: 'https://app.example',
        now: () => world.time,
        elapsed: () => world.elapsed,
        schedule: (wait, task) => {
          const timer = { wait, task };
          timers.push(timer);
          return () => {
            if (timers.includes(timer)) timers.splice(timers.indexOf(timer), 1);
          };
        },
        passphraseIterations: 1_000,
        ...options,
      }),
    openGranted: async (options) => {
      const user = await world.open(options);
      await user.consent.grant('personalise');
      await user.consent.grant('learn-from-activity');
      return user;
    },
    sealed: (kind) =>
      [...disk].filter(([key]) => key.startsWith(`${kind}:`)) as [key: string, record: SealedRecord][],
  };
  return world;
}

/** An embedding of `SPACE` whose numbers are all the same. */
export const embeddingOf = (value: number, dim = 4) => ({
  space: SPACE,
  values: new Float32Array(dim).fill(value),
});

/** For `rejects.toThrow`. */
export const withCode = (code: string) => ({ name: 'E2PError', code });
