/**
 * Made-up people whose lines and vectors come with the page (`tools/smollm2/demo-people.ts` makes them). Whoever is chosen is a set
 * of vectors, one for each line.
 */
import type { UserEmbedding } from '../../src/index.ts';
import type { DemoPeople } from '../../tools/smollm2/demo-people.ts';
import { byId, element } from './dom.ts';

export interface LlmPeople extends DemoPeople {
  /** [lines of all people, dim] */
  readonly vectors: Float32Array;
}

/** @throws Error naming the file that is missing or does not fit. */
export async function loadPeople(folder: URL): Promise<LlmPeople> {
  const [json, bytes] = await Promise.all([
    fetchPart(new URL('llm-people.json', folder)).then((response) => response.json()),
    fetchPart(new URL('llm-people.bin', folder)).then((response) => response.arrayBuffer()),
  ]);
  const people = json as DemoPeople;
  const vectors = new Float32Array(bytes);
  const expected = people.people.flatMap(({ lines }) => lines).length * people.dim;
  if (vectors.length !== expected) {
    throw new Error(`llm-people.bin holds ${vectors.length} numbers, expected ${expected}`);
  }
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

async function fetchPart(url: URL): Promise<Response> {
  const response = await fetch(url);
  if (!response.ok) throw new Error(`${url.pathname} answered ${response.status}`);
  return response;
}
