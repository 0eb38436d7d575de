/** Training in a tab, for tests. */
import type { DeviceRequest } from '../../src/runtime/web-runtime.ts';
import { readExamples, readUsers, trainInWorker } from '../../src/train.ts';

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

const harness = { train };
export type TrainHarness = typeof harness;
Object.assign(globalThis, { harness });
