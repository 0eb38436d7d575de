/**
 * The section for the visitor. What is pressed becomes a point among the readers here, in the page; it is kept, and goes to the model, only as
 * far as the visitor allows it. Follow `point`: from the buttons onto the map, through `vault.keep` onto the disk, and from there, with each
 * text, through `vault.take` into `personalizer.user.set`.
 */
import type { Personalizer, UserEmbedding } from '../../../src/index.ts';
import { embedPresses, embedReader } from '../demo-world.ts';
import { byId } from '../dom.ts';
import { drawBars } from '../embedding-bars.ts';
import type { Site } from '../lazy-sections.ts';
import { showError } from '../page-status.ts';
import { createStoryPicker } from '../story-picker.ts';
import { createWritingForm, type SetUser } from '../writing-form.ts';
import { createKeptPanel } from './kept-panel.ts';
import { type OwnPurpose, ownVault } from './own-vault.ts';
import { createReaderMap, OWN } from './reader-map.ts';
import { createTopics } from './topics.ts';
import './switch.css';
import './you.css';
import html from './you.html?raw';

export { html };

const PURPOSES: readonly OwnPurpose[] = ['personalise', 'learn-from-activity'];

export async function open(site: Site): Promise<void> {
  const { data, options, takeTurn, origin, goOn } = site;
  const { readers, space, stories } = data.world;
  const embeddings = readers.map((reader) => embedReader(data, reader).values);
  let personalizer: Personalizer | undefined;
  let chosen = '0';
  let point: UserEmbedding | undefined;
  let writingOwn = 0;
  /** Switches that show what was asked for, not yet what the vault says; one decision after the other. */
  const deciding: OwnPurpose[] = [];
  let decided = Promise.resolve();

  const setOwn: SetUser = async ({ user, model }) => {
    writingOwn = 1;
    const kept = await vault.take({ model: model.name, projector: options.projector });
    if (kept !== undefined) await user.set(kept);
    kept?.values.fill(0);
  };
  const setReader: SetUser = ({ user }) => user.set({ space, values: embeddings[Number(chosen)]! });
  const ready = (): readonly [Personalizer, SetUser] | undefined => {
    if (personalizer === undefined) return undefined;
    if (chosen !== OWN) return [personalizer, setReader];
    return point && vault.allows('personalise') ? [personalizer, setOwn] : undefined;
  };
  const letGo = async (): Promise<number> => {
    const count = writingOwn;
    if (count > 0) await form.stop();
    return count;
  };
  const vault = await ownVault(space);
  const form = createWritingForm({
    ...{
      average: 'the average reader',
      ready,
      origin,
      takeTurn,
      maxTokens: options.maxTokens,
      inTurn: false,
    },
    onEnd: () => {
      writingOwn = 0;
      goOn();
      void show().catch(showError);
    },
  });
  const map = createReaderMap(byId('map'), readers, embeddings, (reader) => {
    chosen = reader;
    void show().catch(showError);
  });
  const topics = createTopics(data, (name, isPressed) => {
    point = topics.pressed.size > 0 ? embedPresses(data, topics.pressed) : undefined;
    chosen = OWN;
    map.choose(OWN);
    void show().catch(showError);
    void Promise.all([vault.keep(point), vault.note(name, isPressed)]).catch(showError);
  });
  const showKept = createKeptPanel(vault);
  const show = async (): Promise<void> => {
    const name = chosen === OWN ? 'you' : readers[Number(chosen)]!.name;
    byId('written-for').textContent = name;
    byId('own-summary').textContent =
      chosen === OWN ? aboutOwn() : `${name}: ${readers[Number(chosen)]!.about}.`;
    map.showOwn(point?.values);
    drawBars(byId<SVGElement>('vector'), chosen === OWN ? point?.values : embeddings[Number(chosen)]);
    for (const purpose of PURPOSES)
      if (!deciding.includes(purpose)) switchOf(purpose).checked = vault.allows(purpose);
    form.refresh();
    await showKept();
  };
  const aboutOwn = (): string => {
    if (point === undefined) return 'Press what you like, and your point appears.';
    const count = topics.pressed.size;
    const what = count === 0 ? 'Your point of last time' : `${count} pressed`;
    return vault.allows('personalise')
      ? `${what}. Your point is kept here, encrypted.`
      : `${what}. Switch on “Write for me”, and the model writes for this point.`;
  };
  const allow = async (purpose: OwnPurpose, isAllowed: boolean): Promise<void> => {
    try {
      await vault.allow(purpose, isAllowed);
      if (isAllowed && purpose === 'personalise') await vault.keep(point);
      if (isAllowed && purpose === 'learn-from-activity')
        for (const name of topics.pressed) await vault.note(name, true);
    } finally {
      deciding.splice(deciding.indexOf(purpose), 1);
      await show();
    }
  };

  vault.listen({
    letGo,
    onChange: () => void show().catch(showError),
    onForgotten: () => {
      point = undefined;
      topics.restore([]);
    },
  });
  createStoryPicker(stories, form.refresh);
  byId('map-share').textContent = `${Math.round(100 * map.share)} %`;
  offerWords();
  for (const purpose of PURPOSES) {
    const box = switchOf(purpose);
    box.addEventListener('change', () => {
      deciding.push(purpose);
      const isAllowed = box.checked;
      decided = decided.then(() => allow(purpose, isAllowed)).catch(showError);
    });
  }
  const recalled = await vault.recall();
  topics.restore(recalled.pressed);
  point = recalled.point ?? (topics.pressed.size > 0 ? embedPresses(data, topics.pressed) : undefined);
  if (point !== undefined) chosen = OWN;
  map.choose(chosen);
  await show();
  void site.personalizer.then(
    (created) => {
      personalizer = created;
      form.refresh();
    },
    () => undefined,
  );
}

const switchOf = (purpose: OwnPurpose) => byId<HTMLInputElement>(`allow-${purpose}`);

/** Words need a sentence encoder, which the other page has. */
function offerWords(): void {
  if (__REAL_LLM__ === undefined) return;
  byId('own-words').hidden = false;
  byId<HTMLAnchorElement>('own-words-link').search = location.search;
}
