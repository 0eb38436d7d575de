/** Which files a model, its projector, its device and a sentence encoder need, and where they come from. Runs in the loader. */
import { BUNDLER_HINT, E2PError, throwIfAborted } from '../error.ts';
import { loadBaseModel } from '../model/base-model.ts';
import type { Dtype } from '../model/model-config.ts';
import { describeBytes } from '../onnx/describe-bytes.ts';
import type { ProjectorFile } from '../projector/ready-projector.ts';
import {
  type Binaries,
  type Bundle,
  type DeviceRequest,
  neededBundles,
  noWebgpu,
  webgpuObstacle,
} from '../runtime/device-choice.ts';
import type { FetchProgress, FileSource, ReadOptions } from '../storage/file-source.ts';
import { type HandedFiles, type ModelFiles, modelFilesSource, recordFiles } from '../storage/handed-files.ts';
import { createTotalProgress } from '../storage/total-progress.ts';
import { withUrlFolder } from '../storage/url-source.ts';
import { openWeightStore } from '../storage/weight-store.ts';
import { readEncoder } from '../user/onnx-encoder.ts';
import type {
  LoadEncoderParams,
  LoadParams,
  LoadProgress,
  LoadProjectorParams,
  StoragePlace,
} from './protocol.ts';
import type { Place } from './sealed-frame.ts';

/** All that the engine needs, and that the person has no part in. */
export interface LoadedFiles {
  /** Of the model folder. */
  readonly name: string;
  readonly files: HandedFiles;
  readonly dtypes: readonly Dtype[];
  readonly device: DeviceRequest;
  /** Its URL, where it has one, and its bytes. */
  readonly projector: ProjectorFile | undefined;
  readonly binaries: Binaries;
  /** Where the engine is best put for that device. */
  readonly place: Place;
  readonly storage: StoragePlace;
}

/** A sentence encoder's, of the folder it came from. */
export interface EncoderFiles {
  readonly name: string;
  readonly files: HandedFiles;
}

interface Asked {
  readonly signal: AbortSignal;
  onProgress(progress: LoadProgress): void;
}

export async function loadFiles(params: LoadParams, asked: Asked): Promise<LoadedFiles> {
  const { model: wanted, projector: given, manifestSha256, evict, device } = params;
  const { signal } = asked;
  const { store, storage, read } = await openStore(asked);
  const dtypes = params.dtype === 'auto' ? await wantedDtypes(params) : [params.dtype];
  if (device === 'webgpu') {
    // Told before anything is downloaded for it.
    const isHalf = dtypes.every((dtype) => dtype === 'fp16' || dtype === 'q4f16');
    const obstacle = await webgpuObstacle(navigator.gpu, isHalf ? 'float16' : 'float32');
    if (obstacle !== undefined) throw noWebgpu(obstacle);
  }
  const url = typeof given === 'string' ? given : undefined;
  const { folder, inside } = placeOf(wanted, given);
  const options = { store, evict, ...read };
  const loadFrom = async (folderSource: FileSource) => {
    const { source, files } = recordFiles(folderSource);
    const [model, projector] = await Promise.all([
      loadBaseModel({ source, dtypes, ...read }),
      inside === undefined ? undefined : readProjectorFile(source, inside, url!, read),
    ]);
    return { model, projector, files, name: source.name };
  };
  const [loaded, alone] = await Promise.all([
    folder === undefined
      ? loadFrom(modelFilesSource(wanted as ModelFiles))
      : withUrlFolder({ url: folder, manifestSha256, ...options }, loadFrom),
    given === undefined || inside !== undefined ? undefined : readAlone(given, options, read),
  ]);
  throwIfAborted(signal);
  const { model, files, name } = loaded;
  const { activationType, operators } = model.facts;
  const isGpu = device !== 'wasm' && (await webgpuObstacle(navigator.gpu, activationType)) === undefined;
  const bytes = loaded.projector ?? alone;
  return {
    ...{ name, files, dtypes, device, storage },
    projector: bytes && { name: url ?? 'the projector', bytes },
    binaries: await readBinaries(neededBundles(isGpu, operators), params.wasm, signal),
    place: isGpu ? 'same-origin' : 'opaque',
  };
}

/** One more, for a model that is loaded. In the model's folder it is held to that folder's manifest. */
export async function loadProjectorFile(
  { model, projector, manifestSha256, evict }: LoadProjectorParams,
  asked: Asked,
): Promise<ProjectorFile> {
  const { store, read } = await openStore(asked);
  const { folder, inside } = placeOf(model, projector);
  const options = { store, evict, ...read };
  const name = typeof projector === 'string' ? projector : 'the projector';
  const bytes =
    inside === undefined
      ? await readAlone(projector, options, read)
      : await withUrlFolder({ url: folder!, manifestSha256, ...options }, (source) =>
          readProjectorFile(source, inside, name, read),
        );
  return { name, bytes };
}

/** The model's folder, and where in it the projector lies, if it does. */
function placeOf(model: LoadParams['model'], projector: LoadParams['projector']) {
  const folder = typeof model === 'string' ? model.replace(/\/?$/, '/') : undefined;
  const isInside = folder !== undefined && typeof projector === 'string' && projector.startsWith(folder);
  return { folder, inside: isInside ? decodeURI(projector.slice(folder.length)) : undefined };
}

/** A projector that lies by itself. */
async function readAlone(
  given: string | Blob,
  options: Omit<Parameters<typeof withUrlFolder>[0], 'url'>,
  read: ReadOptions,
): Promise<Uint8Array> {
  if (typeof given !== 'string') return new Uint8Array(await given.arrayBuffer());
  return withUrlFolder({ ...options, url: given, single: true }, (source) =>
    readProjectorFile(source, given.slice(given.lastIndexOf('/') + 1), given, read),
  );
}

export async function loadEncoderFiles(
  { encoder: url, evict }: LoadEncoderParams,
  asked: Asked,
): Promise<EncoderFiles> {
  const { store, read } = await openStore(asked);
  return withUrlFolder({ url, store, evict, ...read }, async (folder) => {
    const { source, files } = recordFiles(folder);
    await readEncoder(source, read);
    return { name: source.name, files };
  });
}

/** Where files are kept, and how what is read of them is told. */
async function openStore({ signal, onProgress }: Asked) {
  const store = await openWeightStore();
  const storage = { backend: store.backend, warning: store.warning };
  onProgress({ stage: 'storage', ...storage });
  const total = createTotalProgress();
  const read = {
    signal,
    onProgress: (file: FetchProgress) => onProgress({ stage: 'file', ...file, all: total(file) }),
  };
  return { store, storage, read };
}

async function readBinaries(
  bundles: readonly Bundle[],
  urls: LoadParams['wasm'],
  signal: AbortSignal,
): Promise<Binaries> {
  const expected = `expected onnxruntime's WebAssembly: ${BUNDLER_HINT}`;
  const read = bundles.map(async (bundle) => {
    const url = urls[bundle];
    const response = await fetch(url, { signal }).catch((cause) => {
      throwIfAborted(signal);
      throw new E2PError('network', `${url} could not be fetched, ${expected}`, { cause });
    });
    const { ok, status, headers } = response;
    if (!ok) throw new E2PError('network', `${url} answered ${status}, ${expected}`, { status });
    const bytes = await response.arrayBuffer();
    // "\0asm", https://webassembly.github.io/spec/core/binary/modules.html; a server for one page answers everything with that.
    if (bytes.byteLength < 8 || new DataView(bytes).getUint32(0) !== 0x0061736d) {
      throw new E2PError(
        'network',
        `${url} answered with ${headers.get('content-type') ?? 'no type'} (${describeBytes(new Uint8Array(bytes))}), ${expected}`,
      );
    }
    return [bundle, bytes] as const;
  });
  return Object.fromEntries(await Promise.all(read));
}

/** The smallest variant that the device computes well, first; for training, float16 last: it overflows in a backward pass more easily. */
async function wantedDtypes({ device, isTraining }: LoadParams): Promise<readonly Dtype[]> {
  if (isTraining) return ['q4', 'fp32', 'fp16', 'q4f16'];
  const half = device !== 'wasm' && (await webgpuObstacle(navigator.gpu, 'float16')) === undefined;
  if (half) return ['q4f16', 'q4', 'fp16', 'fp32', 'q8'];
  // A CPU computes halves too, slowly: better than nothing.
  return device === 'webgpu' ? ['q4', 'fp32', 'q8'] : ['q4', 'fp32', 'q4f16', 'fp16', 'q8'];
}

async function readProjectorFile(source: FileSource, path: string, url: string, read: ReadOptions) {
  const bytes = await source.read(path, read);
  if (bytes === undefined) throw new E2PError('invalid-projector', `${url}: no such file`);
  return bytes;
}
