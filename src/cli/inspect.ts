/** `e2p inspect`: draws a model's path from ids to logits, or says why there is none; tells what a projector is for. */
import { existsSync, statSync } from 'node:fs';
import { basename, dirname, join, resolve } from 'node:path';
import { E2PError } from '../error.ts';
import { DTYPE_SUFFIX, parseModelConfig } from '../model/model-config.ts';
import type { CacheHeads } from '../onnx/cache-dims.ts';
import { externalLocations } from '../onnx/external-weights.ts';
import type { GraphFacts } from '../onnx/inspect/inspect-graph.ts';
import { readOnnx, writeOnnx } from '../onnx/onnx-file.ts';
import type { OnnxModel } from '../onnx/onnx-model.ts';
import { type PersonalisedGraph, personaliseGraph } from '../onnx/personalise-graph.ts';
import { whyNotTrainable } from '../onnx/why-not-trainable.ts';
import { defineCommand, type Options, type Values } from './command.ts';
import { prepareOutput, readInput, writeWhole } from './files.ts';
import { inspectProjector } from './inspect-projector.ts';

const OPTIONS = {
  json: { meaning: 'the same as data' },
  write: {
    ...{
      value: '<out.onnx>',
      meaning: 'saves the graph as the engine runs it, with the inputs for soft tokens',
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
  const reports = graphFiles(path).map((file) => {
    const model = readOnnx(readInput(file, 'invalid-model'), file);
    const personalised = personaliseGraph(model, file);
    return { file, model, personalised, obstacle: whyNotTrainable(model, headsBeside(file), basename(file)) };
  });
  if (values.write !== undefined) await writeRewritten(reports, values.write);
  if (values.json) {
    const data = reports.map(({ file, model, personalised, obstacle }) => ({
      file,
      ...header(model),
      ...personalised.facts,
      training: obstacle === undefined ? { possible: true } : { possible: false, reason: obstacle },
    }));
    console.log(JSON.stringify(data.length === 1 ? data[0] : data, null, 2));
  } else {
    const drawn = reports.map(({ file, model, personalised, obstacle }) =>
      [
        drawGraph(file, model, personalised.facts),
        `  training    ${obstacle === undefined ? 'yes' : `no: ${obstacle}`}`,
      ].join('\n'),
    );
    console.log(drawn.join('\n\n'));
  }
}

/** Heads and their size from the config.json of the folder that a graph belongs to, where there is one. */
function headsBeside(file: string): CacheHeads | undefined {
  const config = [dirname(file), dirname(dirname(resolve(file)))]
    .map((folder) => join(folder, 'config.json'))
    .find((path) => existsSync(path));
  if (config === undefined) return undefined;
  try {
    return parseModelConfig(
      JSON.parse(new TextDecoder().decode(readInput(config, 'invalid-model'))),
      {},
      config,
    ).attention;
  } catch (cause) {
    if (cause instanceof E2PError) throw cause;
    throw new E2PError('invalid-model', `${config} is not JSON`, { cause });
  }
}

/** The graph as the engine runs it, with its inline weights. External weights stay where they are. */
async function writeRewritten(
  reports: readonly { file: string; model: OnnxModel; personalised: PersonalisedGraph }[],
  out: string,
): Promise<void> {
  const [report, ...more] = reports;
  if (report === undefined || more.length > 0) {
    throw new E2PError(
      'invalid-argument',
      `--write: found ${reports.length} graphs, expected the path of one`,
    );
  }
  const { file, model, personalised } = report;
  const external = externalLocations(model);
  if (external.length > 0 && resolve(dirname(out)) !== resolve(dirname(file))) {
    const where = `its weights are in ${external.join(', ')}, found by name beside it`;
    throw new E2PError('invalid-argument', `--write: ${where}; expected a path in ${dirname(file)}`);
  }
  if (existsSync(out)) throw new E2PError('invalid-argument', `--write: ${out} exists already`);
  prepareOutput(out);
  await writeWhole(out, [writeOnnx(personalised.model)]);
}

function graphFiles(path: string): string[] {
  if (!existsSync(path)) throw new E2PError('invalid-model', `${path}: no such file or folder`);
  if (!statSync(path).isDirectory()) return [path];
  const files = Object.values(DTYPE_SUFFIX)
    .map((suffix) => join(path, 'onnx', `model${suffix}.onnx`))
    .filter((file) => existsSync(file));
  if (files.length === 0) {
    throw new E2PError('invalid-model', `${path}: no graph found, expected onnx/model*.onnx`);
  }
  return files;
}

function header(model: OnnxModel) {
  return {
    irVersion: model.irVersion,
    opsets: Object.fromEntries(model.opsets.map((o) => [o.domain || 'ai.onnx', o.version])),
    nodes: model.graph.nodes.length,
    externalData: externalLocations(model),
  };
}

function drawGraph(file: string, model: OnnxModel, facts: GraphFacts): string {
  const { embedding, head } = facts;
  const { irVersion, opsets, nodes, externalData } = header(model);
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
    `  LM head     ${head.operator} of ${head.hidden ?? 'a flattened hidden state'}`,
    `  logits      ${head.logits} ${head.type} [batch, sequence, ${facts.vocabularySize}]`,
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
  argument: '<folder | file.onnx | projector.safetensors>',
  options: OPTIONS,
  examples: ['inspect my-model', 'inspect p.safetensors --json'],
  run: inspect,
});
