/**
 * The section on drift: what the visitor clicks is kept in the vault, becomes the next version of their embedding there, and goes into the
 * sealed engine, which says how it fits and what it makes of it (`own-vault.ts`). Follow a press: `click` adds events to the vault, which make a
 * version, `show` draws it, and asks the engine for `personalizer.user.fit` and `session.strength`. The page itself takes two coordinates of
 * each version, for the picture.
 */
import { readProjector } from '../../../src/train.ts';
import { byId, element } from '../dom.ts';
import { isStopped } from '../explain-error.ts';
import type { Site } from '../lazy-sections.ts';
import type { PageOptions } from '../page-options.ts';
import { showError } from '../page-status.ts';
import { createDriftPlane } from './drift-plane.ts';
import { createDriftVerdict } from './drift-verdict.ts';
import { whatIsForgotten } from './kept-panel.ts';
import { ownVault } from './own-vault.ts';
import { USE } from './page-vault.ts';
import './switch.css';
import './drift.css';
import html from './drift.html?raw';

export { html };

/** Clicks that a press stands for. */
const STEP = 15;
/** Of an item at random the one after next but many, so that none comes twice for long. */
const STRIDE = 619;

export async function open(site: Site): Promise<void> {
  const { options } = site;
  const { readers, stories, dim, items } = site.data.world;
  const { prompt } = stories.find(({ task }) => task === 'headline')!;
  byId('drift-dims').textContent = String(dim);
  const vault = await ownVault(site);
  const { contract, reference } = await loadProjector(options);
  if (reference === undefined)
    throw new Error('the projector’s file does not tell how people lie in its space');
  const plane = createDriftPlane(byId<SVGElement>('drift-plane'), reference, contract.space.mean);
  const verdict = createDriftVerdict();

  /** Of several things asked for at once the last one is shown. */
  let asked = 0;
  let done = Promise.resolve();
  let shown: string | undefined;
  const isAllowed = () => vault.allows('personalise') && vault.allows('learn-from-activity');
  const state = () => `${isAllowed()}, ${vault.changes}`;
  const inTurn = (work: (isLatest: () => boolean) => Promise<void>): void => {
    const number = ++asked;
    const isLatest = () => number === asked;
    done = done
      .then(() => work(isLatest))
      .catch((error) => {
        // What is shown then comes next.
        if (!isStopped(error)) showError(error);
      });
  };
  const show = async (isLatest: () => boolean): Promise<void> => {
    shown = state();
    const versions = isAllowed() ? await vault.versions() : [];
    const way = versions.toReversed().map(({ values }) => plane.place(values));
    for (const { values } of versions) values.fill(0);
    if (!isLatest()) return;
    plane.draw(way, undefined);
    if (way.length === 0) return verdict.clear();
    verdict.wait();
    const personalizer = await vault.engine();
    const { fit } = personalizer.user;
    const write = async (personalise: boolean) => {
      await using session = await personalizer.createSession(personalise ? {} : { personalise });
      const { text } = await session.generate(prompt, { temperature: 0, maxTokens: options.maxTokens });
      return { text, strength: session.personalised ? session.strength : undefined };
    };
    const plain = await write(false);
    if (!isLatest()) return;
    const own = await write(true);
    if (!isLatest() || fit === undefined) return;
    plane.draw(way, fit.level);
    verdict.show({ fit, ...own, plain: plain.text, version: way.length });
  };
  const click = (type: 'click' | 'like', from: readonly number[]): void => {
    inTurn(async (isLatest) => {
      const { user } = vault;
      if (user === undefined || !isAllowed()) return;
      verdict.wait();
      const before = (await user.events.list(USE)).filter(
        (event) => event.type === type && from.includes(Number(event.item)),
      ).length;
      const next = (i: number) => String(from[(before + i) % from.length]);
      await vault.add(Array.from({ length: STEP }, (_, i) => ({ type, item: next(i) })));
      await show(isLatest);
    });
  };
  const allow = async (isAsked: boolean): Promise<void> => {
    if (isAsked) await vault.allow('personalise', true);
    await vault.allow('learn-from-activity', isAsked);
  };

  const button = (name: string, text: string, onClick: () => void): HTMLButtonElement => {
    const made = element('button', { type: 'button', className: 'item', disabled: true }, text);
    made.dataset.testid = `drift-topic-${name}`;
    made.addEventListener('click', onClick);
    return made;
  };
  const random = items.map((_, i) => (i * STRIDE) % items.length);
  const topics = readers.map(({ angle, clicks }) => button(angle, angle, () => click('click', clicks)));
  topics.push(button('random', 'anything', () => click('like', random)));
  byId('drift-topics').append(...topics);
  const box = byId<HTMLInputElement>('drift-allow');
  const forget = byId<HTMLButtonElement>('drift-forget');
  /** Of the switch, which stays as it was put until the vault has them. */
  let deciding = 0;
  /** What the vault says, where it says something else than before. */
  const follow = (): void => {
    forget.disabled = vault.user === undefined;
    if (deciding === 0) box.checked = isAllowed();
    for (const each of topics) each.disabled = !isAllowed();
    if (shown === state()) return;
    shown = state();
    inTurn(show);
  };
  let decided = Promise.resolve();
  box.addEventListener('change', () => {
    const isAsked = box.checked;
    deciding++;
    decided = decided
      .then(() => allow(isAsked))
      .catch(showError)
      .then(() => {
        deciding--;
        follow();
      });
  });
  forget.addEventListener('click', () => {
    void vault.forget().then((report) => {
      const told = whatIsForgotten(report);
      // Behind what was under way, which ends with it.
      inTurn(async () => verdict.clear(told));
    }, showError);
  });
  vault.listen({ onChange: follow });
  follow();
  await done;
}

/** It tells how the people of its training lie in their space: nothing of the visitor. */
async function loadProjector({ projector }: Pick<PageOptions, 'projector'>) {
  const file = new URL(projector, document.baseURI);
  // So that the service worker keeps it for the page; the loader has its own.
  file.searchParams.set('page', '');
  const response = await fetch(file);
  if (!response.ok) throw new Error(`the projector answered ${response.status}`);
  return readProjector(new Uint8Array(await response.arrayBuffer()));
}
