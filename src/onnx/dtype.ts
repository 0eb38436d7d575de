/** Precision variants, with the file suffixes that Hub exports use. */
export const DTYPE_SUFFIX = {
  fp32: '',
  fp16: '_fp16',
  q4: '_q4',
  q4f16: '_q4f16',
  int8: '_int8',
  uint8: '_uint8',
  q8: '_quantized',
} as const;
/** Precision of the weights, as the suffix of `onnx/model*.onnx` names it. */
export type Dtype = keyof typeof DTYPE_SUFFIX;
