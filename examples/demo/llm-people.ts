/**
 * Whom the answers are for: made-up people whose lines and vectors come with the page (`tools/smollm2/demo-people.ts` makes them), or whoever
 * sits in front of it (`sections/own-lines.ts`). Either is a set of vectors, one for each line.
 */
import type { UserEmbedding } from '../../src/index.ts';
import type { DemoPeople } from '../../tools/smollm2/demo-people.ts';
import { byId, element } from './dom.ts';
import { loadParts } from './load-parts.ts';
import type { SetUser } from './writing-form.ts';

export interface LlmPeople extends DemoPeople {
  /** [lines of all people, dim] */
  readonly vectors: Float32Array;
}

/** @throws Error naming the file that is missing or does not fit. */
export async function loadPeople(folder: URL): Promise<LlmPeople> {
  const files = ['llm-people.json', 'llm-people.bin'] as const;
  const count = ({ people, dim }: DemoPeople) => people.flatMap(({ lines }) => lines).length * dim;
  const [people, vectors] = await loadParts(folder, files, count);
  return { ...people, vectors };
}

/** The vectors [lines, dim] of one of them. */
export function embedPerson({ people, space, dim, vectors }: LlmPeople, at: number): UserEmbedding {
  const before = people.slice(0, at).flatMap(({ lines }) => lines).length;
  const { length } = people[at]!.lines;
  return { space, values: vectors.slice(before * dim, (before + length) * dim) };
}

export interface PersonPickerOptions {
  readonly data: LlmPeople;
  /** How to make the chosen one the user; undefined for the visitor. */
  readonly onChange: (set: SetUser | undefined) => void;
}

/** Of an address that leads to the box for one's own lines. */
const OWN_HASH = '#own-lines';

/** Cards to choose from, and below them what the chosen one wrote, or a box to write in. */
export function createPersonPicker({ data, onChange }: PersonPickerOptions): void {
  const choose = (at: number): void => {
    const person = data.people[at];
    for (const id of ['own', 'own-kept']) byId(id).hidden = person !== undefined;
    byId('lines').hidden = person === undefined;
    byId('lines-title').textContent = person ? `What ${person.name} wrote` : 'What you write';
    if (person === undefined) {
      byId('lines-note').textContent = '';
      onChange(undefined);
      return;
    }
    const { lines } = person;
    byId('lines').replaceChildren(...lines.map((line) => element('li', {}, line)));
    byId('lines-note').textContent =
      `${lines.length} lines are ${lines.length} vectors of ${data.dim} numbers. The LLM gets the vectors only.`;
    const embedding = embedPerson(data, at);
    onChange(({ user }) => user.set(embedding));
  };
  const first = location.hash === OWN_HASH ? -1 : 0;
  const card = (name: string, value: number): HTMLElement => {
    const label = element('label', { className: 'card' });
    const input = element('input', {
      ...{ type: 'radio', name: 'person', value: String(value), checked: value === first },
    });
    input.dataset.testid = value < 0 ? 'person-own' : `person-${value}`;
    label.append(input, element('b', {}, name));
    return label;
  };
  byId('readers').append(card('You', -1), ...data.people.map(({ name }, i) => card(name, i)));
  byId('readers').addEventListener('change', ({ target }) =>
    choose(Number((target as HTMLInputElement).value)),
  );
  choose(first);
}
