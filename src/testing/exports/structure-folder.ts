/**
 * For tests only, in Node and in a browser: the graph of an export, stored without its larger weights, as a folder of the Hub's layout. A
 * generator seeded by their name stands in for the weights.
 */
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

/** Bytes of a number, of types that weights have. */
export const BYTES: Readonly<Record<number, number>> = {
  [DataType.float32]: 4,
  [DataType.float16]: 2,
  [DataType.bfloat16]: 2,
  [DataType.uint8]: 1,
  [DataType.int8]: 1,
};

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

/** A folder of the Hub's layout with the export `graph` in it. */
export function folderOf(
  { exporter, architecture, config }: Pick<ExportRow, 'exporter' | 'architecture' | 'config'>,
  graph: Uint8Array,
): FileSource {
  const name = `${exporter}/${architecture}`;
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
  const all = new Uint8Array(parts.reduce((sum, { length }) => sum + length, 0));
  let at = 0;
  for (const part of parts) {
    all.set(part, at);
    at += part.length;
  }
  return all;
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
