/** The section for a model of the visitor's own: of the Hub or of a folder, what the library found out about it, and a text by it. */
import loader from '../../../sealed/loader.js?url';
import {
  E2PError,
  type InterruptedLoad,
  type LoadProgress,
  type ModelFiles,
  Personalizer,
  weights,
} from '../../../src/index.ts';
import { acceptDrops } from '../accept-drops.ts';
import { byId, element } from '../dom.ts';
import { isAbort } from '../explain-error.ts';
import type { Site } from '../lazy-sections.ts';
import { timings } from '../write-pair.ts';
import { chosenFolder, droppedFolder } from './folder-files.ts';
import './model.css';
import html from './model.html?raw';

export { html };

export function open({ options }: Site): void {
  const { device, maxTokens } = options;
  const id = byId<HTMLInputElement>('model-id');
  const button = (name: string) => byId<HTMLButtonElement>(`model-${name}`);
  const prompt = byId<HTMLTextAreaElement>('model-prompt');
  let personalizer: Personalizer | undefined;
  let running: AbortController | undefined;
  /** Folders of the Hub that this browser keeps for this section. */
  let kept: readonly string[] = [];

  const refresh = (): void => {
    const isIdle = running === undefined;
    byId<HTMLFieldSetElement>('model-sources').disabled = !isIdle;
    button('cancel').disabled = isIdle;
    button('delete').hidden = !isIdle || kept.length === 0;
    prompt.disabled = button('write').disabled = !isIdle || personalizer === undefined;
  };
  const run = async (work: (signal: AbortSignal) => Promise<void>, saying: (what: string) => void) => {
    const controller = new AbortController();
    running = controller;
    refresh();
    try {
      await work(controller.signal);
    } catch (error) {
      const name = error instanceof E2PError ? `${error.code}: ` : '';
      saying(
        isAbort(error) ? 'Cancelled.' : `${name}${error instanceof Error ? error.message : String(error)}`,
      );
    } finally {
      running = undefined;
      refresh();
    }
  };
  const load = async (model: string | ModelFiles, signal: AbortSignal): Promise<void> => {
    await personalizer?.destroy();
    personalizer = undefined;
    byId('model-report').replaceChildren();
    for (const name of ['output', 'stats']) byId(`model-${name}`).textContent = '';
    const began = performance.now();
    let bytes = 0;
    say('Looking for its files…');
    const onProgress = (progress: LoadProgress): void => {
      if (progress.stage === 'file') bytes = progress.all.loaded;
      say(progressOf(progress));
    };
    const host = __REAL_LLM__?.hosts[0];
    try {
      personalizer = await Personalizer.create({
        ...{ model, device, loader, onProgress, signal },
        ...(host !== undefined && { hub: { host } }),
      });
    } finally {
      if (typeof model === 'string') kept = await storedUrls(model);
    }
    const seconds = (performance.now() - began) / 1000;
    report(personalizer, typeof model === 'string' ? bytes : sizeOf(model), seconds);
    say('Ready. Soft tokens can stand in its prompts.');
  };
  const write = async (by: Personalizer, signal: AbortSignal): Promise<void> => {
    const output = byId('model-output');
    output.textContent = '';
    byId('model-stats').textContent = 'Reading the prompt…';
    await using session = await by.createSession();
    const onText = (text: string): void => output.append(text);
    const result = await session.generate(prompt.value, { temperature: 0, maxTokens, signal, onText });
    byId('model-stats').textContent = timings(result);
  };
  const take = (model: string | ModelFiles | undefined): void => {
    if (model === undefined) say('No folder was found in what was dropped.');
    else if (running === undefined) void run((signal) => load(model, signal), say);
  };
  const forget = async (): Promise<void> => {
    await personalizer?.destroy();
    personalizer = undefined;
    for (const url of kept) await weights.delete(url);
    kept = [];
    byId('model-report').replaceChildren();
    say('Deleted from this browser.');
  };

  offerRealLlm();
  byId('model-form').addEventListener('submit', (event) => {
    event.preventDefault();
    take(id.value.trim());
  });
  byId('model-folder').addEventListener('change', ({ target }) => {
    take(chosenFolder((target as HTMLInputElement).files!));
  });
  acceptDrops(byId('model-drop'), ({ items }) => {
    void droppedFolder(items).then(take, (error: Error) => say(error.message));
  });
  button('cancel').addEventListener('click', () => running?.abort());
  button('delete').addEventListener('click', () => void run(forget, say));
  byId('model-try').addEventListener('submit', (event) => {
    event.preventDefault();
    const by = personalizer;
    if (by && running === undefined)
      void run(
        (signal) => write(by, signal),
        (what) => {
          byId('model-stats').textContent = what;
        },
      );
  });
  refresh();
}

function say(what: string): void {
  byId('model-status').textContent = what;
}

const megabytes = (bytes: number): string => `${(bytes / 1e6).toFixed(1)} MB`;

const sizeOf = ({ files }: ModelFiles): number =>
  Object.values(files).reduce((sum, { size }) => sum + size, 0);

function progressOf(progress: LoadProgress): string {
  if (progress.stage === 'storage') return progress.warning ?? 'Looking for its files…';
  if (progress.stage === 'convert') return 'Preparing the weights for this processor, once…';
  if (progress.stage !== 'file') return 'Preparing the device…';
  const { all, cached } = progress;
  const of = all.total === undefined ? '' : ` of ${megabytes(all.total)}`;
  return `${cached ? 'Reading from this device' : 'Downloading'}: ${megabytes(all.loaded)}${of}`;
}

function interruptedText({ dtype, smaller }: InterruptedLoad): string {
  const others = smaller.map((variant) => `${variant.dtype} (${megabytes(variant.bytes)})`).join(', ');
  return `the tab was gone before ${dtype} was up; smaller in this folder: ${others || 'nothing'}`;
}

/** What a page is told of a model; `e2p inspect` tells more. */
function report(
  { model, device, space, privacy, interrupted }: Personalizer,
  bytes: number,
  seconds: number,
): void {
  const shut = privacy.exits.filter(({ state }) => state !== 'open').length;
  const facts: Readonly<Record<string, string | undefined>> = {
    Name: model.name,
    Weights: `${model.dtype}; files of ${megabytes(bytes)}, up in ${seconds.toFixed(1)} s`,
    'Runs on': `${device.device}: ${device.reason}`,
    'Reads at most': `${model.contextLength} tokens, prompt and answer together`,
    'Width of a soft token': `${model.hiddenSize} numbers`,
    Projector: space ? `for ${space.id}` : 'none: it writes the same for everybody',
    Sealed: `${shut} of ${privacy.exits.length} ways out of its worker are shut or absent`,
    Warning: model.warning,
    'Last time': interrupted && interruptedText(interrupted),
  };
  byId('model-report').replaceChildren(
    ...Object.entries(facts).flatMap(([name, fact]) => {
      if (fact === undefined) return [];
      const entry = element('div', {});
      entry.append(element('dt', {}, name), element('dd', {}, fact));
      return [entry];
    }),
  );
}

/** Of a repository, wherever it came from; complete or not. */
async function storedUrls(id: string): Promise<readonly string[]> {
  const stored = await weights.list().catch(() => []);
  return stored.map(({ url }) => url).filter((url) => url.endsWith(`/${id}/resolve/main/`));
}

function offerRealLlm(): void {
  if (__REAL_LLM__ === undefined) return;
  byId('model-offer').hidden = false;
  byId<HTMLAnchorElement>('model-offer-link').search = location.search;
}
