/**
 * Which `.onnx` files of a folder make up the decoder, read into one graph: the file itself, the lookup where it has
 * a file of its own, and external data. Weights stay where they are: the graph refers to the files, of which only the structure is read.
 */
import { E2PError } from '../error.ts';
import { externalLocations, plainLocations } from '../onnx/external-weights.ts';
import { embeddingsInput, joinEmbeddings } from '../onnx/join-embeddings.ts';
import { readOnnx } from '../onnx/onnx-file.ts';
import { DataType, intAttribute, type OnnxModel } from '../onnx/onnx-model.ts';
import { AT_A_GLANCE, readStructure } from '../onnx/read-structure.ts';
import { elementCount } from '../onnx/tensor-data.ts';
import type { ExternalData } from '../runtime/runtime.ts';
import {
  type FileSource,
  makeFile,
  missingFile,
  type OpenFile,
  openFile,
  type ReadOptions,
} from '../storage/file-source.ts';
import { DTYPE_SUFFIX, type Dtype } from './model-config.ts';

/** Where graphs lie: as on the Hub; in the root, as the genai builder leaves them. */
const FOLDERS = ['onnx/', ''] as const;

/** File names without precision suffix, the most usual first. "merged" is also the name of files that branch. */
const STEMS = ['model', 'decoder_model_merged', 'decoder_model'] as const;

/** Names of a lookup in a file of its own: on the Hub, and as the genai builder has them. */
const LOOKUPS = ['embed_tokens', 'embeddings', 'embedding'] as const;

/** A file with weights, under the name that the graph has for it. */
export interface WeightFile {
  readonly path: string;
  readonly file: OpenFile;
}

/** As onnxruntime is handed them. */
export const externalDataOf = (weights: readonly WeightFile[]): readonly ExternalData[] =>
  weights.map(({ path, file }) => ({ path, data: file.data, bytes: file.size }));

export interface GraphFiles {
  readonly dtype: Dtype;
  /** Path of the decoder's file, for messages. */
  readonly path: string;
  /** Ids in, logits out; every larger weight refers to one of `weights`. */
  readonly model: OnnxModel;
  readonly weights: readonly WeightFile[];
}

/** A file of the folder that by its name is a decoder's. */
export interface FoundGraph {
  readonly dtype: Dtype;
  readonly path: string;
  readonly file: OpenFile;
}

/** The graph of the first variant that is there. @throws E2PError `invalid-model` where none is, `invalid-onnx`, `unsupported-graph` */
export async function readGraphFiles(
  source: FileSource,
  dtypes: readonly Dtype[],
  read: ReadOptions,
): Promise<GraphFiles> {
  for await (const found of findGraphs(source, dtypes, read)) {
    return named(await assembleGraph(source, found, read));
  }
  // A name without a precision says nothing of it.
  for await (const found of findGraphs(source, dtypes.includes('fp32') ? [] : ['fp32'], read)) {
    const files = named(await assembleGraph(source, found, read));
    if (dtypes.includes(files.dtype)) return files;
  }
  throw await noGraph(source, dtypes);
}

/** What has no precision in its name has the one of its weights. */
const named = (files: GraphFiles): GraphFiles =>
  files.dtype === 'fp32' ? { ...files, dtype: dtypeIn(files.model) } : files;

function dtypeIn({ graph }: OnnxModel): Dtype {
  const types = new Map(graph.initializers.map((tensor) => [tensor.name, tensor.dataType]));
  const packed = graph.nodes.find((node) => node.opType === 'MatMulNBits');
  if (packed !== undefined && intAttribute(packed, 'bits', 4) === 4) {
    return types.get(packed.inputs[2]!) === DataType.float16 ? 'q4f16' : 'q4';
  }
  const sizes = new Map<number, number>();
  for (const tensor of graph.initializers) {
    sizes.set(tensor.dataType, (sizes.get(tensor.dataType) ?? 0) + elementCount(tensor));
  }
  const [[most] = []] = [...sizes].sort(([, a], [, b]) => b - a);
  if (most === DataType.float16) return 'fp16';
  return most === DataType.int8 ? 'int8' : most === DataType.uint8 ? 'uint8' : 'fp32';
}

/** Variants that are there, the most wanted first. */
export async function* findGraphs(
  source: FileSource,
  dtypes: readonly Dtype[],
  read: ReadOptions,
): AsyncGenerator<FoundGraph, void, undefined> {
  for (const named of graphPaths(dtypes)) {
    const file = await openFile(source, named.path, read);
    if (file !== undefined) yield { ...named, file };
  }
}

/** Where a decoder may lie, in the order in which it is looked for. */
export const graphPaths = (dtypes: readonly Dtype[]): Omit<FoundGraph, 'file'>[] =>
  FOLDERS.flatMap((folder) =>
    dtypes.flatMap((dtype) =>
      STEMS.map((stem) => ({ dtype, path: `${folder}${stem}${DTYPE_SUFFIX[dtype]}.onnx` })),
    ),
  );

export async function noGraph(source: FileSource, dtypes: readonly Dtype[]): Promise<E2PError> {
  const wanted = dtypes.map((d) => `model${DTYPE_SUFFIX[d]}.onnx`).join(', ');
  const others = (await source.list?.())?.filter((path) => path.endsWith('.onnx'));
  const found = others === undefined ? '' : `, found ${others.join(', ') || 'no .onnx file'}`;
  return new E2PError(
    'invalid-model',
    `${source.name}: no graph found, expected one of ${wanted} in onnx/ or in the folder itself${found}`,
  );
}

/** With the lookup, where that has a file of its own. @throws E2PError `invalid-model`, `invalid-onnx`, `unsupported-graph` */
export async function assembleGraph(
  source: FileSource,
  { dtype, path, file }: FoundGraph,
  read: ReadOptions,
): Promise<GraphFiles> {
  const decoder = await readGraph(source, path, file, read);
  const embeddings = embeddingsInput(decoder.model);
  if (embeddings === undefined) return { dtype, path, ...decoder };
  const lookups = lookupPaths(path, dtype);
  for (const lookupPath of lookups) {
    const found = await openFile(source, lookupPath, read);
    if (found === undefined) continue;
    const lookup = await readGraph(source, lookupPath, found, read);
    const model = joinEmbeddings(decoder.model, lookup.model, lookupPath);
    return { dtype, path, model, weights: [...decoder.weights, ...lookup.weights] };
  }
  throw new E2PError(
    'invalid-model',
    `${source.name}: ${path} takes embeddings (${embeddings.name}) in place of token ids, expected the lookup beside it: ${lookups.slice(0, LOOKUPS.length).join(' or ')}`,
  );
}

/** Where the lookup of a decoder may lie; it may have been left in another precision. */
export function lookupPaths(decoder: string, dtype: Dtype): string[] {
  const suffixes = [...new Set([DTYPE_SUFFIX[dtype], ...Object.values(DTYPE_SUFFIX)])];
  return suffixes.flatMap((suffix) => LOOKUPS.map((stem) => `${folderOf(decoder)}${stem}${suffix}.onnx`));
}

/** Files with weights beside a graph's own. @throws E2PError `invalid-onnx` for a place that is not beside it */
export function externalPaths(model: OnnxModel, path: string): string[] {
  return externalLocations(model).flatMap((location) => {
    if (location === nameOf(path)) return [];
    if (/(^|[\\/])\.\.([\\/]|$)|^[\\/]|:/.test(location)) {
      const reason = `its weights lie at ${JSON.stringify(location)}, expected a file beside it`;
      throw new E2PError('invalid-onnx', `${path}: ${reason}`);
    }
    return [folderOf(path) + location];
  });
}

/** One `.onnx` file with its external data; larger weights are left where they lie. */
export async function readGraph(source: FileSource, path: string, file: OpenFile, read: ReadOptions) {
  const model = await readProto(source, path, file, read);
  const weights: WeightFile[] = [{ path: nameOf(path), file }];
  for (const external of externalPaths(model, path)) {
    const file = await openRequired(source, external, read);
    weights.push({ path: external.slice(folderOf(path).length), file });
  }
  return { model, weights };
}

/** Another number where {@link readStructure} gives other bytes for the same file. */
const STRUCTURE = 'structure, version 1';

const protos = new WeakMap<object, { readonly path: string; readonly reading: Promise<OnnxModel> }>();

/** A graph without its weights, which refer to the files they lie in. It is parsed once for each file that is open. */
export function readProto(
  source: FileSource,
  path: string,
  file: OpenFile,
  { signal }: ReadOptions = {},
): Promise<OnnxModel> {
  const known = protos.get(file.data);
  if (known?.path === path) return known.reading;
  const reading = structureOf(source, path, file, signal).then((bytes) =>
    plainLocations(readOnnx(bytes, path)),
  );
  protos.set(file.data, { path, reading });
  reading.catch(() => protos.delete(file.data));
  return reading;
}

async function structureOf(
  source: FileSource,
  path: string,
  file: OpenFile,
  signal: AbortSignal | undefined,
): Promise<Uint8Array> {
  let reading: Promise<Uint8Array> | undefined;
  const structure = () => {
    reading ??= readStructure(file, nameOf(path), path);
    return reading;
  };
  // Elsewhere it takes hundreds of reads, each of which opens the file.
  if (source.make === undefined || file.during !== undefined || file.size <= AT_A_GLANCE) return structure();
  const made = await makeFile(
    source,
    {
      ...{ path: `${path}.structure`, from: [path], recipe: STRUCTURE },
      size: async () => (await structure()).length,
      pieces: async function* () {
        yield Uint8Array.from(await structure());
      },
    },
    { signal, onProgress: () => undefined },
  );
  return made.read(0, made.size);
}

export const nameOf = (path: string): string => path.slice(path.lastIndexOf('/') + 1);

/** With its slash; empty for the root. */
export const folderOf = (path: string): string => path.slice(0, path.lastIndexOf('/') + 1);

async function openRequired(source: FileSource, path: string, read: ReadOptions): Promise<OpenFile> {
  const file = await openFile(source, path, read);
  if (file === undefined) throw missingFile(source, path);
  return file;
}
