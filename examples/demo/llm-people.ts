/**
 * Made-up people whose lines and vectors come with the page (`tools/smollm2/demo-people.ts` makes them). Whoever is chosen is a set
 * of vectors, one for each line.
 */
import type { UserEmbedding } from '../../src/index.ts';
import type { DemoPeople } from '../../tools/smollm2/demo-people.ts';
import { byId, element } from './dom.ts';
import { loadParts } from './load-parts.ts';

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

/** Cards to choose from, and below them what the chosen one wrote. */
export function createPersonPicker(data: LlmPeople, onChange: (embedding: UserEmbedding) => void): void {
  const choose = (at: number): void => {
    const { name, lines } = data.people[at]!;
    byId('lines-title').textContent = `What ${name} wrote`;
    byId('lines').replaceChildren(...lines.map((line) => element('li', {}, line)));
    byId('lines-note').textContent =
      `${lines.length} lines are ${lines.length} vectors of ${data.dim} numbers. The LLM gets the vectors only.`;
    onChange(embedPerson(data, at));
  };
  byId('readers').append(
    ...data.people.map(({ name }, i) => {
      const label = element('label', { className: 'card' });
      const input = element('input', { type: 'radio', name: 'person', value: String(i), checked: i === 0 });
      input.dataset.testid = `person-${i}`;
      label.append(input, element('b', {}, name));
      return label;
    }),
  );
  byId('readers').addEventListener('change', ({ target }) =>
    choose(Number((target as HTMLInputElement).value)),
  );
  choose(0);
}
