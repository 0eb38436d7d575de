/**
 * A step of projector training on a real LLM, ours against transformers on PyTorch, each side in a process of its own and all in
 * turns. CPU time is measured beside time: it says more where others use the same cores.
 */
import { type ChildProcess, spawn } from 'node:child_process';
import { mkdirSync } from 'node:fs';
import { cpus, loadavg } from 'node:os';
import { basename, join, resolve } from 'node:path';
import { createInterface } from 'node:readline';
import { type Dtype, loadModel } from '../src/node.ts';
import { CACHE } from './training-results.ts';
import { HIDDEN, makeRows, writeForPython } from './training-rows.ts';

/** What a child answers to a line. */
export interface StepAnswer {
  readonly seconds: number;
  readonly cpuSeconds: number;
  /** Nats per target token, to see that both train the same model. */
  readonly loss: number;
  /** Resident, of the whole process so far. */
  readonly peakBytes: number;
}

export interface LlmSide {
  readonly dtype: string;
  readonly steps: readonly StepAnswer[];
}

export interface LlmResult {
  readonly model: string;
  readonly batch: number;
  readonly length: number;
  readonly processor: string;
  /** Processes that wanted a core, over a minute, before and after. */
  readonly load: readonly [number, number];
  readonly engine: string;
  readonly pytorch: string;
  readonly ours: readonly LlmSide[];
  readonly theirs: LlmSide;
}

export interface LlmOptions {
  /** Model folders in our layout, each with `=<dtype>` behind it where not the one that `loadModel` takes is meant. */
  readonly models: readonly string[];
  /** The same model as transformers reads it. */
  readonly pytorch: string;
  readonly python: string;
  readonly name: string | undefined;
  readonly batch: number;
  readonly length: number;
  readonly rounds: number;
}

export async function measureLlm(options: LlmOptions): Promise<LlmResult> {
  const { models, pytorch, python, batch, length, rounds } = options;
  mkdirSync(CACHE, { recursive: true });
  const named: { folder: string; dtype: Dtype }[] = [];
  let sizes = { hiddenSize: 0, vocabularySize: 0 };
  for (const [folder = '', wanted] of models.map((model) => model.split('='))) {
    const { dtype, facts } = await loadModel({ model: folder, ...(wanted && { dtype: wanted as Dtype }) });
    named.push({ folder, dtype });
    sizes = facts;
  }
  const files = writeForPython(join(CACHE, `llm-${length}`), makeRows(length), sizes);
  const before = loadavg()[0]!;
  const ours = await Promise.all(
    named.map(({ folder, dtype }) =>
      openChild(process.execPath, [
        ...['--import', 'tsx', 'bench/training-child.ts'],
        ...[folder, dtype, `${batch}`, `${length}`],
      ]),
    ),
  );
  const theirs = await openChild(python, [
    ...['-B', 'bench/training-child.py', pytorch, files.rows, files.users, `${batch}`, `${HIDDEN}`],
  ]);
  const all = [...ours, theirs];
  const steps: StepAnswer[][] = all.map(() => []);
  try {
    // The first step of each makes graphs and warms up.
    for (const child of all) await child.step();
    for (let round = 0; round < rounds; round++) {
      for (const [i, child] of all.entries()) {
        const answer = await child.step();
        steps[i]!.push(answer);
        console.log(
          `round ${round + 1}/${rounds}  ${named[i]?.dtype ?? 'PyTorch'}  ${answer.seconds.toFixed(2)} s, ${answer.cpuSeconds.toFixed(2)} CPU s, loss ${answer.loss.toFixed(4)}`,
        );
      }
    }
  } finally {
    for (const child of all) child.stop();
  }
  return {
    model: options.name ?? basename(resolve(named[0]!.folder)),
    ...{ batch, length, processor: cpus()[0]?.model ?? 'unknown', load: [before, loadavg()[0]!] },
    ...{ engine: ours[0]!.version, pytorch: theirs.version },
    ours: named.map(({ dtype }, i) => ({ dtype, steps: steps[i]! })),
    theirs: { dtype: 'fp32', steps: steps.at(-1)! },
  };
}

interface Child {
  readonly version: string;
  step(): Promise<StepAnswer>;
  stop(): void;
}

async function openChild(command: string, args: readonly string[]): Promise<Child> {
  const child: ChildProcess = spawn(command, args, {
    stdio: ['pipe', 'pipe', 'inherit'],
    env: { ...process.env, OMP_NUM_THREADS: '1' },
  });
  const lines = createInterface({ input: child.stdout! })[Symbol.asyncIterator]();
  const next = async (): Promise<unknown> => {
    const { value, done } = await lines.next();
    if (done) throw new Error(`${args.find((a) => a.startsWith('bench/'))} ended early`);
    return JSON.parse(value);
  };
  const { ready } = (await next()) as { readonly ready: string };
  return {
    version: ready,
    step: async () => {
      child.stdin!.write('step\n');
      return (await next()) as StepAnswer;
    },
    stop: () => void child.kill(),
  };
}
