/**
 * onnxruntime behind one small interface, the same for WebGPU, WASM and Node. A runtime makes tensors and
 * sessions; a session runs one graph. Runs in one module of onnxruntime never overlap (its WASM core cannot), and a failed
 * run leaves the next one unharmed.
 */
import type { InferenceSession, Tensor } from 'onnxruntime-common';
import { E2PError } from '../error.ts';
import type { DataTypeName } from '../onnx/onnx-model.ts';
import type { GpuMemory } from './gpu-memory.ts';
import type { MissingOperators } from './operators.ts';
import { asOutOfMemory, bytesOf, outOfMemory } from './out-of-memory.ts';
import { ReadAheadBlob } from './read-ahead-blob.ts';

export type { Tensor };

/** Where graphs run: a GPU through WebGPU, the CPU through WebAssembly, the CPU through Node's native library. */
export type Device = 'webgpu' | 'wasm' | 'node';

/** A device and, in one sentence for people, why it was chosen. */
export interface DeviceChoice {
  /** Where the model computes. */
  readonly device: Device;
  /** Why there, for people. */
  readonly reason: string;
}

/** The part of onnxruntime's module that is used, the same in onnxruntime-web and onnxruntime-node. */
export interface OrtModule {
  readonly Tensor: typeof Tensor;
  readonly InferenceSession: typeof InferenceSession;
}

/** Bytes outside of the proto: the name the graph refers to them by, and the bytes themselves. */
export interface ExternalData {
  readonly path: string;
  /** `file`: the path of a file on disk, which only Node can take. */
  readonly data: Uint8Array | Blob | { readonly file: string };
  /** How many. */
  readonly bytes?: number;
}

/** A model as onnxruntime is handed it. */
export interface StagedModel {
  /** The bytes, or the path of a file. */
  readonly model: Uint8Array | string;
  readonly externalData: readonly ExternalData[];
  /** Called when the session is made, or could not be. */
  readonly done: () => Promise<void>;
}

export type Feeds = Readonly<Record<string, Tensor>>;

/** A run that writes outputs into tensors of {@link GpuMemory}. */
export interface InPlaceRun {
  /** By the names of the outputs; the others are new tensors, as always. */
  readonly fetches: Feeds;
  /** Where runs are captured: the number of the one that this run records, or repeats on the same tensors. Default: neither. */
  readonly graph?: number | undefined;
  /** Called right before the run. */
  readonly before?: () => void;
  /** Called right behind it; no other run comes between. What it gives is waited for. */
  readonly after?: () => Promise<unknown> | undefined;
}

export interface RuntimeSession {
  readonly inputNames: readonly string[];
  readonly outputNames: readonly string[];
  /** @throws E2PError `out-of-memory`, `runtime-failed`, or `device-lost` where the GPU went away. */
  run(feeds: Feeds, inPlace?: InPlaceRun): Promise<Record<string, Tensor>>;
  release(): Promise<void>;
}

export interface SessionOptions {
  readonly externalData?: readonly ExternalData[];
  /** Outputs that stay where they are computed (KV cache on the GPU) instead of being read back. */
  readonly keepOnDevice?: readonly string[];
  /**
   * For a graph that is one of many of the same model and runs a few times, as in training: no memory is planned from the first run (it would be
   * allocated beside what that run took), weights are not packed once more, and nodes that dequantize them are not doubled. Default false.
   */
  readonly lean?: boolean;
  /**
   * On a CPU, nodes run as they are written: ready in a third of the time, in half the memory. Default false: onnxruntime optimises them. Not for
   * float16, of which version 1.30 then can't open every graph (it mixes up the types of casts that it puts in itself).
   */
  readonly asWritten?: boolean;
  /** On a CPU, weights that nodes dequantise are dequantised when the session is made, not at every run. Default false. */
  readonly widensOnce?: boolean;
  /**
   * On WebGPU, runs can be recorded and repeated (`InPlaceRun.graph`). Lengths are then read on the GPU, also of runs that are not recorded.
   * Default false.
   */
  readonly captures?: boolean;
}

export interface Runtime extends DeviceChoice {
  readonly backend: 'webgpu' | 'wasm' | 'cpu';
  /** Whether no GPU computes any of it. @internal */
  readonly isCpuOnly: boolean;
  /** Longest prefill in one run, in tokens: what the device computes rightly, and bounded memory. */
  readonly prefillChunk: number;
  /** Operators without a kernel here. */
  readonly lacks: MissingOperators;
  /** Of one operator. In a browser all but one are workers of onnxruntime's own. */
  readonly threads: number;
  /** Of the machine, or of the container that limits it; undefined where it can't be known, as in a browser. */
  readonly memoryBytes: number | undefined;
  /** Which GPU and browser, for what is found out about them; undefined for a CPU, or where nobody tells. */
  readonly identity: string | undefined;
  /** The finding that a token's time on so many threads is wanted as; undefined where it is known, or there is no choice. @internal */
  readonly timeKey: string | undefined;
  /** True once the GPU device is gone; sessions and tensors of this runtime are then void. */
  readonly lost: boolean;
  /** Buffers of ours; undefined where there is no GPU, or no way to its buffers, as in Node. @internal */
  readonly gpu: GpuMemory | undefined;
  /** A tensor of these values on the CPU; row-major. */
  tensor(type: DataTypeName, data: TensorValues, dims: readonly number[]): Tensor;
  /** Overwrites a tensor with zeros, on the GPU too, and frees it. */
  wipe(tensor: Tensor): void;
  /** A copy of the first `length` entries of an axis, where the tensor is; undefined where there is no copying. */
  firstOf(tensor: Tensor, axis: number, length: number): Tensor | undefined;
  /** Of a whole ONNX file. @throws E2PError `out-of-memory`, `runtime-failed` */
  createSession(model: Uint8Array, options?: SessionOptions): Promise<RuntimeSession>;
}

export type TensorValues = Float32Array | BigInt64Array | Int32Array | Uint8Array | Uint16Array;

export interface RuntimeOptions extends DeviceChoice {
  readonly ort: OrtModule;
  readonly executionProviders: readonly (string | InferenceSession.ExecutionProviderConfig)[];
  readonly backend: 'webgpu' | 'wasm' | 'cpu';
  readonly prefillChunk: number;
  readonly lacks?: MissingOperators;
  readonly threads?: number;
  readonly memoryBytes?: number;
  readonly identity?: string | undefined;
  readonly timeKey?: string | undefined;
  /** Of memory that can be had now. */
  readonly availableBytes?: () => number;
  readonly sessionOptions?: InferenceSession.SessionOptions;
  readonly isLost?: () => boolean;
  /** Resolves when the GPU device is gone. */
  readonly lost?: Promise<unknown>;
  readonly gpu?: GpuMemory;
  /** Makes external data on disk available to onnxruntime. */
  readonly stage?: (model: Uint8Array, externalData: readonly ExternalData[]) => Promise<StagedModel>;
}

/**
 * Weights are not packed once more. And a weight that forward and backward pass dequantize together stays one: onnxruntime would
 * double each such node, at any level of optimisation, for int8 kernels that training has none of.
 */
const LEAN = { disable_prepacking: '1', disable_quant_qdq: '1' };

/** The last run in each module of onnxruntime: runtimes that share one take turns too. */
const tails = new WeakMap<OrtModule, Promise<unknown>>();

/** How long a failed run waits to hear whether the device was lost, and one that a loss has not ended is waited for, in ms. */
const LOSS_PATIENCE_MS = 1_000;

const patience = () => new Promise((resolve) => setTimeout(resolve, LOSS_PATIENCE_MS));

/**
 * For a session whose runs can be captured. The option is read twice: by the provider, which has to see it, and by the layer of JavaScript, which
 * would then bind the tensors of the first run for ever. A provider that is named by a text never sees it.
 */
function capturing(settings: InferenceSession.SessionOptions): InferenceSession.SessionOptions {
  let reads = 0;
  return Object.defineProperty(
    { ...settings, executionProviders: [{ name: 'webgpu' }] },
    'enableGraphCapture',
    { enumerable: true, get: () => (reads++ === 0 ? true : undefined) },
  );
}

const readAhead = ({ path, data }: ExternalData) => ({
  path,
  data: data instanceof Blob ? new ReadAheadBlob(data) : data,
});

/** A runtime over an onnxruntime module. Device-specific parts are parameters. */
export function createRuntime(options: RuntimeOptions): Runtime {
  const { ort } = options;
  const isLost = options.isLost ?? (() => false);
  /** One at a time, in order; a failure is the caller's alone. */
  const exclusive = <T>(work: () => Promise<T>): Promise<T> => {
    const result = (tails.get(ort) ?? Promise.resolve()).then(work);
    tails.set(
      ort,
      result.catch(() => undefined),
    );
    return result;
  };
  /** Rejects what runs now. */
  let abandon = (_: Error) => {};
  void options.lost?.then(patience).then(() => abandon(new Error('it did not end when the GPU was lost')));
  /** What onnxruntime does; a loss of the GPU may leave it waiting for ever. */
  const unlessLost = <T>(work: Promise<T>): Promise<T> =>
    options.lost === undefined
      ? work
      : Promise.race([
          work,
          new Promise<never>((_, reject) => {
            abandon = reject;
          }),
        ]);
  const failure = async (what: string, cause: unknown, needed?: number): Promise<E2PError> => {
    if (cause instanceof E2PError) return cause;
    // It may fail a moment before the loss is told.
    if (options.lost !== undefined) await Promise.race([options.lost, patience()]);
    if (isLost()) return new E2PError('device-lost', 'the GPU device was lost', { cause });
    // A lookup that fails names the token that was looked up.
    const told = cause instanceof Error ? cause.message : String(cause);
    const message = told.replace(/\bidx=-?\d+/g, 'idx=…');
    const memory = { needed, available: options.availableBytes?.() };
    const wanting = asOutOfMemory(`${what} on ${options.device}`, message, memory);
    if (wanting !== undefined) return wanting;
    return new E2PError('runtime-failed', `${what} failed on ${options.device}: ${message}`, {
      cause: new Error(message),
    });
  };

  return {
    device: options.device,
    isCpuOnly: options.executionProviders.every((name) => name === 'cpu' || name === 'wasm'),
    reason: options.reason,
    backend: options.backend,
    prefillChunk: options.prefillChunk,
    lacks: options.lacks ?? {},
    threads: options.threads ?? 1,
    memoryBytes: options.memoryBytes,
    identity: options.identity,
    timeKey: options.timeKey,
    gpu: options.gpu,
    get lost() {
      return isLost();
    },
    // onnxruntime's tensor types have the same names as ours where this project uses them.
    tensor: (type, data, dims) => new ort.Tensor(type as 'float32', data as Float32Array, dims),
    wipe: (tensor) => {
      if (tensor.location === 'cpu') {
        const { buffer, byteOffset, byteLength } = tensor.data as Float32Array;
        new Uint8Array(buffer, byteOffset, byteLength).fill(0);
      } else if (tensor.location === 'gpu-buffer' && !isLost()) {
        options.gpu?.clear([tensor]);
      }
      tensor.dispose();
    },
    firstOf: (tensor, axis, length) => {
      if (tensor.location === 'gpu-buffer') return options.gpu?.firstRows(tensor, axis, length);
      if (tensor.location !== 'cpu') return undefined;
      const inner = tensor.dims.slice(axis + 1).reduce((product, d) => product * d, 1);
      const count = tensor.dims.slice(0, axis).reduce((product, d) => product * d, 1);
      const [stride, size] = [tensor.dims[axis]! * inner, length * inner];
      const from = tensor.data as Float32Array;
      const copy = new (from.constructor as Float32ArrayConstructor)(count * size);
      for (let i = 0; i < count; i++) copy.set(from.subarray(i * stride, i * stride + size), i * size);
      return new ort.Tensor(tensor.type as 'float32', copy, tensor.dims.with(axis, length));
    },
    createSession: (model, { externalData = [], keepOnDevice = [], ...how } = {}) =>
      exclusive(async () => {
        const preferredOutputLocation =
          options.backend === 'webgpu' && keepOnDevice.length > 0
            ? {
                preferredOutputLocation: Object.fromEntries(
                  keepOnDevice.map((n) => [n, 'gpu-buffer' as const]),
                ),
              }
            : {};
        let staged: StagedModel | undefined;
        const needed = bytesOf(model, externalData);
        try {
          const available = options.availableBytes?.();
          // There all weights are held at once; in Node they are mapped.
          if (options.backend === 'wasm' && available !== undefined && needed > available) {
            throw outOfMemory('a session on wasm', { needed, available });
          }
          if (options.stage === undefined && externalData.some(({ data }) => 'file' in data)) {
            throw new Error('weights lie in files on disk, which only Node can take');
          }
          staged = await options.stage?.(model, externalData);
          const settings: InferenceSession.SessionOptions = {
            executionProviders: options.executionProviders as InferenceSession.ExecutionProviderConfig[],
            externalData: (staged?.externalData ?? externalData.map(readAhead)) as {
              path: string;
              data: Uint8Array;
            }[],
            // Errors are thrown; as lines of a console they would say the same once more.
            logSeverityLevel: 4,
            ...(how.lean && { enableMemPattern: false, extra: { session: LEAN } }),
            ...(how.widensOnce &&
              options.backend !== 'webgpu' && { extra: { session: { disable_quant_qdq: '1' } } }),
            ...(how.asWritten &&
              options.backend !== 'webgpu' && { graphOptimizationLevel: 'disabled' as const }),
            ...preferredOutputLocation,
            ...options.sessionOptions,
          };
          const captures = how.captures === true && options.gpu !== undefined;
          const session = await unlessLost(
            ort.InferenceSession.create(
              (staged?.model ?? model) as Uint8Array,
              captures ? capturing(settings) : settings,
            ),
          );
          return {
            inputNames: session.inputNames,
            outputNames: session.outputNames,
            run: (feeds: Feeds, { fetches, graph = -1, before, after }: Partial<InPlaceRun> = {}) =>
              exclusive(async () => {
                if (isLost()) throw await failure('a run', undefined);
                const how = {
                  logSeverityLevel: 4,
                  ...(captures && { extra: { gpu_graph_id: String(graph) } }),
                } as const;
                // Outputs that are not named are left out.
                const wanted =
                  fetches && Object.fromEntries(session.outputNames.map((o) => [o, fetches[o] ?? null]));
                try {
                  before?.();
                  const outputs = await unlessLost(
                    wanted === undefined ? session.run(feeds, how) : session.run(feeds, wanted, how),
                  );
                  if (after !== undefined) await unlessLost(Promise.resolve(after()));
                  return outputs as Record<string, Tensor>;
                } catch (cause) {
                  throw await failure('a run', cause);
                }
              }),
            release: () => exclusive(() => session.release()),
          };
        } catch (cause) {
          throw await failure('creating a session', cause, needed);
        } finally {
          await staged?.done();
        }
      }),
  };
}
