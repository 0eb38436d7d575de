/**
 * Conversations for half an hour in Node while things break on purpose: `npm run bench soak [-- <seconds>]` writes docs/results/soak.json and .md.
 * The part in Chromium is `e2e/soak.spec.ts`.
 */
import { setFlagsFromString } from 'node:v8';
import { runInNewContext } from 'node:vm';
import { loadDefaultModel } from '../src/generate/default-model.ts';
import { Engine } from '../src/generate/engine.ts';
import { LocalPersonalizer } from '../src/generate/personalizer.ts';
import { createRuntime, loadModel } from '../src/node.ts';
import { readProjector, withAnchorRows } from '../src/projector/projector.ts';
import { createFaults, faultyRuntime } from '../src/testing/faulty-runtime.ts';
import { type SoakWorld, soak } from '../src/testing/soak.ts';
import { keepSoak, machine, type SoakCase } from './soak-results.ts';

const SECONDS = 1800;
const SAMPLES = 90;
/** Of each run. One run makes one token, or reads one prompt. */
const [FAILING, LOSING] = [1 / 1000, 1 / 4000];
const USERS = 3;
const PROMPTS = 3;

export async function benchSoak([given]: readonly string[]): Promise<void> {
  const seconds = given === undefined ? SECONDS : Number(given);
  setFlagsFromString('--expose-gc');
  const collect: () => void = runInNewContext('gc');
  const started = performance.now();
  const memory: { readonly seconds: number; readonly megabytes: number }[] = [];
  const sample = () => {
    collect();
    memory.push({
      seconds: Math.round((performance.now() - started) / 1000),
      megabytes: Math.round(process.memoryUsage().rss / 2 ** 20),
    });
  };
  const timer = setInterval(sample, Math.max(1000, (1000 * seconds) / SAMPLES));
  const where = machine();
  const { report, injected } = await soakInNode(seconds).finally(() => clearInterval(timer));
  keepSoak('Node', {
    ...where,
    report,
    injected,
    memory,
    wall: Math.round((performance.now() - started) / 1000),
  });
  console.log(report);
  if (report.wrong > 0 || report.unexpected.length > 0) process.exitCode = 1;
}

export async function soakInNode(seconds: number): Promise<Pick<SoakCase, 'report' | 'injected'>> {
  const { model: files, projector: file, readers, stories } = await loadDefaultModel();
  const model = await loadModel({ model: files, dtype: 'q4' });
  const read = readProjector(new Uint8Array(await file.arrayBuffer()), 'projector.safetensors');
  const projector = await withAnchorRows(read, model, createRuntime());
  const faults = createFaults(FAILING, LOSING);
  const { random } = Math;
  const open = (reason: string) => faultyRuntime({ ...createRuntime(), reason }, faults, random);
  const engine = await Engine.create({
    model,
    runtime: open('a soak'),
    fallback: async (reason) => open(reason),
  });
  const personalizer = new LocalPersonalizer(engine, projector);
  const world: SoakWorld = {
    createSession: (options) => personalizer.createSession(options),
    setUser: (index) => personalizer.user.set(readers[index]!.embedding),
    users: USERS,
    prompts: stories.slice(0, PROMPTS),
    endings: [
      { code: 'no-user', end: () => personalizer.user.clear() },
      { code: 'consent-required', end: () => personalizer.endUser('withdrawn') },
    ],
  };
  const onReady = () => {
    faults.isArmed = true;
  };
  const report = await soak(world, { seconds, random, onReady });
  faults.isArmed = false;
  await personalizer.destroy();
  return { report, injected: { lost: faults.lost, failedRuns: faults.failed } };
}
