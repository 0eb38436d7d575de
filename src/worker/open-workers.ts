/** The workers, from the page: one that loads, and one that knows the person and is born without a way out. */
import { E2PError } from '../error.ts';
import { openSealedWorker, openWorkerAt, type Place, type SealedWorker } from './sealed-frame.ts';
import { WorkerLink } from './worker-link.ts';

export function openLoader(): WorkerLink {
  const url = new URL('./loader-worker.js', import.meta.url);
  const worker = new Worker(new URL('./loader-worker.js', import.meta.url), {
    type: 'module',
    name: 'e2p-loader',
  });
  const link = new WorkerLink({ port: worker, close: () => worker.terminate() });
  worker.addEventListener('error', ({ message }) => {
    const why = message ?? 'it could not be started';
    link.close(new E2PError('runtime-failed', `the loader ${url} stopped: ${why}`));
  });
  return link;
}

/** @param address of the engine's file, where the page serves it itself */
export async function openEngine(place: Place, address: string | undefined): Promise<WorkerLink> {
  const opened =
    address === undefined
      ? await openSealedWorker((await import('../../sealed/engine-text.js')).default, 'e2p-engine', place)
      : openWorkerAt(address, 'e2p-engine');
  const link = new WorkerLink(opened);
  void opened.stopped.then((why) =>
    link.close(new E2PError('runtime-failed', `the engine worker stopped: ${why}`)),
  );
  opened.port.start();
  return link;
}

export async function openTrainer(place: Place): Promise<SealedWorker> {
  return openSealedWorker((await import('../../sealed/trainer-text.js')).default, 'e2p-train', place);
}
