/** The section that looks inside: which words a soft token is near, and what it costs against the same reader as text, measured in this tab. */
import type { GenerationResult, Personalizer, SessionOptions } from '../../../src/index.ts';
import { weights } from '../../../src/index.ts';
import type { Inside } from '../../../tools/default/inside.ts';
import { embedReader } from '../demo-world.ts';
import { byId, element } from '../dom.ts';
import { explainError, isAbort } from '../explain-error.ts';
import type { Site } from '../lazy-sections.ts';
import './inside.css';
import html from './inside.html?raw';

export { html };

const ROUNDS = 7;
const KINDS = ['none', 'soft', 'text'] as const;
type Kind = (typeof KINDS)[number];

export async function open({ data, personalizer, takeTurn, goOn }: Site): Promise<void> {
  const { readers, stories } = data.world;
  const response = await fetch(new URL('./world/inside.json', document.baseURI));
  if (!response.ok) throw new Error(`inside.json answered ${response.status}`);
  const { near, personas } = (await response.json()) as Inside;
  const select = byId<HTMLSelectElement>('inside-reader');
  const button = byId<HTMLButtonElement>('measure');

  const show = (): void => {
    const words = near[Number(select.value) + 1]!;
    byId('near').replaceChildren(
      ...words.map(({ word, cosine }) => {
        const entry = element('li', {});
        const bar = element('meter', { min: 0, max: 1, value: cosine });
        bar.setAttribute('aria-label', `${word}: cosine`);
        entry.append(element('span', {}, word), bar, element('span', {}, cosine.toFixed(2)));
        return entry;
      }),
    );
    byId('persona').textContent = personas[Number(select.value)] ?? '';
    button.disabled = model === undefined || select.value === '-1';
    for (const kind of KINDS)
      for (const what of ['tokens', 'first']) byId(`${what}-${kind}`).textContent = '–';
  };
  const readOnce = async (by: Personalizer, kind: Kind, signal: AbortSignal): Promise<GenerationResult> => {
    const content = personas[Number(select.value)]!;
    const options: Readonly<Record<Kind, SessionOptions>> = {
      none: { personalise: false },
      soft: {},
      text: { personalise: false, initialPrompts: [{ role: 'system', content }] },
    };
    await using session = await by.createSession(options[kind]);
    return await session.generate(stories[0]!.prompt, { temperature: 0, maxTokens: 1, signal });
  };
  const measure = async (by: Personalizer, signal: AbortSignal): Promise<void> => {
    await by.user.set(embedReader(data, readers[Number(select.value)]!));
    const times: Record<Kind, number[]> = { none: [], soft: [], text: [] };
    // The first round is not counted: it prepares what all of them use.
    for (let round = 0; round <= ROUNDS; round++) {
      for (const kind of KINDS) {
        const { promptTokens, timeToFirstTokenMs } = await readOnce(by, kind, signal);
        if (round === 0) byId(`tokens-${kind}`).textContent = String(promptTokens);
        else times[kind].push(timeToFirstTokenMs);
      }
    }
    for (const kind of KINDS) byId(`first-${kind}`).textContent = median(times[kind]).toFixed(1);
    const stored = await weights.list().catch(() => []);
    const bytes = stored.find(({ url }) => url.includes('/models/'))?.bytes;
    const size = bytes === undefined ? 'the weights' : `${(bytes / 1e6).toFixed(1)} MB of weights`;
    say(
      `Measured in this tab on ${by.device.device}. Read for it: ${size}, and 128 bytes of the reader, 32 numbers.`,
    );
  };
  const run = async (by: Personalizer): Promise<void> => {
    const controller = new AbortController();
    button.disabled = select.disabled = true;
    say('Measuring…');
    try {
      await takeTurn(controller, () => measure(by, controller.signal));
    } catch (error) {
      say(isAbort(error) ? 'Something else began to write; measure again.' : explainError(error).detail);
    } finally {
      select.disabled = button.disabled = false;
      goOn();
    }
  };

  let model: Personalizer | undefined;
  select.append(
    ...readers.map(({ name, about }, i) => element('option', { value: String(i) }, `${name}, ${about}`)),
    element('option', { value: '-1' }, 'The average reader'),
  );
  select.addEventListener('change', show);
  button.addEventListener('click', () => model && void run(model));
  show();
  void personalizer.then(
    (created) => {
      model = created;
      button.disabled = select.value === '-1';
    },
    () => undefined,
  );
}

function say(what: string): void {
  byId('inside-status').textContent = what;
}

const median = (values: readonly number[]): number => values.toSorted((a, b) => a - b)[values.length >> 1]!;
