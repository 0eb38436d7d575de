/**
 * What the rewrite costs per token: one decode step of the untouched graph against the rewritten one, interleaved, on
 * onnxruntime-node and on WASM in Chromium; and which nodes WebGPU leaves on the CPU. `npm run bench decode`
 */
import { bootstrapMean, type Interval } from '../src/evaluate/index.ts';
import { createRuntime } from '../src/node.ts';
import { openBenchPage } from './chromium-page.ts';
import { CONFIG, type DecodeTimes, decodeGraphs, timeDecode } from './decode-graph.ts';
import { nodesOnCpu } from './gpu/placement.ts';
import type { Bench } from './page/page.ts';
import { writeResults } from './results.ts';

declare const bench: Bench;

const OPTIONS = { past: 64, rounds: 400 } as const;
const DTYPES = ['fp32', 'q4'] as const;

export async function benchDecode(): Promise<void> {
  const rows: string[] = [];
  const add = (where: string, dtype: string, times: DecodeTimes) => {
    const { mean, low, high } = ratioInterval(times);
    const line = `| ${where} | ${dtype} | ${median(times.original).toFixed(2)} | ${median(times.rewritten).toFixed(2)} | ${percent(mean)} [${percent(low)}, ${percent(high)}] | ${times.difference} |`;
    console.log(line);
    rows.push(line);
  };
  for (const dtype of DTYPES) {
    add('onnxruntime-node', dtype, await timeDecode(createRuntime(), decodeGraphs(dtype), OPTIONS));
  }
  await using chromium = await openBenchPage();
  for (const dtype of DTYPES) {
    const times = await chromium.page.evaluate(([d, o]) => bench.decode(d, o), [dtype, OPTIONS] as const);
    add('WASM, Chromium', dtype, times);
  }
  const placements = { original: await onCpu('original'), rewritten: await onCpu('rewritten') };
  writeResults('loading', 'decode', report(rows, placements, chromium.version));
}

/** Names of the nodes that a WebGPU session leaves on the CPU, copies between devices included. */
async function onCpu(which: 'original' | 'rewritten'): Promise<string[]> {
  await using chromium = await openBenchPage();
  const lines: string[] = [];
  chromium.page.on('console', (message) => lines.push(...message.text().split('\n')));
  await chromium.page.evaluate((w) => bench.placement(w), which);
  return nodesOnCpu(lines.join('\n'));
}

function ratioInterval({ original, rewritten }: DecodeTimes): Interval {
  const logs = rewritten.map((t, i) => Math.log(t / original[i]!));
  // Outliers of a shared machine would decide a mean: the middle nine tenths count.
  const sorted = logs.toSorted((a, b) => a - b);
  const cut = Math.floor(sorted.length / 20);
  const { mean, low, high } = bootstrapMean(
    sorted.slice(cut, sorted.length - cut),
    sorted.slice(cut, sorted.length - cut).map(() => 1),
  );
  return { mean: Math.exp(mean), low: Math.exp(low), high: Math.exp(high) };
}

const median = (values: readonly number[]) => values.toSorted((a, b) => a - b)[values.length >> 1]!;
const percent = (ratio: number) => `${ratio >= 1 ? '+' : '−'}${Math.abs(100 * (ratio - 1)).toFixed(1)} %`;

function report(
  rows: readonly string[],
  placements: Record<'original' | 'rewritten', string[]>,
  version: string,
): string {
  const { layers, hiddenSize, vocabSize } = CONFIG;
  const list = (nodes: readonly string[]) => (nodes.length === 0 ? 'none' : nodes.join(', '));
  return `## What the rewrite costs per token

Made by \`npm run bench decode\`. A Llama of ${layers} layers, H = ${hiddenSize}, V = ${vocabSize}, random weights, one thread; one token behind
${OPTIONS.past}, ${OPTIONS.rounds} steps of each graph in turn, in one process. The untouched graph gets an attention mask, the rewritten one
soft-token inputs (none set), the wanted position and the lengths. Milliseconds are medians; the cost is the mean over the middle
90 % of the steps, as a ratio, with its bootstrap 95 % interval. Chromium ${version}.

| runtime | weights | untouched, ms | rewritten, ms | cost of the rewrite | largest difference of logits |
| --- | --- | --- | --- | --- | --- |
${rows.join('\n')}

Nodes that a WebGPU session leaves on the CPU, or that copy between CPU and GPU, by onnxruntime's own log (q4 graph):

| graph | nodes |
| --- | --- |
| untouched | ${list(placements.original)} |
| rewritten | ${list(placements.rewritten)} |

Not measured: times on a GPU.`;
}
