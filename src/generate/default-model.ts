/**
 * `e2p-web/default-model`: the small model that is part of the package (0.8 M parameters, four bits, its projector and eight readers; all
 * of it made by this project from a synthetic world), so that an app runs before it has a model and embeddings of its own. It writes
 * headlines of that world and nothing else; `docs/results/default.md` says what it shows.
 */
import { BUNDLER_HINT, E2PError, throwIfAborted } from '../error.ts';
import type { ModelFiles } from '../storage/handed-files.ts';
import type { UserEmbedding } from '../user/user-embedding.ts';

/** `public/world/readers.json` */
export interface DefaultReaders {
  readonly readers: readonly {
    readonly name: string;
    /** What the embedding was drawn from, in words. */
    readonly about: string;
    readonly space: string;
    readonly values: readonly number[];
  }[];
  /** Prompts. */
  readonly stories: readonly string[];
}

/** The shipped model with what it needs, each as `Personalizer` takes it. */
export interface DefaultModel {
  /** For `Personalizer.create`. */
  readonly model: ModelFiles;
  /** For `Personalizer.create`. */
  readonly projector: Blob;
  readonly readers: readonly {
    readonly name: string;
    /** What the embedding was drawn from, in words. */
    readonly about: string;
    /** For `personalizer.user.set`. */
    readonly embedding: UserEmbedding;
  }[];
  /** Prompts: a few facts, of which the model makes a headline. */
  readonly stories: readonly string[];
}

const FILES = {
  'config.json': new URL('../../public/models/e2p-tiny/config.json', import.meta.url),
  'generation_config.json': new URL('../../public/models/e2p-tiny/generation_config.json', import.meta.url),
  'tokenizer.json': new URL('../../public/models/e2p-tiny/tokenizer.json', import.meta.url),
  'tokenizer_config.json': new URL('../../public/models/e2p-tiny/tokenizer_config.json', import.meta.url),
  'onnx/model_q4.onnx': new URL('../../public/models/e2p-tiny/onnx/model_q4.onnx', import.meta.url),
};
const PROJECTOR = new URL('../../public/models/e2p-tiny/projector.safetensors', import.meta.url);
const READERS = new URL('../../public/world/readers.json', import.meta.url);

/** Fetches 0.7 MB from where the app's bundler put the package's files. @throws E2PError `network`, naming the file */
export async function loadDefaultModel(
  options: { readonly signal?: AbortSignal } = {},
): Promise<DefaultModel> {
  const read = (url: URL) => readPackaged(url, options.signal);
  const [projector, readersFile, ...files] = await Promise.all([
    read(PROJECTOR),
    read(READERS),
    ...Object.entries(FILES).map(async ([path, url]) => [path, await read(url)] as const),
  ]);
  const { readers, stories }: DefaultReaders = JSON.parse(await readersFile.text());
  return {
    model: { name: 'e2p-tiny', files: Object.fromEntries(files) },
    projector,
    readers: readers.map(({ name, about, space, values }) => ({
      ...{ name, about },
      embedding: { space, values: Float32Array.from(values) },
    })),
    stories,
  };
}

/** Also where the package lies on a disk: Node fetches no file. */
async function readPackaged(url: URL, signal: AbortSignal | undefined): Promise<Blob> {
  if (url.protocol === 'file:') {
    const { readFile } = globalThis.process.getBuiltinModule('node:fs/promises');
    return new Blob([await readFile(url, { signal })]);
  }
  const failed = (why: string, more: object) =>
    new E2PError('network', `${url} ${why}, expected a file of e2p-web: ${BUNDLER_HINT}`, more);
  const response = await fetch(url, { signal: signal ?? null }).catch((cause) => {
    throwIfAborted(signal);
    throw failed('could not be fetched', { cause });
  });
  const { status, headers } = response;
  // A server for one page answers everything with that.
  const came = headers.get('content-type') ?? '';
  if (!response.ok || came.startsWith('text/html'))
    throw failed(`answered ${status} with ${came}`, { status });
  return response.blob();
}
