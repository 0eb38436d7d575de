/**
 * The first screen: one story for every reader in turn, then one of the readers at three strengths. What stands there belongs to what is
 * chosen: a change empties the lines it is about, aborts what is being written, and has those lines written before all others.
 */
import type { Personalizer } from '../../src/index.ts';
import { type DemoData, embedReader } from './demo-world.ts';
import { byId, element } from './dom.ts';
import { createBars, drawBars } from './embedding-bars.ts';
import { isAbort } from './explain-error.ts';
import type { TakeTurn } from './turns.ts';

/** One text on the page, and what it is made from at the moment. */
interface Line {
  readonly output: HTMLElement;
  readonly reader: () => number;
  readonly strength: () => number;
}

export interface HeadlineBoardOptions {
  readonly data: DemoData;
  readonly maxTokens: number;
  readonly takeTurn: TakeTurn;
  /** When every line is written, or one failed. */
  readonly onEnd: (error?: unknown) => void;
}

export interface HeadlineBoard {
  readonly start: (personalizer: Personalizer) => void;
  /** After another writer had the turn. */
  readonly goOn: () => void;
}

const STRENGTHS = [0, 0.5, 1] as const;
const MEANINGS: Readonly<Record<string, string>> = {
  '0': 'the average reader',
  '0.5': 'halfway',
  '1': 'each reader’s own',
};

export function createHeadlineBoard(options: HeadlineBoardOptions): HeadlineBoard {
  const { data, maxTokens, takeTurn, onEnd } = options;
  const { readers } = data.world;
  const stories = data.world.stories.filter(({ task }) => task === 'headline');
  const embeddings = readers.map((reader) => embedReader(data, reader));
  const cards = readers.map(({ name, about }, i) => createCard(i, name, about));
  const select = byId<HTMLSelectElement>('headline-story');
  const strengths = byId('headline-strength');
  const strength = (): number => Number(strengths.querySelector<HTMLInputElement>(':checked')!.value);
  let looked = 0;

  const everyone: readonly Line[] = cards.map(({ output }, i) => ({ output, reader: () => i, strength }));
  const closer: readonly Line[] = STRENGTHS.map((each) => ({
    output: byId(`closer-${each}`),
    reader: () => looked,
    strength: () => each,
  }));
  let queue: readonly Line[] = [...everyone, ...closer];
  let personalizer: Personalizer | undefined;
  let writing: AbortController | undefined;

  const writeLine = async (by: Personalizer, line: Line, signal: AbortSignal): Promise<void> => {
    const { output } = line;
    output.textContent = '';
    output.classList.add('being-written');
    try {
      await by.user.set(embeddings[line.reader()]!);
      await using session = await by.createSession({ strength: line.strength() });
      const onText = (text: string): void => output.append(text);
      const { prompt } = stories[Number(select.value)]!;
      await session.generate(prompt, { temperature: 0, maxTokens, signal, onText });
    } finally {
      output.classList.remove('being-written');
    }
  };
  const writeAll = async (by: Personalizer, signal: AbortSignal): Promise<void> => {
    const began = performance.now();
    for (let line = queue[0]; line !== undefined; line = queue[0]) {
      await writeLine(by, line, signal);
      signal.throwIfAborted();
      queue = queue.slice(1);
    }
    say(`Written in this tab in ${((performance.now() - began) / 1000).toFixed(1)} s.`);
  };
  const write = async (): Promise<void> => {
    const by = personalizer;
    if (by === undefined) return;
    const controller = new AbortController();
    writing = controller;
    say('Writing…');
    try {
      await takeTurn(controller, () => writeAll(by, controller.signal));
      onEnd();
    } catch (error) {
      if (isAbort(error)) return;
      say('The headlines could not be written.');
      onEnd(error);
    } finally {
      if (writing === controller) writing = undefined;
    }
  };
  const writeAnew = (lines: readonly Line[]): void => {
    for (const { output } of lines) output.textContent = '';
    byId('error').hidden = true;
    queue = [...lines, ...queue.filter((line) => !lines.includes(line))];
    void write();
  };

  const showStory = (): void => {
    byId('headline-facts').textContent = stories[Number(select.value)]!.prompt;
  };
  const showStrength = (): void => {
    byId('headline-strength-value').textContent = MEANINGS[strength()]!;
    for (const [i, { bars }] of cards.entries()) drawBars(bars, embeddings[i]!.values, strength());
  };
  const showLooked = (): void => {
    byId('closer-name').textContent = readers[looked]!.name;
  };

  byId('headlines').append(...cards.map(({ item }) => item));
  select.append(...stories.map(({ label }, i) => element('option', { value: String(i) }, label)));
  select.disabled = false;
  select.addEventListener('change', () => {
    showStory();
    writeAnew([...everyone, ...closer]);
  });
  strengths.addEventListener('change', () => {
    showStrength();
    writeAnew(everyone);
  });
  byId('headlines').addEventListener('change', (event) => {
    looked = Number((event.target as HTMLInputElement).value);
    showLooked();
    writeAnew(closer);
  });
  showStory();
  showStrength();
  showLooked();

  return {
    start: (by) => {
      personalizer = by;
      void write();
    },
    goOn: () => {
      if (writing === undefined && queue.length > 0) void write();
    },
  };
}

/** The only part of the board that a screen reader is told of without being asked. */
function say(what: string): void {
  byId('headlines-status').textContent = what;
}

/** A reader, who can be chosen, and the text for them. */
function createCard(reader: number, name: string, about: string) {
  const input = element('input', { type: 'radio', name: 'headline-reader', value: String(reader) });
  input.autocomplete = 'off';
  input.checked = reader === 0;
  input.dataset.testid = `headline-reader-${reader}`;
  const output = element('p', { className: 'headline' });
  output.dataset.testid = `headline-${reader}`;
  const bars = createBars();
  const label = element('label', {});
  label.append(input, element('b', {}, name), ' ', element('small', {}, about), bars);
  const item = element('li', {});
  item.append(label, output);
  return { item, output, bars };
}
