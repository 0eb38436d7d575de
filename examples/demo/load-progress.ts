/** Many files, one bar: bytes over all of them, how fast they come, and how long it will take. */
import type { LoadProgress, TotalProgress } from '../../src/index.ts';
import { byId } from './dom.ts';

export interface ProgressView {
  readonly show: (progress: LoadProgress) => void;
  /** Where the weights came from, as the end of a sentence. */
  readonly origin: () => string;
  readonly hide: () => void;
}

export function createProgressView(): ProgressView {
  const bar = byId<HTMLProgressElement>('progress');
  const label = byId('progress-label');
  /** Bytes, by file, that did not come from this device. */
  const downloaded = new Map<string, number>();
  /** Before the total is known the bar only moves. */
  const showBytes = (what: string, all: TotalProgress): void => {
    const { loaded, total } = all;
    if (total === undefined) bar.removeAttribute('value');
    else bar.value = loaded / Math.max(1, total);
    const of = total === undefined ? '' : ` of ${size(total)}`;
    label.textContent = `${what}: ${size(loaded)}${of}${pace(all)}`;
  };
  const show = (progress: LoadProgress): void => {
    if (progress.stage === 'storage') {
      byId('storage-warning').textContent = progress.warning ?? '';
      byId('storage-warning').hidden = progress.warning === undefined;
    } else if (progress.stage === 'file') {
      const { file, loaded, cached, elsewhere, all } = progress;
      if (!cached) downloaded.set(file, loaded);
      const from = elsewhere
        ? 'Another tab downloads the model'
        : cached
          ? 'Reading from this device'
          : 'Downloading the model';
      showBytes(from, all);
    } else if (progress.stage === 'runtime') {
      showBytes('Loading the runtime', progress.all);
    } else if (progress.stage === 'convert') {
      bar.value = progress.loaded / progress.total;
      label.textContent = 'Preparing the weights for this processor, once';
    } else if (progress.stage !== 'interrupted') {
      bar.removeAttribute('value');
      label.textContent =
        progress.stage === 'device' ? 'Preparing the device' : 'Preparing the device: bringing the model up';
    }
  };
  return {
    show,
    origin: () => {
      const bytes = [...downloaded.values()].reduce((sum, n) => sum + n, 0);
      return bytes === 0 ? 'weights from this device' : `weights downloaded (${size(bytes)})`;
    },
    hide: () => {
      byId('loading').hidden = true;
    },
  };
}

function pace({ rate, secondsLeft }: TotalProgress): string {
  if (!rate || secondsLeft === undefined) return '';
  return `, ${size(rate)} a second, ${Math.ceil(secondsLeft)} s left`;
}

function size(bytes: number): string {
  return bytes < 1e6 ? `${Math.ceil(bytes / 1000)} kB` : `${(bytes / 1e6).toFixed(1)} MB`;
}
