/** The page's side of `protocol.ts`: one worker, the calls under way in it, and what happens where it does not answer. */
import { E2PError, readArgument } from '../error.ts';
import type { UserEndReason } from '../generate/connect-user.ts';
import type { ForgottenItem } from '../user/attachment.ts';
import {
  fromWireError,
  type Operation,
  type Operations,
  type PageMessage,
  type WorkerMessage,
} from './protocol.ts';

interface Pending {
  readonly resolve: (value: unknown) => void;
  readonly reject: (error: unknown) => void;
  readonly onMessage: ((message: WorkerMessage) => void) | undefined;
}

interface CallOptions {
  readonly signal?: AbortSignal | undefined;
  readonly onMessage?: ((message: WorkerMessage) => void) | undefined;
  readonly transfer?: Transferable[];
  /** What the call fails with where no answer comes in time; absent: it waits. */
  readonly deadline?: E2PError;
}

/** Longest wait for a worker that is asked to stop or to let go of something, in ms. */
export const PATIENCE_MS = 10_000;

/** Where a worker is reached, and how it is ended. */
interface Reached {
  readonly port: Pick<MessagePort, 'postMessage' | 'addEventListener'>;
  close(): void;
}

/** One worker and the calls under way in it. */
export class WorkerLink {
  readonly #reached: Reached;
  readonly #pending = new Map<number, Pending>();
  #next = 1;
  #closed: E2PError | undefined;

  constructor(reached: Reached) {
    this.#reached = reached;
    reached.port.addEventListener('message', (event) =>
      this.#receive((event as MessageEvent<WorkerMessage>).data),
    );
  }

  /** Whether it has stopped: it then holds nothing. */
  get isClosed(): boolean {
    return this.#closed !== undefined;
  }

  /** An abort rejects with the signal's reason: when the worker has stopped, or at the latest when patience ends. */
  async call<O extends Operation>(
    op: O,
    params: Operations[O]['params'],
    { signal, onMessage, deadline, transfer }: CallOptions = {},
  ): Promise<Operations[O]['result']> {
    if (this.#closed !== undefined) throw this.#closed;
    signal?.throwIfAborted();
    const id = this.#next++;
    let timer: ReturnType<typeof setTimeout> | undefined;
    const failLater = (reason: () => unknown) => {
      timer = setTimeout(() => this.#take(id)?.reject(reason()), PATIENCE_MS);
    };
    const abort = () => {
      this.#post({ abort: id });
      failLater(() => signal?.reason);
    };
    signal?.addEventListener('abort', abort, { once: true });
    if (deadline !== undefined) failLater(() => deadline);
    try {
      return await new Promise((resolve, reject) => {
        // Cloning what can't be cloned fails here.
        readArgument(`what was given to ${op}`, () =>
          this.#post({ id, op, params } as PageMessage, transfer),
        );
        this.#pending.set(id, { resolve: resolve as (value: unknown) => void, reject, onMessage });
      });
    } catch (error) {
      // The worker's own AbortError has lost the caller's reason.
      if (error instanceof DOMException && error.name === 'AbortError') signal?.throwIfAborted();
      throw error;
    } finally {
      clearTimeout(timer);
      signal?.removeEventListener('abort', abort);
    }
  }

  /** As {@link call}, for what revokes: a worker that does not answer in time is ended, and its memory with it. */
  async callInTime<O extends Operation>(
    op: O,
    params: Operations[O]['params'],
  ): Promise<Operations[O]['result']> {
    const timer = setTimeout(() => {
      const found = `did not answer within ${PATIENCE_MS / 1000} s when a user was to be let go of, and was ended`;
      this.close(new E2PError('runtime-failed', `the engine worker ${found}; create the personalizer anew`));
    }, PATIENCE_MS);
    try {
      return await this.call(op, params);
    } finally {
      clearTimeout(timer);
    }
  }

  /** What the worker let go of; one that has stopped holds nothing. */
  async endUser(of: number, reason: UserEndReason): Promise<readonly ForgottenItem[]> {
    try {
      return await this.callInTime('endUser', { of, reason });
    } catch (error) {
      if (!this.isClosed) throw error;
      return [{ what: 'engine worker that had stopped', where: 'memory', count: 1 }];
    }
  }

  close(reason: E2PError): void {
    this.#closed ??= reason;
    this.#reached.close();
    for (const { reject } of this.#pending.values()) reject(reason);
    this.#pending.clear();
  }

  #post(message: PageMessage, transfer: Transferable[] = []): void {
    this.#reached.port.postMessage(message, transfer);
  }

  #take(id: number): Pending | undefined {
    const pending = this.#pending.get(id);
    this.#pending.delete(id);
    return pending;
  }

  #receive(message: WorkerMessage): void {
    if (message.type === 'done') this.#take(message.id)?.resolve(message.value);
    else if (message.type === 'failed') this.#take(message.id)?.reject(fromWireError(message.error));
    else this.#pending.get(message.id)?.onMessage?.(message);
  }
}
