/**
 * The section on drift: what the visitor clicks is kept in the vault, becomes the next version of their embedding there, and goes into the
 * sealed engine, which says how it fits and what it makes of it. Follow a press: `click` adds events to the vault, `embedFromActivity` sets the
 * embedding, the personalizer of the same vault takes it, and back come `personalizer.user.fit` and `session.strength`. The page itself
 * takes two coordinates of each version, for the picture.
 */
import loader from '../../../sealed/loader.js?url';
import {
  type ActivityConnection,
  E2PError,
  embedFromActivity,
  openCatalogue,
  Personalizer,
  type User,
} from '../../../src/index.ts';
import { readProjector, writeCatalogue } from '../../../src/train.ts';
import { byId, element } from '../dom.ts';
import type { Site } from '../lazy-sections.ts';
import type { PageOptions } from '../page-options.ts';
import { showError } from '../page-status.ts';
import { createDriftPlane } from './drift-plane.ts';
import { createDriftVerdict } from './drift-verdict.ts';
import { whatIsForgotten } from './kept-panel.ts';
import { ACTOR, ownVault } from './own-vault.ts';
import './switch.css';
import './drift.css';
import html from './drift.html?raw';

export { html };

/** Clicks that a press stands for. */
const STEP = 15;
/** Of an item at random the one after next but many, so that none comes twice for long. */
const STRIDE = 619;
/** One press is one version: it is asked for when all of its clicks are there. */
const LATER_MS = 60_000;
const USE = { actor: ACTOR } as const;
/** Who withdraws or is forgotten meanwhile ends what is written for them; what is shown then comes next. */
const ENDED: readonly string[] = ['consent-required', 'destroyed', 'forgotten', 'no-user', 'user-replaced'];

export async function open({ data, options }: Site): Promise<void> {
  const { world, factors } = data;
  const { readers, space, stories, als, dim, items } = world;
  const { prompt } = stories.find(({ task }) => task === 'headline')!;
  byId('drift-dims').textContent = String(dim);
  const vault = await ownVault(space);
  const file = writeCatalogue({ ...als, items: factors, dim, space });
  const catalogue = await openCatalogue(new Blob([file as Uint8Array<ArrayBuffer>]));
  const { contract, reference } = await loadProjector(options);
  if (reference === undefined)
    throw new Error('the projector’s file does not tell how people lie in its space');
  const plane = createDriftPlane(byId<SVGElement>('drift-plane'), reference, contract.space.mean);
  const verdict = createDriftVerdict();

  interface Connected {
    readonly activity: ActivityConnection;
    readonly personalizer: Personalizer;
  }
  /** The vault's engine, another one than that of the texts above: with levels that are acted on. It comes with the first click. */
  let connecting: Promise<Connected> | undefined;
  const connect = async (user: User): Promise<Connected> => {
    const activity = await embedFromActivity(user, catalogue, { delay: LATER_MS, onError: showError });
    const { model, dtype, device, projector } = options;
    try {
      const personalizer = await Personalizer.create({
        ...{ model, dtype, device, projector, loader, user, withoutConsent: 'unpersonalised' },
        ...{ drift: { apply: 'shrink' }, onDrift: () => undefined },
      });
      return { activity, personalizer };
    } catch (error) {
      await activity.disconnect();
      throw error;
    }
  };
  const connected = (user: User): Promise<Connected> => {
    if (connecting !== undefined) return connecting;
    const begun = connect(user);
    connecting = begun;
    begun.catch(() => {
      if (connecting === begun) connecting = undefined;
    });
    return begun;
  };

  /** Of several things asked for at once the last one is shown. */
  let asked = 0;
  let done = Promise.resolve();
  let isShowingAllowed: boolean | undefined;
  const isAllowed = () => vault.allows('personalise') && vault.allows('learn-from-activity');
  const inTurn = (work: (isLatest: () => boolean) => Promise<void>): void => {
    const number = ++asked;
    const isLatest = () => number === asked;
    done = done
      .then(() => work(isLatest))
      .catch((error) => {
        if (!(error instanceof E2PError && ENDED.includes(error.code))) showError(error);
      });
  };
  const show = async (isLatest: () => boolean): Promise<void> => {
    const { user } = vault;
    const versions = user && isAllowed() ? await user.embedding.history(space, USE) : [];
    const way = versions.toReversed().map(({ values }) => plane.place(values));
    for (const { values } of versions) values.fill(0);
    if (!isLatest()) return;
    plane.draw(way, undefined);
    if (user === undefined || way.length === 0) return verdict.clear();
    verdict.wait();
    const { personalizer } = await connected(user);
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
      const { activity } = await connected(user);
      const before = (await user.events.list(USE)).filter(
        (event) => event.type === type && from.includes(Number(event.item)),
      ).length;
      for (let i = 0; i < STEP; i++)
        await user.events.add({ type, item: String(from[(before + i) % from.length]) }, USE);
      await activity.settled();
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
    if (isShowingAllowed === isAllowed()) return;
    isShowingAllowed = isAllowed();
    for (const each of topics) each.disabled = !isShowingAllowed;
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
  vault.listen({
    onChange: follow,
    onForgotten: () => {
      // Where it could not be created, that was said.
      void connecting?.then(
        ({ personalizer }) => personalizer.destroy(),
        () => undefined,
      );
      connecting = undefined;
    },
  });
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
