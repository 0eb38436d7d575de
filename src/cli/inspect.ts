/** `e2p inspect`: draws a model's path from ids to logits, or says why there is none; tells what a projector is for. */
import { existsSync, statSync } from 'node:fs';
import { basename, dirname, join, resolve } from 'node:path';
import { E2PError } from '../error.ts';
import { readConfig } from '../model/base-model.ts';
import { assembleGraph, type FoundGraph, findGraphs, noGraph } from '../model/graph-files.ts';
import { isHubId } from '../model/hub.ts';
import { DTYPE_SUFFIX, type Dtype, parseModelConfig } from '../model/model-config.ts';
import { withNodeSource } from '../model/node-source.ts';
import type { CacheHeads } from '../onnx/cache-dims.ts';
import { externalLocations } from '../onnx/external-weights.ts';
import type { GraphFacts } from '../onnx/inspect/inspect-graph.ts';
import { readOnnx, writeOnnx } from '../onnx/onnx-file.ts';
import type { OnnxModel } from '../onnx/onnx-model.ts';
import { personaliseGraph } from '../onnx/personalise-graph.ts';
import { whyNotTrainable } from '../onnx/why-not-trainable.ts';
import type { FileSource } from '../storage/file-source.ts';
import { createFolderSource } from '../storage/folder-source.ts';
import { defineCommand, type Options, type Values } from './command.ts';
import { prepareOutput, readInput, writeWhole } from './files.ts';
import { inspectProjector } from './inspect-projector.ts';

const OPTIONS = {
  json: { meaning: 'the same as data' },
  write: {
    ...{
      value: '<out.onnx>',
      meaning: 'saves the graph as the engine runs it, with the inputs for soft tokens',
      without: 'nowhere',
    },
  },
} as const satisfies Options;

async function inspect(values: Values<typeof OPTIONS>, path: string): Promise<void> {
  if (path.endsWith('.safetensors')) {
    if (values.write !== undefined) {
      throw new E2PError('invalid-argument', `--write: ${path} is a projector, expected a graph`);
    }
    console.log(inspectProjector(readInput(path, 'invalid-projector'), path, values.json));
    return;
  }
  if (values.write !== undefined) await writeRewritten(path, values.write);
  const reports = await inspectModel(path);
  if (values.json) {
    const data = reports.map(dataOf);
    console.log(JSON.stringify(data.length === 1 ? data[0] : data, null, 2));
  } else {
    console.log(reports.map(drawReport).join('\n\n'));
  }
  if (reports.some(({ refused }) => refused !== undefined)) process.exitCode = 1;
}

/** A graph that can be used, and whether it can be trained through; or why it can't be used. */
type Report = { readonly file: string } & (
  | {
      readonly refused?: never;
      readonly model: OnnxModel;
      readonly facts: GraphFacts;
      readonly obstacle: string | undefined;
    }
  | { readonly refused: E2PError }
);

/** All graphs of a folder or of a Hub id, or the one of a path, found and read as generation and training do. */
async function inspectModel(path: string): Promise<Report[]> {
  const entry = statSync(path, { throwIfNoEntry: false });
  if (entry === undefined && !isHubId(path) && !/^https?:/.test(path))
    throw new E2PError('invalid-model', `${path}: no such file or folder`);
  if (entry?.isFile()) {
    const source = createFolderSource(dirname(path));
    const heads = await headsBeside([source, createFolderSource(dirname(dirname(resolve(path))))]);
    return [await reportOf(source, await oneGraph(source, path), path, heads)];
  }
  return withNodeSource({ model: path }, async (source, fetched) => {
    const found: FoundGraph[] = [];
    for await (const graph of findGraphs(source, fetched ? ['q4', ...DTYPES] : DTYPES, {})) {
      found.push(graph);
      // Each other one would be another download of all weights.
      if (fetched) break;
    }
    if (found.length === 0) throw await noGraph(source, DTYPES);
    const above = entry === undefined ? [] : [createFolderSource(dirname(resolve(path)))];
    const heads = await headsBeside([source, ...above]);
    const reports: Report[] = [];
    for (const graph of found) {
      const file = entry === undefined ? `${path.replace(/\/$/, '')}/${graph.path}` : join(path, graph.path);
      reports.push(await reportOf(source, graph, file, heads).catch((error) => refusal(file, error)));
    }
    return reports;
  });
}

async function reportOf(
  source: FileSource,
  graph: FoundGraph,
  file: string,
  heads: CacheHeads | undefined,
): Promise<Report> {
  const { model } = await assembleGraph(source, graph, {});
  const { facts } = personaliseGraph(model, file);
  return { file, model, facts, obstacle: whyNotTrainable(model, heads, basename(file)) };
}

function refusal(file: string, error: unknown): Report {
  if (!(error instanceof E2PError)) throw error;
  return { file, refused: error };
}

const DTYPES = Object.keys(DTYPE_SUFFIX) as Dtype[];

/** The variant is told by the end of its name, as that of a lookup beside it is. */
async function oneGraph(source: FileSource, path: string): Promise<FoundGraph> {
  const name = basename(path);
  const dtype = DTYPES.toReversed().find((each) => name.endsWith(`${DTYPE_SUFFIX[each]}.onnx`)) ?? 'fp32';
  const file = await source.open!(name);
  return { dtype, path: name, file: file! };
}

/** Fields are described in docs/models.md; they may become more in a version, and not other ones. */
const FORMAT = { format: 'e2p-inspect', version: 1 } as const;

function dataOf(report: Report) {
  const { file, refused } = report;
  if (refused !== undefined) {
    return { ...FORMAT, file, refused: { code: refused.code, reason: refused.message } };
  }
  const { model, facts, obstacle } = report;
  const training = obstacle === undefined ? { possible: true } : { possible: false, reason: obstacle };
  return { ...FORMAT, file, ...header(model, basename(file)), ...facts, training };
}

function drawReport(report: Report): string {
  if (report.refused !== undefined) return `${report.file}\n  refused     ${report.refused.message}`;
  const { file, model, facts, obstacle } = report;
  const training = obstacle === undefined ? 'yes' : `no: ${obstacle}`;
  return `${drawGraph(file, model, facts)}\n  training    ${training}`;
}

/** Heads and their size as the folder that a graph belongs to states them, where it does. */
async function headsBeside(folders: readonly FileSource[]): Promise<CacheHeads | undefined> {
  for (const folder of folders) {
    for (const name of ['config.json', 'genai_config.json']) {
      if ((await folder.read(name, {})) === undefined) continue;
      const { config, generation } = await readConfig(folder, {});
      return parseModelConfig(config, generation, folder.name).attention;
    }
  }
  return undefined;
}

/** The graph as the engine runs it, with its inline weights. External weights stay where they are. */
async function writeRewritten(file: string, out: string): Promise<void> {
  if (statSync(file, { throwIfNoEntry: false })?.isDirectory()) {
    throw new E2PError('invalid-argument', `--write: ${file} is a folder, expected the path of a graph`);
  }
  const model = readOnnx(readInput(file, 'invalid-model'), file);
  const personalised = personaliseGraph(model, file);
  const external = externalLocations(model);
  if (external.length > 0 && resolve(dirname(out)) !== resolve(dirname(file))) {
    const where = `its weights are in ${external.join(', ')}, found by name beside it`;
    throw new E2PError('invalid-argument', `--write: ${where}; expected a path in ${dirname(file)}`);
  }
  if (existsSync(out)) throw new E2PError('invalid-argument', `--write: ${out} exists already`);
  prepareOutput(out);
  await writeWhole(out, [writeOnnx(personalised.model)]);
}

function header(model: OnnxModel, own: string) {
  return {
    irVersion: model.irVersion,
    opsets: Object.fromEntries(model.opsets.map((o) => [o.domain || 'ai.onnx', o.version])),
    nodes: model.graph.nodes.length,
    externalData: externalLocations(model).filter((name) => name !== own),
  };
}

function drawGraph(file: string, model: OnnxModel, facts: GraphFacts): string {
  const { embedding, head } = facts;
  const { irVersion, opsets, nodes, externalData } = header(model, basename(file));
  const scale = embedding.scale === 1 ? '' : `, scaled by ${embedding.scale}`;
  return [
    file,
    `  file        IR ${irVersion}, ${Object.entries(opsets)
      .map(([d, v]) => `${d} ${v}`)
      .join(
        ', ',
      )}; ${nodes} nodes; weights ${externalData.length === 0 ? 'inline' : `in ${externalData.join(', ')}`}`,
    `  ids         ${facts.ids.name} ${facts.ids.type}`,
    `  embedding   ${embedding.operator} of ${embedding.table}: V = ${facts.vocabularySize}, H = ${facts.hiddenSize}, ${embedding.type}${scale}`,
    `  soft token  goes in at ${embedding.value} [batch, sequence, ${facts.hiddenSize}]`,
    `  layers      ${facts.weightBits}-bit weights, ${facts.activationType} activations`,
    `  cache       ${drawCache(facts)}`,
    `  positions   ${[facts.attentionMask?.name, facts.positionIds?.name].filter(Boolean).join(', ') || 'none given'}`,
    `  causal      ${facts.isCausal ? 'by structure' : 'not shown by structure: checked by running when it is loaded'}`,
    `  LM head     ${head.operator} of ${head.hidden ?? 'a flattened hidden state'}`,
    `  logits      ${head.logits} ${head.type} [batch, sequence, ${head.columns}]`,
    `  operators   ${facts.operators.join(', ')}`,
  ].join('\n');
}

/** Cache tensors of one shape and kind are counted together. */
function drawCache({ cache }: GraphFacts): string {
  const counts = new Map<string, number>();
  for (const { type, dims, batchAxis, lengthAxis } of cache) {
    const sizes = dims.map((d, axis) =>
      axis === batchAxis ? 'batch' : axis === lengthAxis ? 'length' : (d ?? '?'),
    );
    const shape = `${type} [${sizes.join(', ')}]`;
    counts.set(shape, (counts.get(shape) ?? 0) + 1);
  }
  return [...counts].map(([shape, count]) => `${count} × ${shape}`).join(', ') || 'none';
}

export const command = defineCommand({
  purpose: 'Says what is in a model or a projector, and where soft tokens go, or why they cannot.',
  note: 'Of a Hub id: all variants in the cache of hf download; where there are none, one is fetched, q4 if it is there.',
  argument: '<folder | id | file.onnx | projector.safetensors>',
  options: OPTIONS,
  examples: ['inspect my-model', 'inspect p.safetensors --json'],
  run: inspect,
});
