/** A runtime that breaks on purpose: runs that fail, and a device that goes away, as a GPU does, after which every run fails. */
import { E2PError } from '../error.ts';
import type { Runtime, RuntimeSession } from '../runtime/runtime.ts';

export interface Faults {
  /** How probable in each run, while armed. */
  readonly failing: number;
  readonly losing: number;
  isArmed: boolean;
  failed: number;
  lost: number;
}

export const createFaults = (failing: number, losing: number): Faults => ({
  ...{ failing, losing, isArmed: false, failed: 0, lost: 0 },
});

/** How errors that were injected begin. */
export const INJECTED = 'injected: ';

export function faultyRuntime(inner: Runtime, faults: Faults, random: () => number): Runtime {
  let isLost = false;
  const sessions: RuntimeSession[] = [];
  const lose = () => {
    isLost = true;
    faults.lost++;
    // A device takes its sessions with it.
    for (const session of sessions) void session.release().catch(() => undefined);
    throw new E2PError('device-lost', `${INJECTED}the device was lost`);
  };
  return Object.create(inner, {
    lost: { get: () => isLost },
    createSession: {
      value: async (...args: Parameters<Runtime['createSession']>) => {
        const session = await inner.createSession(...args);
        sessions.push(session);
        const run: RuntimeSession['run'] = async (feeds) => {
          if (isLost) throw new E2PError('device-lost', `${INJECTED}the device was lost`);
          if (faults.isArmed && random() < faults.losing) lose();
          if (faults.isArmed && random() < faults.failing) {
            faults.failed++;
            throw new E2PError('runtime-failed', `${INJECTED}a run failed`);
          }
          return session.run(feeds);
        };
        const release = async () => {
          if (!isLost) await session.release();
        };
        return { ...session, run, release };
      },
    },
  });
}
