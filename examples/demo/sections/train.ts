/**
 * The section that trains: a projector of one's own in this tab, its losses as they come, whether it knows whom it writes for, and texts
 * written with it at once.
 */
import loader from '../../../sealed/loader.js?url';
import { isTold } from '../../../src/evaluate/index.ts';
import { Personalizer } from '../../../src/index.ts';
import { type TrainInWorkerResult, trainInWorker } from '../../../src/train.ts';
import { acceptDrops } from '../accept-drops.ts';
import { byId, element } from '../dom.ts';
import { explainError, isAbort } from '../explain-error.ts';
import type { Site } from '../lazy-sections.ts';
import { saveFile } from '../save-file.ts';
import { type ControlRow, type Interval, scoreControls } from './controls.ts';
import { createLossChart, type Series } from './loss-chart.ts';
import { fetchSample, readTrainingFiles, type TrainingFiles } from './training-files.ts';
import './train.css';
import html from './train.html?raw';

export { html };

/** Small, so that a tab without a GPU makes some steps a second. */
const RECIPE = { batch: 8, learningRate: 3e-3, seed: 1, looked: 24, slot: 'after-bos' } as const;
const SPACE = 'trained-in-this-tab';
const SAMPLE = 'The sample';

/** A projector that can be written with. */
interface Trained {
  readonly personalizer: Personalizer;
  readonly file: File;
  readonly files: TrainingFiles;
}

export async function open({ options }: Site): Promise<void> {
  const { model, dtype, device, maxTokens } = options;
  const chart = createLossChart(byId('loss-chart'));
  const button = (id: string) => byId<HTMLButtonElement>(`train-${id}`);
  const reader = byId<HTMLSelectElement>('trained-reader');
  const write = byId<HTMLButtonElement>('trained-write');
  const save = byId<HTMLButtonElement>('trained-save');
  let files: TrainingFiles | undefined;
  let trained: Trained | undefined;
  let running: AbortController | undefined;

  const refresh = (): void => {
    button('start').disabled = files === undefined || running !== undefined;
    button('stop').disabled = running === undefined;
    reader.disabled = write.disabled = save.disabled = trained === undefined || running !== undefined;
  };
  const use = (found: TrainingFiles, name: string): void => {
    files = found;
    byId('train-sample').hidden = name === SAMPLE;
    const { users, examples, heldOut, heldOutUsers } = found;
    byId('train-data').textContent =
      `${name}: ${users.rows.size} users with embeddings of ${users.dim} numbers. ${examples.length} examples are learned from; ${heldOut.length}, of ${heldOutUsers.length} users, are held out.`;
    refresh();
  };
  const take = async (list: FileList | undefined): Promise<void> => {
    const read = async (file: File) => ({ name: file.name, bytes: new Uint8Array(await file.arrayBuffer()) });
    try {
      use(readTrainingFiles(await Promise.all([...(list ?? [])].map(read))), 'Your files');
    } catch (error) {
      byId('train-data').textContent = explainError(error).detail;
    }
  };
  const trainOne = (given: TrainingFiles, steps: number, constant: boolean, signal: AbortSignal) => {
    const series: Series = constant ? 'control' : 'heldOut';
    return trainInWorker({
      ...{ model, dtype, device, loader, space: SPACE, steps, patience: steps, signal, ...RECIPE, constant },
      ...{ users: given.users, examples: given.examples, validation: given.heldOut },
      onReady: (ready) => say(`The model is there, on ${ready.device.device}.`),
      onProgress: ({ step, loss, heldOutLoss }) => {
        if (!constant && step > 0) chart.add('step', step, loss);
        if (heldOutLoss !== undefined) chart.add(series, step, heldOutLoss);
        say(
          `${constant ? 'The constant soft token: step' : 'Step'} ${step} of ${steps}, ${loss.toFixed(3)} nats per token.`,
        );
      },
    });
  };
  const bringUp = ({ projector }: TrainInWorkerResult): Promise<Personalizer> =>
    Personalizer.create({ model, dtype, device, loader, projector: asFile(projector) });
  const train = async (given: TrainingFiles, signal: AbortSignal): Promise<void> => {
    const steps = byId<HTMLInputElement>('train-steps').valueAsNumber;
    chart.clear(steps);
    byId('controls').querySelector('tbody')!.replaceChildren();
    say('The model is brought up in a worker that can train…');
    const began = performance.now();
    const result = await trainOne(given, steps, false, signal);
    const seconds = (performance.now() - began) / 1000;
    const constant = byId<HTMLInputElement>('train-control').checked
      ? await trainOne(given, steps, true, signal)
      : undefined;
    say('It is tried on the readers who were held out…');
    await trained?.personalizer.destroy();
    trained = { personalizer: await bringUp(result), file: asFile(result.projector), files: given };
    reader.replaceChildren(...given.heldOutUsers.map((user) => element('option', { value: user }, user)));
    const control = constant && (await bringUp(constant));
    try {
      await scoreControls(
        { trained: trained.personalizer, constant: control },
        given,
        SPACE,
        signal,
        showRow,
      );
    } finally {
      await control?.destroy();
    }
    const { bestStep } = result.report;
    say(
      `Trained in this tab: ${steps} steps in ${seconds.toFixed(1)} s; the weights of step ${bestStep ?? steps} were best and are kept.`,
    );
  };
  /** For one held-out reader and the next one, about what the first was asked. */
  const writeBoth = async ({ personalizer, files: of }: Trained, signal: AbortSignal): Promise<void> => {
    const { heldOutUsers, heldOut, users } = of;
    const other = heldOutUsers[(heldOutUsers.indexOf(reader.value) + 1) % heldOutUsers.length]!;
    const { messages } = heldOut.find(({ user }) => user === reader.value)!;
    for (const [id, user] of [
      ['own', reader.value],
      ['other', other],
    ] as const) {
      const output = byId(`trained-${id}`);
      byId(`trained-${id}-name`).textContent = `For ${user}`;
      output.textContent = '';
      await personalizer.user.set({ space: SPACE, values: users.rows.get(user)! });
      await using session = await personalizer.createSession();
      await session.generate(messages, {
        temperature: 0,
        maxTokens,
        signal,
        onText: (text) => output.append(text),
      });
    }
  };
  const run = async (work: (signal: AbortSignal) => Promise<void>): Promise<void> => {
    const controller = new AbortController();
    running = controller;
    refresh();
    try {
      await work(controller.signal);
    } catch (error) {
      controller.abort();
      const { summary, detail } = explainError(error);
      say(isAbort(error) ? 'Stopped.' : `${summary} ${detail}`);
    } finally {
      running = undefined;
      refresh();
    }
  };

  byId('train-files').addEventListener(
    'change',
    ({ target }) => void take((target as HTMLInputElement).files ?? undefined),
  );
  acceptDrops(byId('train-drop'), ({ files: list }) => void take(list));
  byId('train-stop').addEventListener('click', () => running?.abort());
  save.addEventListener('click', () => trained && saveFile(trained.file, trained.file.name));
  byId('train-form').addEventListener('submit', (event) => {
    event.preventDefault();
    const given = files;
    if (given && running === undefined) void run((signal) => train(given, signal));
  });
  byId('trained-form').addEventListener('submit', (event) => {
    event.preventDefault();
    const given = trained;
    if (given && running === undefined) void run((signal) => writeBoth(given, signal));
  });
  const sample = await fetchSample(new URL('./world/', document.baseURI));
  byId('train-sample').addEventListener('click', () => {
    byId<HTMLInputElement>('train-files').value = '';
    use(sample, SAMPLE);
  });
  use(sample, SAMPLE);
}

function say(what: string): void {
  byId('train-status').textContent = what;
}

const asFile = (bytes: Uint8Array): File =>
  new File([new Uint8Array(bytes)], 'projector.safetensors', { type: 'application/octet-stream' });

function showRow({ name, loss, worse }: ControlRow): void {
  const row = element('tr', {});
  const signed = (value: number) => `${value < 0 ? '−' : '+'}${Math.abs(value).toFixed(3)}`;
  const interval = ({ low, high }: Interval) => ` [${signed(low)}, ${signed(high)}]`;
  const difference = worse && signed(worse.mean) + (isTold(worse) ? interval(worse) : '');
  row.append(
    element('th', { scope: 'row' }, name),
    element('td', {}, loss.toFixed(3)),
    element('td', {}, difference ?? ''),
  );
  byId('controls').querySelector('tbody')!.append(row);
}
