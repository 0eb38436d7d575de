/**
 * The one error class of e2p-web. A `code` for programs, a message for people: it names the file or field,
 * says what was found and what was expected. Personal data (embeddings, prompts, generated text) never
 * appears in a message.
 */
type E2PErrorCode = 'invalid-argument' | 'invalid-onnx' | 'unsupported-graph' | 'invalid-model' | 'invalid-manifest' | 'invalid-tokenizer' | 'invalid-projector' | 'contract-mismatch' | 'invalid-embedding' | 'invalid-data' | 'invalid-checkpoint' | 'no-user' | 'user-replaced' | 'forgotten' | 'consent-required' | 'budget-spent' | 'vault-locked' | 'vault-corrupt' | 'vault-too-new' | 'invalid-import' | 'context-overflow' | 'busy' | 'unsupported-device' | 'device-lost' | 'backend-faulty' | 'out-of-memory' | 'runtime-failed' | 'network' | 'integrity' | 'quota-exceeded' | 'storage-failed' | 'training-failed' | 'sealed' | 'destroyed';
/** Bytes that were wanting, each undefined where nobody tells. */
interface MemoryBytes {
  /** At least. */
  readonly needed: number | undefined;
  /** On the device, when it failed. */
  readonly available: number | undefined;
}
declare class E2PError extends Error {
  readonly name = "E2PError";
  /** What happened, for programs. */
  readonly code: E2PErrorCode;
  /** Of a `network` error: the HTTP status that a server answered with. */
  readonly status: number | undefined;
  /** Of an `out-of-memory` error. */
  readonly memory: MemoryBytes | undefined;
  /** For tests and adapters; the library makes them itself. */
  constructor(code: E2PErrorCode, message: string, options?: {
    readonly cause?: unknown;
    readonly status?: number | undefined;
    /** Of an `out-of-memory` error. */
    readonly memory?: MemoryBytes | undefined;
  });
}
/**
 * An ONNX model as plain, immutable data (onnx/onnx.proto, IR version 3 to 13). Think of it as the parsed
 * file with one difference: weights are *views* into the bytes that were read, never copies. Every rewrite
 * takes a model and returns a new one that shares what did not change. Fields this project never looks at
 * travel along in `unknown`, byte for byte.
 */
/** An int64 of the file: a number where it is exact, else a bigint (e.g. INT64_MAX as a slice end). */
type Int64 = number | bigint;
interface Message {
  /** Fields without a name here, each as its original tag and payload bytes. */
  readonly unknown?: readonly Uint8Array[];
}
interface StringEntry extends Message {
  readonly key: string;
  readonly value: string;
}
interface OnnxTensor extends Message {
  readonly name: string;
  readonly dims: readonly number[];
  /** A {@link DataType} number. */
  readonly dataType: number;
  /** Little-endian elements; int4/uint4 packed two to a byte, low nibble first. */
  readonly rawData?: Uint8Array;
  /** `float_data` as little-endian float32 bytes, a view where the file packs it. */
  readonly floatData?: Uint8Array;
  readonly doubleData?: Uint8Array;
  /** `int32_data`, `int64_data` as packed varints, a view where the file packs them. */
  readonly int32Data?: Uint8Array;
  readonly int64Data?: Uint8Array;
  readonly stringData: readonly Uint8Array[];
  /** location, offset, length (decimal strings) of bytes outside of the proto. */
  readonly externalData: readonly StringEntry[];
  /** 1 = the data is external. */
  readonly dataLocation?: number;
  readonly docString?: string;
}
interface OnnxAttribute extends Message {
  readonly name: string;
  /** AttributeProto.AttributeType: 1 float, 2 int, 3 string, 4 tensor, 5 graph, 6 floats, 7 ints, 8 strings. */
  readonly type?: number;
  readonly f?: number;
  readonly i?: Int64;
  readonly s?: Uint8Array;
  readonly t?: OnnxTensor;
  readonly g?: OnnxGraph;
  readonly floats?: Uint8Array;
  readonly ints: readonly Int64[];
  readonly strings: readonly Uint8Array[];
  readonly graphs: readonly OnnxGraph[];
}
interface OnnxNode extends Message {
  readonly opType: string;
  readonly domain: string;
  readonly name: string;
  /** Value names; '' stands for an optional input that is not given. */
  readonly inputs: readonly string[];
  readonly outputs: readonly string[];
  readonly attributes: readonly OnnxAttribute[];
}
/** A symbolic name, a fixed number, or (neither) unknown. */
interface OnnxDimension extends Message {
  readonly value?: Int64;
  readonly param: string;
}
interface OnnxType extends Message {
  readonly tensor?: Message & {
    readonly elemType: number;
    readonly shape?: Message & {
      readonly dims: readonly OnnxDimension[];
    };
  };
}
interface OnnxValueInfo extends Message {
  readonly name: string;
  readonly type?: OnnxType;
}
interface OnnxGraph extends Message {
  readonly name: string;
  readonly nodes: readonly OnnxNode[];
  readonly initializers: readonly OnnxTensor[];
  readonly inputs: readonly OnnxValueInfo[];
  readonly outputs: readonly OnnxValueInfo[];
  readonly valueInfo: readonly OnnxValueInfo[];
}
interface OnnxModel extends Message {
  readonly irVersion: number;
  readonly opsets: readonly (Message & {
    readonly domain: string;
    readonly version: number;
  })[];
  readonly producerName: string;
  readonly graph: OnnxGraph;
}
/** Element types (TensorProto.DataType) that occur in language models. */
declare const DataType: {
  readonly float32: 1;
  readonly uint8: 2;
  readonly int8: 3;
  readonly uint16: 4;
  readonly int16: 5;
  readonly int32: 6;
  readonly int64: 7;
  readonly string: 8;
  readonly bool: 9;
  readonly float16: 10;
  readonly float64: 11;
  readonly uint32: 12;
  readonly uint64: 13;
  readonly bfloat16: 16;
  readonly uint4: 21;
  readonly int4: 22;
};
type DataTypeName = keyof typeof DataType;
type ImageFormat = 'RGB' | 'RGBA' | 'BGR' | 'RBG';
type ImageTensorLayout = 'NHWC' | 'NCHW';
/**
 * represent the parameter for constructing a tensor from a GPU resource.
 */
interface GpuResourceConstructorParameters<T extends Tensor.Type> {
  /**
   * an optional callback function to download data from GPU to CPU.
   *
   * If not provided, the tensor treat the GPU data as external resource.
   */
  download?(): Promise<Tensor.DataTypeMap[T]>;
  /**
   * an optional callback function that will be called when the tensor is disposed.
   *
   * If not provided, the tensor treat the GPU data as external resource.
   */
  dispose?(): void;
}
interface OptionsFormat {
  /**
   * Describes the image format represented in RGBA color space.
   */
  format?: ImageFormat;
}
interface OptionsTensorFormat {
  /**
   * Describes the image format of the tensor.
   *
   * NOTE: this is different from option 'format'. While option 'format' represents the original image, 'tensorFormat'
   * represents the target format of the tensor. A transpose will be performed if they are different.
   */
  tensorFormat?: ImageFormat;
}
interface OptionsTensorDataType {
  /**
   * Describes the data type of the tensor.
   */
  dataType?: 'float32' | 'uint8';
}
interface OptionsTensorLayout {
  /**
   * Describes the tensor layout when representing data of one or more image(s).
   */
  tensorLayout?: ImageTensorLayout;
}
interface OptionsDimensions {
  /**
   * Describes the image height in pixel
   */
  height?: number;
  /**
   * Describes the image width in pixel
   */
  width?: number;
}
interface OptionResizedDimensions {
  /**
   * Describes the resized height. If omitted, original height will be used.
   */
  resizedHeight?: number;
  /**
   * Describes resized width - can be accessed via tensor dimensions as well
   */
  resizedWidth?: number;
}
interface OptionsNormalizationParameters {
  /**
   * Describes normalization parameters when preprocessing the image as model input.
   *
   * Data element are ranged from 0 to 255.
   */
  norm?: {
    /**
     * The 'bias' value for image normalization.
     * - If omitted, use default value 0.
     * - If it's a single number, apply to each channel
     * - If it's an array of 3 or 4 numbers, apply element-wise. Number of elements need to match the number of channels
     * for the corresponding image format
     */
    bias?: number | [number, number, number] | [number, number, number, number];
    /**
     * The 'mean' value for image normalization.
     * - If omitted, use default value 255.
     * - If it's a single number, apply to each channel
     * - If it's an array of 3 or 4 numbers, apply element-wise. Number of elements need to match the number of channels
     * for the corresponding image format
     */
    mean?: number | [number, number, number] | [number, number, number, number];
  };
}
interface TensorFromImageDataOptions extends OptionResizedDimensions, OptionsTensorFormat, OptionsTensorLayout, OptionsTensorDataType, OptionsNormalizationParameters {}
interface TensorFromImageElementOptions extends OptionResizedDimensions, OptionsTensorFormat, OptionsTensorLayout, OptionsTensorDataType, OptionsNormalizationParameters {}
interface TensorFromUrlOptions extends OptionsDimensions, OptionResizedDimensions, OptionsTensorFormat, OptionsTensorLayout, OptionsTensorDataType, OptionsNormalizationParameters {}
interface TensorFromImageBitmapOptions extends OptionResizedDimensions, OptionsTensorFormat, OptionsTensorLayout, OptionsTensorDataType, OptionsNormalizationParameters {}
interface TensorFromTextureOptions<T extends Tensor.TextureDataTypes> extends Required<OptionsDimensions>, OptionsFormat, GpuResourceConstructorParameters<T> {}
interface TensorFromGpuBufferOptions<T extends Tensor.GpuBufferDataTypes> extends Pick<Tensor, 'dims'>, GpuResourceConstructorParameters<T> {
  /**
   * Describes the data type of the tensor.
   */
  dataType?: T;
}
interface TensorFromMLTensorOptions<T extends Tensor.MLTensorDataTypes> extends Pick<Tensor, 'dims'>, GpuResourceConstructorParameters<T> {
  /**
   * Describes the data type of the tensor.
   */
  dataType?: T;
}
/**
 * type TensorFactory defines the factory functions of 'Tensor' to create tensor instances from existing data or
 * resources.
 */
interface TensorFactory {
  /**
   * create a tensor from an ImageData object
   *
   * @param imageData - the ImageData object to create tensor from
   * @param options - An optional object representing options for creating tensor from ImageData.
   *
   * The following default settings will be applied:
   * - `tensorFormat`: `'RGB'`
   * - `tensorLayout`: `'NCHW'`
   * - `dataType`: `'float32'`
   * @returns A promise that resolves to a tensor object
   */
  fromImage(imageData: ImageData, options?: TensorFromImageDataOptions): Promise<TypedTensor<'float32'> | TypedTensor<'uint8'>>;
  /**
   * create a tensor from a HTMLImageElement object
   *
   * @param imageElement - the HTMLImageElement object to create tensor from
   * @param options - An optional object representing options for creating tensor from HTMLImageElement.
   *
   * The following default settings will be applied:
   * - `tensorFormat`: `'RGB'`
   * - `tensorLayout`: `'NCHW'`
   * - `dataType`: `'float32'`
   * @returns A promise that resolves to a tensor object
   */
  fromImage(imageElement: HTMLImageElement, options?: TensorFromImageElementOptions): Promise<TypedTensor<'float32'> | TypedTensor<'uint8'>>;
  /**
   * create a tensor from URL
   *
   * @param urlSource - a string as a URL to the image or a data URL containing the image data.
   * @param options - An optional object representing options for creating tensor from URL.
   *
   * The following default settings will be applied:
   * - `tensorFormat`: `'RGB'`
   * - `tensorLayout`: `'NCHW'`
   * - `dataType`: `'float32'`
   * @returns A promise that resolves to a tensor object
   */
  fromImage(urlSource: string, options?: TensorFromUrlOptions): Promise<TypedTensor<'float32'> | TypedTensor<'uint8'>>;
  /**
   * create a tensor from an ImageBitmap object
   *
   * @param bitmap - the ImageBitmap object to create tensor from
   * @param options - An optional object representing options for creating tensor from URL.
   *
   * The following default settings will be applied:
   * - `tensorFormat`: `'RGB'`
   * - `tensorLayout`: `'NCHW'`
   * - `dataType`: `'float32'`
   * @returns A promise that resolves to a tensor object
   */
  fromImage(bitmap: ImageBitmap, options: TensorFromImageBitmapOptions): Promise<TypedTensor<'float32'> | TypedTensor<'uint8'>>;
  /**
   * create a tensor from a WebGL texture
   *
   * @param texture - the WebGLTexture object to create tensor from
   * @param options - An optional object representing options for creating tensor from WebGL texture.
   *
   * The options include following properties:
   * - `width`: the width of the texture. Required.
   * - `height`: the height of the texture. Required.
   * - `format`: the format of the texture. If omitted, assume 'RGBA'.
   * - `download`: an optional function to download the tensor data from GPU to CPU. If omitted, the GPU data
   * will not be able to download. Usually, this is provided by a GPU backend for the inference outputs. Users don't
   * need to provide this function.
   * - `dispose`: an optional function to dispose the tensor data on GPU. If omitted, the GPU data will not be disposed.
   * Usually, this is provided by a GPU backend for the inference outputs. Users don't need to provide this function.
   *
   * @returns a tensor object
   */
  fromTexture<T extends Tensor.TextureDataTypes = 'float32'>(texture: Tensor.TextureType, options: TensorFromTextureOptions<T>): TypedTensor<'float32'>;
  /**
   * create a tensor from a WebGPU buffer
   *
   * @param buffer - the GPUBuffer object to create tensor from
   * @param options - An optional object representing options for creating tensor from WebGPU buffer.
   *
   * The options include following properties:
   * - `dataType`: the data type of the tensor. If omitted, assume 'float32'.
   * - `dims`: the dimension of the tensor. Required.
   * - `download`: an optional function to download the tensor data from GPU to CPU. If omitted, the GPU data
   * will not be able to download. Usually, this is provided by a GPU backend for the inference outputs. Users don't
   * need to provide this function.
   * - `dispose`: an optional function to dispose the tensor data on GPU. If omitted, the GPU data will not be disposed.
   * Usually, this is provided by a GPU backend for the inference outputs. Users don't need to provide this function.
   *
   * @returns a tensor object
   */
  fromGpuBuffer<T extends Tensor.GpuBufferDataTypes>(buffer: Tensor.GpuBufferType, options: TensorFromGpuBufferOptions<T>): TypedTensor<T>;
  /**
   * create a tensor from a WebNN MLTensor
   *
   * @param tensor - the MLTensor object to create tensor from
   * @param options - An optional object representing options for creating tensor from a WebNN MLTensor.
   *
   * The options include following properties:
   * - `dataType`: the data type of the tensor. If omitted, assume 'float32'.
   * - `dims`: the dimension of the tensor. Required.
   * - `download`: an optional function to download the tensor data from the MLTensor to CPU. If omitted, the MLTensor
   * data will not be able to download. Usually, this is provided by the WebNN backend for the inference outputs.
   * Users don't need to provide this function.
   * - `dispose`: an optional function to dispose the tensor data on the WebNN MLTensor. If omitted, the MLTensor will
   * not be disposed. Usually, this is provided by the WebNN backend for the inference outputs. Users don't need to
   * provide this function.
   *
   * @returns a tensor object
   */
  fromMLTensor<T extends Tensor.MLTensorDataTypes>(tensor: Tensor.MLTensorType, options: TensorFromMLTensorOptions<T>): TypedTensor<T>;
  /**
   * create a tensor from a pre-allocated buffer. The buffer will be used as a pinned buffer.
   *
   * @param type - the tensor element type.
   * @param buffer - a TypedArray corresponding to the type.
   * @param dims - specify the dimension of the tensor. If omitted, a 1-D tensor is assumed.
   *
   * @returns a tensor object
   */
  fromPinnedBuffer<T extends Exclude<Tensor.Type, 'string'>>(type: T, buffer: Tensor.DataTypeMap[T], dims?: readonly number[]): TypedTensor<T>;
}
interface TensorToDataUrlOptions extends OptionsTensorLayout, OptionsFormat, OptionsNormalizationParameters {}
interface TensorToImageDataOptions extends OptionsTensorLayout, OptionsFormat, OptionsNormalizationParameters {}
interface ConversionUtils {
  /**
   * creates a DataURL instance from tensor
   *
   * @param options - An optional object representing options for creating a DataURL instance from the tensor.
   *
   * The following default settings will be applied:
   * - `format`: `'RGB'`
   * - `tensorLayout`: `'NCHW'`
   * @returns a DataURL string representing the image converted from tensor data
   */
  toDataURL(options?: TensorToDataUrlOptions): string;
  /**
   * creates an ImageData instance from tensor
   *
   * @param options - An optional object representing options for creating an ImageData instance from the tensor.
   *
   * The following default settings will be applied:
   * - `format`: `'RGB'`
   * - `tensorLayout`: `'NCHW'`
   * @returns an ImageData instance representing the image converted from tensor data
   */
  toImageData(options?: TensorToImageDataOptions): ImageData;
}
interface Properties {
  /**
   * Get the number of elements in the tensor.
   */
  readonly size: number;
}
interface TypedShapeUtils<T extends Tensor.Type> {
  /**
   * Create a new tensor with the same data buffer and specified dims.
   *
   * @param dims - New dimensions. Size should match the old one.
   */
  reshape(dims: readonly number[]): TypedTensor<T>;
}
/**
 * interface `TensorUtils` includes all utility members that does not use the type parameter from their signature.
 */
interface TensorUtils extends Properties, ConversionUtils {}
/**
 * interface `TypedShapeUtils` includes all utility members that uses the type parameter from their signature.
 */
interface TypedTensorUtils<T extends Tensor.Type> extends TensorUtils, TypedShapeUtils<T> {}
/**
 * A helper type to get certain types if they are declared in global scope.
 *
 * For example, if you installed "@webgpu/types" as a dev dependency, then `TryGetTypeIfDeclared<'GPUDevice'>` will
 * be type `GPUDevice`, otherwise it will be type `unknown`.
 *
 *
 * We don't want to introduce "@webgpu/types" as a dependency of this package because:
 *
 * (1) For JavaScript users, it's not needed. For TypeScript users, they can install it as dev dependency themselves.
 *
 * (2) because "@webgpu/types" requires "@types/dom-webcodecs" as peer dependency when using TypeScript < v5.1 and its
 * version need to be chosen carefully according to the TypeScript version being used. This means so far there is not a
 * way to keep every TypeScript version happy. It turns out that we will easily broke users on some TypeScript version.
 *
 * for more info see https://github.com/gpuweb/types/issues/127
 *
 * Update (2024-08-07): The reason (2) may be no longer valid. Most people should be using TypeScript >= 5.1 by now.
 * However, we are still not sure whether introducing "@webgpu/types" as direct dependency is a good idea. We find this
 * type helper is useful for TypeScript users.
 *
 * @ignore
 */
type TryGetGlobalType<Name extends string, Fallback = unknown> = typeof globalThis extends { [k in Name]: {
  prototype: infer T;
}; } ? T : Fallback;
/**
 * represent a basic tensor with specified dimensions and data type.
 */
interface TypedTensorBase<T extends Tensor.Type> {
  /**
   * Get the dimensions of the tensor.
   */
  readonly dims: readonly number[];
  /**
   * Get the data type of the tensor.
   */
  readonly type: T;
  /**
   * Get the buffer data of the tensor.
   *
   * If the data is not on CPU (eg. it's in the form of WebGL texture or WebGPU buffer), throw error.
   */
  readonly data: Tensor.DataTypeMap[T];
  /**
   * Get the location of the data.
   */
  readonly location: Tensor.DataLocation;
  /**
   * Get the WebGL texture that holds the tensor data.
   *
   * If the data is not on GPU as WebGL texture, throw error.
   */
  readonly texture: Tensor.TextureType;
  /**
   * Get the WebGPU buffer that holds the tensor data.
   *
   * If the data is not on GPU as WebGPU buffer, throw error.
   */
  readonly gpuBuffer: Tensor.GpuBufferType;
  /**
   * Get the WebNN MLTensor that holds the tensor data.
   *
   * If the data is not in a WebNN MLTensor, throw error.
   */
  readonly mlTensor: Tensor.MLTensorType;
  /**
   * Get the buffer data of the tensor.
   *
   * If the data is on CPU, returns the data immediately.
   * If the data is on GPU, downloads the data and returns the promise.
   *
   * @param releaseData - whether release the data on GPU. Ignore if data is already on CPU.
   */
  getData(releaseData?: boolean): Promise<Tensor.DataTypeMap[T]>;
  /**
   * Dispose the tensor data.
   *
   * If the data is on CPU, remove its internal reference to the underlying data.
   * If the data is on GPU, release the data on GPU.
   *
   * After calling this function, the tensor is considered no longer valid. Its location will be set to 'none'.
   */
  dispose(): void;
}
declare namespace Tensor {
  interface DataTypeMap {
    float32: Float32Array;
    uint8: Uint8Array;
    int8: Int8Array;
    uint16: Uint16Array;
    int16: Int16Array;
    int32: Int32Array;
    int64: BigInt64Array;
    string: string[];
    bool: Uint8Array;
    float16: Uint16Array;
    float64: Float64Array;
    uint32: Uint32Array;
    uint64: BigUint64Array;
    uint4: Uint8Array;
    int4: Int8Array;
  }
  interface ElementTypeMap {
    float32: number;
    uint8: number;
    int8: number;
    uint16: number;
    int16: number;
    int32: number;
    int64: bigint;
    string: string;
    bool: boolean;
    float16: number;
    float64: number;
    uint32: number;
    uint64: bigint;
    uint4: number;
    int4: number;
  }
  type DataType = DataTypeMap[Type];
  type ElementType = ElementTypeMap[Type];
  /**
   * supported data types for constructing a tensor from a pinned CPU buffer
   */
  type CpuPinnedDataTypes = Exclude<Tensor.Type, 'string'>;
  /**
   * type alias for WebGL texture
   */
  type TextureType = WebGLTexture;
  /**
   * supported data types for constructing a tensor from a WebGL texture
   */
  type TextureDataTypes = 'float32';
  type GpuBufferTypeFallback = {
    size: number;
    mapState: 'unmapped' | 'pending' | 'mapped';
  };
  /**
   * type alias for WebGPU buffer
   */
  type GpuBufferType = TryGetGlobalType<'GPUBuffer', GpuBufferTypeFallback>;
  type MLTensorTypeFallback = {
    destroy(): void;
  };
  /**
   * type alias for WebNN MLTensor
   *
   * The specification for WebNN's MLTensor is currently in flux.
   */
  type MLTensorType = TryGetGlobalType<'MLTensor', MLTensorTypeFallback>;
  /**
   * supported data types for constructing a tensor from a WebGPU buffer
   */
  type GpuBufferDataTypes = 'float32' | 'float16' | 'int32' | 'int64' | 'uint32' | 'uint8' | 'bool';
  /**
   * supported data types for constructing a tensor from a WebNN MLTensor
   */
  type MLTensorDataTypes = 'float32' | 'float16' | 'int8' | 'uint8' | 'int32' | 'uint32' | 'int64' | 'uint64' | 'bool' | 'uint4' | 'int4';
  /**
   * represent where the tensor data is stored
   */
  type DataLocation = 'none' | 'cpu' | 'cpu-pinned' | 'texture' | 'gpu-buffer' | 'ml-tensor';
  /**
   * represent the data type of a tensor
   */
  type Type = keyof DataTypeMap;
}
/**
 * Represent multi-dimensional arrays to feed to or fetch from model inferencing.
 */
interface TypedTensor<T extends Tensor.Type> extends TypedTensorBase<T>, TypedTensorUtils<T> {}
/**
 * Represent multi-dimensional arrays to feed to or fetch from model inferencing.
 */
interface Tensor extends TypedTensorBase<Tensor.Type>, TypedTensorUtils<Tensor.Type> {}
/**
 * type TensorConstructor defines the constructors of 'Tensor' to create CPU tensor instances.
 */
interface TensorConstructor extends TensorFactory {
  /**
   * Construct a new string tensor object from the given type, data and dims.
   *
   * @param type - Specify the element type.
   * @param data - Specify the CPU tensor data.
   * @param dims - Specify the dimension of the tensor. If omitted, a 1-D tensor is assumed.
   */
  new (type: 'string', data: Tensor.DataTypeMap['string'] | readonly string[], dims?: readonly number[]): TypedTensor<'string'>;
  /**
   * Construct a new bool tensor object from the given type, data and dims.
   *
   * @param type - Specify the element type.
   * @param data - Specify the CPU tensor data.
   * @param dims - Specify the dimension of the tensor. If omitted, a 1-D tensor is assumed.
   */
  new (type: 'bool', data: Tensor.DataTypeMap['bool'] | readonly boolean[], dims?: readonly number[]): TypedTensor<'bool'>;
  /**
   * Construct a new uint8 tensor object from a Uint8ClampedArray, data and dims.
   *
   * @param type - Specify the element type.
   * @param data - Specify the CPU tensor data.
   * @param dims - Specify the dimension of the tensor. If omitted, a 1-D tensor is assumed.
   */
  new (type: 'uint8', data: Uint8ClampedArray, dims?: readonly number[]): TypedTensor<'uint8'>;
  /**
   * Construct a new 64-bit integer typed tensor object from the given type, data and dims.
   *
   * @param type - Specify the element type.
   * @param data - Specify the CPU tensor data.
   * @param dims - Specify the dimension of the tensor. If omitted, a 1-D tensor is assumed.
   */
  new <T extends 'uint64' | 'int64'>(type: T, data: Tensor.DataTypeMap[T] | readonly bigint[] | readonly number[], dims?: readonly number[]): TypedTensor<T>;
  /**
   * Construct a new numeric tensor object from the given type, data and dims.
   *
   * @param type - Specify the element type.
   * @param data - Specify the CPU tensor data.
   * @param dims - Specify the dimension of the tensor. If omitted, a 1-D tensor is assumed.
   */
  new <T extends Exclude<Tensor.Type, 'string' | 'bool' | 'uint64' | 'int64'>>(type: T, data: Tensor.DataTypeMap[T] | readonly number[], dims?: readonly number[]): TypedTensor<T>;
  /**
   * Construct a new float32 tensor object from the given data and dims.
   *
   * @param data - Specify the CPU tensor data.
   * @param dims - Specify the dimension of the tensor. If omitted, a 1-D tensor is assumed.
   */
  new (data: Float32Array, dims?: readonly number[]): TypedTensor<'float32'>;
  /**
   * Construct a new int8 tensor object from the given data and dims.
   *
   * @param data - Specify the CPU tensor data.
   * @param dims - Specify the dimension of the tensor. If omitted, a 1-D tensor is assumed.
   */
  new (data: Int8Array, dims?: readonly number[]): TypedTensor<'int8'>;
  /**
   * Construct a new uint8 tensor object from the given data and dims.
   *
   * @param data - Specify the CPU tensor data.
   * @param dims - Specify the dimension of the tensor. If omitted, a 1-D tensor is assumed.
   */
  new (data: Uint8Array, dims?: readonly number[]): TypedTensor<'uint8'>;
  /**
   * Construct a new uint8 tensor object from the given data and dims.
   *
   * @param data - Specify the CPU tensor data.
   * @param dims - Specify the dimension of the tensor. If omitted, a 1-D tensor is assumed.
   */
  new (data: Uint8ClampedArray, dims?: readonly number[]): TypedTensor<'uint8'>;
  /**
   * Construct a new uint16 tensor object from the given data and dims.
   *
   * @param data - Specify the CPU tensor data.
   * @param dims - Specify the dimension of the tensor. If omitted, a 1-D tensor is assumed.
   */
  new (data: Uint16Array, dims?: readonly number[]): TypedTensor<'uint16'>;
  /**
   * Construct a new int16 tensor object from the given data and dims.
   *
   * @param data - Specify the CPU tensor data.
   * @param dims - Specify the dimension of the tensor. If omitted, a 1-D tensor is assumed.
   */
  new (data: Int16Array, dims?: readonly number[]): TypedTensor<'int16'>;
  /**
   * Construct a new int32 tensor object from the given data and dims.
   *
   * @param data - Specify the CPU tensor data.
   * @param dims - Specify the dimension of the tensor. If omitted, a 1-D tensor is assumed.
   */
  new (data: Int32Array, dims?: readonly number[]): TypedTensor<'int32'>;
  /**
   * Construct a new int64 tensor object from the given data and dims.
   *
   * @param data - Specify the CPU tensor data.
   * @param dims - Specify the dimension of the tensor. If omitted, a 1-D tensor is assumed.
   */
  new (data: BigInt64Array, dims?: readonly number[]): TypedTensor<'int64'>;
  /**
   * Construct a new string tensor object from the given data and dims.
   *
   * @param data - Specify the CPU tensor data.
   * @param dims - Specify the dimension of the tensor. If omitted, a 1-D tensor is assumed.
   */
  new (data: readonly string[], dims?: readonly number[]): TypedTensor<'string'>;
  /**
   * Construct a new bool tensor object from the given data and dims.
   *
   * @param data - Specify the CPU tensor data.
   * @param dims - Specify the dimension of the tensor. If omitted, a 1-D tensor is assumed.
   */
  new (data: readonly boolean[], dims?: readonly number[]): TypedTensor<'bool'>;
  /**
   * Construct a new float64 tensor object from the given data and dims.
   *
   * @param data - Specify the CPU tensor data.
   * @param dims - Specify the dimension of the tensor. If omitted, a 1-D tensor is assumed.
   */
  new (data: Float64Array, dims?: readonly number[]): TypedTensor<'float64'>;
  /**
   * Construct a new uint32 tensor object from the given data and dims.
   *
   * @param data - Specify the CPU tensor data.
   * @param dims - Specify the dimension of the tensor. If omitted, a 1-D tensor is assumed.
   */
  new (data: Uint32Array, dims?: readonly number[]): TypedTensor<'uint32'>;
  /**
   * Construct a new uint64 tensor object from the given data and dims.
   *
   * @param data - Specify the CPU tensor data.
   * @param dims - Specify the dimension of the tensor. If omitted, a 1-D tensor is assumed.
   */
  new (data: BigUint64Array, dims?: readonly number[]): TypedTensor<'uint64'>;
  /**
   * Construct a new tensor object from the given type, data and dims.
   *
   * @param type - Specify the element type.
   * @param data - Specify the CPU tensor data.
   * @param dims - Specify the dimension of the tensor. If omitted, a 1-D tensor is assumed.
   */
  new (type: Tensor.Type, data: Tensor.DataType | readonly number[] | readonly string[] | readonly bigint[] | readonly boolean[], dims?: readonly number[]): Tensor;
  /**
   * Construct a new tensor object from the given data and dims.
   *
   * @param data - Specify the CPU tensor data.
   * @param dims - Specify the dimension of the tensor. If omitted, a 1-D tensor is assumed.
   */
  new (data: Tensor.DataType, dims?: readonly number[]): Tensor;
}
declare const Tensor: TensorConstructor;
/** Buffers of ours on the GPU, as tensors. */
interface GpuMemory {
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
  highest(tensor: Tensor, count: number): Promise<{
    readonly ids: Uint32Array;
    readonly values: Float32Array;
  }>;
  /** The first `count` values. What is called later does not change them. */
  read(tensor: Tensor, count: number): Promise<Float32Array | Uint16Array>;
  /** How often a group of buffers is bound to a computation while something runs. */
  countBindings(work: () => Promise<unknown>): Promise<number>;
}
/** Operator with its domain → the backends that have it. */
type MissingOperators = Readonly<Record<string, string>>;
/** Where graphs run: a GPU through WebGPU, the CPU through WebAssembly, the CPU through Node's native library. */
type Device = 'webgpu' | 'wasm' | 'node';
/** A device and, in one sentence for people, why it was chosen. */
interface DeviceChoice {
  /** Where the model computes. */
  readonly device: Device;
  /** Why there, for people. */
  readonly reason: string;
}
/** Bytes outside of the proto: the name the graph refers to them by, and the bytes themselves. */
interface ExternalData {
  readonly path: string;
  /** `file`: the path of a file on disk, which only Node can take. */
  readonly data: Uint8Array | Blob | {
    readonly file: string;
  };
  /** How many. */
  readonly bytes?: number;
}
type Feeds = Readonly<Record<string, Tensor>>;
/** A run that writes outputs into tensors of {@link GpuMemory}. */
interface InPlaceRun {
  /** By the names of the outputs; the others are new tensors, as always. */
  readonly fetches: Feeds;
  /** Where runs are captured: the number of the one that this run records, or repeats on the same tensors. Default: neither. */
  readonly graph?: number | undefined;
  /** Called right before the run. */
  readonly before?: () => void;
  /** Called right behind it; no other run comes between. What it gives is waited for. */
  readonly after?: () => Promise<unknown> | undefined;
}
interface RuntimeSession {
  readonly inputNames: readonly string[];
  readonly outputNames: readonly string[];
  /** @throws E2PError `out-of-memory`, `runtime-failed`, or `device-lost` where the GPU went away. */
  run(feeds: Feeds, inPlace?: InPlaceRun): Promise<Record<string, Tensor>>;
  release(): Promise<void>;
}
interface SessionOptions {
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
interface Runtime extends DeviceChoice {
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
type TensorValues = Float32Array | BigInt64Array | Int32Array | Uint8Array | Uint16Array;
/** Bytes on a disk or in memory, read a piece at a time. */
interface RandomAccess {
  readonly size: number;
  /** Exactly `length` bytes from `offset` on; both are within the size. */
  read(offset: number, length: number): Promise<Uint8Array>;
  /** The same, faster for many reads in a row; absent where all are as fast. */
  during?<T>(work: (file: RandomAccess) => Promise<T>): Promise<T>;
}
interface FetchProgress {
  /** Path inside the model folder. */
  readonly file: string;
  /** Bytes so far, over this file. */
  readonly loaded: number;
  /** Bytes in all; undefined where the server does not say. */
  readonly total: number | undefined;
  /** True where the bytes came from this device and not over the network. */
  readonly cached: boolean;
  /** Another tab downloads it, and this one waits. */
  readonly elsewhere?: true;
}
/** A file that need not be in memory, and how a runtime is given it. */
interface OpenFile extends RandomAccess {
  readonly data: ExternalData['data'];
}
/** A person as numbers of one embedding space. */
interface UserEmbedding {
  /** Name of the embedding space, version included, e.g. `podcasts-v3`. */
  readonly space: string;
  /** [dim]; where a user is a set of vectors [n, dim], one row behind the other, their order without meaning. */
  readonly values: Float32Array;
}
/** As an app may give it. */
interface EmbeddingInput {
  readonly space: string;
  readonly values: Float32Array | readonly number[];
}
/** What a projector reads: the name of its space, the length of a vector, and how many vectors a user may have. */
interface EmbeddingSpace {
  readonly id: string;
  readonly dim: number;
  /** Vectors that a user may be a set of, at most; 1 = one vector. */
  readonly vectors: number;
  /** Hub id of the sentence encoder that makes its vectors from words; absent where they are not about words. */
  readonly encoder?: string;
  /** A set is weighed by what is asked, which needs the encoder in every session. */
  readonly byQuestion?: true;
}
export { OpenFile as a, RuntimeSession as c, E2PError as d, E2PErrorCode as f, FetchProgress as i, DataTypeName as l, EmbeddingSpace as n, DeviceChoice as o, MemoryBytes as p, UserEmbedding as r, Runtime as s, EmbeddingInput as t, OnnxModel as u };