/** The form below both pages: strength, Write and Stop, and where the focus goes when one of them is disabled. */
import type { Personalizer } from '../../src/index.ts';
import { byId } from './dom.ts';
import { isStopped } from './explain-error.ts';
import { showError, showStatus } from './page-status.ts';
import type { TakeTurn } from './turns.ts';
import { type WriteRequest, writePair } from './write-pair.ts';

/** Makes somebody the personalizer's user. */
export type SetUser = (personalizer: Personalizer, signal: AbortSignal) => Promise<void>;

export interface Writer {
  readonly personalizer: Personalizer;
  /** Before each text; absent where the personalizer has its user. */
  readonly setUser?: SetUser | undefined;
  /** Whose user is the person of a vault, who stays after the text. */
  readonly hasVault: boolean;
}

export interface WritingFormOptions extends Pick<WriteRequest, 'maxTokens' | 'inTurn'> {
  /** Whose token stands at strength 0. */
  readonly average: string;
  /** Who writes and for whom, once both are there. */
  readonly ready: () => Writer | undefined;
  /** Where the weights came from. */
  readonly origin: () => string;
  readonly takeTurn: TakeTurn;
  /** After each text, however it ended. */
  readonly onEnd?: () => void;
}

export interface WritingForm {
  /** Shows anew which buttons can be pressed. */
  readonly refresh: () => void;
}

export function createWritingForm(options: WritingFormOptions): WritingForm {
  const { average, ready, origin, takeTurn, onEnd, maxTokens, inTurn } = options;
  const prompt = byId<HTMLTextAreaElement>('prompt');
  const strength = byId<HTMLInputElement>('strength');
  const writeButton = byId<HTMLButtonElement>('write');
  const stopButton = byId<HTMLButtonElement>('stop');
  let writing: AbortController | undefined;

  const refresh = (): void => {
    writeButton.disabled = ready() === undefined || prompt.value.trim() === '' || writing !== undefined;
    stopButton.disabled = writing === undefined;
  };
  const showStrength = (): void => {
    const value = strength.valueAsNumber;
    const meaning =
      value === 0 ? `, ${average}` : value === 1 ? ', as trained' : value > 1 ? ', exaggerated' : '';
    byId('strength-value').textContent = value + meaning;
    strength.setAttribute('aria-valuetext', value + meaning);
  };
  const write = async (signal: AbortSignal): Promise<void> => {
    const { personalizer, setUser, hasVault } = ready()!;
    try {
      await setUser?.(personalizer, signal);
      await writePair(personalizer, {
        prompt: prompt.value.trim(),
        strength: strength.valueAsNumber,
        vary: byId<HTMLInputElement>('vary').checked,
        ...{ maxTokens, inTurn, signal },
      });
    } finally {
      // Nobody else stays the model's user longer than their text is written. One that was ended has none.
      if (!hasVault) await personalizer.user.clear().catch(() => undefined);
      showStatus(personalizer, origin());
    }
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
      await takeTurn(controller, () => write(controller.signal));
    } catch (error) {
      // One side failed; the other has nothing to be compared with.
      controller.abort();
      if (!isStopped(error)) showError(error);
    } finally {
      const onStop = document.activeElement === stopButton;
      writing = undefined;
      refresh();
      if (onStop) writeButton.focus();
      onEnd?.();
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
  return { refresh };
}
