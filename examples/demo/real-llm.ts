/**
 * The page with the real LLM: nothing of it is downloaded before the button is pressed, a download can be cancelled and goes on
 * where it stopped, and what is kept can be deleted. Then two answers to one question, with a person's soft tokens and without.
 */
import loader from '../../sealed/loader.js?url';
import { type LoadProgress, Personalizer, weights } from '../../src/index.ts';
import { byId, element } from './dom.ts';
import { isAbort } from './explain-error.ts';
import { lazy } from './lazy.ts';
import { createPersonPicker, loadPeople } from './llm-people.ts';
import { createProgressView } from './load-progress.ts';
import { showModelChoice } from './model-choice.ts';
import { prepareOffline } from './offline.ts';
import { readLlmOptions, realLlmSize } from './page-options.ts';
import { showError, showPrivacy, showStatus } from './page-status.ts';
import type { OwnLines } from './sections/own-lines.ts';
import { createTurns } from './turns.ts';
import { createWritingForm, type SetUser } from './writing-form.ts';

const options = readLlmOptions(location);
const progress = createProgressView();
const prompt = byId<HTMLTextAreaElement>('prompt');
const loadButton = byId<HTMLButtonElement>('load');
const cancelButton = byId<HTMLButtonElement>('cancel');
const deleteButton = byId<HTMLButtonElement>('delete');

let personalizer: Personalizer | undefined;
/** Undefined for the visitor. */
let setUser: SetUser | undefined;
let own: OwnLines | undefined;
let loading: AbortController | undefined;

showModelChoice('llm');
progress.hide();
loadButton.addEventListener('click', () => void load());
// Before, a click would have gone nowhere.
loadButton.disabled = false;
cancelButton.addEventListener('click', () => loading?.abort());
deleteButton.addEventListener('click', () => void forgetWeights().catch(showError));
const { refresh } = createWritingForm({
  average: 'the average person',
  ready: () =>
    setUser === undefined ? own?.writer() : personalizer && { personalizer, setUser, hasVault: false },
  origin: progress.origin,
  maxTokens: options.maxTokens,
  inTurn: true,
  takeTurn: createTurns(),
});
await start().catch(showError);

async function start(): Promise<void> {
  const data = await loadPeople(new URL('./world/', document.baseURI));
  const openOwn = lazy(async () => {
    const { createOwnLines } = await import('./sections/own-lines.ts');
    const { space } = data;
    const base = () => personalizer;
    own = await createOwnLines({ options, space, base, onChange: refresh, onProgress: showEncoder });
    refresh();
  });
  createPersonPicker({
    data,
    onChange: (set) => {
      setUser = set;
      if (set === undefined) openOwn.get().catch(showError);
      refresh();
    },
  });
  offerQuestions(data.questions);
  await showOffer();
  await prepareOffline();
}

/** What is shown of a download goes with it. */
function showEncoder(told: LoadProgress | undefined): void {
  if (told === undefined) {
    progress.hide();
    void showOffer();
    return;
  }
  byId('loading').hidden = false;
  progress.show(told);
}

function offerQuestions(questions: readonly string[]): void {
  const select = byId<HTMLSelectElement>('question');
  select.append(...questions.map((text) => element('option', { value: text }, text)));
  select.append(element('option', { value: '', hidden: true }, 'Your own question'));
  const fill = (): void => {
    prompt.value = select.value;
    refresh();
  };
  select.addEventListener('change', fill);
  prompt.addEventListener('input', () => {
    select.value = questions.find((text) => text === prompt.value) ?? '';
  });
  fill();
}

/** On this site, and no repository. */
function isFolder(id: string): boolean {
  return /^[./]/.test(id);
}

/** What is kept here, complete or not: of the model and its projector, and of the sentence encoder. */
async function storedFolders() {
  const { model, hub, projector, encoder } = options;
  const stored = await weights.list().catch(() => []);
  const here = (path: string) => new URL(path, document.baseURI).href;
  /** A folder on this site, or a repository wherever it came from. */
  const isOf = (url: string, id: string, revision = 'main'): boolean =>
    isFolder(id) ? url === here(`${id}/`.replace(/\/+$/, '/')) : url.endsWith(`/${id}/resolve/${revision}/`);
  return {
    ofModel: stored.filter(({ url }) => url === here(projector) || isOf(url, model, hub?.revision)),
    ofEncoder: stored.filter(({ url }) => isOf(url, encoder)),
  };
}

/** What pressing the button means, in words. */
async function showOffer(): Promise<void> {
  const { ofModel: stored, ofEncoder } = await storedFolders();
  const { hub, model } = options;
  const from = `${isFolder(model) || hub?.host === undefined ? 'this site' : new URL(hub.host).host} (${model})`;
  const size = (of: typeof stored) =>
    `${(of.reduce((sum, { bytes }) => sum + bytes, 0) / 1e6).toFixed(1)} MB`;
  const kept = size(stored);
  const encoder = ofEncoder.length > 0 ? ` and the sentence encoder (${size(ofEncoder)})` : '';
  const isComplete = stored.length === 2 && stored.every(({ complete }) => complete);
  const isPartial = stored.length > 0 && !isComplete;
  byId('offer').textContent = isComplete
    ? `SmolLM2-135M-Instruct with its projector (${kept})${encoder} are kept in this browser until you delete them.`
    : isPartial
      ? `${kept} of SmolLM2-135M-Instruct and its projector have arrived and are kept. The download from ${from}, ${realLlmSize(location)} in all, goes on from there.`
      : `SmolLM2-135M-Instruct and its projector are a download of ${realLlmSize(location)} from ${from}. They are kept in this browser until you delete them.${loading ? '' : ' Nothing is downloaded before you press the button.'}`;
  loadButton.textContent = isComplete
    ? 'Start'
    : isPartial
      ? 'Go on with the download'
      : 'Download and start';
  loadButton.hidden = personalizer !== undefined || loading !== undefined;
  cancelButton.hidden = loading === undefined;
  deleteButton.hidden = stored.length + ofEncoder.length === 0 || loading !== undefined;
}

async function load(): Promise<void> {
  const controller = new AbortController();
  loading = controller;
  byId('error').hidden = true;
  byId('status').textContent = '';
  byId('loading').hidden = false;
  await showOffer();
  cancelButton.focus();
  try {
    const { model, hub, dtype, device, projector, encoder } = options;
    personalizer = await Personalizer.create({
      ...{
        model,
        dtype,
        device,
        projector,
        encoder,
        loader,
        onProgress: progress.show,
        signal: controller.signal,
      },
      ...(hub && { hub }),
    });
    showStatus(personalizer, progress.origin());
    showPrivacy(personalizer);
  } catch (error) {
    byId('status').textContent = isAbort(error) ? 'Cancelled. What has arrived is kept.' : 'Not ready.';
    if (!isAbort(error)) showError(error);
  } finally {
    loading = undefined;
    progress.hide();
    await showOffer();
    refresh();
    own?.follow();
    (personalizer === undefined ? loadButton : byId('write')).focus();
  }
}

/** The model can't be used without its weights, so it goes too. */
async function forgetWeights(): Promise<void> {
  const running = personalizer;
  personalizer = undefined;
  await own?.endEngine();
  refresh();
  await running?.destroy();
  const { ofModel, ofEncoder } = await storedFolders();
  for (const { url } of [...ofModel, ...ofEncoder]) await weights.delete(url);
  byId('status').textContent = 'Deleted from this browser.';
  byId('privacy').hidden = true;
  await showOffer();
  loadButton.focus();
}
