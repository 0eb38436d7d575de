/** Files that were read where there is a network and a storage, for where there is neither. */
import { E2PError, readArgument } from '../error.ts';
import {
  type FileSource,
  type MadeFile,
  makeFile,
  type OpenFile,
  openBlob,
  type ReadOptions,
} from './file-source.ts';

/** By path; undefined: asked for, and not there. */
export type HandedFiles = ReadonlyMap<string, Blob | undefined>;

/** A model folder that the app has in its hands: of its own bundle, or chosen by the person. */
export interface ModelFiles {
  /** For messages. */
  readonly name: string;
  /** By path inside the folder: `config.json`, `tokenizer.json`, `onnx/model_q4.onnx` … */
  readonly files: Readonly<Record<string, Blob>>;
}

/** @throws E2PError `invalid-argument` where it is no such folder */
export function checkModelFiles(given: ModelFiles): ModelFiles {
  const { name, files } = readArgument('the model', () => ({
    name: String(given.name),
    files: Object.entries(given.files),
  }));
  for (const [path, blob] of files) {
    if (blob instanceof Blob) continue;
    throw new E2PError('invalid-argument', `the model's file ${path} is a ${typeof blob}, expected a Blob`);
  }
  return { name, files: Object.fromEntries(files) };
}

export const modelFilesSource = ({ name, files }: ModelFiles): FileSource => ({
  ...handedSource(name, new Map(Object.entries(files))),
  list: async () => Object.keys(files),
  size: async (path) => files[path]?.size ?? 'absent',
});

/** The same source, and whatever is read from it. A load of the same model will read the same files. */
export function recordFiles(source: FileSource): {
  readonly source: FileSource;
  readonly files: HandedFiles;
} {
  const files = new Map<string, Blob | undefined>();
  const open = async (path: string, options?: ReadOptions): Promise<OpenFile | undefined> => {
    const file = await source.open!(path, options);
    files.set(path, file && (file.data as Blob));
    return file;
  };
  const read = async (path: string, options?: ReadOptions) => {
    const file = await open(path, options);
    return file?.read(0, file.size);
  };
  const make = async (made: MadeFile, options?: ReadOptions) => {
    const file = await makeFile(source, made, options);
    files.set(made.path, file.data as Blob);
    return file;
  };
  return { source: { ...source, open, read, make }, files };
}

export function handedSource(name: string, files: HandedFiles): FileSource {
  const open = async (path: string): Promise<OpenFile | undefined> => {
    const blob = files.get(path);
    return blob && openBlob(blob);
  };
  const read = async (path: string) => {
    const blob = files.get(path);
    return blob && new Uint8Array(await blob.arrayBuffer());
  };
  const make = async (made: MadeFile, options?: ReadOptions) =>
    (await open(made.path)) ?? makeFile({ name, read }, made, options);
  return { name, open, read, make };
}
