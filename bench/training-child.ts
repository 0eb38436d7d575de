/**
 * Our side of a step that `npm run bench training -- --model …` measures, in a process of its own: a line asks for a step, JSON
 * answers. Arguments: folder, dtype, batch, length.
 */
import { createInterface } from 'node:readline';
import { createRuntime, type Dtype, loadModel } from '../src/node.ts';
import { createSoftLoss, trainProjector } from '../src/train.ts';
import type { StepAnswer } from './training-llm.ts';
import { DIM, HIDDEN, makeRows, makeUsers, OUTPUT_RMS } from './training-rows.ts';

const [folder = '', dtype = '', batch = '', length = ''] = process.argv.slice(2);
const model = await loadModel({ model: folder, dtype: dtype as Dtype });
const runtime = createRuntime({ threads: 1 });
const { hiddenSize } = model.facts;
const lines = createInterface({ input: process.stdin })[Symbol.asyncIterator]();
const say = (answer: object) => console.log(JSON.stringify(answer));
say({ ready: `onnxruntime-node on Node ${process.version}` });

let [started, cpu, loss] = [0, 0, 0];
const cpuSeconds = () => {
  const { user, system } = process.cpuUsage();
  return (user + system) / 1e6;
};
const nextTurn = async () => {
  if ((await lines.next()).done) process.exit();
  [started, cpu] = [performance.now(), cpuSeconds()];
};
await nextTurn();
await trainProjector({
  shape: { dim: DIM, hidden: HIDDEN, tokens: 1, hiddenSize, outputRms: OUTPUT_RMS },
  ...{ users: makeUsers(), examples: makeRows(Number(length)), runtime, batch: Number(batch) },
  ...{ steps: 10_000, seed: 1, stateEvery: 1 },
  softLoss: createSoftLoss({ model, hiddenSize, runtime, batch: Number(batch), softTokens: 1 }),
  onProgress: (progress) => {
    loss = progress.loss;
  },
  // Between two steps.
  onState: async () => {
    const answer: StepAnswer = {
      ...{ seconds: (performance.now() - started) / 1000, cpuSeconds: cpuSeconds() - cpu, loss },
      peakBytes: process.resourceUsage().maxRSS * 1024,
    };
    say(answer);
    await nextTurn();
  },
});
