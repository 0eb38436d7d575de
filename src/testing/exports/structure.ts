/**
 * For tests only: an export without its weights. What an exporter wrote is kept as it is (names, attributes, shapes, constants), but for larger
 * weights, which become external data; a generator seeded by their name stands in for them when the file is read again.
 */
import { readFileSync } from 'node:fs';
import { gunzipSync } from 'node:zlib';
import { readOnnx } from '../../onnx/onnx-file.ts';
import type { OnnxModel, OnnxTensor } from '../../onnx/onnx-model.ts';
import type { FileSource } from '../../storage/file-source.ts';
import { BYTES, type ExportRow, folderOf, WEIGHTS } from './structure-folder.ts';

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

/** What docs/models.md says. */
export const exportRows = (): readonly ExportRow[] =>
  JSON.parse(readFileSync('docs/results/exports.json', 'utf8'));

export const STRUCTURES = new URL('./structures/', import.meta.url);

const bytesOf = ({ file }: Pick<ExportRow, 'file'>): Uint8Array =>
  new Uint8Array(gunzipSync(readFileSync(new URL(file, STRUCTURES))));

/** The graph, whose larger weights are nowhere. */
export const structureModel = (row: Pick<ExportRow, 'file'>): OnnxModel => readOnnx(bytesOf(row), row.file);

export const structureFolder = (
  row: Pick<ExportRow, 'exporter' | 'architecture' | 'file' | 'config'>,
): FileSource => folderOf(row, bytesOf(row));
