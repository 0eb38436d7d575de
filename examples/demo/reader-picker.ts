/**
 * Who is being written for: one of the world's readers, or a person who presses items of the catalogue. Whatever
 * is chosen, `onChange` gets an embedding, or undefined as long as nothing is pressed.
 */
import type { UserEmbedding } from '../../src/index.ts';
import { type DemoData, embedChoices, embedReader } from './demo-world.ts';
import { byId, element } from './dom.ts';
import { drawBars } from './embedding-bars.ts';

const SHELF = 24;
const OWN = 'own';

export interface ReaderPickerOptions {
  readonly data: DemoData;
  readonly onChange: (embedding: UserEmbedding | undefined) => void;
}

export function createReaderPicker({ data, onChange }: ReaderPickerOptions): void {
  const { readers } = data.world;
  const own = byId('own');
  const chosen = new Set<number>();

  const choose = (value: string): void => {
    own.hidden = value !== OWN;
    const embedding =
      value !== OWN
        ? embedReader(data, readers[Number(value)]!)
        : chosen.size > 0
          ? embedChoices(data, [...chosen])
          : undefined;
    drawBars(byId<SVGElement>('vector'), embedding?.values);
    onChange(embedding);
  };
  const press = (button: HTMLButtonElement, item: number): void => {
    if (!chosen.delete(item)) chosen.add(item);
    button.setAttribute('aria-pressed', String(chosen.has(item)));
    byId('own-summary').textContent =
      chosen.size === 0 ? 'Press what you would read.' : `${chosen.size} chosen, embedding up to date.`;
    choose(OWN);
  };
  const shelve = (): void => {
    byId('items').replaceChildren(
      ...[...chosen, ...shelf(data).filter((item) => !chosen.has(item))].slice(0, SHELF).map((item) => {
        const button = element('button', { type: 'button', className: 'item' }, data.world.items[item]!.text);
        button.setAttribute('aria-pressed', String(chosen.has(item)));
        button.addEventListener('click', () => press(button, item));
        const entry = element('li', {});
        entry.append(button);
        return entry;
      }),
    );
  };

  byId('readers').append(
    ...readers.map(({ name, about }, i) => card(String(i), name, about, i === 0)),
    card(OWN, 'Make your own', 'press items you like', false),
  );
  byId('readers').addEventListener('change', (event) => choose((event.target as HTMLInputElement).value));
  byId('shuffle').addEventListener('click', shelve);
  shelve();
  choose('0');
}

/** A random run of the catalogue, in which every angle is found equally often, in random order. */
function shelf({ world }: DemoData): number[] {
  const start = SHELF * Math.floor(Math.random() * Math.floor(world.items.length / SHELF));
  return Array.from({ length: SHELF }, (_, i) => ({ item: start + i, order: Math.random() }))
    .sort((a, b) => a.order - b.order)
    .map(({ item }) => item);
}

function card(value: string, name: string, about: string, checked: boolean): HTMLElement {
  const label = element('label', { className: 'card' });
  const input = element('input', { type: 'radio', name: 'reader', value, checked });
  input.dataset.testid = `reader-${value}`;
  const text = element('span', {});
  text.append(element('b', {}, name), element('small', {}, about));
  label.append(input, text);
  return label;
}
