/** Training in a tab, and gradients on the main thread, for tests. */
import { loadBaseModel } from '../../src/model/base-model.ts';
import { operatorsOf } from '../../src/onnx/inspect/inspect-graph.ts';
import type { DeviceRequest } from '../../src/runtime/device-choice.ts';
import { createWebRuntime } from '../../src/runtime/web-runtime.ts';
import { withUrlFolder } from '../../src/storage/url-source.ts';
import { createMemoryStore } from '../../src/storage/weight-store.ts';
import { buildZoo } from '../../src/testing/zoo/zoo-decoder.ts';
import { someSoft, zooLoss } from '../../src/testing/zoo/zoo-gradient.ts';
import type { ZooStyle } from '../../src/testing/zoo/zoo-style.ts';
import type { TrainingRow } from '../../src/train/row-runner.ts';
import { createSoftLoss } from '../../src/train/soft-loss.ts';
import {
  type FeedbackReport,
  learnFromFeedback,
  readExamples,
  readUsers,
  trainInWorker,
} from '../../src/train.ts';
import type { Feedback } from '../../src/user/feedback-row.ts';
import { openUser } from '../../src/user/open-user.ts';

export interface TrainHarnessCase {
  readonly model: string;
  readonly device: DeviceRequest;
  /** Texts of the two files. */
  readonly users: string;
  readonly examples: string;
  readonly steps: number;
  readonly batch: number;
  /** Aborts behind this step, and goes on from the checkpoint in another worker. */
  readonly stopAt?: number;
}

async function train({
  model,
  device,
  users: usersFile,
  examples: dataFile,
  stopAt,
  ...sizes
}: TrainHarnessCase) {
  const bytes = (text: string) => new TextEncoder().encode(text);
  const users = readUsers(bytes(usersFile), 'users.jsonl');
  const examples = readExamples(bytes(dataFile), 'train.jsonl', users);
  const losses: number[] = [];
  let [ran, exits] = ['', [] as string[]];
  let stopped = '';
  let checkpoint: { bytes: Uint8Array; name: string } | undefined;
  const run = (controller: AbortController) =>
    trainInWorker({
      ...{ model, device, users, examples, space: 'readers', heldOut: 0, checkpoint, ...sizes },
      signal: controller.signal,
      onReady: (ready) => {
        ran = ready.device.device;
        exits = ready.privacy.exits.filter((e) => e.state === 'open').map((e) => e.name);
      },
      onProgress: ({ step, loss }) => {
        losses[step - 1] = loss;
        if (step === stopAt && stopped === '') controller.abort();
      },
      onCheckpoint: (saved, step) => {
        checkpoint = { bytes: saved, name: `step ${step}` };
      },
    });
  const result = await run(new AbortController()).catch((error: Error) => {
    stopped = error.name;
    if (stopAt === undefined) throw error;
    return run(new AbortController());
  });
  return { losses, device: ran, exits, stopped, report: result.report, projector: [...result.projector] };
}

/** Loss and gradient of one row with one soft token, for each case, through a model folder. */
async function gradients(
  folder: string,
  device: DeviceRequest,
  cases: readonly { readonly row: TrainingRow; readonly vector: readonly number[] }[],
) {
  const url = new URL(folder, location.href).href;
  const model = await withUrlFolder({ url, store: createMemoryStore() }, (source) =>
    loadBaseModel({ source, dtypes: ['fp32'] }),
  );
  const { activationType, operators, hiddenSize } = model.facts;
  const { attention } = model.config;
  const runtime = await createWebRuntime({ device, activationType, attention, operators });
  const softLoss = createSoftLoss({ model, hiddenSize, runtime, batch: 1, softTokens: 1 });
  const found: { loss: number; gradient: number[] }[] = [];
  for (const { row, vector } of cases) {
    const { loss, gradient } = await softLoss([row], Float32Array.from(vector));
    found.push({ loss, gradient: [...gradient] });
  }
  return { device: runtime.device, found };
}

/** The same for each style of the zoo. */
async function zooGradients(device: DeviceRequest, styles: readonly ZooStyle[]) {
  const found: { name: string; loss: number; gradient: number[] }[] = [];
  for (const style of styles) {
    const { model } = buildZoo(style);
    const operators = operatorsOf(model.graph);
    const runtime = await createWebRuntime({
      ...{ device, activationType: 'float32', attention: undefined, operators },
    });
    const { loss, gradient } = await (await zooLoss(runtime, model))(someSoft());
    found.push({ name: style.name, loss, gradient: [...gradient] });
  }
  return found;
}

export interface LearnHarnessCase {
  readonly model: string;
  readonly projector: string;
  readonly space: string;
  readonly values: readonly number[];
  readonly feedback: readonly Feedback[];
  readonly settings: {
    readonly steps: number;
    readonly neutral: readonly { prompt: string; answer: string }[];
  };
}

/** A person's vault in this browser learns from feedback in the sealed worker; then it is undone, then it is withdrawn while it learns. */
async function learn({ model, projector, space, values, feedback, settings }: LearnHarnessCase) {
  const user = await openUser({ policyVersion: '1', name: 'learning' });
  const bits = async () => {
    const found = await user.embedding.get(space);
    return [...new Uint32Array(found!.values.slice().buffer)];
  };
  await user.consent.grant('personalise');
  await user.embedding.set({ space, values });
  const given = await bits();
  const bytes = new Uint8Array(await (await fetch(projector)).arrayBuffer());
  let [exits, withdrawn] = [['never ready'], ''];
  const learnOnce = (onProgress = () => {}): Promise<FeedbackReport | undefined> =>
    learnFromFeedback({
      ...{ user, space, model, device: 'wasm', ...settings, onProgress },
      projector: { bytes, name: 'projector.safetensors' },
      onReady: ({ privacy }) => {
        exits = privacy.exits.filter((exit) => exit.state === 'open').map(({ name }) => name);
      },
    });
  const withoutConsent = await learnOnce().catch(({ code }) => code);
  await user.consent.grant('learn-from-feedback');
  for (const row of feedback) await user.feedback.add(row);
  const report = await learnOnce();
  const learnt = (await user.embedding.get(space))!.values;
  const found = { withoutConsent, report, exits, learnt: [...learnt] };
  const undone = (await user.embedding.undo(space)) && (await bits()).join() === given.join();
  await learnOnce(() => void user.consent.withdraw('learn-from-feedback')).catch(({ code }) => {
    withdrawn = code;
  });
  const isAsGiven = (await bits()).join() === given.join();
  const { isComplete } = await user.forget();
  return { ...found, undone, withdrawn, isAsGiven, isComplete };
}

const harness = { train, learn, gradients, zooGradients };
export type TrainHarness = typeof harness;
Object.assign(globalThis, { harness });
