/** For tests only: a decoder's file as it is, run by onnxruntime without this library; the reference for what is made of it. */
import { type BaseModel, withFloatActivations } from '../../model/base-model.ts';
import { findGraphs, readGraph } from '../../model/graph-files.ts';
import type { Dtype } from '../../model/model-config.ts';
import { cacheDims } from '../../onnx/cache-dims.ts';
import { fromFloat16, toFloat16 } from '../../onnx/float16.ts';
import { normsOutside } from '../../onnx/norms-outside.ts';
import { writeOnnx } from '../../onnx/onnx-file.ts';
import {
  DataType,
  dataTypeName,
  intAttribute,
  type OnnxGraph,
  type OnnxValueInfo,
  shapeOf,
} from '../../onnx/onnx-model.ts';
import type { Runtime, RuntimeSession, Tensor } from '../../runtime/runtime.ts';
import type { FileSource } from '../../storage/file-source.ts';
import { floatsOf, integersOf } from '../zoo/zoo-gradient.ts';

export interface PlainOptions {
  /** Precisions to look for. */
  readonly dtypes: readonly Dtype[];
  /** Floats where the file asks for int8 activations (`accuracy_level`). */
  readonly exact?: boolean;
  /** Positions that will be read, for files that want room for them. */
  readonly positions?: number;
}

export class PlainModel {
  readonly #session: RuntimeSession;
  readonly #runtime: Runtime;
  readonly #facts: BaseModel['facts'];
  readonly #inputs: readonly OnnxValueInfo[];
  /** Keys and values of what was read. */
  readonly #cache: Record<string, Tensor>;
  #length = 0;

  private constructor(
    runtime: Runtime,
    session: RuntimeSession,
    facts: BaseModel['facts'],
    inputs: readonly OnnxValueInfo[],
    cache: Record<string, Tensor>,
  ) {
    this.#runtime = runtime;
    this.#session = session;
    this.#facts = facts;
    this.#inputs = inputs;
    this.#cache = cache;
  }

  /** `model`: the same file as this library has it, which knows what its inputs are for. */
  static async open(
    source: FileSource,
    runtime: Runtime,
    { facts, config }: BaseModel,
    { dtypes, exact = false, positions = 0 }: PlainOptions,
  ): Promise<PlainModel> {
    for await (const { path, file } of findGraphs(source, dtypes, {})) {
      const { model, weights } = await readGraph(source, path, file, {});
      const graph = normsOutside(exact ? withFloatActivations(model) : model);
      const session = await runtime.createSession(writeOnnx(graph), {
        externalData: weights.map(({ path: location, file }) => ({ path: location, data: file.data })),
      });
      const size = { rows: 1, length: ringOf(model.graph, positions) };
      const cache = Object.fromEntries(
        facts.cache.map((c) => [c.past, empty(runtime, c.type, cacheDims(c, size, config.attention))]),
      );
      const known = new Set([...model.graph.initializers.map(({ name }) => name), ...Object.keys(cache)]);
      const inputs = model.graph.inputs.filter(({ name }) => !known.has(name));
      return new PlainModel(runtime, session, facts, inputs, cache);
    }
    throw new Error(`${source.name}: no graph`);
  }

  /** Reads on. Logits [n, columns] of what was read: of all, or of the last where the file gives no others. */
  async read(ids: readonly number[]): Promise<Float32Array> {
    const feeds: Record<string, Tensor> = { ...this.#cache };
    for (const input of this.#inputs) {
      const values = this.#meant(input, ids);
      if (values !== undefined) feeds[input.name] = typed(this.#runtime, input, values);
    }
    const outputs = await this.#session.run(feeds);
    for (const { past, present } of this.#facts.cache) this.#cache[past] = outputs[present]!;
    this.#length += ids.length;
    const { type, data } = outputs[this.#facts.head.logits]!;
    return type === 'float16' ? fromFloat16(data as Uint16Array) : (data as Float32Array);
  }

  /** What an input of the file is to be fed. */
  #meant(input: OnnxValueInfo, ids: readonly number[]) {
    const { ids: tokens, attentionMask, positionIds, logitCount } = this.#facts;
    if (input.name === tokens.name) return { dims: [1, ids.length], values: ids };
    const total = this.#length + ids.length;
    if (input.name === attentionMask?.name) {
      return { dims: [1, total], values: new Array<number>(total).fill(1) };
    }
    const places = ids.map((_, i) => this.#length + i);
    if (input.name === positionIds?.name) {
      // Time, height and width of a picture; a text has one place in all three.
      return shapeOf(input)?.length === 3
        ? { dims: [3, 1, ids.length], values: [...places, ...places, ...places] }
        : { dims: [1, ids.length], values: places };
    }
    if (input.name === logitCount?.name) return { dims: logitCount.dims, values: [0] };
    // Whether a merged decoder has a past: it does, of length 0.
    return input.type?.tensor?.elemType === DataType.bool ? { dims: [1], values: [1] } : undefined;
  }

  release(): Promise<void> {
    return this.#session.release();
  }
}

function empty(runtime: Runtime, type: string, dims: readonly number[]): Tensor {
  const zeros = new Float32Array(dims.reduce((product, d) => product * d, 1));
  return type === 'float16'
    ? runtime.tensor('float16', toFloat16(zeros), dims)
    : floatsOf(runtime, zeros, dims);
}

/** Positions that a file wants room for in its cache: a ring of the size of its windows (genai builder), or none. */
function ringOf({ nodes }: OnnxGraph, positions: number): number {
  const rings = nodes.filter((node) => intAttribute(node, 'sliding_window_cache', 0) === 1);
  return Math.max(0, ...rings.map((node) => positions + intAttribute(node, 'local_window_size', 0)));
}

function typed(
  runtime: Runtime,
  input: OnnxValueInfo,
  { dims, values }: { readonly dims: readonly number[]; readonly values: readonly number[] },
): Tensor {
  const type = dataTypeName(input.type?.tensor?.elemType ?? 0);
  if (type === 'bool') return runtime.tensor('bool', Uint8Array.from(values), dims);
  if (type === 'int32') return runtime.tensor('int32', Int32Array.from(values), dims);
  return integersOf(runtime, values, dims);
}
