/**
 * For tests only: an export without its weights. What an exporter wrote is kept as it is (names, attributes, shapes, constants), but for larger
 * weights, which become external data; a generator seeded by their name stands in for them when the file is read again.
 */
import { readFileSync } from 'node:fs';
import { gunzipSync } from 'node:zlib';
import { E2PError } from '../../error.ts';
import { toFloat16 } from '../../onnx/float16.ts';
import { readOnnx } from '../../onnx/onnx-file.ts';
import { DataType, type OnnxModel, type OnnxTensor } from '../../onnx/onnx-model.ts';
import type { FileSource } from '../../storage/file-source.ts';
import { letterTokenizer } from '../zoo/zoo-folder.ts';
import { seeded } from '../zoo/zoo-weights.ts';
import type { ExportOutcome } from './check-export.ts';

/** The file that larger weights are taken from. */
export const WEIGHTS = 'weights';

const BYTES: Readonly<Record<number, number>> = {
  [DataType.float32]: 4,
  [DataType.float16]: 2,
  [DataType.bfloat16]: 2,
  [DataType.uint8]: 1,
  [DataType.int8]: 1,
};

/** Without larger weights. `dataOf` gives what the file has for a tensor. */
export function withoutWeights(
  model: OnnxModel,
  dataOf: (tensor: OnnxTensor) => Uint8Array | undefined,
): OnnxModel {
  let offset = 0;
  const initializers = model.graph.initializers.map((tensor) => {
    const data = dataOf(tensor);
    if (data === undefined) return tensor;
    const { externalData: _, dataLocation: __, ...rest } = tensor;
    if (!isWeight(tensor, data)) return { ...rest, externalData: [], rawData: data };
    const { rawData: ___, floatData: ____, ...bare } = rest;
    const entries = { location: WEIGHTS, offset: String(offset), length: String(data.length) };
    offset += data.length;
    const externalData = Object.entries(entries).map(([key, value]) => ({ key, value }));
    return { ...bare, externalData, dataLocation: 1 };
  });
  return { ...model, graph: { ...model.graph, initializers } };
}

/** Masks and other tables with few values, and what is small, are no weights. */
function isWeight({ dataType }: OnnxTensor, data: Uint8Array): boolean {
  const size = BYTES[dataType];
  if (size === undefined || data.length < (size === 1 ? 1024 : 3072)) return false;
  const seen = new Set<string>();
  for (let at = 0; at < data.length; at += size) seen.add(data.subarray(at, at + size).join());
  return seen.size > 32;
}

/** An export and what was found of it. */
export interface ExportRow extends ExportOutcome {
  /** Who wrote it, and with which options. */
  readonly exporter: string;
  readonly architecture: string;
  /** In {@link STRUCTURES}. */
  readonly file: string;
  /** Of its config.json, what the graph leaves open. */
  readonly config: Readonly<Record<string, unknown>>;
}

/** What docs/models.md says. */
export const exportRows = (): readonly ExportRow[] =>
  JSON.parse(readFileSync('docs/results/exports.json', 'utf8'));

export const STRUCTURES = new URL('./structures/', import.meta.url);

const bytesOf = ({ file }: Pick<ExportRow, 'file'>): Uint8Array =>
  new Uint8Array(gunzipSync(readFileSync(new URL(file, STRUCTURES))));

/** The graph, whose larger weights are nowhere. */
export const structureModel = (row: Pick<ExportRow, 'file'>): OnnxModel => readOnnx(bytesOf(row), row.file);

/** A folder of the Hub's layout with the export in it. */
export function structureFolder({
  exporter,
  architecture,
  file,
  config,
}: Pick<ExportRow, 'exporter' | 'architecture' | 'file' | 'config'>): FileSource {
  const name = `${exporter}/${architecture}`;
  const graph = bytesOf({ file });
  const json = new TextEncoder().encode(JSON.stringify(config));
  const files = new Map([
    ['config.json', json],
    ['onnx/model.onnx', graph],
    [`onnx/${WEIGHTS}`, randomWeights(readOnnx(graph, name))],
    ...letterTokenizer({ size: 36 }),
  ]);
  return { name, read: async (path) => files.get(path) };
}

function randomWeights(model: OnnxModel): Uint8Array {
  const parts = model.graph.initializers.flatMap((tensor) => {
    const length = Number(tensor.externalData.find(({ key }) => key === 'length')?.value ?? 0);
    return length === 0 ? [] : [random(tensor, length)];
  });
  return new Uint8Array(Buffer.concat(parts));
}

function random({ name, dataType }: OnnxTensor, length: number): Uint8Array {
  const size = BYTES[dataType];
  if (size === undefined) throw new E2PError('invalid-onnx', `the weight ${name} has the type ${dataType}`);
  const next = seeded(name);
  /** About normal, of deviation 1. */
  const normal = () => 2 * (next() + next() + next() - 1.5);
  if (dataType === DataType.int8) return Uint8Array.from({ length }, () => 25 * normal());
  // One number of 8 bits or two of 4, around the middle.
  const half = () => Math.max(0, Math.min(15, Math.round(8 + 1.5 * normal())));
  if (size === 1) return Uint8Array.from({ length }, () => 16 * half() + half());
  // Of the deviation that the models were made with.
  const values = Float32Array.from({ length: length / size }, () => 0.15 * normal());
  const { buffer } = dataType === DataType.float16 ? toFloat16(values) : values;
  return new Uint8Array(buffer as ArrayBuffer);
}
