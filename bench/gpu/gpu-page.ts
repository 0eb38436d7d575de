/** `docs/results/gpu.md`, of `docs/results/gpu.json`. */
import { table } from '../results-table.ts';
import type { DeviceTimes, GpuReport, ModelFound } from './report.ts';

const ms = (value: number | undefined) => value?.toFixed(1) ?? '';
const tiny = (value: number) => value.toExponential(1);

export function gpuPage(report: GpuReport): string {
  const { placements = [], exports, models, texts, failures, adapter } = report;
  const card = report.card ?? [adapter.vendor, adapter.architecture, adapter.description].join(' ').trim();
  const other = exports.filter(
    ({ generates, trains, expected }) => generates !== expected.generates || trains !== expected.trains,
  );
  const half = exports.filter(({ exporter }) => /f16|fp16/.test(exporter)).length;
  const times = (model: ModelFound, name: keyof DeviceTimes & `${string}Ms`, unit: string) =>
    Object.keys(model.times[0]![name]).map((tokens) => [
      `${model.name}, ${model.dtype}`,
      `${tokens} ${unit}`,
      ...model.times.map((t) => ms((t[name] as Readonly<Record<string, number>>)[tokens])),
    ]);
  const heads = ['model', 'tokens', ...(models[0]?.times ?? []).map(({ device }) => `${device}, ms`)];
  return `# On a real GPU

Made by \`npm run gpu${texts[0] === undefined ? '' : ` -- --model <folder> --dtype ${texts[0].dtype}`}\` (the folder \`.cache/gpu\` that it leaves also runs elsewhere, without a network) on ${report.date}: **${card}**, ${report.browser},
headless, Linux, Vulkan, helper threads of the CPU: ${models[0]?.times.at(-1)?.threads ?? 0}; ${report.seconds.toFixed(0)} s. The CPU is WASM in the same browser. Chromium has float16 on NVIDIA under
Linux behind a switch, which was set. Other cards, drivers and systems were not measured.

## The same numbers as the CPU

Largest difference of logits, as a share of the CPU's largest: a prompt of 300 tokens read in pieces of 31, of 128 and at once (SwiftShader, the GPU
of software, is wrong above 31); a soft token that is a token's own embedding, against that token; a soft token that is none. Greedy: tokens that are the CPU's.

${table(
  [
    ...['model', 'activations', 'pieces of 31', 'of 128', 'at once', 'own embedding', 'soft token', 'greedy'],
    ...['loss', 'gradient'],
  ],
  models.map(({ name, dtype, activations, differences: d, greedy, training: t }) => [
    ...[`${name}, ${dtype}`, activations, ...[31, 128, 300].map((n) => tiny(d.pieces[n]!))],
    ...[tiny(d.ownEmbedding), tiny(d.softToken), `${greedy.same} of ${greedy.of}`],
    ...(t === undefined ? ['', ''] : [tiny(t.lossDifference), tiny(t.gradientDifference)]),
  ]),
)}

Of small exports of real exporters (docs/models.md), ${exports.length} were run in pieces, with a cache and a soft token, and trained, against
onnxruntime's CPU on the file as it is; ${half} of them in float16. ${other.length === 0 ? 'All do what they do on the CPU.' : `${other.length} do something else than on the CPU: ${other.map((o) => `${o.exporter} of ${o.architecture} (${o.generates}; ${o.trains})`).join(', ')}.`}
${failures.length === 0 ? 'Nothing failed.' : `What failed, with an error:\n\n${failures.map(({ step, error }) => `- ${step}: ${error.split('\n')[0]!.slice(0, 240)} …`).join('\n')}`}

## Where it runs

${placements.map(({ layers, reason, onCpu }) => `Nodes of a model of ${layers} layers, random weights, that WebGPU leaves to the CPU, and copies between the two, by onnxruntime's own log: ${onCpu.length === 0 ? 'none' : onCpu.join(', ')} (${reason}).`).join('\n') || 'Not looked at: this run is older than that.'}

## Time

Medians in milliseconds, of seven runs on the GPU and two on the CPU; the first of a length, which compiles shaders, is left out. Until the first token's logits are here:

${table(
  heads,
  models.flatMap((model) => times(model, 'prefillMs', 'read')),
)}

The same with four soft tokens among them:

${table(
  heads,
  models.flatMap((model) => times(model, 'softPrefillMs', 'read')),
)}

A token more:

${table(
  heads,
  models.flatMap((model) => times(model, 'decodeMs', 'before it')),
)}

${wayTables(models)}A step of training (loss and gradient of ${models.find((m) => m.training)?.training?.batch ?? 0} rows of ${models.find((m) => m.training)?.training?.length ?? 0} tokens):

${table(
  ['model', 'webgpu, ms', 'wasm, ms'],
  models.flatMap(({ name, dtype, training: t }) =>
    t === undefined ? [] : [[`${name}, ${dtype}`, ms(t.gpuMs), ms(t.cpuMs)]],
  ),
)}

## What it writes

Through the sealed engine, greedy, 48 tokens at most${texts[0] === undefined ? ': not run.' : `; SmolLM2-135M-Instruct in ${texts[0].dtype}, “${texts[0].prompt}”`}

${table(
  ['who, known by vectors alone', 'text', 'first token, ms', 'tokens/s'],
  texts.map((t) => [t.who, t.text.replaceAll('\n', ' '), ms(t.firstTokenMs), t.tokensPerSecond.toFixed(0)]),
)}
`;
}

/** Of runs that measured it. */
function wayTables(models: readonly ModelFound[]): string {
  const rows = models.flatMap(({ name, dtype, ways = [] }) =>
    ways.map((found) => ({ ...found, model: `${name}, ${dtype}` })),
  );
  if (rows.length === 0) {
    return 'How steps run that are repeated as recorded, on buffers that stay, with 512 bytes read back, was not measured here: this run is older than that. Only SwiftShader has shown it right ([bytes and calls](speed.md)).\n\n';
  }
  return `The same as steps are repeated as recorded, are run on buffers that stay, and with a cache that is copied at every token; and what a step asks of WebGPU:

${table(
  [
    ...['model', 'steps', 'tokens before', 'ms', 'bytes read back', 'groups bound', 'buffers made'],
    ...['passes', 'writes', 'submits'],
  ],
  rows.flatMap(({ model, way, reason, decodeMs, calls: c }) =>
    Object.entries(decodeMs).map(([tokens, took]) => [
      ...[model, way === 'repeated' && !reason.includes('are repeated') ? 'in place' : way, tokens, ms(took)],
      ...[c.bytesRead, c.bindGroups, c.buffers, c.passes, c.writes, c.submits].map((n) =>
        String(Math.round(n)),
      ),
    ]),
  ),
)}

`;
}
