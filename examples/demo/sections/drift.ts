/**
 * The section on drift: an invented reader goes on clicking, each step is a newer version of the embedding, and the engine says how that fits
 * and what it makes of it. Follow `version`: from clicks to numbers in the page, from there to `personalizer.user.update`, and back as
 * `personalizer.user.fit` and `session.strength`.
 */
import loader from '../../../sealed/loader.js?url';
import { foldIn, Personalizer, type UserEmbedding, type UserFit } from '../../../src/index.ts';
import { readProjector } from '../../../src/train.ts';
import { embedReader, itemsOf } from '../demo-world.ts';
import { byId, element } from '../dom.ts';
import type { Site } from '../lazy-sections.ts';
import { showError } from '../page-status.ts';
import { createDriftPlane, type Place } from './drift-plane.ts';
import './drift.css';
import html from './drift.html?raw';

export { html };

/** Of all clicks the latest count. */
const LATEST = 120;
const STEP = 15;
/** Powers of ten of the p-value that the scale has: it falls to the first level at 3, to the second at 6. */
const SCALE = 9;
const LEVELS: Readonly<Record<UserFit['level'], string>> = {
  fine: 'fine: like the people of training',
  unusual: 'unusual: hardly anybody of training lies as far out',
  alien: 'alien: nobody of training lies as far out',
  unknown: 'unknown: the projector’s file tells nothing',
};

export async function open({ data, options }: Site): Promise<void> {
  const { world, factors } = data;
  const { readers, space, stories, als, dim } = world;
  const reader = readers[0]!;
  const { prompt } = stories.find(({ task }) => task === 'headline')!;
  // As high at once as it will be: nothing in sight may move when the file has come.
  for (const place of document.querySelectorAll('.drift-name')) place.textContent = reader.name;
  byId('drift-dims').textContent = String(dim);
  const topics = readers.map(({ angle }) => {
    const button = element('button', { type: 'button', className: 'item' }, angle);
    button.dataset.testid = `drift-topic-${angle}`;
    return [angle, button] as const;
  });
  byId('drift-topics').append(...topics.map(([, button]) => button));
  const file = new URL(options.projector, document.baseURI);
  // So that the service worker keeps it for the page; the loader has its own.
  file.searchParams.set('page', '');
  const response = await fetch(file);
  if (!response.ok) throw new Error(`the projector answered ${response.status}`);
  const { contract, reference } = readProjector(new Uint8Array(await response.arrayBuffer()));
  if (reference === undefined)
    throw new Error('the projector’s file does not tell how people lie in its space');
  const plane = createDriftPlane(byId<SVGElement>('drift-plane'), reference, contract.space.mean);
  const noise = byId<HTMLInputElement>('drift-noise');

  const start = embedReader(data, reader);
  let clicks: readonly number[] = reader.clicks.slice(-LATEST);
  let steps = 0;
  let way: readonly Place[] = [plane.place(start.values)];
  let plain: string | undefined;
  /** One version after the other; what was asked for meanwhile is skipped but the last. */
  let asked = 0;
  let done = Promise.resolve();
  /** Another engine than that of the texts above, with levels that are acted on; it comes with the first press. */
  let opening: Promise<Personalizer> | undefined;
  const engine = () => {
    const { model, dtype, device, projector } = options;
    opening ??= Personalizer.create({
      ...{ model, dtype, device, projector, loader, drift: { apply: 'shrink' }, onDrift: () => undefined },
    });
    return opening;
  };

  const version = (): UserEmbedding => {
    const values = steps === 0 ? start.values : foldIn({ ...als, items: factors, dim, clicks });
    const size = noise.valueAsNumber;
    return { space, values: values.map((v, i) => v + size * Math.SQRT2 * Math.sin(7.3 * (i + 1) ** 2)) };
  };
  const write = async (by: Personalizer, isFor: 'person' | 'nobody') => {
    await using session = await by.createSession(isFor === 'person' ? {} : { personalise: false });
    const { text } = await session.generate(prompt, { temperature: 0, maxTokens: options.maxTokens });
    return { text, personalised: session.personalised, strength: session.strength };
  };
  const tellFar = ({ values }: UserEmbedding): void => {
    const far = Math.min(0.985, -Math.log10(plane.share(values)) / SCALE);
    byId('drift-far').style.setProperty('--far', far.toFixed(3));
  };
  const tellNoise = (): void => {
    byId('drift-noise-value').textContent = noise.valueAsNumber === 0 ? 'none' : noise.value;
  };
  const tell = (what: string): void => {
    byId('drift-told').textContent = what;
    byId('drift-plane').setAttribute('aria-label', what);
  };
  const show = (isAgain: boolean): void => {
    const number = ++asked;
    const embedding = version();
    way = [...(isAgain ? [] : way), plane.place(embedding.values)];
    plane.draw(way, undefined);
    tellFar(embedding);
    tellNoise();
    const verdict = document.querySelector<HTMLElement>('[data-testid="drift-verdict"]')!;
    verdict.dataset.state = 'waiting';
    done = done
      .then(async () => {
        const by = await engine();
        // After `update` the engine compares it with the version before.
        if (isAgain || by.user.fit === undefined) await by.user.set(start);
        if (!isAgain) await by.user.update(embedding);
        if (number !== asked) return;
        const { fit } = by.user;
        plain ??= (await write(by, 'nobody')).text;
        const { text, personalised, strength } = await write(by, 'person');
        if (number !== asked || fit === undefined) return;
        plane.draw(way, fit.level);
        verdict.dataset.level = fit.level;
        byId('drift-level').textContent = LEVELS[fit.level];
        byId('drift-p').textContent = fit.pValue ?? '–';
        byId('drift-strength').textContent = personalised ? String(strength) : '0, no soft token';
        byId('drift-change').textContent = fit.change;
        byId('drift-reason').textContent = fit.reason === undefined ? '' : `Why: ${fit.reason}.`;
        byId('drift-plain').textContent = plain;
        byId('drift-personal').textContent = text;
        byId('drift-for').textContent = personalised
          ? `Personalised, λ = ${strength}.`
          : `Not personalised: the embedding is ${fit.level}. The text is nobody’s.`;
        const far = plane.apart(way.at(-1)!).toFixed(1);
        const lambda = personalised ? `λ = ${strength}` : 'not personalised';
        tell(
          `Version ${way.length} of ${reader.name}’s embedding, ${far} standard deviations from the mean on these two axes: ${fit.level}, ${lambda}.`,
        );
        verdict.dataset.state = 'shown';
      })
      .catch(showError);
  };

  for (const [angle, button] of topics) {
    button.addEventListener('click', () => {
      // Others of the same topic each time.
      const all = itemsOf(world, angle, STEP * LATEST);
      const next = Array.from({ length: STEP }, (_, i) => all[(7 * (steps + 1) + i * LATEST) % all.length]!);
      clicks = [...clicks, ...next].slice(-LATEST);
      steps++;
      show(false);
    });
  }
  noise.addEventListener('change', () => show(false));
  noise.addEventListener('input', tellNoise);
  byId('drift-again').addEventListener('click', () => {
    clicks = reader.clicks.slice(-LATEST);
    steps = 0;
    noise.value = '0';
    show(true);
  });
  plane.draw(way, undefined);
  tellFar(start);
  tell(`${reader.name} among the people of training.`);
}
