/**
 * The demo page, top to bottom: data, reader, story, model, then texts on request. Follow `embedding` to see the
 * personal data: it goes from the picker into `personalizer.user.set` and nowhere else.
 */
import { Personalizer, type UserEmbedding } from '../../src/index.ts';
import { loadDemoData } from './demo-world.ts';
import { byId } from './dom.ts';
import { explainError } from './explain-error.ts';
import { createProgressView } from './load-progress.ts';
import { prepareOffline } from './offline.ts';
import { readPageOptions } from './page-options.ts';
import { createReaderPicker } from './reader-picker.ts';
import { createStoryPicker } from './story-picker.ts';
import { writePair } from './write-pair.ts';

const options = readPageOptions(location);
const progress = createProgressView();
const prompt = byId<HTMLTextAreaElement>('prompt');
const strength = byId<HTMLInputElement>('strength');
const vary = byId<HTMLInputElement>('vary');
const writeButton = byId<HTMLButtonElement>('write');
const stopButton = byId<HTMLButtonElement>('stop');

let personalizer: Personalizer | undefined;
let embedding: UserEmbedding | undefined;
let writing: AbortController | undefined;

strength.addEventListener('input', showStrength);
prompt.addEventListener('input', showButtons);
stopButton.addEventListener('click', () => writing?.abort());
byId('form').addEventListener('submit', (event) => {
  event.preventDefault();
  if (!writeButton.disabled) void write();
});
showStrength();
await start().catch(showError);

async function start(): Promise<void> {
  const data = await loadDemoData(new URL('./world/', document.baseURI));
  createReaderPicker({
    data,
    onChange: (chosen) => {
      embedding = chosen;
      showButtons();
    },
  });
  createStoryPicker(data.world.stories, showButtons);
  await prepareOffline();
  const { model, dtype, device, projector } = options;
  try {
    personalizer = await Personalizer.create({ model, dtype, device, projector, onProgress: progress.show });
  } finally {
    progress.hide();
  }
  showStatus(personalizer);
  showPrivacy(personalizer);
  showButtons();
}

async function write(): Promise<void> {
  if (personalizer === undefined || embedding === undefined) return;
  const controller = new AbortController();
  writing = controller;
  const focused = document.activeElement === writeButton;
  byId('error').hidden = true;
  showButtons();
  // A button that is disabled loses the focus; it goes to the one that can be used next, and back.
  if (focused) stopButton.focus();
  try {
    await personalizer.user.set(embedding);
    await writePair(personalizer, {
      prompt: prompt.value.trim(),
      strength: strength.valueAsNumber,
      vary: vary.checked,
      maxTokens: options.maxTokens,
      signal: controller.signal,
    });
  } catch (error) {
    // One side failed; the other has nothing to be compared with.
    controller.abort();
    showError(error);
  } finally {
    const onStop = document.activeElement === stopButton;
    writing = undefined;
    showButtons();
    if (onStop) writeButton.focus();
    showStatus(personalizer);
  }
}

function showButtons(): void {
  const ready = personalizer !== undefined && embedding !== undefined && prompt.value.trim() !== '';
  writeButton.disabled = !ready || writing !== undefined;
  stopButton.disabled = writing === undefined;
}

function showStrength(): void {
  const value = strength.valueAsNumber;
  const meaning =
    value === 0 ? ', the average reader' : value === 1 ? ', as trained' : value > 1 ? ', exaggerated' : '';
  byId('strength-value').textContent = value + meaning;
  strength.setAttribute('aria-valuetext', value + meaning);
}

function showStatus({ device: { device, reason }, model: { name, dtype } }: Personalizer): void {
  const where = device === 'webgpu' ? 'WebGPU' : 'WebAssembly, on the CPU';
  const short = name.replace(/\/+$/, '').split('/').at(-1);
  byId('status').dataset.device = device;
  byId('status').textContent =
    `Ready on ${where}: ${reason}. Model ${short}, ${dtype}; ${progress.origin()}.`;
}

/** One line: how much is shut, by what, and the first thing that isn't. */
function showPrivacy({ privacy: { exits, notSealed } }: Personalizer): void {
  const shut = exits.filter(({ state }) => state === 'shut').length;
  const open = exits.filter(({ state }) => state === 'open').map(({ name }) => name);
  byId('privacy').textContent =
    `Sealed: the worker that knows the reader can only talk to this page; ${shut} ways out are shut` +
    `${open.length > 0 ? `, ${open.join(', ')} is open` : ', none is open'}. Not sealed: ${notSealed[0]}`;
  byId('privacy').hidden = false;
}

function showError(error: unknown): void {
  const { summary, detail } = explainError(error);
  const box = byId('error');
  const small = document.createElement('small');
  small.textContent = detail;
  box.replaceChildren(`${summary} `, small);
  box.hidden = false;
  if (personalizer === undefined) byId('status').textContent = 'Not ready.';
  progress.hide();
}
