/**
 * Buffers of ours on the GPU, as tensors that onnxruntime reads and writes in place. Everything is put into the device's queue, so it is done in
 * the order in which it is called, with the runs of a session in between.
 */
import type { DataTypeName } from '../onnx/onnx-model.ts';
import {
  createSelection,
  createSelector,
  HIGHEST,
  type Highest,
  highestOf,
  type Selection,
} from './gpu-highest.ts';
import type { OrtModule, Tensor, TensorValues } from './runtime.ts';

const BYTES: Partial<Record<string, number>> = { float32: 4, float16: 2, int32: 4, int64: 8, bool: 1 };

/** Rows of a tensor, counted along an axis, that lie in pieces: one for each entry of the axes before it. Sizes in bytes. */
function piecesOf({ dims, type }: Tensor, axis: number) {
  const row = dims.slice(axis + 1).reduce((product, d) => product * d, BYTES[type]!);
  const count = dims.slice(0, axis).reduce((product, d) => product * d, 1);
  return { count, row, size: row * dims[axis]! };
}

/** Buffers of ours on the GPU, as tensors. */
export interface GpuMemory {
  /** Whether {@link highest} finds what it should on this device. */
  readonly selects: boolean;
  /** A tensor of zeros. Its buffer is freed with `dispose`. */
  zeros(type: DataTypeName, dims: readonly number[]): Tensor;
  /** Overwrites the first of its values. */
  write(tensor: Tensor, values: TensorValues): void;
  /** Overwrites them with zeros. */
  clear(tensors: readonly Tensor[]): void;
  /** Overwrites the rows from `from` on with zeros. Rows are multiples of 4 bytes. */
  clearRows(tensors: readonly Tensor[], axis: number, from: number): void;
  /** The first `length` rows of each tensor into its counterpart, which may have room for more or for fewer in all. */
  copyRows(pairs: readonly (readonly [from: Tensor, to: Tensor])[], axis: number, length: number): void;
  /** The first `length` rows as a tensor of their own; undefined where rows are no multiples of 4 bytes, as a queue copies. */
  firstRows(tensor: Tensor, axis: number, length: number): Tensor | undefined;
  /** The highest 64 of the first `count` floats, NaN before all. What is called later does not change what is found. */
  highest(
    tensor: Tensor,
    count: number,
  ): Promise<{ readonly ids: Uint32Array; readonly values: Float32Array }>;
  /** The first `count` values. What is called later does not change them. */
  read(tensor: Tensor, count: number): Promise<Float32Array | Uint16Array>;
  /** How often a group of buffers is bound to a computation while something runs. */
  countBindings(work: () => Promise<unknown>): Promise<number>;
}

export class WebGpuMemory implements GpuMemory {
  readonly #device: GPUDevice;
  readonly #ort: Pick<OrtModule, 'Tensor'>;
  #selector: GPUComputePipeline | undefined;
  #selects = false;
  readonly #selections = new WeakMap<GPUBuffer, Selection>();
  /** For reading back, by size; those that wait for the GPU are not among them. */
  readonly #idle = new Map<number, GPUBuffer[]>();

  private constructor(device: GPUDevice, ort: Pick<OrtModule, 'Tensor'>) {
    this.#device = device;
    this.#ort = ort;
  }

  static async open(device: GPUDevice, ort: Pick<OrtModule, 'Tensor'>): Promise<WebGpuMemory> {
    const memory = new WebGpuMemory(device, ort);
    memory.#selects = await memory.#findsHighest().catch(() => false);
    return memory;
  }

  get selects(): boolean {
    return this.#selects;
  }

  /** In two passes, with numbers of both signs in no order, each of them five times. */
  async #findsHighest(): Promise<boolean> {
    const count = 1500;
    const values = Float32Array.from({ length: count }, (_, i) => ((i * 611) % 300) - 200);
    const tensor = this.zeros('float32', [count]);
    this.write(tensor, values);
    const found = await this.highest(tensor, count);
    tensor.dispose();
    const ranked = Array.from(values.keys()).sort((a, b) => values[b]! - values[a]! || a - b);
    return (
      found.ids.every((id, i) => id === ranked[i] && found.values[i] === values[id]) &&
      found.ids.length === HIGHEST
    );
  }

  zeros(type: DataTypeName, dims: readonly number[]): Tensor {
    const bytes = dims.reduce((product, d) => product * d, BYTES[type]!);
    const buffer = this.#device.createBuffer({
      // onnxruntime binds multiples of 16.
      size: Math.max(16, Math.ceil(bytes / 16) * 16),
      usage: GPUBufferUsage.STORAGE | GPUBufferUsage.COPY_SRC | GPUBufferUsage.COPY_DST,
    });
    const dispose = () => buffer.destroy();
    return this.#ort.Tensor.fromGpuBuffer(buffer, { dataType: type as 'float32', dims, dispose });
  }

  write(tensor: Tensor, { buffer, byteOffset, byteLength }: TensorValues): void {
    const bytes = new Uint8Array(buffer as ArrayBuffer, byteOffset, byteLength);
    // A queue takes multiples of 4 bytes.
    const whole =
      byteLength % 4 === 0
        ? bytes
        : new Uint8Array([...bytes, 0, 0, 0]).subarray(0, byteLength + 4 - (byteLength % 4));
    this.#device.queue.writeBuffer(bufferOf(tensor), 0, whole);
  }

  clear(tensors: readonly Tensor[]): void {
    this.#submit((encoder) => {
      for (const tensor of tensors) encoder.clearBuffer(bufferOf(tensor));
    });
  }

  clearRows(tensors: readonly Tensor[], axis: number, from: number): void {
    this.#submit((encoder) => {
      for (const tensor of tensors) {
        const { count, row, size } = piecesOf(tensor, axis);
        for (let i = 0; i < count && from * row < size; i++) {
          encoder.clearBuffer(bufferOf(tensor), i * size + from * row, size - from * row);
        }
      }
    });
  }

  copyRows(pairs: readonly (readonly [from: Tensor, to: Tensor])[], axis: number, length: number): void {
    this.#submit((encoder) => {
      for (const [from, to] of pairs) {
        const [source, target] = [piecesOf(from, axis), piecesOf(to, axis)];
        for (let i = 0; i < source.count; i++) {
          encoder.copyBufferToBuffer(
            ...([
              bufferOf(from),
              i * source.size,
              bufferOf(to),
              i * target.size,
              length * source.row,
            ] as const),
          );
        }
      }
    });
  }

  firstRows(tensor: Tensor, axis: number, length: number): Tensor | undefined {
    if (piecesOf(tensor, axis).row % 4 !== 0) return undefined;
    const copy = this.zeros(tensor.type as DataTypeName, tensor.dims.with(axis, length));
    this.copyRows([[tensor, copy]], axis, length);
    return copy;
  }

  async highest(tensor: Tensor, count: number): Promise<Highest> {
    const buffer = bufferOf(tensor);
    const bits = tensor.type === 'float16' ? 16 : 32;
    let selection = this.#selections.get(buffer);
    if (selection === undefined) {
      this.#selector ??= createSelector(this.#device);
      selection = createSelection(this.#device, this.#selector, buffer, count, bits);
      this.#selections.set(buffer, selection);
    }
    const { encode, best } = selection;
    return highestOf(new Uint32Array(await this.#read(best, HIGHEST * 8, encode)), bits);
  }

  async read(tensor: Tensor, count: number): Promise<Float32Array | Uint16Array> {
    const width = BYTES[tensor.type]!;
    const bytes = await this.#read(bufferOf(tensor), Math.ceil((count * width) / 4) * 4);
    return tensor.type === 'float16' ? new Uint16Array(bytes, 0, count) : new Float32Array(bytes, 0, count);
  }

  async countBindings(work: () => Promise<unknown>): Promise<number> {
    const device = this.#device;
    let count = 0;
    Object.defineProperty(device, 'createBindGroup', {
      configurable: true,
      value: (descriptor: GPUBindGroupDescriptor) => {
        count++;
        return GPUDevice.prototype.createBindGroup.call(device, descriptor);
      },
    });
    try {
      await work();
    } finally {
      Reflect.deleteProperty(device, 'createBindGroup');
    }
    return count;
  }

  async #read(
    buffer: GPUBuffer,
    size: number,
    before: (encoder: GPUCommandEncoder) => void = () => {},
  ): Promise<ArrayBuffer> {
    const staging =
      this.#idle.get(size)?.pop() ??
      this.#device.createBuffer({ size, usage: GPUBufferUsage.COPY_DST | GPUBufferUsage.MAP_READ });
    this.#submit((encoder) => {
      before(encoder);
      encoder.copyBufferToBuffer(buffer, 0, staging, 0, size);
    });
    await staging.mapAsync(GPUMapMode.READ);
    const bytes = staging.getMappedRange().slice(0);
    staging.unmap();
    this.#idle.set(size, [...(this.#idle.get(size) ?? []), staging]);
    return bytes;
  }

  #submit(encode: (encoder: GPUCommandEncoder) => void): void {
    const encoder = this.#device.createCommandEncoder();
    encode(encoder);
    this.#device.queue.submit([encoder.finish()]);
  }
}

const bufferOf = (tensor: Tensor) => tensor.gpuBuffer as GPUBuffer;
