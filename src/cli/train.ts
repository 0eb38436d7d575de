/** `e2p train`: a projector from users, examples and a base model. */
import { existsSync, rmSync } from 'node:fs';
import { checkWhole, E2PError } from '../error.ts';
import { readAttributes } from '../evaluate/audit/attributes.ts';
import { checkContract } from '../projector/check-contract.ts';
import { LIMITS } from '../projector/contract.ts';
import { readProjector, writeProjector } from '../projector/projector.ts';
import { createNodeRuntime } from '../runtime/node-runtime.ts';
import { readCheckpoint } from '../train/checkpoint.ts';
import { train as trainProjector } from '../train/train.ts';
import type { HiddenAttribute, TrainOptions, TrainPrivacy } from '../train/train-options.ts';
import type { TrainingProgress } from '../train/train-projector.ts';
import { readAlignment, readExamples, readUserLines, readUsers } from '../train/training-data.ts';
import { questionsOf } from '../train/weigh-users.ts';
import { checkFusion, type Fusion } from '../user/fuse-embeddings.ts';
import { defineCommand, expectBoth, expectOne, given, type Values } from './command.ts';
import { encodeInputs } from './encode.ts';
import { prepareOutput, readInput, writeWhole } from './files.ts';
import { loadModel, modelIdOf } from './load-model.ts';
import { createProgressLine } from './progress-line.ts';
import { slotOf } from './slot-option.ts';
import { TRAIN_OPTIONS } from './train-options.ts';
import { describeTaken, describeTraining } from './train-report.ts';

type Given = Values<typeof TRAIN_OPTIONS>;
type Inputs = 'model' | 'users' | 'data';
/** Without `--take` these are there: whoever reads the arguments sees to it. */
type Training = Given & { readonly [N in Inputs]: NonNullable<Given[N]> };

async function run(values: Given): Promise<void> {
  expectOne(values, 'take', 'resume', 'what becomes of a checkpoint');
  return values.take === undefined ? train(values as Training) : take(values.take, values);
}

/** The projector of a checkpoint, as if training had ended there. */
async function take(file: string, { out, json }: Given): Promise<void> {
  prepareOutput(out);
  const { projector } = readCheckpoint(readInput(file), file);
  await writeWhole(out, [writeProjector(projector)]);
  const { training = {} } = projector.contract;
  console.log(json ? JSON.stringify(training, null, 2) : describeTaken(out, training));
}

async function train(values: Training): Promise<void> {
  const { out, resume } = values;
  expectOne(values, 'steps', 'epochs', 'how long to train');
  expectOne(values, 'held-out', 'validation', 'who is not trained on');
  for (const name of ['tokens', 'slot', 'hidden', 'anchors'])
    expectOne(values, 'init', name, 'what the projector looks like');
  expectBoth(values, 'canaries', 'init');
  expectBoth(values, 'encoder-id', 'encoder');
  expectBoth(values, 'dp-epsilon', 'dp-delta');
  expectBoth(values, 'hide', 'attributes');
  expectBoth(values, 'attributes', 'hide');
  for (const name of ['dp-delta', 'dp-clip', 'dp-users'] as const) expectBoth(values, name, 'dp-epsilon');
  expectBoth(values, 'by-question', 'encoder');
  for (const name of ['source-dropout', 'no-gate'] as const) expectBoth(values, name, 'fusion');
  const slot = slotOf(values.slot);
  checkWhole('--anchors', values.anchors ?? 0, 0, LIMITS.anchors);
  prepareOutput(out);
  const checkpointFile = `${out}.checkpoint`;
  prepareOutput(checkpointFile);
  const checkpoint =
    resume && existsSync(checkpointFile)
      ? { bytes: readInput(checkpointFile), name: checkpointFile }
      : undefined;
  if (resume && !checkpoint) console.error(`${checkpointFile} is not there: beginning anew`);

  const controller = new AbortController();
  // Where there is nothing to save yet, Ctrl-C just ends.
  let training = false;
  const onSignal = () => {
    if (training) return controller.abort();
    console.error('stopped; nothing was written');
    process.exit(130);
  };
  process.once('SIGINT', onSignal);
  process.once('SIGTERM', onSignal);
  let saved: number | undefined;
  try {
    const options = { ...(await readOptions(values)), ...given({ slot }) };
    training = true;
    const { projector, report } = await trainProjector({
      ...{ ...options, checkpoint, signal: controller.signal },
      checkpointEvery: values['checkpoint-every'],
      onProgress: progressLine(),
      onCheckpoint: async (bytes, step) => {
        await writeWhole(checkpointFile, [bytes]);
        saved = step;
      },
    });
    await writeWhole(out, [writeProjector(projector)]);
    rmSync(checkpointFile, { force: true });
    if (values.json) console.log(JSON.stringify(report, null, 2));
    else console.log(describeTraining(out, report, projector.contract));
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

/** @throws E2PError `invalid-data` */
function readFusion(file: string): Fusion {
  const text = new TextDecoder().decode(readInput(file));
  let json: unknown;
  try {
    json = JSON.parse(text);
  } catch (cause) {
    throw new E2PError('invalid-data', `${file} is not JSON, expected what fitFusion gives`, { cause });
  }
  return checkFusion(json as Fusion, file);
}

/** Reads all files but the checkpoint; what takes long comes last, so that a mistake in a file is told at once. */
async function readOptions(values: Training): Promise<TrainOptions> {
  const { model: named, users: usersFile, align: alignFile, dtype, anchors: most } = values;
  const ifGiven = <T>(file: string | undefined, read: (bytes: Uint8Array, file: string) => T) =>
    file === undefined ? undefined : read(readInput(file), file);
  const told = readUserLines(readInput(usersFile), usersFile);
  const known = { rows: new Map<string, unknown>([...told.users.rows, ...told.lines]) };
  const examplesOf = (bytes: Uint8Array, file: string) => readExamples(bytes, file, known);
  const files = {
    examples: examplesOf(readInput(values.data), values.data),
    validation: ifGiven(values.validation, examplesOf),
    canaries: ifGiven(values.canaries, examplesOf),
    init: ifGiven(values.init, readProjector),
  };
  const texts = ifGiven(alignFile, readAlignment);
  const runtime = createNodeRuntime({ device: values.device, threads: values.threads });
  const model = await loadModel(named, dtype === undefined ? ['q4', 'fp32', 'fp16', 'q4f16'] : [dtype]);
  if (files.init) await checkContract(files.init.contract, model, runtime, values.init!);
  const temperature = values['by-question'];
  const asked = [...files.examples, ...(files.validation ?? []), ...(files.canaries ?? [])];
  const { questions, ...encoded } = await encodeInputs({
    ...{ told, texts, usersFile, alignFile, encoder: values.encoder, encoderId: values['encoder-id'] },
    anchors: most ? { model, most } : undefined,
    questions: temperature === undefined ? undefined : questionsOf(asked),
  });
  return {
    modelId: values['model-id'] ?? modelIdOf(named),
    ...{ model, runtime, ...files, ...encoded, space: values.space },
    ...(values.fusion !== undefined && { fusion: readFusion(values.fusion), gate: !values['no-gate'] }),
    ...given({ sourceDropout: values['source-dropout'] }),
    ...(temperature !== undefined && { byQuestion: { temperature, questions } }),
    alignment: {
      ...{ steps: values['align-steps'], learningRate: values['align-lr'] },
      replay: values.replay,
    },
    requantised: values.requantised,
    reference: values['no-reference'] ? false : (ifGiven(values['reference-users'], readUsers) ?? true),
    ...{ constant: values.constant, batch: values.batch, accumulate: values.accumulate },
    ...{ learningRate: values.lr, weightDecay: values['weight-decay'], noise: values.noise },
    ...{ prefixDropout: values['prefix-dropout'], distill: values.distill, seed: values.seed },
    ...{ looked: values.looked, maxLength: values['max-length'], recompute: values.recompute },
    ...given({
      ...{ tokens: values.tokens, vectors: values.vectors, hidden: values.hidden, steps: values.steps },
      ...{ epochs: values.epochs, heldOut: values['held-out'], patience: values.patience },
      ...{ since: values.since, memory: values.memory, privacy: privacyOf(values) },
      hide: hiddenOf(values),
    }),
  };
}

function hiddenOf({ hide: name, attributes: file }: Training): HiddenAttribute | undefined {
  if (name === undefined || file === undefined) return undefined;
  const found = readAttributes(readInput(file), file).find((attribute) => attribute.name === name);
  if (found?.kind !== 'class') {
    const what = found ? `a ${found.kind}` : 'not there';
    throw new E2PError(
      'invalid-data',
      `${file}: attribute ${JSON.stringify(name)} is ${what}, expected text of each user`,
    );
  }
  return { name, answers: found.answers as ReadonlyMap<string, string> };
}

function privacyOf(values: Training): TrainPrivacy | undefined {
  const { 'dp-epsilon': epsilon, 'dp-delta': delta, 'dp-clip': clip, 'dp-users': people } = values;
  if (epsilon === undefined || delta === undefined) return undefined;
  return { epsilon, delta, ...given({ clip, people }) };
}

/** The loss over the last steps, and how fast it goes. */
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

export const command = defineCommand({
  purpose: 'Trains a projector for your model and your users, through the frozen model.',
  options: TRAIN_OPTIONS,
  examples: [
    'train --model my-model --users users.jsonl --data train.jsonl --out p.safetensors --space podcasts-v3',
    `train --model my-model --users people.jsonl --data train.jsonl --out p.safetensors \\
      --encoder Xenova/all-MiniLM-L6-v2 --anchors 16000 --slot user-end:" I want something for fans of{soft}."`,
    'train --take p.safetensors.checkpoint --out p.safetensors',
  ],
  run,
});
