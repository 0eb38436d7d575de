/** For tests only: the default model in float16, whose logits do or do not stay below the largest half, 65504. */
import { mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { toFloat16 } from '../onnx/float16.ts';
import { readOnnx, writeOnnx } from '../onnx/onnx-file.ts';
import { DataType, type OnnxModel, type OnnxTensor, type OnnxValueInfo } from '../onnx/onnx-model.ts';
import type { ModelFiles } from '../storage/handed-files.ts';
import { TINY_MODEL } from './tiny-encoder.ts';

const FILES = ['config.json', 'generation_config.json', 'tokenizer.json', 'tokenizer_config.json'];

const fileOf = (path: string) => new Uint8Array(readFileSync(join(TINY_MODEL, path)));

/** The folder's files, with `graphs` in place of its own. */
export function folderWith(graphs: Readonly<Record<string, Uint8Array>>): ModelFiles {
  const own = FILES.map((path) => [path, fileOf(path)] as const);
  const blobs = [...own, ...Object.entries(graphs)].map(([path, bytes]) => [
    path,
    new Blob([bytes as Uint8Array<ArrayBuffer>]),
  ]);
  return { name: 'e2p-tiny', files: Object.fromEntries(blobs) };
}

/** On disk. */
export async function writeFolderWith(folder: string, graphs: Readonly<Record<string, Uint8Array>>) {
  mkdirSync(join(folder, 'onnx'), { recursive: true });
  for (const [path, blob] of Object.entries(folderWith(graphs).files)) {
    writeFileSync(join(folder, path), new Uint8Array(await blob.arrayBuffer()));
  }
}

/** `onnx/model.onnx` of the default model, its final gain multiplied. */
export function floatGraph(gain: number): Uint8Array {
  return writeOnnx(withGain(gain));
}

/** The same in halves, tensors and activations. */
export function halfGraph(gain: number): Uint8Array {
  const { graph, ...model } = withGain(gain);
  const initializers = graph.initializers.map((tensor) =>
    tensor.dataType === DataType.float32
      ? { ...tensor, dataType: DataType.float16, rawData: bytesOf(toFloat16(floatsOf(tensor))) }
      : tensor,
  );
  const half = (values: readonly OnnxValueInfo[]) => values.map(asHalf);
  const [inputs, outputs, valueInfo] = [half(graph.inputs), half(graph.outputs), half(graph.valueInfo)];
  return writeOnnx({ ...model, graph: { ...graph, initializers, inputs, outputs, valueInfo } });
}

function withGain(gain: number): OnnxModel {
  const { graph, ...model } = readOnnx(fileOf('onnx/model.onnx'));
  const initializers = graph.initializers.map((tensor) =>
    tensor.name.includes('final_norm')
      ? { ...tensor, rawData: bytesOf(floatsOf(tensor).map((value) => value * gain)) }
      : tensor,
  );
  return { ...model, graph: { ...graph, initializers } };
}

function asHalf(value: OnnxValueInfo): OnnxValueInfo {
  const { type } = value;
  if (type?.tensor?.elemType !== DataType.float32) return value;
  return { ...value, type: { ...type, tensor: { ...type.tensor, elemType: DataType.float16 } } };
}

const floatsOf = ({ rawData }: OnnxTensor) => new Float32Array(rawData!.slice().buffer);
const bytesOf = ({ buffer }: Float32Array | Uint16Array) => new Uint8Array(buffer);
