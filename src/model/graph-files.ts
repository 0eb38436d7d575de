/**
 * Which `.onnx` files of a folder make up the decoder, read into one graph: the file itself, the lookup where it has
 * a file of its own, and external data. Weights stay where they are: the graph refers to the files, of which only the structure is read.
 */
import { E2PError } from '../error.ts';
import { externalLocations, plainLocations } from '../onnx/external-weights.ts';
import { embeddingsInput, joinEmbeddings } from '../onnx/join-embeddings.ts';
import { readOnnx } from '../onnx/onnx-file.ts';
import type { OnnxModel } from '../onnx/onnx-model.ts';
import { readStructure } from '../onnx/read-structure.ts';
import {
  type FileSource,
  missingFile,
  type OpenFile,
  openFile,
  type ReadOptions,
} from '../storage/file-source.ts';
import { DTYPE_SUFFIX, type Dtype } from './model-config.ts';

/** File names without precision suffix, the most usual first. "merged" is also the name of files that branch. */
const STEMS = ['model', 'decoder_model_merged', 'decoder_model'] as const;

/** A file with weights, under the name that the graph has for it. */
export interface WeightFile {
  readonly path: string;
  readonly file: OpenFile;
}

export interface GraphFiles {
  readonly dtype: Dtype;
  /** Path of the decoder's file, for messages. */
  readonly path: string;
  /** Ids in, logits out; every larger weight refers to one of `weights`. */
  readonly model: OnnxModel;
  readonly weights: readonly WeightFile[];
}

/** @throws E2PError `invalid-model` where no file is there, `invalid-onnx`, `unsupported-graph`. */
export async function readGraphFiles(
  source: FileSource,
  dtypes: readonly Dtype[],
  read: ReadOptions,
): Promise<GraphFiles> {
  for (const dtype of dtypes) {
    for (const stem of STEMS) {
      const path = `onnx/${stem}${DTYPE_SUFFIX[dtype]}.onnx`;
      const file = await openFile(source, path, read);
      if (file !== undefined) return assemble(source, dtype, path, file, read);
    }
  }
  const wanted = dtypes.map((d) => `onnx/model${DTYPE_SUFFIX[d]}.onnx`).join(', ');
  throw new E2PError('invalid-model', `${source.name}: no graph found, expected one of ${wanted}`);
}

async function assemble(
  source: FileSource,
  dtype: Dtype,
  path: string,
  file: OpenFile,
  read: ReadOptions,
): Promise<GraphFiles> {
  const decoder = await readGraph(source, path, file, read);
  if (embeddingsInput(decoder.model) === undefined) {
    return { dtype, path, ...decoder };
  }
  const lookupPath = `onnx/embed_tokens${DTYPE_SUFFIX[dtype]}.onnx`;
  const lookup = await readGraph(source, lookupPath, await openRequired(source, lookupPath, read), read);
  return {
    dtype,
    path,
    model: joinEmbeddings(decoder.model, lookup.model, lookupPath),
    weights: [...decoder.weights, ...lookup.weights],
  };
}

/** One `.onnx` file with its external data; larger weights are left where they lie. */
export async function readGraph(source: FileSource, path: string, file: OpenFile, read: ReadOptions) {
  const name = path.slice(path.lastIndexOf('/') + 1);
  const model = plainLocations(readOnnx(await readStructure(file, name, path), path));
  const weights: WeightFile[] = [{ path: name, file }];
  for (const location of externalLocations(model)) {
    if (location === name) continue;
    if (/(^|[\\/])\.\.([\\/]|$)|^[\\/]|:/.test(location)) {
      const reason = `its weights lie at ${JSON.stringify(location)}, expected a file beside it`;
      throw new E2PError('invalid-onnx', `${path}: ${reason}`);
    }
    weights.push({ path: location, file: await openRequired(source, `onnx/${location}`, read) });
  }
  return { model, weights };
}

async function openRequired(source: FileSource, path: string, read: ReadOptions): Promise<OpenFile> {
  const file = await openFile(source, path, read);
  if (file === undefined) throw missingFile(source, path);
  return file;
}
