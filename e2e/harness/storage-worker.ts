/** The storage room in a worker. */
import { loadFiles } from './storage-load.ts';

globalThis.addEventListener('message', ({ data }: MessageEvent<{ url: string; paths: string[] }>) => {
  void loadFiles(data.url, data.paths, () => undefined).then((outcome) => globalThis.postMessage(outcome));
});
