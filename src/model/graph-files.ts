/**
 * Which `.onnx` files of a folder make up the decoder, read into one graph: the file itself, the lookup where it has
 * a file of its own, and external data. Weights are never copied: the graph refers to the bytes as they were read.
 */
import { E2PError } from '../error.ts';
import { externalLocations, referToWeights } from '../onnx/external-weights.ts';
import { embeddingsInput, joinEmbeddings } from '../onnx/join-embeddings.ts';
import { readOnnx } from '../onnx/onnx-file.ts';
import type { OnnxModel } from '../onnx/onnx-model.ts';
import type { ExternalData } from '../runtime/runtime.ts';
import { type FileSource, type ReadOptions, readRequired } from '../storage/file-source.ts';
import { DTYPE_SUFFIX, type Dtype } from './model-config.ts';

/** File names without precision suffix, the most usual first. "merged" is also the name of files that branch. */
const STEMS = ['model', 'decoder_model_merged', 'decoder_model'] as const;

export interface GraphFiles {
  readonly dtype: Dtype;
  /** Path of the decoder's file, for messages. */
  readonly path: string;
  /** Ids in, logits out; every larger weight refers to one of `weights`. */
  readonly model: OnnxModel;
  readonly weights: readonly (ExternalData & { readonly data: Uint8Array })[];
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
      const bytes = await source.read(path, read);
      if (bytes !== undefined) return assemble(source, dtype, path, bytes, read);
    }
  }
  const wanted = dtypes.map((d) => `onnx/model${DTYPE_SUFFIX[d]}.onnx`).join(', ');
  throw new E2PError('invalid-model', `${source.name}: no graph found, expected one of ${wanted}`);
}

async function assemble(
  source: FileSource,
  dtype: Dtype,
  path: string,
  bytes: Uint8Array,
  read: ReadOptions,
): Promise<GraphFiles> {
  const decoder = await readFile(source, path, bytes, read);
  if (embeddingsInput(decoder.model) === undefined) {
    return { dtype, path, ...decoder };
  }
  const lookupPath = `onnx/embed_tokens${DTYPE_SUFFIX[dtype]}.onnx`;
  const lookup = await readFile(source, lookupPath, await readRequired(source, lookupPath, read), read);
  return {
    dtype,
    path,
    model: joinEmbeddings(decoder.model, lookup.model, lookupPath),
    weights: [...decoder.weights, ...lookup.weights],
  };
}

async function readFile(source: FileSource, path: string, bytes: Uint8Array, read: ReadOptions) {
  const original = readOnnx(bytes, path);
  const name = path.slice(path.lastIndexOf('/') + 1);
  const weights: { path: string; data: Uint8Array }[] = [{ path: name, data: bytes }];
  for (const location of externalLocations(original)) {
    if (/(^|[\\/])\.\.([\\/]|$)|^[\\/]|:/.test(location)) {
      const reason = `its weights lie at ${JSON.stringify(location)}, expected a file beside it`;
      throw new E2PError('invalid-onnx', `${path}: ${reason}`);
    }
    weights.push({ path: location, data: await readRequired(source, `onnx/${location}`, read) });
  }
  return { model: referToWeights(original, bytes, name), weights };
}
