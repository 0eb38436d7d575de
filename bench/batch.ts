/**
 * Tokens a second of `generateBatch` with batches of 1 to 32, interleaved; and whether the answers stay the same.
 * `npm run bench batch`, or `-- <folder>` for a model without a projector
 */
import { cpus, loadavg } from 'node:os';
import { basename } from 'node:path';
import { loadDefaultModel } from '../src/generate/default-model.ts';
import { type BatchOutcome, type BatchRequest, type GenerationResult, Personalizer } from '../src/node.ts';
import { type BatchRun, keepBatch } from './batch-results.ts';

const SIZES = [1, 2, 4, 8, 16, 32] as const;
const DEFAULT = 'public/models/e2p-tiny';

export async function benchBatch([folder]: readonly string[]): Promise<void> {
  if (folder !== undefined) return measure({ folder, dtype: 'q4', rounds: 3, count: 32, maxTokens: 32 });
  await measure({ folder: DEFAULT, dtype: 'q4', rounds: 10, count: 64, maxTokens: 32 });
  await measure({ folder: DEFAULT, dtype: 'fp32', rounds: 10, count: 64, maxTokens: 32 });
}

interface Measured {
  readonly folder: string;
  readonly dtype: 'q4' | 'fp32';
  readonly rounds: number;
  readonly count: number;
  readonly maxTokens: number;
}

async function measure({ folder, dtype, rounds, count, maxTokens }: Measured): Promise<void> {
  const { projector, readers, stories } = await loadDefaultModel();
  const isDefault = folder === DEFAULT;
  await using personalizer = await Personalizer.create({
    ...{ model: folder, dtype },
    ...(isDefault && { projector }),
  });
  const requests = Array.from({ length: count }, (_, i): BatchRequest => {
    const prompt = stories[i % stories.length]!;
    return isDefault ? { prompt, user: readers[i % readers.length]!.embedding } : { prompt };
  });
  const load = [loadOf()];
  const write = async (batchSize: number) => {
    const started = performance.now();
    const before = process.cpuUsage();
    const outcomes = await personalizer.generateBatch(requests, { temperature: 0, maxTokens, batchSize });
    const { user, system } = process.cpuUsage(before);
    const seconds = (performance.now() - started) / 1000;
    return { answers: outcomes.map(answerOf), seconds, cpuSeconds: (user + system) / 1e6 };
  };
  const tokensIn = (answers: readonly { readonly tokenIds: readonly number[] }[]) =>
    answers.reduce((sum, { tokenIds }) => sum + tokenIds.length, 0);
  const first: GenerationResult[][] = [];
  // Not measured: the first run plans memory.
  for (const size of SIZES) first.push((await write(size)).answers);
  const speeds = SIZES.map((): { wall: number[]; cpu: number[] } => ({ wall: [], cpu: [] }));
  for (let round = 0; round < rounds; round++) {
    for (const [i, size] of SIZES.entries()) {
      const { answers, seconds, cpuSeconds } = await write(size);
      const tokens = tokensIn(answers);
      speeds[i]!.wall.push(Number((tokens / seconds).toFixed(1)));
      speeds[i]!.cpu.push(Number((tokens / cpuSeconds).toFixed(1)));
    }
  }
  const same = (i: number) =>
    first[i]!.filter(({ tokenIds }, at) => String(tokenIds) === String(first[0]![at]!.tokenIds)).length;
  load.push(loadOf());
  keepBatch({
    ...{ model: basename(folder), dtype, requests: count, maxTokens, tokens: tokensIn(first[0]!) },
    promptTokens: first[0]!.reduce((sum, answer) => sum + answer.promptTokens, 0),
    equal: SIZES.map((_, i) => same(i)),
    runs: SIZES.map(
      (batchSize, i): BatchRun => ({
        batchSize,
        tokensPerSecond: speeds[i]!.wall,
        tokensPerCpuSecond: speeds[i]!.cpu,
      }),
    ),
    processor: `${cpus().length} × ${cpus()[0]?.model.trim()}`,
    load: [load[0]!, load[1]!],
    versions: `Node ${process.versions.node}`,
  });
}

const loadOf = (): number => Number(loadavg()[0]!.toFixed(1));

function answerOf(outcome: BatchOutcome) {
  if (outcome.status === 'rejected') throw outcome.reason;
  return outcome.value;
}
