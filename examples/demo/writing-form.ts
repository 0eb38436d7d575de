/** The form below both pages: strength, Write and Stop, and where the focus goes when one of them is disabled. */
import { byId } from './dom.ts';
import { showError } from './page-status.ts';

export interface WritingFormOptions {
  /** Whose token stands at strength 0. */
  readonly average: string;
  readonly isReady: () => boolean;
  readonly write: (strength: number, signal: AbortSignal) => Promise<void>;
}

/** @returns shows anew which buttons can be pressed */
export function createWritingForm({ average, isReady, write }: WritingFormOptions): () => void {
  const prompt = byId<HTMLTextAreaElement>('prompt');
  const strength = byId<HTMLInputElement>('strength');
  const writeButton = byId<HTMLButtonElement>('write');
  const stopButton = byId<HTMLButtonElement>('stop');
  let writing: AbortController | undefined;

  const refresh = (): void => {
    writeButton.disabled = !isReady() || prompt.value.trim() === '' || writing !== undefined;
    stopButton.disabled = writing === undefined;
  };
  const showStrength = (): void => {
    const value = strength.valueAsNumber;
    const meaning =
      value === 0 ? `, ${average}` : value === 1 ? ', as trained' : value > 1 ? ', exaggerated' : '';
    byId('strength-value').textContent = value + meaning;
    strength.setAttribute('aria-valuetext', value + meaning);
  };
  const run = async (): Promise<void> => {
    const controller = new AbortController();
    writing = controller;
    const focused = document.activeElement === writeButton;
    byId('error').hidden = true;
    refresh();
    // A button that is disabled loses the focus; it goes to the one that can be used next, and back.
    if (focused) stopButton.focus();
    try {
      await write(strength.valueAsNumber, controller.signal);
    } catch (error) {
      // One side failed; the other has nothing to be compared with.
      controller.abort();
      showError(error);
    } finally {
      const onStop = document.activeElement === stopButton;
      writing = undefined;
      refresh();
      if (onStop) writeButton.focus();
    }
  };

  prompt.addEventListener('input', refresh);
  strength.addEventListener('input', showStrength);
  stopButton.addEventListener('click', () => writing?.abort());
  byId('form').addEventListener('submit', (event) => {
    event.preventDefault();
    if (!writeButton.disabled) void run();
  });
  showStrength();
  refresh();
  return refresh;
}
