/**
 * Time that does not go back. Retention counts in vault time, and setting the device's clock back must not keep data longer:
 * vault time is the latest of the clock, of the latest time the vault has seen (kept in its ledger), and of the time that
 * passed since the vault was opened.
 *
 * A clock that was once far ahead makes data expire early, and holds vault time at that point until the clock comes by: while
 * it does, data ages only with the time that vaults are open. Both err on the side of removal where they can.
 */

export interface VaultClockOptions {
  /** Milliseconds since 1970. */
  readonly now: () => number;
  /** Milliseconds since any fixed moment; never goes back. */
  readonly elapsed: () => number;
}

/** Vault time for the latest time that the ledger has seen, in whole milliseconds. */
export type VaultClock = (highWater: number) => number;

export function createVaultClock({ now, elapsed }: VaultClockOptions): VaultClock {
  let last = { time: 0, elapsed: 0 };
  return (highWater) => {
    const passed = elapsed();
    const running = last.time === 0 ? 0 : last.time + Math.max(0, passed - last.elapsed);
    const time = Math.max(now(), highWater, running);
    last = { time, elapsed: passed };
    return Math.floor(time);
  };
}
