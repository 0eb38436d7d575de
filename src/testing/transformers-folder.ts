/** For tests only: a model folder of ours as Hugging Face transformers reads it, so that PyTorch has the very same weights. */
import { copyFileSync, mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { readOnnx } from '../onnx/onnx-file.ts';
import { type NamedTensor, writeSafetensors } from '../projector/safetensors.ts';

/** @param folder with a float32 `onnx/model.onnx` whose initializers are named as by the onnxruntime-genai builder, matrices [in, out] */
export function writeTransformersFolder(folder: string, out: string): void {
  const { graph } = readOnnx(readFileSync(join(folder, 'onnx/model.onnx')));
  const tensors = new Map<string, NamedTensor>();
  for (const { name, dims, rawData, dataType } of graph.initializers) {
    const values = new Float32Array(Uint8Array.from(rawData ?? []).buffer);
    const found = nameThere(name);
    if (dataType !== 1 || found === undefined) continue;
    const isProduct = name.endsWith('.MatMul.weight');
    tensors.set(found, {
      shape: isProduct ? [...dims].reverse() : dims,
      data: isProduct ? transposed(values, dims[0]!, dims[1]!) : values,
    });
  }
  mkdirSync(out, { recursive: true });
  writeFileSync(join(out, 'model.safetensors'), writeSafetensors({ tensors, metadata: { format: 'pt' } }));
  copyFileSync(join(folder, 'config.json'), join(out, 'config.json'));
}

function nameThere(name: string): string | undefined {
  if (!name.startsWith('model.')) return undefined;
  return name
    .replace('.attn.', '.self_attn.')
    .replace('.MatMul.weight', '.weight')
    .replace(/layers\.\d+\.final_norm_layernorm/, 'norm');
}

function transposed(values: Float32Array, rows: number, columns: number): Float32Array {
  return Float32Array.from(values, (_, i) => values[(i % rows) * columns + Math.floor(i / rows)]!);
}
