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
interface CacheTensor {
  readonly past: string;
  readonly present: string;
  readonly type: DataTypeName;
  /** Sizes that the file states; undefined for batch and length, and where it states none. */
  readonly dims: readonly (number | undefined)[];
  readonly batchAxis: number;
  /** The axis that grows by one per token; undefined for a state of fixed size. */
  readonly lengthAxis: number | undefined;
}
interface EmbeddingFacts {
  /** Gather or GatherBlockQuantized. */
  readonly operator: string;
  /** The initializer with one row per token. */
  readonly table: string;
  /** The factor behind the lookup (√H in Gemma), 1 where there is none. */
  readonly scale: number;
  /** The value [batch, sequence, H] that soft tokens replace rows of: behind lookup, cast and scale. */
  readonly value: string;
  /** Element type of that value. */
  readonly type: DataTypeName;
}
interface HeadFacts {
  readonly operator: string;
  /**
   * The final hidden state [batch, sequence, H] that enters the head; undefined where it enters as a flat
   * [batch · sequence, H], of which positions can't be picked.
   */
  readonly hidden: string | undefined;
  /** Element type of that. */
  readonly hiddenType: DataTypeName;
  readonly logits: string;
  /** Logits of a position: columns of the head's weight. May be fewer or more than the rows of the embedding table. */
  readonly columns: number;
  readonly type: DataTypeName;
}
interface IntegerInput {
  readonly name: string;
  readonly type: 'int64' | 'int32';
}
/** [batch, new], or [axes, batch, new] for a model that also sees pictures: time, height and width, which are one in a text (M-RoPE). */
interface PositionInput extends IntegerInput {
  readonly axes?: number;
}
interface RoleFacts {
  /** [batch, past + new], 1 for each real position; `shapeOnly` where its values are not read. */
  readonly attentionMask: (IntegerInput & {
    readonly shapeOnly?: true;
  }) | undefined;
  /** Positions, counted from 0. */
  readonly positionIds: PositionInput | undefined;
  /** `num_logits_to_keep`, one number; 0 keeps all. */
  readonly logitCount: (IntegerInput & {
    readonly dims: readonly number[];
  }) | undefined;
}
interface GraphFacts extends RoleFacts {
  readonly ids: IntegerInput;
  readonly embedding: EmbeddingFacts;
  readonly hiddenSize: number;
  readonly vocabularySize: number;
  readonly head: HeadFacts;
  readonly cache: readonly CacheTensor[];
  /** Structure shows that attention is causal and the cache a past; else running has to. */
  readonly isCausal: boolean;
  /** Element type of activations: `float16` needs `shader-f16` on WebGPU. */
  readonly activationType: DataTypeName;
  /** Operator names with their domain, for a check against what a backend has. */
  readonly operators: readonly string[];
  readonly weightBits: number;
}
/** Names of the added inputs. */
interface LengthInputs {
  /** int32 [batch]: real tokens of each row, past and new, minus one. */
  readonly rows: string;
  /** int32 scalar: past and new positions, padding included. */
  readonly total: string;
}
interface AddedInputs {
  /** bool [batch, sequence, 1] (each dim may be 1): true where a soft token stands. */
  readonly softMask: string;
  /** [batch, sequence, H] (each dim may be 1), in the type of the embeddings. */
  readonly softEmbeds: string;
  /** int64 [count]: positions whose logits are wanted. */
  readonly logitPositions: string;
  /** Where the graph takes lengths instead of computing them from the mask. */
  readonly lengths: LengthInputs | undefined;
  /** Whether the attention mask is still an input. */
  readonly needsMask: boolean;
}
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
/** Operator with its domain → the backends that have it. */
type MissingOperators = Readonly<Record<string, string>>;
/** Where graphs run: a GPU through WebGPU, the CPU through WebAssembly, the CPU through Node's native library. */
type Device = 'webgpu' | 'wasm' | 'node';
/** A device and, in one sentence for people, why it was chosen. */
interface DeviceChoice {
  readonly device: Device;
  readonly reason: string;
}
/** Bytes outside of the proto: the name the graph refers to them by, and the bytes themselves. */
interface ExternalData {
  readonly path: string;
  /** `file`: the path of a file on disk, which only Node can take. */
  readonly data: Uint8Array | Blob | {
    readonly file: string;
  };
}
type Feeds = Readonly<Record<string, Tensor>>;
interface RuntimeSession {
  readonly inputNames: readonly string[];
  readonly outputNames: readonly string[];
  /** @throws E2PError `runtime-failed`, or `device-lost` where the GPU went away. */
  run(feeds: Feeds): Promise<Record<string, Tensor>>;
  release(): Promise<void>;
}
interface SessionOptions$1 {
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
}
interface Runtime extends DeviceChoice {
  readonly backend: 'webgpu' | 'wasm' | 'cpu';
  /** Longest prefill in one run, in tokens: what the device computes rightly, and bounded memory. */
  readonly prefillChunk: number;
  /** Operators without a kernel here. */
  readonly lacks: MissingOperators;
  /** Of one operator. In a browser all but one are workers of onnxruntime's own. */
  readonly threads: number;
  /** Of the machine, or of the container that limits it; undefined where it can't be known, as in a browser. */
  readonly memoryBytes: number | undefined;
  /** True once the GPU device is gone; sessions and tensors of this runtime are then void. */
  readonly lost: boolean;
  tensor(type: DataTypeName, data: TensorValues, dims: readonly number[]): Tensor;
  /** Overwrites a tensor with zeros, on the GPU too, and frees it. */
  wipe(tensor: Tensor): void;
  createSession(model: Uint8Array, options?: SessionOptions$1): Promise<RuntimeSession>;
}
type TensorValues = Float32Array | BigInt64Array | Int32Array | Uint8Array | Uint16Array;
/**
 * The one error class of e2p-web. A `code` for programs, a message for people: it names the file or field,
 * says what was found and what was expected. Personal data (embeddings, prompts, generated text) never
 * appears in a message.
 */
type E2PErrorCode = 'invalid-argument' | 'invalid-onnx' | 'unsupported-graph' | 'invalid-model' | 'invalid-manifest' | 'invalid-tokenizer' | 'invalid-projector' | 'contract-mismatch' | 'invalid-embedding' | 'invalid-data' | 'invalid-checkpoint' | 'no-user' | 'user-replaced' | 'forgotten' | 'consent-required' | 'vault-locked' | 'vault-corrupt' | 'vault-too-new' | 'invalid-import' | 'context-overflow' | 'unsupported-device' | 'device-lost' | 'backend-faulty' | 'runtime-failed' | 'network' | 'integrity' | 'quota-exceeded' | 'storage-failed' | 'training-failed' | 'sealed' | 'destroyed';
export declare class E2PError extends Error {
  readonly name = "E2PError";
  readonly code: E2PErrorCode;
  /** Of a `network` error: the HTTP status that a server answered with. */
  readonly status: number | undefined;
  constructor(code: E2PErrorCode, message: string, options?: {
    readonly cause?: unknown;
    readonly status?: number | undefined;
  });
}
/** Bytes on a disk or in memory, read a piece at a time. */
interface RandomAccess {
  readonly size: number;
  /** Exactly `length` bytes from `offset` on; both are within the size. */
  read(offset: number, length: number): Promise<Uint8Array>;
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
/** Precision variants, with the file suffixes that Hub exports use. */
declare const DTYPE_SUFFIX: {
  readonly fp32: '';
  readonly fp16: '_fp16';
  readonly q4: '_q4';
  readonly q4f16: '_q4f16';
  readonly int8: '_int8';
  readonly uint8: '_uint8';
  readonly q8: '_quantized';
};
type Dtype = keyof typeof DTYPE_SUFFIX;
interface ModelConfig {
  /** `model_type`, e.g. llama. */
  readonly type: string;
  /**
   * The variant that a Hub repository asks for (`transformers.js_config.dtype`: a name, or names by file). Its other
   * entries, external data and the type of the cache, are read from the graph itself.
   */
  readonly declaredDtype: Dtype | undefined;
  /** Longest sequence, prompt and answer together, in tokens. */
  readonly contextLength: number;
  readonly attention: {
    readonly heads: number;
    readonly kvHeads: number;
    readonly headSize: number;
  } | undefined;
  readonly bosTokenId: number | undefined;
  readonly eosTokenIds: readonly number[];
  /** The model's own sampling defaults; greedy unless it asks for sampling. */
  readonly sampling: {
    readonly temperature: number;
    readonly topK: number;
    readonly topP: number;
    readonly minP: number;
    readonly repetitionPenalty: number;
  };
}
interface TokenBytes {
  /** Token id → its bytes; undefined where it adds none: special tokens, ids without a token. */
  readonly bytes: readonly (Uint8Array | undefined)[];
  /** Whether a space that begins the first token of a text is left out of the text. */
  readonly dropsFirstSpace: boolean;
}
interface ChatMessage {
  readonly role: 'system' | 'user' | 'assistant';
  readonly content: string;
}
interface TextCodec {
  /** Ids of a text as it stands; special tokens only where the text spells them. */
  encode(text: string): number[];
  /** Ids with what the tokenizer itself adds around a text (BOS). */
  encodePlain(text: string): number[];
  /** Text of ids, special tokens left out. */
  decode(ids: readonly number[]): string;
  /** The messages as one text; where it `opens`, which is the default, it ends where the assistant begins to speak. */
  renderChat(messages: readonly ChatMessage[], opens?: boolean): string;
  /** The text with `cut` inside each special token that it spells, so that the parts encode as text. */
  cutSpecialTokens(text: string, cut: string): string;
  readonly hasTemplate: boolean;
  readonly bosToken: string | undefined;
  readonly eosToken: string | undefined;
  readonly tokenId: (token: string) => number | undefined;
  /** Bytes of all tokens; undefined where the tokenizer is of no known family. */
  tokenBytes(): TokenBytes | undefined;
}
/** A file with weights, under the name that the graph has for it. */
interface WeightFile {
  readonly path: string;
  readonly file: OpenFile;
}
interface GraphFiles {
  readonly dtype: Dtype;
  /** Path of the decoder's file, for messages. */
  readonly path: string;
  /** Ids in, logits out; every larger weight refers to one of `weights`. */
  readonly model: OnnxModel;
  readonly weights: readonly WeightFile[];
}
/** A model's graph as its file has it, and where its weights lie. */
interface ModelWeights extends Pick<GraphFiles, 'model' | 'path' | 'weights'> {
  readonly hiddenSize: number;
  readonly vocabularySize: number;
}
interface WeightSample {
  /** NaN at an end of the range that quantisation has: what was clipped may have been anything beyond. */
  readonly values: Float32Array;
  /** The step of each number's quantisation; 0 where it is a float. */
  readonly steps: Float32Array;
}
interface ProductGroup {
  /** K of its products, and their outputs together. */
  readonly inputs: number;
  readonly outputs: number;
  /** Of each product, what the first input is weighted with in the last outputs. */
  readonly members: readonly WeightSample[];
}
interface ProductSamples {
  /** Of all groups that the model has. */
  readonly count: number;
  /** By their place among them. */
  readonly groups: ReadonlyMap<number, ProductGroup>;
}
interface BaseModel {
  readonly name: string;
  readonly dtype: Dtype;
  readonly config: ModelConfig;
  readonly codec: TextCodec;
  readonly facts: GraphFacts;
  readonly inputs: AddedInputs;
  /**
   * The graph that generates.
   * @param exact floats where the file asks for int8 activations (`accuracy_level` 4), as the training graph computes: slower
   * @throws E2PError `unsupported-graph` where the runtime lacks an operator, `runtime-failed`.
   */
  createSession(runtime: Runtime, exact?: boolean): Promise<RuntimeSession>;
  /** The graph as its file has it, of which a training graph is made (`train/training-model.ts`). */
  readonly table: ModelWeights;
  /** Bytes of the files with weights: what each session on a CPU may hold again. */
  readonly weightBytes: number;
  /**
   * Rows of the embedding table, read by ranges: float32 [ids.length, H], behind the model's scale.
   * @throws E2PError `invalid-argument` for an id that the table has no row for, `runtime-failed`.
   */
  tokenEmbeddings(runtime: Runtime, ids: readonly number[]): Promise<Float32Array>;
  /** The same rows [ids.length, H] as a sample; undefined where their precision can't be told. */
  sampleEmbeddings(runtime: Runtime, ids: readonly number[]): Promise<WeightSample | undefined>;
  /** Gains [H] of the norms, in order of depth. */
  sampleGains(): Promise<readonly WeightSample[]>;
  /** Of weights in the first and the last layer. */
  sampleProducts(): Promise<ProductSamples>;
  /** Root mean square of the token embeddings, behind their scale; of a sample where there are many. */
  embeddingRms(runtime: Runtime): Promise<number>;
  /** Hex SHA-256 of the embedding table's bytes: tells whether this is the table a projector was trained for. */
  tableSha256(): Promise<string>;
}
interface SentenceEncoderContract {
  /** Hub id of a `feature-extraction` model. */
  readonly id: string;
  readonly pooling: 'mean' | 'cls';
  /** Vectors are scaled to length 1. */
  readonly normalize: boolean;
  /** Its vector [dim] of `PROBE_TEXT` (`user/sentence-encoder.ts`): another encoder gives another one. */
  readonly probe: readonly number[];
}
interface SentenceEncoder {
  readonly dim: number;
  /** For a projector's contract. @param id by which others find this encoder on the Hub */
  contract(id: string): SentenceEncoderContract;
  /** Whether the word stands whole in its vocabulary; words of which it knows only pieces mean less to it. */
  knows(word: string): boolean;
  /** [texts, dim], one row behind the other. @throws the signal's reason on an abort */
  encode(texts: readonly string[], options?: {
    readonly signal?: AbortSignal | undefined;
    readonly onProgress?: (done: number, all: number) => void;
  }): Promise<Float32Array>;
  release(): Promise<void>;
}
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
interface EmbeddingSpace {
  readonly id: string;
  readonly dim: number;
  /** Vectors that a user may be a set of, at most; 1 = one vector. */
  readonly vectors: number;
  /** Hub id of the sentence encoder that makes its vectors from words; absent where they are not about words. */
  readonly encoder?: string;
}
interface TextPart {
  readonly type: 'text';
  readonly value: string;
}
interface PromptMessage {
  readonly role: ChatMessage['role'];
  /** Parts are joined with nothing between them. */
  readonly content: string | readonly TextPart[];
  /** Of the last message, by the assistant: the answer's first words, which it goes on from. */
  readonly prefix?: boolean;
}
/** A text is what the user says. */
type PromptInput = string | readonly PromptMessage[];
/** The answer is one of these texts, character by character. A list of 1,000 texts or more is prepared once and then kept. */
interface ChoicesConstraint {
  readonly choices: readonly string[];
}
/** The answer as a whole matches, as if `^(?:…)$` stood there. A text is read with the flag u. */
interface RegExpConstraint {
  readonly regexp: RegExp | string;
}
/** The answer is JSON that this schema validates. docs/generation.md says which keywords there are; others are refused. */
interface JsonSchemaConstraint {
  readonly jsonSchema: object;
}
type Constraint = ChoicesConstraint | RegExpConstraint | JsonSchemaConstraint;
interface SamplingOptions {
  /** 0 = greedy: the most probable token, and top-k, top-p, min-p are without effect. */
  readonly temperature: number;
  /** Keep the k most probable tokens; 0 = all. */
  readonly topK: number;
  /** Keep the smallest set of tokens whose probability reaches p (Holtzman et al., arXiv 1904.09751); 1 = all. */
  readonly topP: number;
  /** Keep tokens at least this fraction of the most probable one (arXiv 2407.01082); 0 = all. */
  readonly minP: number;
  /** Divides positive and multiplies negative logits of tokens already there (CTRL, arXiv 1909.05858); 1 = off. */
  readonly repetitionPenalty: number;
}
interface GenerateOptions extends Partial<SamplingOptions> {
  /** Longest answer, in tokens; default 256. */
  readonly maxTokens?: number;
  /** Texts, or one, that end the answer; they are not part of it. */
  readonly stop?: string | readonly string[];
  /** What the answer has to be; where `maxTokens` cuts it, it is the beginning of that. Not together with `stop`. */
  readonly constraint?: Constraint;
  /** Makes sampling repeatable; without it every answer is another. */
  readonly seed?: number;
  readonly signal?: AbortSignal;
  /** Each piece of text as soon as it can be shown. */
  readonly onText?: (text: string) => void;
}
interface GenerationResult {
  readonly text: string;
  /** The generated ids, without the one that ended the answer. */
  readonly tokenIds: readonly number[];
  /**
   * `end`: the model ended, or the constraint has nothing more to come; `stop`: a stop string; `length`: maxTokens or the context was
   * used up.
   */
  readonly finishReason: 'end' | 'stop' | 'length';
  /** Tokens of the prompt, soft tokens included. */
  readonly promptTokens: number;
  readonly softTokens: number;
  /** Prompt tokens that a cache already held and that were not read again. */
  readonly cachedTokens: number;
  /** From the call to the first token, in ms. */
  readonly timeToFirstTokenMs: number;
  /** Tokens after the first, over the time they took; 0 if there was only one. */
  readonly tokensPerSecond: number;
}
interface RankOptions {
  readonly signal?: AbortSignal;
}
interface RankedCandidate {
  readonly text: string;
  /** Natural log of the probability of its tokens, one after the other, as the model has it: temperature 1, no filter, no penalty. */
  readonly logLikelihood: number;
  /**
   * Natural log of the probability that the model ends right behind it. `logLikelihood` + this is that of an answer which is this text and
   * no longer one. −∞ for a model without a token that ends.
   */
  readonly endLogLikelihood: number;
  /** `logLikelihood` / `tokens` compares texts of different lengths. */
  readonly tokens: number;
}
/** Also where a browser's streams can't be looped over yet. */
type TextReadable = ReadableStream<string> & AsyncIterable<string>;
interface InputOptions {
  readonly signal?: AbortSignal;
}
/** Event `contextoverflow`: the oldest turns were dropped, so that what was said last fits (option `overflow`). */
interface Session extends EventTarget {
  /** Whether soft tokens of a person stand in it. */
  readonly personalised: boolean;
  /** Tokens of the conversation so far, soft tokens included. */
  readonly contextUsage: number;
  /** Tokens that the model can read, prompt and answer together. */
  readonly contextWindow: number;
  oncontextoverflow: ((event: Event) => void) | null;
  /** The answer as one text; behind a `prefix`, what follows it. */
  prompt(input: PromptInput, options?: GenerateOptions): Promise<string>;
  /** The answer in pieces as they come. Cancelling, or leaving a loop early, aborts the generation. */
  promptStreaming(input: PromptInput, options?: GenerateOptions): TextReadable;
  /** The answer with token ids and timings. */
  generate(input: PromptInput, options?: GenerateOptions): Promise<GenerationResult>;
  /**
   * How probable each candidate is as the answer to `input`, behind the conversation so far and for this person; in the order of the
   * candidates. The session goes on as if it had not been asked.
   * @throws E2PError `invalid-argument` for an empty candidate or one that the tokenizer changes, `context-overflow`
   */
  rank(input: PromptInput, candidates: readonly string[], options?: RankOptions): Promise<readonly RankedCandidate[]>;
  /** Reads messages ahead, which belong to the conversation from then on, and answers nothing. */
  append(input: PromptInput, options?: InputOptions): Promise<void>;
  /** Tokens that the conversation would grow by, were this said next. */
  measureContextUsage(input: PromptInput, options?: InputOptions): Promise<number>;
  /** Another session that has heard the same so far; both go on independently. */
  clone(options?: InputOptions): Promise<Session>;
  /** Frees the KV cache and forgets the conversation. Later calls fail with `destroyed`. */
  destroy(): Promise<void>;
  [Symbol.asyncDispose](): Promise<void>;
}
/** What a session does where the conversation is longer than the model can read: fail, or drop its oldest turns. */
type Overflow = 'fail' | 'drop-oldest';
interface SessionOptions {
  /** What was said before the first prompt, e.g. a system message. */
  readonly initialPrompts?: readonly PromptMessage[];
  /** λ: 0 = the population's mean user, 1 = the user as trained, beyond 1 = exaggerated. Default 1. */
  readonly strength?: number;
  /** false: the bare model, no soft token. Default: personalised where a user is set. */
  readonly personalise?: boolean;
  /**
   * Where the conversation is longer than the model can read: `fail` with `context-overflow` (default), or `drop-oldest` turns, with the
   * event `contextoverflow`; `initialPrompts`, BOS and soft tokens stay.
   */
  readonly overflow?: Overflow;
}
/** The user of a personalizer. The embedding goes in and never comes out. */
interface UserHandle {
  /**
   * Sets the user for sessions created from now on; sessions of the user before end.
   * @throws E2PError `invalid-embedding`
   */
  set(embedding: EmbeddingInput): Promise<void>;
  /** Forgets the user and ends the sessions that carry its soft token. */
  clear(): Promise<void>;
}
/** Where a sentence encoder is at hand, words will do. */
interface DescribableUserHandle extends UserHandle {
  /**
   * Sets the user from what a person says about themselves: lines, or a text of several sentences, each of which becomes a vector.
   * The text itself is dropped: it enters no prompt and is kept nowhere.
   * @throws E2PError `invalid-argument` for no words or more lines than the projector reads; `contract-mismatch` where the
   *   encoder is not the projector's; the signal's reason on an abort
   */
  describe(text: string | readonly string[], options?: {
    readonly signal?: AbortSignal;
  }): Promise<void>;
}
interface ModelInfo {
  readonly name: string;
  readonly dtype: string;
  /** Tokens, prompt and answer together. */
  readonly contextLength: number;
  readonly hiddenSize: number;
  /** Why its texts are not to be trusted, where a check at load found so. */
  readonly warning?: string;
}
interface Personalizer$1 {
  /** Where the model runs, and why there. */
  readonly device: DeviceChoice;
  readonly model: ModelInfo;
  /** The embedding space that the projector reads; undefined without a projector. */
  readonly space: EmbeddingSpace | undefined;
  readonly user: UserHandle;
  createSession(options?: SessionOptions): Promise<Session>;
  /** Frees model, sessions and user. */
  destroy(): Promise<void>;
  [Symbol.asyncDispose](): Promise<void>;
}
interface HubOptions {
  /** Default `https://huggingface.co`. */
  readonly host?: string;
  /** Path of a repository's files, with `{model}` and `{revision}`. Default `/{model}/resolve/{revision}/`. */
  readonly template?: string;
  /** Branch, tag or commit. Default `main`. */
  readonly revision?: string;
}
/** A model folder that the app has in its hands: of its own bundle, or chosen by the person. */
interface ModelFiles {
  /** For messages. */
  readonly name: string;
  /** By path inside the folder: `config.json`, `tokenizer.json`, `onnx/model_q4.onnx` … */
  readonly files: Readonly<Record<string, Blob>>;
}
interface NodeRuntimeOptions {
  /** Threads of one operator; default 1, the fastest for small models on a shared machine. */
  readonly threads?: number;
  /** Where onnxruntime-node computes; `cuda` needs its CUDA libraries, `webgpu` a driver. Default `cpu`. */
  readonly device?: NodeDevice;
}
type NodeDevice = 'cpu' | 'cuda' | 'webgpu';
/** @throws E2PError `unsupported-device` where onnxruntime-node, an optional package, is not installed or does not load */
declare function createNodeRuntime({ threads, device }?: NodeRuntimeOptions): Runtime;
/** The parts of the objective that `factorize` and `foldIn` must agree on. */
interface AlsWeights {
  /** λ > 0; also keeps every least-squares system positive definite. */
  readonly regularisation: number;
  /** α ≥ 0: how much more a clicked item counts than an unclicked one. */
  readonly alpha: number;
}
interface FoldInOptions extends AlsWeights {
  /** Row-major [items, dim], as `factorize` returned them. */
  readonly items: Float32Array;
  readonly dim: number;
  readonly clicks: readonly number[];
  /** `gramMatrix(items, dim)`, computed here when absent. */
  readonly gram?: Float64Array;
}
/**
 * The embedding [dim] of one person for fixed item factors: x = (YᵀY + Σ α n_i y_i y_iᵀ + λI)⁻¹ Σ (1 + α n_i) y_i,
 * sums over the clicked items. Nobody clicking anything is the zero vector.
 * Throws `invalid-argument` for an item index out of range or factors of the wrong length.
 */
export declare function foldIn(options: FoldInOptions): Float32Array;
interface EncoderOptions {
  /** Hub id, or a folder in the Hub's layout. */
  readonly id: string;
  readonly pooling?: 'mean' | 'cls';
  readonly normalize?: boolean;
  /** As Transformers.js has it; default q8. */
  readonly dtype?: string;
}
/** @throws E2PError `invalid-model` where Transformers.js is not installed or can't load the model. */
export declare function loadSentenceEncoder(options: EncoderOptions): Promise<SentenceEncoder>;
export interface NodePersonalizerOptions {
  /**
   * A folder, the URL of one, or a Hub id (`owner/name`) where no such folder exists: from the cache of `hf download` where it is there, else
   * fetched, into memory; or the files of a folder.
   */
  readonly model: string | ModelFiles;
  /** Which `onnx/model*.onnx`; default q4, else fp32. */
  readonly dtype?: Dtype;
  /** Host, path and revision of a Hub id; default `main` of huggingface.co. */
  readonly hub?: HubOptions;
  /** Path of a projector file, or the file. Without one, sessions are not personalised. */
  readonly projector?: string | Blob;
  /**
   * Hub id or folder of the sentence encoder for `user.describe`; default: the one that the projector's contract names. Needs the
   * package @huggingface/transformers.
   */
  readonly encoder?: string;
  /** Threads of one operator; default 1. */
  readonly threads?: number;
  readonly onProgress?: (progress: FetchProgress) => void;
  readonly signal?: AbortSignal;
}
export interface Personalizer extends Personalizer$1 {
  readonly user: DescribableUserHandle;
}
export declare const Personalizer: {
  /** @throws E2PError naming the file and what is wrong with it. */
  create(given: NodePersonalizerOptions): Promise<Personalizer>;
};
/**
 * A base model for `train` and `evaluate`; a personalizer loads its own.
 * @throws E2PError naming the file and what is wrong with it
 */
export declare const loadModel: ({ dtype, signal, onProgress, ...where }: Pick<NodePersonalizerOptions, 'model' | 'dtype' | 'hub' | 'signal' | 'onProgress'>) => Promise<BaseModel>;
export { type BaseModel, type ChatMessage, type ChoicesConstraint, type Constraint, type DescribableUserHandle, type E2PErrorCode, type EmbeddingInput, type EncoderOptions, type FoldInOptions, type GenerateOptions, type GenerationResult, type HubOptions, type InputOptions, type JsonSchemaConstraint, type ModelFiles, type ModelInfo, type NodeDevice, type NodeRuntimeOptions, type PromptInput, type PromptMessage, type RankOptions, type RankedCandidate, type RegExpConstraint, type Runtime, type SentenceEncoder, type Session, type SessionOptions, type TextPart, type UserEmbedding, type UserHandle, createNodeRuntime as createRuntime };