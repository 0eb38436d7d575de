/** What a page says of itself: where the model runs, what is sealed, what went wrong. */
import type { Personalizer } from '../../src/index.ts';
import { byId } from './dom.ts';
import { explainError } from './explain-error.ts';

/** @param origin where the weights came from */
export function showStatus(
  { device: { device, reason }, model: { name, dtype } }: Personalizer,
  origin: string,
): void {
  const where = device === 'webgpu' ? 'WebGPU' : 'WebAssembly, on the CPU';
  byId('status').dataset.device = device;
  byId('status').textContent = `Ready on ${where}: ${reason}. Model ${shortName(name)}, ${dtype}; ${origin}.`;
}

/** Of a repository on the Hub its name, of a folder the last part. */
function shortName(name: string): string {
  const path = name.replace(/\/resolve\/.*$/, '').replace(/\/+$/, '');
  return path.split('/').at(-1) ?? name;
}

/** One line: how much is shut, by what, and the first thing that isn't. */
export function showPrivacy({ privacy: { exits, notSealed } }: Personalizer): void {
  const shutBy = (...means: string[]) => exits.filter(({ by }) => means.includes(by)).length;
  const open = exits.filter(({ state }) => state === 'open').map(({ name }) => name);
  byId('privacy').textContent =
    `Sealed: the worker that knows the reader can only talk to this page; ${shutBy('policy', 'origin')} ways out are shut by the browser, ${shutBy('script')} by script` +
    `${open.length > 0 ? `, ${open.join(', ')} is open` : ', none is open'}. Not sealed: ${notSealed[0]}`;
  byId('privacy').hidden = false;
}

export function showError(error: unknown): void {
  const { summary, detail } = explainError(error);
  const box = byId('error');
  const small = document.createElement('small');
  small.textContent = detail;
  box.replaceChildren(`${summary} `, small);
  box.hidden = false;
}
