/**
 * What a visitor likes: topics, or single items of the catalogue, each a button that stays pressed. What is pressed has names of its own
 * (`topic:money`, `item:17`), by which a vault remembers it.
 */
import type { DemoData } from '../demo-world.ts';
import { byId, element } from '../dom.ts';

const SHELF = 24;

export interface Topics {
  readonly pressed: ReadonlySet<string>;
  /** Shows exactly these as pressed, without a word to `onPress`. */
  readonly restore: (names: Iterable<string>) => void;
}

export function createTopics(
  { world }: DemoData,
  onPress: (name: string, isPressed: boolean) => void,
): Topics {
  const pressed = new Set<string>();
  const toggle = (name: string, text: string): HTMLButtonElement => {
    const button = element('button', { type: 'button', className: 'item' }, text);
    button.dataset.name = name;
    button.dataset.testid = name.replace(':', '-');
    button.setAttribute('aria-pressed', String(pressed.has(name)));
    return button;
  };
  const press = ({ target }: Event): void => {
    const button = (target as Element).closest('button');
    const name = button?.dataset.name;
    if (name === undefined) return;
    if (!pressed.delete(name)) pressed.add(name);
    button!.setAttribute('aria-pressed', String(pressed.has(name)));
    onPress(name, pressed.has(name));
  };
  const shelve = (): void => {
    const liked = [...pressed].flatMap((name) => (name.startsWith('item:') ? [Number(name.slice(5))] : []));
    const others = shelf(world.items.length).filter((item) => !liked.includes(item));
    byId('items').replaceChildren(
      ...[...liked, ...others].slice(0, Math.max(SHELF, liked.length)).map((item) => {
        const entry = element('li', {});
        entry.append(toggle(`item:${item}`, world.items[item]!.text));
        return entry;
      }),
    );
  };
  byId('topics').append(...world.readers.map(({ angle }) => toggle(`topic:${angle}`, angle)));
  for (const list of ['topics', 'items']) byId(list).addEventListener('click', press);
  byId('shuffle').addEventListener('click', shelve);
  shelve();
  return {
    pressed,
    restore: (names) => {
      pressed.clear();
      for (const name of names) pressed.add(name);
      for (const button of byId('topics').querySelectorAll('button'))
        button.setAttribute('aria-pressed', String(pressed.has(button.dataset.name!)));
      shelve();
    },
  };
}

/** A random run of the catalogue, in which every angle is found equally often, in random order. */
function shelf(items: number): number[] {
  const start = SHELF * Math.floor(Math.random() * Math.floor(items / SHELF));
  return Array.from({ length: SHELF }, (_, i) => ({ item: start + i, order: Math.random() }))
    .sort((a, b) => a.order - b.order)
    .map(({ item }) => item);
}
