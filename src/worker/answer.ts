/** The worker's side of `protocol.ts`: each request is answered once, and can be aborted until then. */
import type { Findings } from '../runtime/findings.ts';
import type { LoadProgress } from '../storage/load-progress.ts';
import { type PageMessage, type Request, toWireError, type WorkerMessage } from './protocol.ts';

export interface Answering {
  readonly signal: AbortSignal;
  readonly onProgress: (progress: LoadProgress) => void;
  readonly onFound: Findings['onFound'];
  readonly onText: (text: string) => void;
  readonly onReasoning: (text: string) => void;
  readonly onOverflow: () => void;
}

interface Post {
  addEventListener(type: 'message', listener: (event: MessageEvent<PageMessage>) => void): void;
  postMessage(message: WorkerMessage, transfer: Transferable[]): void;
}

/** An answer whose buffers are given away, not copied. */
export class Handed {
  readonly value: unknown;
  readonly transfer: Transferable[];
  constructor(value: unknown, transfer: Transferable[]) {
    this.value = value;
    this.transfer = transfer;
  }
}

export function answerRequests(
  to: Post,
  perform: (request: Request, answering: Answering) => Promise<unknown>,
): void {
  const running = new Map<number, AbortController>();
  const answer = async (request: Request): Promise<void> => {
    const { id } = request;
    const controller = new AbortController();
    running.set(id, controller);
    try {
      const value = await perform(request, {
        signal: controller.signal,
        onProgress: (progress) => to.postMessage({ id, type: 'progress', progress }, []),
        onFound: (key, found) => to.postMessage({ id, type: 'found', key, found }, []),
        onText: (text) => to.postMessage({ id, type: 'text', text }, []),
        onReasoning: (text) => to.postMessage({ id, type: 'reasoning', text }, []),
        onOverflow: () => to.postMessage({ id, type: 'overflow' }, []),
      });
      if (value instanceof Handed) to.postMessage({ id, type: 'done', value: value.value }, value.transfer);
      else to.postMessage({ id, type: 'done', value }, []);
    } catch (error) {
      to.postMessage({ id, type: 'failed', error: toWireError(error) }, []);
    } finally {
      running.delete(id);
    }
  };
  to.addEventListener('message', ({ data }) => {
    if ('abort' in data) running.get(data.abort)?.abort();
    else void answer(data);
  });
}
