/** A token behind a long context: a graph that hands out the new rows of its cache against the same that hands out the whole, in turn. */
import { Decoder } from '../src/generate/decoder.ts';
import { argmax } from '../src/generate/sampling.ts';
import { externalDataOf } from '../src/model/graph-files.ts';
import { type BaseModel, createRuntime, loadModel } from '../src/node.ts';
import { writeOnnx } from '../src/onnx/onnx-file.ts';
import { personaliseGraph } from '../src/onnx/personalise-graph.ts';
import { GREEDY_TOKENS } from './generate-plan.ts';
import type { Pair } from './generate-results.ts';

const CONTEXTS = [32, 256, 1024] as const;
const ROUNDS = 3;

export async function compareCaches(folder: string): Promise<readonly Pair[]> {
  const model = await loadModel({ model: folder });
  const runtime = createRuntime();
  const rows = await Decoder.create(model, runtime);
  const whole = await Decoder.create(withWholeCache(model), runtime);
  const pairs: Pair[] = [];
  for (const tokens of CONTEXTS) {
    if (tokens + GREEDY_TOKENS > model.config.contextLength) continue;
    const ids = Array.from({ length: tokens }, (_, i) => (i * 7919) % model.facts.head.columns);
    const [ours, theirs] = [[], []] as [number[], number[]];
    const written = new Set<string>();
    for (let round = 0; round <= ROUNDS; round++) {
      for (const [decoder, times] of [
        [rows, ours],
        [whole, theirs],
      ] as const) {
        const found = await write(decoder, ids);
        written.add(String(found.ids));
        // The first round warms up and doesn't count.
        if (round > 0) times.push(...found.times);
      }
    }
    pairs.push({ kind: 'cache', what: 'perToken', tokens, isSame: written.size === 1, ours, theirs });
    console.log(`cache at ${tokens}: the same ids: ${written.size === 1}`);
  }
  await rows.release();
  await whole.release();
  return pairs;
}

/** As before it was rewritten for a CPU. */
function withWholeCache(model: BaseModel): BaseModel {
  const { table } = model;
  const graph = writeOnnx(personaliseGraph(table.model, table.path).model);
  return {
    ...model,
    newRows: () => undefined,
    createSession: (runtime) => runtime.createSession(graph, { externalData: externalDataOf(table.weights) }),
  };
}

/** CPU milliseconds of each greedy token behind the first. */
async function write(decoder: Decoder, prompt: readonly number[]) {
  let { cache, logits } = await decoder.read(decoder.emptyCache(), { ids: prompt });
  const [ids, times] = [[] as number[], [] as number[]];
  for (let i = 0; i < GREEDY_TOKENS; i++) {
    ids.push(argmax(logits));
    const started = process.cpuUsage();
    const next = await decoder.read(cache, { ids: ids.slice(-1) });
    const { user, system } = process.cpuUsage(started);
    times.push((user + system) / 1000);
    cache.release();
    ({ cache, logits } = next);
  }
  cache.release();
  return { ids, times: times.slice(1) };
}
