/**
 * `e2p-web/train`: a projector trained through the frozen model that will be deployed. `train` runs where it is called, in Node or a
 * worker of your own, on a model and a runtime of `e2p-web/node`; `trainInWorker` is the same for a page.
 */
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
  createSession(model: Uint8Array, options?: SessionOptions): Promise<RuntimeSession>;
}
type TensorValues = Float32Array | BigInt64Array | Int32Array | Uint8Array | Uint16Array;
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
interface StoredSample {
  readonly values: string;
  /** Absent where all of them are 0. */
  readonly steps?: string;
}
/** As it stands in a contract. */
interface ModelFingerprint {
  readonly ids: readonly number[];
  /** [ids, columns]; absent where the table's precision could not be told. */
  readonly embeddings?: StoredSample;
  /** [norms, columns], in order of depth. */
  readonly gains: StoredSample;
  /** Groups of products that the model has, and a product of some of them. */
  readonly productGroups: number;
  readonly products: readonly StoredProduct[];
}
interface StoredProduct extends StoredSample {
  /** Of its group. */
  readonly place: number;
  /** K, and the outputs of the whole group. */
  readonly inputs: number;
  readonly outputs: number;
}
/** Stands in a place's text for the soft tokens. */
export declare const SOFT = "{soft}";
export declare const PLACES: readonly ['system-start', 'user-start', 'user-end'];
interface Place {
  /**
   * `system-start`: the start of the system message, which is added where there is none; `user-start`, `user-end`: the
   * start or end of each of the user's turns, so that what was read of earlier turns stays as it was.
   */
  readonly at: (typeof PLACES)[number];
  /** With `{soft}` once. */
  readonly text: string;
}
type Slot = 'after-bos' | {
  readonly placeholder: string;
} | {
  readonly places: readonly Place[];
};
interface ProjectorContract {
  readonly version: 1 | 2;
  readonly model: {
    readonly id: string;
    readonly hiddenSize: number;
    readonly vocabularySize: number;
    /** Variant that the projector was trained against. */
    readonly dtype: string;
    /** SHA-256 (hex) of the embedding table's bytes in that variant. */
    readonly tableSha256: string;
  };
  readonly space: {
    readonly id: string;
    readonly dim: number;
    /** Of the training users; inputs become (embedding − mean) / scale. Length `dim` each. */
    readonly mean: readonly number[];
    readonly scale: readonly number[];
    /** What makes a vector of this space from a text; absent where the embeddings are not about words. */
    readonly encoder?: SentenceEncoderContract;
  };
  /** K, soft tokens per vector; a vector that is a phrase's has as many as the phrase. */
  readonly tokens: number;
  /** A user is a set of up to so many vectors, each with K soft tokens; 1 = one vector. */
  readonly vectors: number;
  readonly slot: Slot;
  /**
   * Where the model multiplies its token embeddings by a factor (√H in Gemma): whether soft tokens are meant to go
   * in behind it (default) or in front of it, and so be multiplied too.
   */
  readonly scaleSide: 'postScale' | 'preScale';
  /** Each soft token is scaled to this root mean square, times the learned gain. */
  readonly outputRms: number;
  /** Tells the model in another precision from another fine-tune; older files have none. */
  readonly fingerprint?: ModelFingerprint;
  readonly training?: Readonly<Record<string, string | number>>;
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
/** What the output is anchored in. */
interface Anchors {
  /** Token ids [A]. */
  readonly ids: readonly number[];
  /** Token ids of each of B phrases; there only where there are keys and K = 1. */
  readonly phrases?: readonly (readonly number[])[];
  /** [A + B, D], stored as int8: only their directions count; absent: the embeddings themselves. */
  readonly keys?: Float32Array;
  /**
   * Embeddings behind the model's scale, [A, H] and behind them each token of the phrases: not in the file, read from the base model
   * by `withAnchorRows`.
   */
  readonly rows?: Float32Array;
}
interface ProjectorWeights {
  readonly normWeight: Float32Array;
  readonly normBias: Float32Array;
  /** [hidden, dim]; empty in a linear projector, as its bias */
  readonly fc1Weight: Float32Array;
  readonly fc1Bias: Float32Array;
  /** [K·D, hidden], or [K·D, dim] */
  readonly fc2Weight: Float32Array;
  readonly fc2Bias: Float32Array;
  /** [K] */
  readonly gain: Float32Array;
  /** [K·D, dim] where residual, else empty */
  readonly skipWeight: Float32Array;
  /** [1] where anchored, else empty */
  readonly sharpness: Float32Array;
}
interface Projector {
  readonly contract: ProjectorContract;
  /** Width of the hidden layer; 0 = none, the projector is linear. */
  readonly hidden: number;
  readonly weights: ProjectorWeights;
  /** Absent: the output is a free vector. */
  readonly anchors?: Anchors;
}
/** @throws E2PError `invalid-projector` */
export declare function readProjector(bytes: Uint8Array, fileName?: string): Projector;
export declare function writeProjector(projector: Projector): Uint8Array;
/**
 * AdamW (Loshchilov and Hutter, arXiv 1711.05101) over flat float32 arrays. Think of all parameters of a model as
 * one long vector; the state has two more of the same length. Everything is changed in place.
 */
interface AdamWState {
  /** Updates made so far. */
  step: number;
  /** Running mean of the gradient, and of its square. */
  readonly mean: Float32Array;
  readonly square: Float32Array;
}
interface AdamWOptions {
  readonly learningRate: number;
  readonly beta1?: number;
  readonly beta2?: number;
  readonly epsilon?: number;
  /** Decoupled: each update also shrinks a parameter by learningRate · weightDecay of itself. */
  readonly weightDecay?: number;
  /** Ranges [from, to) that do not decay (gains of norms, biases). */
  readonly undecayed?: readonly (readonly [from: number, to: number])[];
}
export declare function createAdamW(size: number): AdamWState;
/** One update of `parameters` against `gradient`, with bias-corrected moments. */
export declare function adamWStep(parameters: Float32Array, gradient: Float32Array, state: AdamWState, { learningRate, beta1, beta2, epsilon, weightDecay, undecayed }: AdamWOptions): void;
/**
 * Scales a gradient down to `maxNorm` (Euclidean, over all of it) where it is longer.
 * @returns the norm before clipping; not finite where the gradient is not
 */
export declare function clipGradient(gradient: Float32Array, maxNorm: number): number;
interface ProjectorShape {
  readonly dim: number;
  /** 0 = linear. */
  readonly hidden: number;
  /** K */
  readonly tokens: number;
  /** H of the base model */
  readonly hiddenSize: number;
  readonly outputRms: number;
  /** Adds Skip·n to what the layers give out; default false. */
  readonly residual?: boolean;
  /** Absent: free vectors. */
  readonly anchors?: AnchorRows | undefined;
}
/** Token embeddings whose mixture the output is, and what they are found by. */
interface AnchorRows {
  /** [A, H] */
  readonly rows: Float32Array;
  /** [A, D]; absent: the embeddings themselves. */
  readonly keys?: Float32Array | undefined;
  readonly count: number;
}
/** Parameters in the order of a forward pass, with their shapes. */
export declare function projectorParameters(shape: ProjectorShape): readonly {
  readonly name: keyof ProjectorWeights;
  readonly dims: readonly number[];
}[];
/**
 * Inputs: `x` [batch, dim], standardised embeddings; `upstream` [batch, K, H]; every parameter by its name.
 * Outputs: `soft` [batch, K, H]; `grad/<parameter>`.
 */
export declare function projectorGraph(shape: ProjectorShape, batch: number): OnnxModel;
/** Heads of keys and values, and channels of each. */
interface CacheHeads {
  readonly kvHeads: number;
  readonly headSize: number;
}
interface TrainingGraphOptions {
  readonly batch: number;
  /** Positions in a row, soft tokens and padding (on the right) included: L. */
  readonly length: number;
  /** Target tokens in a row at most: T. */
  readonly targets: number;
  /** Soft tokens in a row, K. Default 1. */
  readonly softTokens?: number;
  /** false: the forward pass only. Default true. */
  readonly gradient?: boolean;
  /** Keep little of the forward pass and compute it again on the way back: less memory, about a third more time. Default false. */
  readonly recompute?: boolean;
  /** k: learn from a teacher's k likeliest tokens too, three more inputs. Default 0. */
  readonly teacherTokens?: number;
  /** Give out the probabilities of the whole vocabulary at each target, as a teacher does. */
  readonly probabilities?: boolean;
  /** Sizes of keys and values as config.json has them, for a file that leaves them open. */
  readonly heads?: CacheHeads | undefined;
  /** For messages. */
  readonly fileName?: string;
}
interface TrainingModel {
  /** Bytes of the files with weights: what each session on a CPU may hold again. */
  readonly weightBytes: number;
  /**
   * The graph that a projector is trained on (`onnx/training-graph.ts`).
   * @throws E2PError `unsupported-graph` naming the operator that has no gradient, `runtime-failed`.
   */
  createTrainingSession(runtime: Runtime, options: TrainingGraphOptions): Promise<RuntimeSession>;
  /** Bytes that a run of that session needs at most between its nodes, told from the graph; weights are not in it. */
  trainingBytes(options: TrainingGraphOptions): number;
  /** Of these the weights in float32, which all such graphs of a runtime share. */
  unpackedBytes(runtime: Runtime, options: TrainingGraphOptions): number;
}
/** A base model, or what is asked of one. */
type Trainable<K extends keyof TrainingModel = keyof TrainingModel> = BaseModel | Pick<TrainingModel, K>;
interface ReadyGraphsOptions {
  readonly model: Trainable;
  readonly runtime: Runtime;
  /**
   * Bytes of all graphs kept, each with the memory of its runs and the weights. Where given, every run has the whole batch. Default: an
   * eighth of the machine's memory, 3 GB where the runtime does not know it; a batch whose run needs more than 2 GB then goes through in equal parts.
   */
  readonly keptBytes?: number | undefined;
}
interface ReadyGraph {
  readonly session: RuntimeSession;
  /** Rows that it takes: a divisor of the batch. */
  readonly rows: number;
}
interface ReadyGraphs {
  /** Makes room, and the graph, where it is not there. What it gives is valid until it is asked again. */
  take(graph: TrainingGraphOptions): Promise<ReadyGraph>;
  release(): Promise<void>;
}
/** A tokenised example: a prompt with places for soft tokens, then the target. */
interface TrainingRow {
  /** The whole sequence; ids at the places of soft tokens are not read. */
  readonly ids: readonly number[];
  /** Where soft token k stands, for each of the K; -1 for one that stands nowhere. */
  readonly softPositions: readonly number[];
  /** Index of the first target token; everything from there on is learned. */
  readonly targetFrom: number;
}
/** `model` is frozen; its weights are used as they are stored. */
interface RowRunnerOptions extends ReadyGraphsOptions {
  readonly hiddenSize: number;
  readonly batch: number;
  /** K */
  readonly softTokens: number;
  /** false: no backward pass. Default true. */
  readonly gradient?: boolean;
  /** Give out probabilities, to be a teacher. */
  readonly probabilities?: boolean;
  /** Less memory for more time. Default false. */
  readonly recompute?: boolean;
  /** Made before and released by whoever made them: runners that share them stay within one bound together. Default: the runner's own. */
  readonly graphs?: ReadyGraphs;
}
/** A row that says which of its user's n·K soft tokens stands at each soft position; default: the first at the first, and so on. */
interface PlacedRow extends TrainingRow {
  readonly softIndices?: readonly number[];
}
interface SoftLossResult {
  /** Mean negative log-likelihood per target token of the batch, in nats; with distillation mixed with the cross-entropy to the teacher. */
  readonly loss: number;
  /** d loss / d soft [batch, P, H] */
  readonly gradient: Float32Array;
}
/** A row, and where distilled from: the row with the user in words instead of soft tokens, its target the same. */
interface LearningRow extends TrainingRow {
  readonly teacher?: TrainingRow;
}
interface SoftLoss {
  /** `soft` [batch, P, H]: what stands at each of a row's P soft positions */
  (rows: readonly LearningRow[], soft: Float32Array): Promise<SoftLossResult>;
  /** The loss of the targets alone, by a forward pass: what held-out users are looked at with. */
  lossOf(rows: readonly LearningRow[], soft: Float32Array): Promise<number>;
  /** Frees the graphs that were kept ready, where they are its own. */
  release(): Promise<void>;
}
interface SoftLossOptions extends Omit<RowRunnerOptions, 'gradient' | 'probabilities'> {
  /** Rows that go through the model at once, a divisor of `batch`; the sum over parts is the same. Default: all. */
  readonly rowsPerPass?: number;
  /** Share of the teacher in the loss, for rows that have one, 0…1; default 0. */
  readonly distill?: number;
  /** k: likeliest tokens of the teacher that are learned; default 16. */
  readonly teacherTokens?: number;
}
export declare function createSoftLoss({ distill, teacherTokens: tokens, ...options }: SoftLossOptions): SoftLoss;
/** Everything that a step of training changes: what a checkpoint keeps. */
interface TrainingState {
  /** Updates made. */
  readonly step: number;
  /** All weights in the order of `projectorParameters`. */
  readonly parameters: Float32Array;
  /** AdamW's moments, of the same length. */
  readonly mean: Float32Array;
  readonly square: Float32Array;
  /** By the loss of held-out users. */
  readonly best: BestWeights | undefined;
  /** The step at which held-out users were last looked at. */
  readonly looked: number;
}
interface BestWeights {
  readonly step: number;
  /** Nats per target token. */
  readonly loss: number;
  readonly parameters: Float32Array;
}
interface HeldOut {
  readonly examples: readonly ProjectorExample[];
  /** Steps from one look to the next; the first is before the first step. */
  readonly every: number;
  /** Steps without a better loss after which training ends. */
  readonly patience: number;
}
interface ProjectorExample extends LearningRow, PlacedRow {
  /** Index of the user in `users`. */
  readonly user: number;
  /** The same with nobody set, to compare held-out users with. */
  readonly nobody?: TrainingRow;
  /** In the file it came from, for messages. */
  readonly line?: number;
}
interface TrainProjectorOptions {
  readonly shape: ProjectorShape;
  /** Standardised embeddings [n, dim], n vectors of each user: the mean user is all zeros. */
  readonly users: readonly Float32Array[];
  readonly examples: readonly ProjectorExample[];
  /** Made for as many soft tokens as an example has soft positions at most (`softPlaces`). */
  readonly softLoss: SoftLoss;
  readonly runtime: Runtime;
  readonly batch: number;
  /** Updates. */
  readonly steps: number;
  /** The same seed, data and device give the same projector, bit for bit on a CPU with one thread. */
  readonly seed: number;
  /** Batches whose gradients make one update; this and the next four default to those of `RECIPE`. */
  readonly accumulate?: number;
  /** At its peak. */
  readonly learningRate?: number;
  readonly weightDecay?: number;
  /** Share of examples that see the mean user instead. */
  readonly prefixDropout?: number;
  /** Standard deviation of the noise, in units of a standardised coordinate. */
  readonly noise?: number;
  /** Before and beside training through the model: texts whose words the projector learns to point at. */
  readonly alignment?: Alignment | undefined;
  /** Weights to begin with; default: fresh ones. */
  readonly init?: ProjectorWeights;
  /** Examples of users that are not trained on: they tell when to stop, and which weights were best. */
  readonly heldOut?: HeldOut | undefined;
  /** A state to go on from. */
  readonly from?: TrainingState | undefined;
  /** Told the state at the end of every `stateEvery`-th step (default: `RECIPE`), of the last, and on an abort. */
  readonly onState?: (state: TrainingState) => void | Promise<void>;
  readonly stateEvery?: number;
  readonly signal?: AbortSignal | undefined;
  readonly onProgress?: (progress: TrainingProgress) => void;
}
interface TrainingProgress {
  /** `align`: steps of the alignment, which comes first where there is one. */
  readonly stage: 'align' | 'train';
  readonly step: number;
  readonly steps: number;
  /** Nats per target token, of this step's batches; of alignment nats per text. */
  readonly loss: number;
  /** Before clipping. */
  readonly gradientNorm: number;
  /** Target tokens of this step, and all tokens with padding. */
  readonly targetTokens: number;
  readonly tokens: number;
  /** Of held-out users, where this step looked. */
  readonly heldOutLoss?: number | undefined;
  /** Of the same examples with nobody set: with the first look. */
  readonly withoutLoss?: number | undefined;
}
interface TrainedProjector {
  readonly weights: ProjectorWeights;
  /** Updates made; fewer than asked for where held-out users got no better. */
  readonly steps: number;
  /** Of held-out users, with these weights, and at which step they were so. */
  readonly best: {
    readonly step: number;
    readonly loss: number;
  } | undefined;
  /** Of held-out users' examples with nobody set. */
  readonly withoutLoss: number | undefined;
  /** Held-out users got no better for `patience` steps. */
  readonly stoppedEarly: boolean;
}
/**
 * @throws E2PError `training-failed` with the step and the likely cause, where the loss is no longer finite; the
 *   signal's reason on an abort.
 */
export declare function trainProjector(options: TrainProjectorOptions): Promise<TrainedProjector>;
interface AlignedText {
  /** [dim], standardised. */
  readonly vector: Float32Array;
  /** Indices of candidates, the tokens of its words. */
  readonly targets: readonly number[];
}
interface Alignment {
  readonly texts: readonly AlignedText[];
  /** Keys [C, D] that the words are told apart by: token embeddings, or an anchor's keys. */
  readonly candidates: Float32Array;
  /** Steps before the base model runs; default 900. */
  readonly steps?: number;
  /** Texts of a step; default 256. */
  readonly batch?: number;
  /** Default 1.5e-3. */
  readonly learningRate?: number;
  /** Weight of a replayed step in the loss of training; default 0.15, 0 = none. */
  readonly replay?: number;
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
/**
 * @param most words, the earliest of the vocabulary
 * @param named words and phrases that are to be there as well, of up to four tokens
 */
export declare function anchorWords(model: Pick<BaseModel, 'codec' | 'facts'>, encoder: SentenceEncoder, most: number, named?: readonly string[], signal?: AbortSignal): Promise<Anchors>;
/** What the result depends on, by name. */
type Fingerprint = Readonly<Record<string, string | number>>;
/** Learning rates over a training: a linear warm-up, then half a cosine down to a small rest. */
interface CosineSchedule {
  /** Updates in all. */
  readonly steps: number;
  readonly peak: number;
  /** Updates until the peak is reached. Default: 5 % of `steps`. */
  readonly warmUp?: number;
  /** The last rate as a share of the peak. Default 0.05. */
  readonly floor?: number;
}
/** The rate of update `step`, counted from 0. The first is peak / warmUp, the last peak · floor. */
export declare function learningRateAt(step: number, { steps, peak, warmUp, floor }: CosineSchedule): number;
export declare const TRAIN_DEFAULTS: {
  readonly tokens: number;
  readonly maxLength: number;
  readonly epochs: number;
  readonly batch: number;
  readonly seed: number;
  readonly distill: number;
  readonly accumulate: 1;
  readonly learningRate: 0.002;
  readonly weightDecay: 0.01;
  readonly noise: 0.1;
  readonly prefixDropout: 0.1;
  readonly heldOut: number;
  readonly looked: number;
  readonly checkpointEvery: 50;
};
/** Where nothing else is said, defaults are those of `TRAIN_DEFAULTS`. */
interface TrainOptions {
  readonly model: BaseModel;
  readonly runtime: Runtime;
  readonly users: Users;
  readonly examples: readonly Example[];
  /** Of the base model, for the contract; default: the name it was loaded by. */
  readonly modelId?: string;
  /**
   * The model's weights were quantised twice, and apps will load another copy of it: the contract recognises it by the gains of its
   * norms alone. Default false.
   */
  readonly requantised?: boolean;
  /** Id of the embedding space, as apps will name it. */
  readonly space: string;
  /** What the vectors were made with, for the contract: apps can then describe a user in words. */
  readonly encoder?: SentenceEncoderContract | undefined;
  /** K, for each vector of a user. */
  readonly tokens?: number;
  /** Vectors of a user at most, for the contract; default: what the users have. */
  readonly vectors?: number;
  readonly slot?: Slot;
  /**
   * Tokens whose embeddings the output is a mixture of, for embeddings that are about words. Default: none, the output is a
   * free vector. Words of `alignTo` that are no anchors are left out.
   */
  readonly anchors?: Anchors | undefined;
  /** Beside the layers a matrix that starts as the identity; default: where anchors have keys. */
  readonly residual?: boolean;
  /** Texts and the words in them that their vectors should point at, before and beside training through the model. */
  readonly alignTo?: readonly AlignmentText[] | undefined;
  /** Steps, batch, rate and replay of the alignment. */
  readonly alignment?: Omit<Alignment, 'texts' | 'candidates'>;
  /** Width of the projector's inner layer; default: `defaultHidden`. 0 = none: a linear projector. */
  readonly hidden?: number;
  /** The control: a constant soft token, trained with the same budget. */
  readonly constant?: boolean;
  /** Updates; default: `epochs`. */
  readonly steps?: number;
  /** Times that every example is seen. */
  readonly epochs?: number;
  readonly batch?: number;
  /** Batches whose gradients make one update. */
  readonly accumulate?: number;
  /** At its peak. */
  readonly learningRate?: number;
  readonly weightDecay?: number;
  /** Standard deviation of noise on each standardised number of an embedding. */
  readonly noise?: number;
  /** Share of examples that see the mean user. */
  readonly prefixDropout?: number;
  /** Share of users who are not trained on. */
  readonly heldOut?: number;
  /** Examples of other users to look at instead of holding out a share. */
  readonly validation?: readonly Example[] | undefined;
  /**
   * Share of the teacher in the loss, 0…1: the same frozen model reading each example's `teacher` prompt, or its persona
   * as text. Needs either in every example.
   */
  readonly distill?: number;
  /** ms since 1970: only examples whose `time` is not before it are trained on. */
  readonly since?: number | undefined;
  /**
   * With `init`: users and prompts whose texts before and after are compared. Default: those of 20 users from before `since`.
   */
  readonly canaries?: readonly Example[] | undefined;
  /** Steps without a better loss of theirs after which training ends; default a quarter of all. There are 20 looks. */
  readonly patience?: number;
  /** Examples of held-out users that a look reads. */
  readonly looked?: number;
  /** Tokens; longer rows are left out. */
  readonly maxLength?: number;
  /**
   * Bytes that a step may need beside the model's weights, estimated from the graph: fewer rows go through the model at once, then
   * activations are computed again, until it fits. The result stays the same but for rounding. Default: no bound.
   */
  readonly memory?: number | undefined;
  /** Compute activations again instead of keeping them: several times less memory, more time. Default: only where `memory` asks for it. */
  readonly recompute?: boolean;
  readonly seed?: number;
  /** Weights, standardisation, K and slot are taken over from it. */
  readonly init?: Projector | undefined;
  /** Bytes of a checkpoint to go on from. */
  readonly checkpoint?: {
    readonly bytes: Uint8Array;
    readonly name: string;
  } | undefined;
  readonly onCheckpoint?: (bytes: Uint8Array, step: number) => void | Promise<void>;
  /** Steps. */
  readonly checkpointEvery?: number;
  readonly signal?: AbortSignal;
  readonly onProgress?: (progress: TrainingProgress) => void;
}
type Words = string | readonly string[];
interface AlignmentText {
  /** [dim] */
  readonly vector: Float32Array;
  /** What it is about: words, or a list of words and phrases; a phrase is one thing ("stained glass"). */
  readonly words: Words;
}
interface Users {
  /** Vectors of each user, by id: [n, dim], one row behind the other; n = 1 where users are no sets. */
  readonly rows: ReadonlyMap<string, Float32Array>;
  readonly dim: number;
}
/** What users are as they stand in a file, where some have lines of text instead of numbers. */
interface UserLines {
  readonly users: Users;
  /** Lines by user, to be encoded (`user/sentence-encoder.ts`). */
  readonly lines: ReadonlyMap<string, readonly string[]>;
}
interface Example {
  readonly user: string;
  readonly messages: readonly ChatMessage[];
  readonly target: string;
  /** What a text persona would say of the user: for controls and distillation. */
  readonly persona: string | undefined;
  /** What a teacher reads instead, with the user told in words; default: the persona as system message before the prompt. */
  readonly teacher?: readonly ChatMessage[];
  /** The target is the beginning of an answer: no end of text behind it. */
  readonly unfinished?: boolean;
  /** Users of one group share something (sentences, friends): they are never split, and resampled together. */
  readonly group?: string;
  /** When it happened, ms since 1970: for training on what is new. */
  readonly time?: number;
  /** In its file, counted from 1. */
  readonly line: number;
}
/**
 * `{"user": "u17", "embedding": [numbers]}` a line, or a set of vectors `"embeddings": [[numbers]…]`, or `"lines": [texts]` for
 * a sentence encoder; or a safetensors file with the matrix `embeddings` [users, dim] and the ids as a JSON list in its
 * metadata under `users` (without it they are called "0", "1", …).
 * @throws E2PError `invalid-data`
 */
export declare function readUserLines(bytes: Uint8Array, fileName: string): UserLines;
/**
 * As `readUserLines`, for users who all have vectors.
 * @throws E2PError `invalid-data`
 */
export declare function readUsers(bytes: Uint8Array, fileName: string): Users;
/**
 * `{"user": id, "prompt": text or [{role, content}…], "target": text, "persona": text, "group": text, "time": ISO 8601}` a
 * line, the last three optional. A conversation ends before the assistant's turn, which is the target. For distillation also `"teacher"`, a prompt that tells of the user in words; `"unfinished": true` for
 * a target that is only the beginning of an answer.
 * @param users where given, every example's user has to be one of them
 * @throws E2PError `invalid-data`
 */
export declare function readExamples(bytes: Uint8Array, fileName: string, users?: {
  readonly rows: ReadonlyMap<string, unknown>;
}): Example[];
/** A text, or the vector that an encoder made of it, and the words in it that the vector should point at. */
type AlignmentLine = {
  readonly words: Words;
} & ({
  readonly text: string;
  readonly vector?: undefined;
} | {
  readonly text?: undefined;
  readonly vector: Float32Array;
});
/**
 * `{"text": "I love pottery.", "words": "pottery"}` a line, or `{"embedding": [numbers], "words": …}`; `words` may be a list of words
 * and phrases.
 * @throws E2PError `invalid-data`
 */
export declare function readAlignment(bytes: Uint8Array, fileName: string): AlignmentLine[];
interface CanaryReport {
  readonly prompts: number;
  /** How many get the same text from both. */
  readonly same: number;
  /** Lines of those that get another one. */
  readonly changed: readonly number[];
}
interface MemoryPlan {
  /** Bytes between the nodes of the largest step at most, told from the graph; the model's weights are not in it. */
  readonly bytes: number;
  /** Rows of a batch that go through the model at once; of the longest there may be fewer where no limit was given. */
  readonly rowsPerPass: number;
  readonly recompute: boolean;
}
interface TrainReport {
  readonly users: {
    readonly train: number;
    readonly heldOut: number;
  };
  readonly examples: {
    readonly train: number;
    readonly heldOut: number;
  };
  /** Lines of the examples that were longer than `maxLength` tokens. */
  readonly tooLong: readonly number[];
  readonly steps: number;
  /** Of held-out users: nats per target token of the weights that were kept, and their step. */
  readonly heldOutLoss: number | undefined;
  readonly bestStep: number | undefined;
  /** The same examples with nobody set. */
  readonly withoutLoss: number | undefined;
  /** Held-out users got no better for `patience` steps, so that not all steps were made. */
  readonly stoppedEarly: boolean;
  /** How many there are; 0 where none. */
  readonly anchors: number;
  readonly phrases: number;
  readonly aligned: number;
  /** Root mean square of the change of the training users' soft tokens, as a share of their size; with `init` only. */
  readonly moved: number | undefined;
  /** Examples from before `since`. */
  readonly older: number;
  /** Whether old users still get the same texts; with `init` and canaries only. */
  readonly canaries: CanaryReport | undefined;
  readonly memory: MemoryPlan;
}
interface TrainResult {
  readonly projector: Projector;
  readonly report: TrainReport;
}
/**
 * @throws E2PError `invalid-data`, `invalid-argument`, `contract-mismatch` (of `init`), `invalid-checkpoint`,
 *   `unsupported-graph`, `training-failed`; the signal's reason on an abort, after a checkpoint.
 */
export declare function train(options: TrainOptions): Promise<TrainResult>;
interface VocabularyWord {
  readonly id: number;
  /** Without the space. */
  readonly word: string;
}
/** Lower-case words, and capitalised ones that are no token in lower case: names of places and peoples. */
export declare function vocabularyWords({ codec, facts }: Pick<BaseModel, 'codec' | 'facts'>): VocabularyWord[];
/** The parts of the objective that `factorize` and `foldIn` must agree on. */
interface AlsWeights {
  /** λ > 0; also keeps every least-squares system positive definite. */
  readonly regularisation: number;
  /** α ≥ 0: how much more a clicked item counts than an unclicked one. */
  readonly alpha: number;
}
interface FactorizeOptions extends AlsWeights {
  /** One list of item indices per user. An index that occurs twice is two clicks. */
  readonly clicks: readonly (readonly number[])[];
  readonly itemCount: number;
  readonly dim: number;
  /** Full alternations (items, then users). 10 is usually enough. */
  readonly iterations: number;
  /** Uniform in [0, 1); give a seeded one for reproducible factors. */
  readonly random?: () => number;
  readonly signal?: AbortSignal;
  readonly onProgress?: (progress: {
    readonly iteration: number;
    readonly iterations: number;
  }) => void;
}
interface Factors {
  readonly dim: number;
  /** Row-major [users, dim]. */
  readonly users: Float32Array;
  /** Row-major [items, dim]. */
  readonly items: Float32Array;
  /** ItemsᵀItems [dim, dim], to ship with the items so that fold-in on a device costs only the clicks. */
  readonly gram: Float64Array;
}
/** Throws `invalid-argument` for an item index outside [0, itemCount) or a setting out of bounds. */
export declare function factorize(options: FactorizeOptions): Factors;
/** RowsᵀRows [dim, dim] of row-major [n, dim] factors. */
export declare function gramMatrix(rows: Float32Array, dim: number): Float64Array;
interface HubOptions {
  /** Default `https://huggingface.co`. */
  readonly host?: string;
  /** Path of a repository's files, with `{model}` and `{revision}`. Default `/{model}/resolve/{revision}/`. */
  readonly template?: string;
  /** Branch, tag or commit. Default `main`. */
  readonly revision?: string;
}
type DeviceRequest = 'auto' | 'webgpu' | 'wasm';
/** A model folder that the app has in its hands: of its own bundle, or chosen by the person. */
interface ModelFiles {
  /** For messages. */
  readonly name: string;
  /** By path inside the folder: `config.json`, `tokenizer.json`, `onnx/model_q4.onnx` … */
  readonly files: Readonly<Record<string, Blob>>;
}
interface TotalProgress {
  /** Bytes that are here, over all files seen so far. */
  readonly loaded: number;
  /** Bytes in all, over the files seen so far whose size is known. */
  readonly total: number;
  /** Bytes a second that came over the network lately; undefined before there is anything to go by. */
  readonly rate: number | undefined;
  /** Seconds until `total` at this rate. */
  readonly secondsLeft: number | undefined;
}
type StorageBackend = 'opfs' | 'cache' | 'memory';
/** What the page can know about where personal data is and who shuts which way out: facts and their means, no promise. */
interface ExitState {
  /** `fetch`, `navigator.locks`, `Cache.prototype.put`, `import()` … */
  readonly name: string;
  /** `absent`: there is no such thing here. */
  readonly state: 'shut' | 'absent' | 'open';
  /**
   * `policy`: the browser, by the Content-Security-Policy that the worker was born with. `origin`: the browser, since the worker's origin
   * is of its own and has no storage. `script`: a gate in the worker throws.
   */
  readonly by: 'policy' | 'origin' | 'script' | 'absence' | 'nothing';
}
interface PrivacyReport {
  /** `sealed`: the engine worker, which alone has the personal data, was born without network and can only talk to its page. */
  readonly phase: 'sealed';
  readonly exits: readonly ExitState[];
  /** What is not sealed, in sentences for people. Never empty: the page itself is the app's business. */
  readonly notSealed: readonly string[];
}
/** Where weights are kept. */
interface StoragePlace {
  readonly backend: StorageBackend;
  /** Why nothing is kept, for the person in front of the page; undefined where all is well. */
  readonly warning: string | undefined;
}
/**
 * Progress of `create` and of `user.describe`: where weights are kept, files by bytes, then the device and the graph, which report only that they
 * began.
 */
type LoadProgress = ({
  readonly stage: 'storage';
} & StoragePlace) | ({
  readonly stage: 'file';
  readonly all: TotalProgress;
} & FetchProgress) | {
  readonly stage: 'device';
} | {
  readonly stage: 'graph';
};
/** Where a page serves files of the package's folder `sealed/` itself; whatever is absent the library finds by itself. */
interface SealedFiles {
  /**
   * URL of `engine.js`, served from the page's own origin with the Content-Security-Policy that `e2p csp` prints: for pages whose own
   * policy does not allow the frame that the engine is otherwise born in.
   */
  readonly engine?: string | undefined;
  /** URL of `loader.js`, of the page's own origin: for pages whose own policy allows no worker of a blob, or no request to where models are. */
  readonly loader?: string | undefined;
  /** URL of a folder with the three `.wasm` files: for bundlers that do not know `new URL('…', import.meta.url)`. */
  readonly wasm?: string | undefined;
}
/** Those options of a training that are data. */
type TrainData = Omit<TrainOptions, 'model' | 'runtime' | 'init' | 'signal' | 'onProgress' | 'onCheckpoint'> & {
  /** Bytes of a projector file to begin with. */
  readonly init?: {
    readonly bytes: Uint8Array;
    readonly name: string;
  } | undefined;
};
interface TrainInWorkerOptions extends TrainData, Pick<SealedFiles, 'loader' | 'wasm'> {
  /** Hub id (`owner/name`), or URL of a folder in the same layout, relative to the page or absolute; or the files of one. */
  readonly model: string | ModelFiles;
  /** Which `onnx/model*.onnx`. Default `auto`: q4, else fp32, else fp16. */
  readonly dtype?: Dtype | 'auto';
  /** Default `auto`: WebGPU where it works, else WASM. */
  readonly device?: DeviceRequest;
  readonly hub?: HubOptions;
  readonly onLoad?: (progress: LoadProgress) => void;
  /** Told once, when the model is there and every way out of the worker is shut. */
  readonly onReady?: (ready: {
    readonly device: DeviceChoice;
    readonly privacy: PrivacyReport;
  }) => void;
  readonly onProgress?: (progress: TrainingProgress) => void;
  /** Bytes to go on from, as `checkpoint`: keep them where personal data may lie. */
  readonly onCheckpoint?: (bytes: Uint8Array, step: number) => void;
  readonly signal?: AbortSignal;
}
interface TrainInWorkerResult {
  /** A projector file. */
  readonly projector: Uint8Array;
  readonly report: TrainReport;
}
/**
 * @throws E2PError as of `train`, and those of loading a model; the signal's reason on an abort, after a last
 *   `onCheckpoint`.
 */
export declare function trainInWorker(options: TrainInWorkerOptions): Promise<TrainInWorkerResult>;
export type { AlignedText, Alignment, AlignmentLine, AlignmentText, Anchors, CosineSchedule, Example, FactorizeOptions, Factors, Fingerprint, HeldOut, Place, Projector, ProjectorExample, ProjectorShape, Slot, SoftLoss, TrainInWorkerOptions, TrainInWorkerResult, TrainOptions, TrainProjectorOptions, TrainReport, TrainResult, TrainedProjector, TrainingProgress, TrainingRow, TrainingState, UserLines, Users, VocabularyWord };