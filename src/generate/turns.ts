/**
 * Runs on one engine. A few go on side by side, a step of each in turn; others wait for one of them to end, since each holds a cache, and all
 * would be slow together. Next is whoever's owner has the fewest under way, of those the one who came first.
 */
import { E2PError, throwIfAborted } from '../error.ts';

export interface TurnLimits {
  /** Side by side. */
  readonly running: number;
  /** Others that may wait. */
  readonly waiting: number;
}

export const TURN_LIMITS: TurnLimits = { running: 4, waiting: 64 };

interface Waiting {
  readonly owner: object;
  readonly start: () => void;
}

export class Turns {
  readonly #limits: TurnLimits;
  /** Whose they are. */
  readonly #running: object[] = [];
  readonly #waiting = new Set<Waiting>();

  constructor(limits = TURN_LIMITS) {
    this.#limits = limits;
  }

  /** @throws E2PError `busy` where too many wait already; the signal's reason, at once, while it waits */
  async take<T>(owner: object, signal: AbortSignal, work: () => Promise<T>): Promise<T> {
    throwIfAborted(signal);
    if (this.#running.length < this.#limits.running) this.#running.push(owner);
    else await this.#wait(owner, signal);
    try {
      return await work();
    } finally {
      this.#running.splice(this.#running.indexOf(owner), 1);
      this.#startNext();
    }
  }

  /** Until it is among the running. */
  async #wait(owner: object, signal: AbortSignal): Promise<void> {
    const { running, waiting } = this.#limits;
    if (this.#waiting.size >= waiting) {
      const found = `${running} calls are answered and ${waiting} wait on this engine`;
      throw new E2PError('busy', `${found}, expected fewer: call again when one of them has ended`);
    }
    await new Promise<void>((resolve, reject) => {
      const leave = () => {
        this.#waiting.delete(entry);
        reject(signal.reason);
      };
      const start = () => {
        signal.removeEventListener('abort', leave);
        resolve();
      };
      const entry = { owner, start };
      signal.addEventListener('abort', leave, { once: true });
      this.#waiting.add(entry);
    });
  }

  #startNext(): void {
    const under = ({ owner }: Waiting) => this.#running.filter((other) => other === owner).length;
    const [first, ...others] = this.#waiting;
    if (first === undefined) return;
    const next = others.reduce((best, each) => (under(each) < under(best) ? each : best), first);
    this.#waiting.delete(next);
    this.#running.push(next.owner);
    next.start();
  }
}
