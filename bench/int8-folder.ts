/** A model folder whose q4 file has the int8 weights that this library makes for WASM, as another runtime reads it. */
import { cpSync, existsSync, mkdirSync, writeFileSync } from 'node:fs';
import { writeFile } from 'node:fs/promises';
import { basename, join, resolve } from 'node:path';
import { convertWeights } from '../src/model/convert-weights.ts';
import { readGraphFiles } from '../src/model/graph-files.ts';
import { planInt8 } from '../src/onnx/int8-weights.ts';
import { writeOnnx } from '../src/onnx/onnx-file.ts';
import { createFolderSource } from '../src/storage/folder-source.ts';

/** As Transformers.js looks for it. */
const WEIGHTS = 'model_q4.onnx_data';

export async function writeInt8Folder(folder: string): Promise<string> {
  const { model, weights } = await readGraphFiles(createFolderSource(folder), ['q4'], {});
  const plan = planInt8(model, WEIGHTS);
  if (plan === undefined) throw new Error(`${folder}: no weights to convert`);
  const into = `.cache/bench/${basename(resolve(folder))}-int8`;
  mkdirSync(join(into, 'onnx'), { recursive: true });
  for (const name of ['config.json', 'generation_config.json', 'tokenizer.json', 'tokenizer_config.json']) {
    if (existsSync(join(folder, name))) cpSync(join(folder, name), join(into, name));
  }
  writeFileSync(join(into, 'onnx/model_q4.onnx'), writeOnnx(plan.model));
  await writeFile(join(into, 'onnx', WEIGHTS), convertWeights(plan, weights));
  return into;
}
