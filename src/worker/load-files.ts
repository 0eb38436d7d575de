/** Which files a model, its projector, its device and a sentence encoder need, and where they come from. Runs in the loader. */
import { E2PError, throwIfAborted } from '../error.ts';
import { type BaseModel, surveyBaseModel } from '../model/base-model.ts';
import { isInt8Wanted } from '../model/cpu-weights.ts';
import type { Dtype } from '../model/model-config.ts';
import { modelId } from '../model/model-id.ts';
import { planFile, planModel } from '../model/plan-files.ts';
import { smallerVariants } from '../model/smaller-variants.ts';
import type { DataTypeName } from '../onnx/onnx-model.ts';
import type { ProjectorFile } from '../projector/ready-projector.ts';
import {
  type Binaries,
  type Bundle,
  type DeviceRequest,
  neededBundles,
  noWebgpu,
  type RuntimeNeeds,
  webgpuObstacle,
} from '../runtime/device-choice.ts';
import { type Findings, findingKey, identityOf } from '../runtime/findings.ts';
import { beginBringUp, cutShort, knownFindings } from '../storage/device-notes.ts';
import type { FetchProgress, FileSource } from '../storage/file-source.ts';
import { type HandedFiles, type ModelFiles, modelFilesSource, recordFiles } from '../storage/handed-files.ts';
import type { BytesProgress, InterruptedLoad, LoadProgress, StoragePlace } from '../storage/load-progress.ts';
import { createProgressMeter } from '../storage/total-progress.ts';
import { withUrlFolder } from '../storage/url-source.ts';
import { openWeightStore } from '../storage/weight-store.ts';
import { planEncoder, readEncoder } from '../user/onnx-encoder.ts';
import type { LoadEncoderParams, LoadParams, LoadProjectorParams } from './protocol.ts';
import { planBinaries, readBinaries } from './read-binaries.ts';
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
  /** `int8`: the weights as int8 are among the files, for a session in WASM. */
  readonly cpuWeights: BaseModel['cpuWeights'];
  /** What of the model the runtime depends on. */
  readonly needs: RuntimeNeeds;
  /** Where the engine is best put for that device. */
  readonly place: Place;
  readonly storage: StoragePlace;
  /** An earlier load of this model that ended with its tab. */
  readonly interrupted: InterruptedLoad | undefined;
  /** By which the loader is told that the model is up, or can't be; undefined for training. */
  readonly bringUp: string | undefined;
  /** Of tests of devices, those of this one among them. */
  readonly findings: Findings['known'];
  /** Where a device computes float16 wrongly, the files of another precision may be loaded. */
  readonly canReload: boolean;
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

const PARTS = ['model', 'projector', 'runtime'] as const;

export async function loadFiles(params: LoadParams, asked: Asked): Promise<LoadedFiles> {
  const { model: wanted, projector: given, manifestSha256, evict, device } = params;
  const { signal } = asked;
  const { store, storage, read, meter } = await openStore(asked, PARTS);
  const findings = await knownFindings();
  const dtypes = params.dtype === 'auto' ? await wantedDtypes(params, findings) : [params.dtype];
  if (device === 'webgpu') {
    // Told before anything is downloaded for it.
    const obstacle = await webgpuObstacle(navigator.gpu, dtypes.every(isHalf) ? 'float16' : 'float32');
    if (obstacle !== undefined) throw noWebgpu(obstacle);
  }
  const url = typeof given === 'string' ? given : undefined;
  const { folder, inside } = placeOf(wanted, given);
  const options = { store, evict, ...read };
  const isOnGpu = async (type: DataTypeName) =>
    device !== 'wasm' && (await webgpuObstacle(navigator.gpu, type)) === undefined;
  const how = { read, meter };
  let fetched: { readonly bundles: string; readonly binaries: Promise<Binaries> } | undefined;
  const binariesOf = (bundles: readonly Bundle[]): Promise<Binaries> => {
    if (fetched?.bundles === String(bundles)) return fetched.binaries;
    meter.plan('runtime', planBinaries(bundles, params.wasm));
    const onProgress = (file: Omit<BytesProgress, 'stage' | 'cached'>) =>
      meter.add({ stage: 'runtime', ...file });
    fetched = {
      bundles: String(bundles),
      binaries: readBinaries(bundles, { urls: params.wasm, signal, onProgress }),
    };
    return fetched.binaries;
  };
  const planFolder = async (source: FileSource) => {
    const plan = await planModel(source, dtypes, read);
    meter.plan('model', plan?.files);
    if (plan === undefined) return;
    // By the graph's name and first nodes; what the whole of it says is the same but for rare exports.
    const isGpu = await isOnGpu(isHalf(plan.dtype) ? 'float16' : 'float32');
    // On their way while the model is read; what fails is told when they are waited for.
    binariesOf(neededBundles(isGpu, plan.operators)).catch(() => undefined);
  };
  const modelName = typeof wanted === 'string' ? wanted : wanted.name;
  const noteInterrupted = async (source: FileSource): Promise<InterruptedLoad | undefined> => {
    const before = params.isTraining ? undefined : await cutShort(modelName);
    if (before === undefined) return undefined;
    const { dtype, at } = before;
    const smaller = await smallerVariants(source, dtype, read);
    const interrupted = { dtype, at: new Date(at), smaller };
    asked.onProgress({ stage: 'interrupted', ...interrupted });
    return interrupted;
  };
  const loadFrom = async (folderSource: FileSource) => {
    const interrupted = await noteInterrupted(folderSource);
    const { source, files } = recordFiles(folderSource);
    const [model, projector] = await Promise.all([
      surveyBaseModel({
        ...{ source, dtypes, ...read },
        ...(params.cpuWeights !== 'as-stored' && {
          int8: async ({ facts, bytes }) =>
            isInt8Wanted(params.cpuWeights, bytes) && !(await isOnGpu(facts.activationType)),
        }),
        onConvert: ({ file, loaded, total }) =>
          asked.onProgress({ stage: 'convert', file, loaded, total: total! }),
      }),
      inside === undefined ? undefined : readProjectorFile(source, inside, url!, how),
      folder !== undefined && planFolder(folderSource),
    ]);
    return { model, projector, files, name: source.name, interrupted };
  };
  if (folder === undefined) meter.plan('model', new Map());
  if (given === undefined) meter.plan('projector', new Map());
  const [loaded, alone] = await Promise.all([
    folder === undefined
      ? loadFrom(modelFilesSource(wanted as ModelFiles))
      : withUrlFolder({ url: folder, manifestSha256, ...options }, loadFrom),
    given === undefined || inside !== undefined ? undefined : readAlone(given, options, how),
  ]);
  throwIfAborted(signal);
  const { model, files, name, interrupted } = loaded;
  const { activationType, operators } = model.facts;
  const isGpu = await isOnGpu(activationType);
  const bytes = loaded.projector ?? alone;
  const binaries = await binariesOf(neededBundles(isGpu, operators));
  return {
    ...{
      name,
      files,
      dtypes,
      device,
      storage,
      findings,
      binaries,
      interrupted,
      cpuWeights: model.cpuWeights,
    },
    bringUp: params.isTraining ? undefined : await beginBringUp(modelName, model.dtype),
    canReload: params.dtype === 'auto' && params.isSecond !== true,
    projector: bytes && { name: url ?? 'the projector', bytes },
    needs: { activationType, operators, attention: model.config.attention, model: modelId(model) },
    place: isGpu ? 'same-origin' : 'opaque',
  };
}

/** One more, for a model that is loaded. In the model's folder it is held to that folder's manifest. */
export async function loadProjectorFile(
  { model, projector, manifestSha256, evict }: LoadProjectorParams,
  asked: Asked,
): Promise<ProjectorFile> {
  const { store, ...how } = await openStore(asked, ['projector']);
  const { folder, inside } = placeOf(model, projector);
  const options = { store, evict, ...how.read };
  const name = typeof projector === 'string' ? projector : 'the projector';
  const bytes =
    inside === undefined
      ? await readAlone(projector, options, how)
      : await withUrlFolder({ url: folder!, manifestSha256, ...options }, (source) =>
          readProjectorFile(source, inside, name, how),
        );
  return { name, bytes };
}

/** The model's folder, and where in it the projector lies, if it does. */
function placeOf(model: LoadParams['model'], projector: LoadParams['projector']) {
  const folder = typeof model === 'string' ? model.replace(/\/?$/, '/') : undefined;
  const isInside = folder !== undefined && typeof projector === 'string' && projector.startsWith(folder);
  return { folder, inside: isInside ? decodeURI(projector.slice(folder.length)) : undefined };
}

type How = Pick<Awaited<ReturnType<typeof openStore>>, 'read' | 'meter'>;

async function readProjectorFile(source: FileSource, path: string, url: string, { read, meter }: How) {
  const [bytes, plan] = await Promise.all([source.read(path, read), planFile(source, path, read)]);
  if (bytes === undefined) throw new E2PError('invalid-projector', `${url}: no such file`);
  meter.plan('projector', plan);
  return bytes;
}

/** A projector that lies by itself. */
async function readAlone(
  given: string | Blob,
  options: Omit<Parameters<typeof withUrlFolder>[0], 'url'>,
  how: How,
): Promise<Uint8Array> {
  if (typeof given !== 'string') {
    how.meter.plan('projector', new Map());
    return new Uint8Array(await given.arrayBuffer());
  }
  return withUrlFolder({ ...options, url: given, single: true }, (source) =>
    readProjectorFile(source, given.slice(given.lastIndexOf('/') + 1), given, how),
  );
}

export async function loadEncoderFiles(
  { encoder: url, evict }: LoadEncoderParams,
  asked: Asked,
): Promise<EncoderFiles> {
  const { store, read, meter } = await openStore(asked, ['encoder']);
  return withUrlFolder({ url, store, evict, ...read }, async (folder) => {
    const { source, files } = recordFiles(folder);
    await Promise.all([
      readEncoder(source, read),
      planEncoder(folder, read).then((plan) => meter.plan('encoder', plan)),
    ]);
    return { name: source.name, files };
  });
}

/** Where files are kept, and how what is read of them is told. */
async function openStore({ signal, onProgress }: Asked, parts: readonly string[]) {
  const store = await openWeightStore();
  const storage = { backend: store.backend, warning: store.warning };
  onProgress({ stage: 'storage', ...storage });
  const meter = createProgressMeter<BytesProgress>(parts, onProgress);
  const read = { signal, onProgress: (file: FetchProgress) => meter.add({ stage: 'file', ...file }) };
  return { store, storage, read, meter };
}

const isHalf = (dtype: Dtype): boolean => dtype === 'fp16' || dtype === 'q4f16';

/** The smallest variant that the device computes well, first; for training, float16 last: it overflows in a backward pass more easily. */
async function wantedDtypes(
  { device, isTraining, isSecond = false }: LoadParams,
  findings: Findings['known'],
): Promise<readonly Dtype[]> {
  if (isTraining) return ['q4', 'fp32', 'fp16', 'q4f16'];
  const half =
    device !== 'wasm' &&
    !isSecond &&
    (await webgpuObstacle(navigator.gpu, 'float16')) === undefined &&
    !(await isHalfWrong(findings));
  if (half) return ['q4f16', 'q4', 'fp16', 'fp32', 'q8'];
  // A CPU computes halves too, slowly: better than nothing.
  return device === 'webgpu' ? ['q4', 'fp32', 'q8'] : ['q4', 'fp32', 'q4f16', 'fp16', 'q8'];
}

/** As far as is known of the GPU that a page is given first. */
async function isHalfWrong(findings: Findings['known']): Promise<boolean> {
  const adapter = await navigator.gpu?.requestAdapter().catch(() => null);
  const identity = identityOf(adapter?.info);
  return identity !== undefined && findings[findingKey(identity, 'float16')] === 0;
}
