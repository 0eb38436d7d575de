/** `e2p train`: a projector from users, examples and a model folder. */
import { existsSync, rmSync } from 'node:fs';
import { basename, resolve } from 'node:path';
import { loadBaseModel } from '../model/base-model.ts';
import { readProjector, writeProjector } from '../projector/projector.ts';
import { createNodeRuntime } from '../runtime/node-runtime.ts';
import { createFolderSource } from '../storage/folder-source.ts';
import { train as trainProjector } from '../train/train.ts';
import type { TrainingProgress } from '../train/train-projector.ts';
import { readExamples } from '../train/training-data.ts';
import { defineCommand, expectOne, given, type Values } from './command.ts';
import { readEncoded } from './encode.ts';
import { prepareOutput, readInput, writeWhole } from './files.ts';
import { slotOf } from './slot-option.ts';
import { TRAIN_OPTIONS } from './train-options.ts';
import { describeTraining } from './train-report.ts';

async function train(values: Values<typeof TRAIN_OPTIONS>): Promise<void> {
  const { model: folder, out, init: initFile } = values;
  expectOne(values, 'steps', 'epochs', 'how long to train');
  expectOne(values, 'held-out', 'validation', 'who is not trained on');
  for (const name of ['tokens', 'slot', 'hidden', 'anchors'])
    expectOne(values, 'init', name, 'what the projector looks like');
  const slot = slotOf(values.slot);
  prepareOutput(out);
  const checkpointFile = `${out}.checkpoint`;
  const checkpoint =
    values.resume && existsSync(checkpointFile)
      ? { bytes: readInput(checkpointFile), name: checkpointFile }
      : undefined;
  if (values.resume && !checkpoint) console.error(`${checkpointFile} is not there: beginning anew`);

  const controller = new AbortController();
  let training = false;
  const onSignal = () => {
    if (training) return controller.abort();
    console.error('stopped before training began');
    process.exit(130);
  };
  process.once('SIGINT', onSignal);
  process.once('SIGTERM', onSignal);
  let saved: number | undefined;
  try {
    const model = await loadBaseModel({
      source: createFolderSource(folder),
      dtypes: values.dtype === undefined ? ['q4', 'fp32', 'fp16', 'q4f16'] : [values.dtype],
    });
    const { users, alignTo, encoder, anchors } = await readEncoded({
      ...{ users: values.users, align: values.align, encoder: values.encoder },
      encoderId: values['encoder-id'],
      anchors: values.anchors === undefined ? undefined : { model, most: values.anchors },
    });
    const examplesOf = (file: string) => readExamples(readInput(file), file, users);
    const moreOf = (file: string | undefined) => (file === undefined ? undefined : examplesOf(file));
    const options = {
      // A path would tell whose machine this is.
      modelId: values['model-id'] ?? basename(resolve(folder)),
      ...{ model, users, alignTo, encoder, anchors, checkpoint, space: values.space },
      runtime: createNodeRuntime({ device: values.device, threads: values.threads }),
      examples: examplesOf(values.data),
      validation: moreOf(values.validation),
      canaries: moreOf(values.canaries),
      init: initFile === undefined ? undefined : readProjector(readInput(initFile), initFile),
      alignment: { steps: values['align-steps'], replay: values.replay },
      ...{ slot, tokens: values.tokens, vectors: values.vectors, hidden: values.hidden },
      ...{ constant: values.constant, steps: values.steps, epochs: values.epochs, batch: values.batch },
      ...{ accumulate: values.accumulate, learningRate: values.lr, weightDecay: values['weight-decay'] },
      ...{ noise: values.noise, prefixDropout: values['prefix-dropout'], distill: values.distill },
      ...{ heldOut: values['held-out'], looked: values.looked, patience: values.patience },
      ...{ since: values.since, seed: values.seed, maxLength: values['max-length'] },
      ...{ memory: values.memory, recompute: values.recompute },
      checkpointEvery: values['checkpoint-every'],
      onProgress: progressLine(),
      onCheckpoint: (bytes: Uint8Array, step: number) => {
        writeWhole(checkpointFile, bytes);
        saved = step;
      },
    };
    training = true;
    const { projector, report } = await trainProjector({ ...given(options), signal: controller.signal });
    writeWhole(out, writeProjector(projector));
    rmSync(checkpointFile, { force: true });
    if (values.json) console.log(JSON.stringify(report, null, 2));
    else console.log(describeTraining(out, report));
  } catch (error) {
    if (error !== controller.signal.reason) throw error;
    const before = checkpoint && 'what was saved before is still';
    const kept = saved === undefined ? before : `step ${saved} is saved`;
    console.error(
      `\nstopped; ${kept ? `${kept} in ${checkpointFile}, go on with --resume` : 'nothing was saved'}`,
    );
    process.exitCode = 130;
  } finally {
    process.off('SIGINT', onSignal);
    process.off('SIGTERM', onSignal);
  }
}

/** One line that renews itself on a terminal, else one every ten seconds. */
function progressLine(): (progress: TrainingProgress) => void {
  let started = performance.now();
  let current: TrainingProgress['stage'] | undefined;
  let [first, shown, smooth, tokens] = [-1, 0, Number.NaN, 0];
  return ({ stage, step, steps, loss, heldOutLoss, withoutLoss, tokens: count }) => {
    if (stage !== current) {
      [first, shown, smooth, tokens, current] = [step - 1, 0, Number.NaN, 0, stage];
      started = performance.now();
    }
    smooth = Number.isNaN(smooth) ? loss : 0.9 * smooth + 0.1 * loss;
    tokens += count;
    const now = performance.now();
    const seconds = (now - started) / 1000;
    const { isTTY } = process.stderr;
    if (!isTTY && heldOutLoss === undefined && now - shown < 10_000 && step !== steps) return;
    shown = now;
    const left = (seconds / (step - first)) * (steps - step);
    const without = withoutLoss === undefined ? '' : ` (${withoutLoss.toFixed(4)} with nobody set)`;
    const held = heldOutLoss === undefined ? '' : `  held-out ${heldOutLoss.toFixed(4)}${without}`;
    const line = `${stage === 'align' ? 'alignment ' : ''}step ${step}/${steps}  loss ${smooth.toFixed(4)}${held}  ${tokens === 0 ? '' : `${Math.round(tokens / seconds)} tokens/s  `}${left.toFixed(0)} s left`;
    process.stderr.write(
      isTTY && heldOutLoss === undefined && step !== steps
        ? `\r\x1b[K${line}`
        : `${isTTY ? '\r\x1b[K' : ''}${line}\n`,
    );
  };
}

export const command = defineCommand({
  purpose: 'Trains a projector for your model and your users, through the frozen model.',
  options: TRAIN_OPTIONS,
  examples: [
    'train --model my-model --users users.jsonl --data train.jsonl --out p.safetensors --space podcasts-v3',
    `train --model my-model --users people.jsonl --data train.jsonl --out p.safetensors \\
      --encoder Xenova/all-MiniLM-L6-v2 --anchors 8000 --slot user-end:" It should be about{soft}."`,
  ],
  run: train,
});
