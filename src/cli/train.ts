/** `e2p train`: a projector from users, examples and a model folder. */
import { closeSync, existsSync, fsyncSync, openSync, renameSync, rmSync, writeSync } from 'node:fs';
import { basename, resolve } from 'node:path';
import { parseArgs } from 'node:util';
import { E2PError } from '../error.ts';
import { loadBaseModel } from '../model/base-model.ts';
import { readProjector, writeProjector } from '../projector/projector.ts';
import { PLACES, readSlotOption, SOFT } from '../projector/slot.ts';
import { createNodeRuntime, type NodeDevice } from '../runtime/node-runtime.ts';
import { createFolderSource } from '../storage/folder-source.ts';
import { train as trainProjector } from '../train/train.ts';
import type { TrainingProgress } from '../train/train-projector.ts';
import { readExamples } from '../train/training-data.ts';
import { checkDtype } from './dtype.ts';
import { readEncoded } from './encode.ts';
import { readInput } from './files.ts';
import { numberOption } from './numbers.ts';
import { createProgressLine } from './progress-line.ts';

const TEXT = { type: 'string' } as const;
const FLAG = { type: 'boolean', default: false } as const;
const OPTIONS = {
  ...{ model: TEXT, users: TEXT, data: TEXT, out: TEXT, space: TEXT, device: TEXT, dtype: TEXT },
  slot: { type: 'string', multiple: true },
  ...{ tokens: TEXT, hidden: TEXT, epochs: TEXT, steps: TEXT, batch: TEXT, accumulate: TEXT, lr: TEXT },
  ...{ 'weight-decay': TEXT, noise: TEXT, 'prefix-dropout': TEXT, 'held-out': TEXT, patience: TEXT },
  ...{ 'max-length': TEXT, seed: TEXT, threads: TEXT, init: TEXT, 'checkpoint-every': TEXT },
  ...{ memory: TEXT, validation: TEXT, distill: TEXT, since: TEXT, canaries: TEXT, looked: TEXT },
  ...{ encoder: TEXT, 'encoder-id': TEXT, 'model-id': TEXT, vectors: TEXT, anchors: TEXT },
  ...{ align: TEXT, 'align-steps': TEXT, 'align-lr': TEXT, replay: TEXT },
  ...{ recompute: FLAG, constant: FLAG, resume: FLAG, json: FLAG },
} as const;

const DEVICES = ['cpu', 'cuda', 'webgpu'];

export async function train(args: readonly string[]): Promise<void> {
  const { values } = parseArgs({ args: [...args], options: OPTIONS });
  const needed = (name: 'model' | 'users' | 'data' | 'out'): string => {
    const value = values[name];
    if (value === undefined) throw new E2PError('invalid-argument', `--${name} is missing`);
    return value;
  };
  const [folder, usersFile, data, out] = [needed('model'), needed('users'), needed('data'), needed('out')];
  const { device = 'cpu', space = 'users' } = values;
  const slot = readSlotOption(values.slot ?? []);
  if (slot === undefined) {
    throw new E2PError(
      'invalid-argument',
      `--slot is ${JSON.stringify(values.slot)}, expected after-bos, a placeholder, or places (${PLACES.join(', ')}), each with a text in which ${SOFT} stands once: user-end:" It should be about${SOFT}."`,
    );
  }
  if (!DEVICES.includes(device)) {
    throw new E2PError(
      'invalid-argument',
      `--device is ${JSON.stringify(device)}, expected ${DEVICES.join(', ')}`,
    );
  }
  const number = (name: keyof typeof OPTIONS) => numberOption(name, values[name] as string | undefined);
  const given = Object.fromEntries(
    Object.entries({
      ...{
        tokens: number('tokens'),
        hidden: number('hidden'),
        epochs: number('epochs'),
        steps: number('steps'),
      },
      ...{ batch: number('batch'), accumulate: number('accumulate'), learningRate: number('lr') },
      ...{ weightDecay: number('weight-decay'), noise: number('noise'), seed: number('seed') },
      ...{
        prefixDropout: number('prefix-dropout'),
        heldOut: number('held-out'),
        patience: number('patience'),
      },
      ...{ maxLength: number('max-length'), checkpointEvery: number('checkpoint-every') },
      ...{ memory: sizeOption('memory', values.memory) },
      ...{ distill: number('distill'), since: dateOption('since', values.since) },
      ...{ looked: number('looked'), vectors: number('vectors') },
    }).filter(([, v]) => v !== undefined),
  );
  const dtype = checkDtype(values.dtype);
  const checkpointFile = `${out}.checkpoint`;
  const checkpoint =
    values.resume && existsSync(checkpointFile)
      ? { bytes: readInput(checkpointFile), name: checkpointFile }
      : undefined;
  if (values.resume && !checkpoint) console.error(`${checkpointFile} is not there: beginning anew`);

  const model = await loadBaseModel({
    source: createFolderSource(folder),
    dtypes: dtype === undefined ? ['q4', 'fp32', 'fp16', 'q4f16'] : [dtype],
  });
  const { encoder: encoderId, align } = values;
  const most = number('anchors');
  const { users, alignTo, encoder, anchors } = await readEncoded({
    ...{ users: usersFile, align, encoder: encoderId, encoderId: values['encoder-id'] },
    anchors: most === undefined ? undefined : { model, most },
  });
  const examples = readExamples(readInput(data), data, users);
  const init = values.init === undefined ? undefined : readProjector(readInput(values.init), values.init);
  const more = (file: string | undefined) => file && readExamples(readInput(file), file, users);
  const [validation, canaries] = [more(values.validation) || undefined, more(values.canaries) || undefined];
  const alignment = Object.fromEntries(
    Object.entries({
      ...{ steps: number('align-steps'), learningRate: number('align-lr') },
      replay: number('replay'),
    }).filter(([, v]) => v !== undefined),
  );
  const runtime = createNodeRuntime({ device: device as NodeDevice, threads: number('threads') ?? 1 });
  const controller = new AbortController();
  let saved = checkpoint === undefined ? 0 : -1;
  const onSignal = () => controller.abort();
  process.once('SIGINT', onSignal);
  process.once('SIGTERM', onSignal);
  try {
    const { projector, report } = await trainProjector({
      // A path would tell whose machine this is.
      modelId: values['model-id'] ?? basename(resolve(folder)),
      ...{ model, runtime, users, examples, validation, canaries, space, init, checkpoint, ...given },
      ...{ slot, encoder, alignTo, alignment, anchors },
      ...{ constant: values.constant, recompute: values.recompute },
      signal: controller.signal,
      onProgress: progressLine(),
      onCheckpoint: (bytes, step) => {
        writeWhole(checkpointFile, bytes);
        saved = step;
      },
    });
    writeWhole(out, writeProjector(projector));
    rmSync(checkpointFile, { force: true });
    if (values.json) console.log(JSON.stringify(report, null, 2));
    else console.log(describe(out, report));
  } catch (error) {
    if (!controller.signal.aborted) throw error;
    console.error(`\nstopped; step ${saved} is saved in ${checkpointFile}, go on with --resume`);
    process.exitCode = 130;
  } finally {
    process.off('SIGINT', onSignal);
    process.off('SIGTERM', onSignal);
  }
}

/** Bytes, or with a unit: 800MB, 2GB. */
function sizeOption(name: string, text: string | undefined): number | undefined {
  if (text === undefined) return undefined;
  const [, digits, unit = ''] = /^(\d+(?:\.\d+)?)\s*([KMG]?B)?$/i.exec(text.trim()) ?? [];
  const factor = { '': 1, B: 1, KB: 1e3, MB: 1e6, GB: 1e9 }[unit.toUpperCase()];
  if (digits !== undefined && factor !== undefined) return Math.round(Number(digits) * factor);
  throw new E2PError('invalid-argument', `--${name} is ${JSON.stringify(text)}, expected bytes, as 800MB`);
}

function dateOption(name: string, text: string | undefined): number | undefined {
  const time = text === undefined ? undefined : Date.parse(text);
  if (!Number.isNaN(time)) return time;
  throw new E2PError('invalid-argument', `--${name} is ${JSON.stringify(text)}, expected an ISO 8601 date`);
}

/** Through a file beside it: whoever is killed in the middle leaves the old one. */
function writeWhole(path: string, bytes: Uint8Array): void {
  const temporary = `${path}.part`;
  try {
    const file = openSync(temporary, 'w');
    try {
      for (let at = 0; at < bytes.length; ) at += writeSync(file, bytes, at);
      fsyncSync(file);
    } finally {
      closeSync(file);
    }
    renameSync(temporary, path);
  } catch (cause) {
    throw new E2PError('storage-failed', `${path} could not be written: ${(cause as Error).message}`, {
      cause,
    });
  }
}

/** Steps with the smoothed loss; a look at held-out users stays. */
function progressLine(): (progress: TrainingProgress) => void {
  const show = createProgressLine();
  let current: TrainingProgress['stage'] | undefined;
  let [smooth, tokens, started] = [Number.NaN, 0, 0];
  return ({ stage, step, steps, loss, heldOutLoss, withoutLoss, tokens: count }) => {
    if (stage !== current) [smooth, tokens, started, current] = [Number.NaN, 0, performance.now(), stage];
    smooth = Number.isNaN(smooth) ? loss : 0.9 * smooth + 0.1 * loss;
    tokens += count;
    const without = withoutLoss === undefined ? '' : ` (${withoutLoss.toFixed(4)} with nobody set)`;
    const held = heldOutLoss === undefined ? '' : `  held-out ${heldOutLoss.toFixed(4)}${without}`;
    const pace = Math.round((1000 * tokens) / (performance.now() - started));
    show({
      ...{ stage: stage === 'align' ? 'alignment step' : 'step', done: step, all: steps },
      note: `loss ${smooth.toFixed(4)}${held}${tokens === 0 ? '' : `  ${pace} tokens/s`}`,
      keep: heldOutLoss !== undefined || step === steps,
    });
  };
}

function describe(out: string, report: Awaited<ReturnType<typeof trainProjector>>['report']): string {
  const { users, examples, tooLong, steps, heldOutLoss, bestStep, moved, older, canaries, memory } = report;
  const lines = [
    `${out}: ${steps} steps on ${examples.train} examples of ${users.train} users`,
    heldOutLoss === undefined
      ? 'no users were held out, so nothing is known of unseen ones'
      : `${users.heldOut} held-out users: ${heldOutLoss.toFixed(4)} nats per target token at step ${bestStep}, whose weights were kept`,
  ];
  if (tooLong.length > 0) {
    lines.push(
      `${tooLong.length} examples were too long and left out (lines ${tooLong.slice(0, 8).join(', ')}${tooLong.length > 8 ? ' …' : ''})`,
    );
  }
  if (moved !== undefined) {
    lines.push(
      `the users' soft tokens moved by ${(100 * moved).toFixed(1)} % against the projector it began with`,
    );
  }
  const kept = memory.recompute ? ', activations computed again' : '';
  const peak = process.resourceUsage().maxRSS / 1000;
  lines.push(
    `a step needs up to ${(memory.bytes / 1e6).toFixed(1)} MB beside the weights (at most ${memory.rowsPerPass} rows at once${kept}); this process had ${peak.toFixed(0)} MB at most`,
  );
  if (older > 0) lines.push(`${older} examples are from before --since and were not trained on`);
  if (canaries) {
    const { prompts, same, changed } = canaries;
    const which =
      changed.length === 0
        ? ''
        : ` (another one: lines ${changed.slice(0, 8).join(', ')}${changed.length > 8 ? ' …' : ''})`;
    lines.push(`${same} of ${prompts} canary prompts get the same text as before${which}`);
  }
  return lines.join('\n');
}
