/**
 * The section for the visitor. Before anything is allowed a press is a button that looks pressed, and nothing else. Then follow it into
 * `vault.note`: it becomes events in the vault, these an embedding there, and that goes into the vault's own engine, which writes
 * (`own-vault.ts`). The page itself draws the embedding, and tells how the engine finds it.
 */
import type { Personalizer, UserFit } from '../../../src/index.ts';
import { embedReader } from '../demo-world.ts';
import { byId } from '../dom.ts';
import { drawBars } from '../embedding-bars.ts';
import { isStopped } from '../explain-error.ts';
import type { Site } from '../lazy-sections.ts';
import { showError } from '../page-status.ts';
import { createStoryPicker } from '../story-picker.ts';
import { createWritingForm, type SetUser, type WritingFormOptions } from '../writing-form.ts';
import { createAllowSwitches } from './allow-switches.ts';
import { createKeptPanel } from './kept-panel.ts';
import { type OwnPurpose, ownVault } from './own-vault.ts';
import { createReaderMap, OWN } from './reader-map.ts';
import { createTopics } from './topics.ts';
import './you.css';
import html from './you.html?raw';

export { html };

const PURPOSES: readonly OwnPurpose[] = ['learn-from-activity', 'personalise'];

/** The visitor as the vault has them, and the engine once it does too. */
interface Own {
  readonly point: Float32Array;
  readonly engine?: Personalizer;
}

export async function open(site: Site): Promise<void> {
  const { data, options, takeTurn, origin, goOn } = site;
  const { readers, space, stories } = data.world;
  const embeddings = readers.map((reader) => embedReader(data, reader).values);
  let personalizer: Personalizer | undefined;
  let chosen = '0';
  let own: Own | undefined;
  let isRemembering = false;
  let asked = 0;

  const fail = (error: unknown): void => {
    if (!isStopped(error)) showError(error);
  };
  const setReader: SetUser = ({ user }) => user.set({ space, values: embeddings[Number(chosen)]! });
  const ready: WritingFormOptions['ready'] = () => {
    if (chosen === OWN) return own?.engine && { personalizer: own.engine, hasVault: true };
    return personalizer && { personalizer, setUser: setReader, hasVault: false };
  };
  const vault = await ownVault(site);
  const form = createWritingForm({
    ...{ average: 'the average reader', ready, origin, takeTurn },
    ...{ maxTokens: options.maxTokens, inTurn: false, onEnd: goOn },
  });
  const map = createReaderMap(byId('map'), readers, embeddings, (reader) => {
    chosen = reader;
    show();
  });
  const note = (name: string, isPressed: boolean): void => {
    void vault.note(name, isPressed).catch(fail);
  };
  const topics = createTopics(data, (name, isPressed) => {
    chosen = OWN;
    map.choose(OWN);
    show();
    note(name, isPressed);
  });
  const showKept = createKeptPanel(vault);
  const show = (): void => {
    const name = chosen === OWN ? 'you' : readers[Number(chosen)]!.name;
    byId('written-for').textContent = name;
    byId('own-summary').textContent =
      chosen === OWN ? aboutOwn() : `${name}: ${readers[Number(chosen)]!.about}.`;
    map.showOwn(own?.point);
    drawBars(byId<SVGElement>('vector'), chosen === OWN ? own?.point : embeddings[Number(chosen)]);
    showSwitches();
    form.refresh();
  };
  const aboutOwn = (): string => {
    const count = topics.pressed.size;
    const what = count === 0 ? 'Nothing is pressed' : `${count} pressed`;
    if (own !== undefined) return `${count === 0 ? 'Your point' : what}. ${ofFit(own.engine?.user.fit)}`;
    return PURPOSES.every(vault.allows)
      ? `${what}. Press what you like, and your point appears.`
      : `${what}, and nothing is made of it before you switch on “Remember what I press” and “Write for me”.`;
  };
  /** What is drawn is what the vault has, now. */
  const follow = async (): Promise<void> => {
    const number = ++asked;
    const isRemembered = vault.allows('learn-from-activity');
    // What looked pressed until then.
    if (isRemembered && !isRemembering) for (const name of topics.pressed) note(name, true);
    isRemembering = isRemembered;
    const versions = await vault.versions();
    const point = versions[0]?.values.slice();
    for (const { values } of versions) values.fill(0);
    if (number !== asked) return void point?.fill(0);
    own?.point.fill(0);
    own = point && { point };
    show();
    await showKept();
    if (point === undefined) return;
    const engine = await vault.engine();
    if (number !== asked) return;
    own = { point, engine };
    show();
  };
  const showSwitches = createAllowSwitches(vault, PURPOSES, show);

  vault.listen({
    onChange: () => void follow().catch(fail),
    onForgotten: () => topics.restore([]),
  });
  createStoryPicker(stories, form.refresh);
  byId('map-share').textContent = `${Math.round(100 * map.share)} %`;
  offerWords();
  topics.restore(await vault.pressed());
  isRemembering = vault.allows('learn-from-activity');
  if (topics.pressed.size > 0) chosen = OWN;
  map.choose(chosen);
  show();
  void follow().catch(fail);
  void site.personalizer.then(
    (created) => {
      personalizer = created;
      form.refresh();
    },
    () => undefined,
  );
}

/** As the engine acts on it. */
function ofFit(fit: UserFit | undefined): string {
  if (fit === undefined) return 'It is kept in the vault, and the engine is given it.';
  const { level, strength } = fit;
  if (level === 'alien') return 'The engine finds it unlike everybody (alien), and writes for nobody.';
  return `The engine finds it ${level}, and writes for it with λ = ${strength}.`;
}

/** Words need a sentence encoder, which the other page has. */
function offerWords(): void {
  if (__REAL_LLM__ === undefined) return;
  byId('own-words').hidden = false;
  byId<HTMLAnchorElement>('own-words-link').search = location.search;
}
