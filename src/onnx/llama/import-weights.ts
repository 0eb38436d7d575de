/**
 * Weights of an exported decoder, as plain float32 matrices: the inverse of `export-graph.ts`. Four-bit weights
 * come out as the values they stand for, so that training sees the very model that is deployed.
 */
import { E2PError } from '../../error.ts';
import type { OnnxModel, OnnxTensor } from '../onnx-model.ts';
import { EMBEDDING, type LlamaConfig, type LlamaWeights, llamaWeightShapes } from './llama-config.ts';
import { dequantize4 } from './quantize.ts';

/** @throws E2PError `invalid-model` naming a weight that is absent or of another size. */
export function importWeights(model: OnnxModel, config: LlamaConfig): LlamaWeights {
  const tensors = new Map(model.graph.initializers.map((t) => [t.name, t]));
  const weights = new Map<string, Float32Array>();
  for (const { name, dims } of llamaWeightShapes(config)) {
    const [rows = 0, columns = 1] = dims;
    const plain = tensors.get(name);
    const stored = name === EMBEDDING ? 'lm_head.MatMul.weight' : name;
    const packed = tensors.get(`${stored}_Q4`);
    const scales = tensors.get(`${stored}_scales`);
    let values: Float32Array | undefined;
    if (plain !== undefined) values = floats(plain);
    else if (packed?.rawData !== undefined && scales !== undefined) {
      // Matrices are quantized along their inputs, hence stored [out, in]; the table is stored [V, H].
      const turned = name !== EMBEDDING;
      const [n, k] = turned ? [columns, rows] : [rows, columns];
      const blocks = packed.dims[1] ?? 0;
      const matrix = dequantize4({
        rows: n,
        columns: k,
        blocks,
        packed: packed.rawData,
        scales: floats(scales) ?? new Float32Array(0),
      });
      values = turned ? transposed(matrix, n, k) : matrix;
    }
    if (values?.length !== rows * columns) {
      const found = values === undefined ? 'nothing' : `${values.length} numbers`;
      throw new E2PError('invalid-model', `weight ${name}: found ${found}, expected [${dims.join(', ')}]`);
    }
    weights.set(name, values);
  }
  return weights;
}

function floats({ rawData }: OnnxTensor): Float32Array | undefined {
  return rawData && new Float32Array(Uint8Array.from(rawData).buffer);
}

function transposed(matrix: Float32Array, rows: number, columns: number): Float32Array {
  const out = new Float32Array(matrix.length);
  for (let r = 0; r < rows; r++) {
    for (let c = 0; c < columns; c++) out[c * rows + r] = matrix[r * columns + c]!;
  }
  return out;
}
