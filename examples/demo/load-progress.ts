/** Many files, one bar. Sizes become known as files begin, so the bar counts bytes over the files seen so far. */
import type { LoadProgress } from '../../src/index.ts';
import { byId } from './dom.ts';

interface FileState {
  readonly loaded: number;
  readonly total: number;
  readonly cached: boolean;
}

export interface ProgressView {
  readonly show: (progress: LoadProgress) => void;
  /** Where the weights came from, as the end of a sentence. */
  readonly origin: () => string;
  readonly hide: () => void;
}

export function createProgressView(): ProgressView {
  const files = new Map<string, FileState>();
  const bar = byId<HTMLProgressElement>('progress');
  const label = byId('progress-label');
  const downloaded = () => sum([...files.values()].filter(({ cached }) => !cached));
  return {
    show: (progress) => {
      if (progress.stage !== 'file') {
        bar.removeAttribute('value');
        label.textContent =
          progress.stage === 'device'
            ? 'Preparing the device. The first visit also downloads the runtime (some megabytes).'
            : 'Preparing the device: bringing the model up';
        return;
      }
      const { file, loaded, total = loaded, cached } = progress;
      files.set(file, { loaded, total, cached });
      const done = sum([...files.values()]);
      bar.value = done.loaded / Math.max(1, done.total);
      const from = cached ? 'Reading from this device' : 'Downloading the model';
      label.textContent = `${from}: ${kilobytes(done.loaded)} of ${kilobytes(done.total)}`;
    },
    origin: () => {
      const { loaded } = downloaded();
      return loaded === 0 ? 'weights from this device' : `weights downloaded (${kilobytes(loaded)})`;
    },
    hide: () => {
      byId('loading').hidden = true;
    },
  };
}

function sum(files: readonly FileState[]): { readonly loaded: number; readonly total: number } {
  return {
    loaded: files.reduce((n, { loaded }) => n + loaded, 0),
    total: files.reduce((n, { total }) => n + total, 0),
  };
}

function kilobytes(bytes: number): string {
  return bytes < 1e6 ? `${Math.ceil(bytes / 1000)} kB` : `${(bytes / 1e6).toFixed(1)} MB`;
}
