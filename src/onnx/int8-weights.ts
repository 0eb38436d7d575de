/**
 * Products with 4- and 8-bit weights in blocks (MatMulNBits) as products of int8 integers, which a CPU without kernels for
 * blocks (WASM) computes several times faster: there every token dequantizes all weights anew. Each column of the weights gets one
 * scale, and each row of the activations, i.e. each token, its own, so that logits do not depend on which tokens are read together:
 *
 *   y[t, n] = Σₖ x[t, k] · W[n, k] ≈ s[t] · w[n] · Σₖ round(x'[t, k] / s[t]) · round(W'[n, k] / w[n])
 *   x' = x·H, W' = W·H,  s[t] = max |x'[t]| / 127,  w[n] = max |W'[n]| / 127
 *
 * H turns blocks of columns (a Hadamard matrix, as QuaRot does, arXiv 2404.00456): it spreads the few large activations of a token over
 * their block, so that they don't take the steps of all others.
 *
 * The plan is plain data and depends on the graph only: who converts and who runs the graph make the same one.
 */
import { GraphBuilder, type ValueName } from './builder.ts';
import { indexGraph } from './graph-index.ts';
import {
  DataType,
  intAttribute,
  type OnnxModel,
  type OnnxNode,
  type OnnxTensor,
  type StringEntry,
} from './onnx-model.ts';
import { prune } from './prune.ts';

/** Rows of a weight [N, K] in blocks, and where they lie as int8 [K, rows] with a float32 scale for each row. */
export interface Int8Band {
  readonly columns: number;
  readonly bits: 4 | 8;
  readonly blockSize: number;
  /** Columns that {@link turnBlocks} mixes. */
  readonly turned: number;
  readonly packed: OnnxTensor;
  readonly scales: OnnxTensor;
  readonly zeroPoints: OnnxTensor | undefined;
  /** From this row of the weight on, so many. */
  readonly firstRow: number;
  readonly rows: number;
  /** Of the integers in the converted file, in bytes; the scales lie behind them. */
  readonly offset: number;
}

/** A weight that stays as it is, in the converted file too: whoever runs the graph needs no other. */
export interface KeptWeight {
  readonly tensor: OnnxTensor;
  readonly offset: number;
}

export interface Int8Plan {
  /** The graph over the converted weights. */
  readonly model: OnnxModel;
  /** In the order of their offsets; what is kept comes behind them. */
  readonly bands: readonly Int8Band[];
  readonly kept: readonly KeptWeight[];
  /** Of the converted file. */
  readonly bytes: number;
}

/** Bytes of one band: what a conversion holds in memory. */
const BAND_BYTES = 16 * 2 ** 20;
/** Where a weight begins, in bytes. */
const ALIGNMENT = 64;
/** Columns that are mixed at most: more cost more. */
const MOST_TURNED = 64;
/** In place of the largest value of a row that is all zeros. */
const TINY = 1e-30;

/**
 * @param location how the graph calls the file of converted weights
 * @param bandBytes of one band
 * @returns undefined where no product can be converted
 */
export function planInt8(model: OnnxModel, location: string, bandBytes = BAND_BYTES): Int8Plan | undefined {
  const { graph } = model;
  const { constants, producer, inputs } = indexGraph(graph);
  const g = new GraphBuilder('int8/');
  const bands: Int8Band[] = [];
  let bytes = 0;
  const weights = new Map<string, readonly Weight[]>();
  const rounded = new Map<string, Rounded>();
  const nodes = graph.nodes.flatMap((node) => {
    const [x, packed] = node.inputs as [ValueName, ValueName];
    const found = convertible(node, constants);
    if (found === undefined) return [node];
    const converted = weights.get(packed) ?? [];
    if (!weights.has(packed)) {
      for (const band of bandsOf(node, found, bandBytes)) {
        const offset = aligned(bytes);
        bytes = offset + band.rows * (band.columns + 4);
        bands.push({ ...band, offset });
        (converted as Weight[]).push(external(g, { ...band, offset }, location));
      }
      weights.set(packed, converted);
    }
    const picked = producer.get(x);
    // Of positions that an input picks, [batch, count, K], there may be none, and then onnxruntime's ReduceMax counts no axis from the end.
    const axis = picked?.opType === 'Gather' && inputs.has(picked.inputs[1] ?? '') ? 2 : -1;
    const q = rounded.get(x) ?? roundRows(g, x, intAttribute(node, 'K', 0), axis);
    rounded.set(x, q);
    const products = converted.map((w) =>
      g.fused('MatMulIntegerToFloat', [q.integers, w.integers, q.step, w.scales, q.zero]),
    );
    const product = products.length === 1 ? products[0]! : g.concat(products, -1);
    const bias = node.inputs[5];
    const outputs = node.outputs;
    if (bias) g.op('Add', [g.mul(product, q.largest), bias], { outputs });
    else g.op('Mul', [product, q.largest], { outputs });
    return g.nodes.splice(0);
  });
  if (bands.length === 0) return undefined;
  const rest = prune({ ...model, graph: { ...graph, nodes } }).graph;
  const kept: KeptWeight[] = [];
  const own = rest.initializers.map((tensor) => {
    const length = lengthOf(tensor);
    if (length === undefined) return tensor;
    const offset = aligned(bytes);
    bytes = offset + length;
    kept.push({ tensor, offset });
    return { ...tensor, externalData: placeIn(location, offset, length) };
  });
  const initializers = [...own, ...g.initializers];
  return { model: { ...model, graph: { ...rest, inputs: graph.inputs, initializers } }, bands, kept, bytes };
}

const aligned = (bytes: number): number => Math.ceil(bytes / ALIGNMENT) * ALIGNMENT;

/** Bytes of a weight in a file; undefined where it lies in the proto, or up to the end of a file. */
function lengthOf({ externalData }: OnnxTensor): number | undefined {
  const length = externalData.find(({ key }) => key === 'length')?.value;
  return length === undefined ? undefined : Number(length);
}

const placeIn = (location: string, offset: number, length: number): StringEntry[] =>
  Object.entries({ location, offset: String(offset), length: String(length) }).map(([key, value]) => ({
    key,
    value,
  }));

interface Weight {
  readonly integers: ValueName;
  readonly scales: ValueName;
}

interface Rounded {
  /** uint8, as x. */
  readonly integers: ValueName;
  /** The largest magnitude of each row. */
  readonly largest: ValueName;
  readonly step: ValueName;
  readonly zero: ValueName;
}

/** Each row of x, turned, in 127 steps of its largest magnitude, up and down from 128. */
function roundRows(g: GraphBuilder, input: ValueName, columns: number, axis: number): Rounded {
  const size = turnedColumns(columns);
  const x =
    size === 1
      ? input
      : g.op('Reshape', [g.matMul(g.reshape(input, [-1, size]), hadamard(g, size)), g.op('Shape', [input])], {
          attributes: { allowzero: 1 },
        });
  const magnitudes = g.op('ReduceMax', [g.op('Abs', [x]), g.ints([axis])], { attributes: { keepdims: 1 } });
  const largest = g.op('Max', [magnitudes, g.float(TINY)]);
  const step = g.float(1 / 127);
  const zero = g.tensor(g.fresh('zero'), [], Uint8Array.of(128));
  const integers = g.op('QuantizeLinear', [g.div(x, largest), step, zero]);
  return { integers, largest, step, zero };
}

/** The largest power of two that divides the columns, and that turning is worth. */
function turnedColumns(columns: number): number {
  let size = MOST_TURNED;
  while (columns % size !== 0) size /= 2;
  return size;
}

/** Each block of `size` values times the Hadamard matrix of that size, which is its own inverse; in place. */
export function turnBlocks(values: Float32Array, size: number): void {
  const norm = 1 / Math.sqrt(size);
  for (let half = 1; half < size; half *= 2) {
    for (let start = 0; start < values.length; start += 2 * half) {
      for (let i = start; i < start + half; i++) {
        const a = values[i]!;
        const b = values[i + half]!;
        values[i] = a + b;
        values[i + half] = a - b;
      }
    }
  }
  for (let i = 0; i < values.length; i++) values[i] = values[i]! * norm;
}

function hadamard(g: GraphBuilder, size: number): ValueName {
  const name = `int8/hadamard ${size}`;
  if (!g.initializers.some((tensor) => tensor.name === name)) {
    const values = new Float32Array(size * size);
    for (let i = 0; i < size; i++) values[i * size + i] = 1;
    for (let i = 0; i < size; i++) turnBlocks(values.subarray(i * size, (i + 1) * size), size);
    g.tensor(name, [size, size], values);
  }
  return name;
}

type Found = Pick<Int8Band, 'packed' | 'scales' | 'zeroPoints'>;

/** The weights of a product in blocks, where they are constants of the usual form. */
function convertible(node: OnnxNode, constants: ReadonlyMap<string, OnnxTensor>): Found | undefined {
  if (node.opType !== 'MatMulNBits' || node.inputs[4]) return undefined;
  if (![4, 8].includes(intAttribute(node, 'bits', 4))) return undefined;
  const [packed, scales, zeroPoints] = [1, 2, 3].map((i) => constants.get(node.inputs[i] ?? ''));
  if (packed === undefined || scales?.dataType !== DataType.float32) return undefined;
  const isPlain = node.inputs[3] ? zeroPoints?.dataType === DataType.uint8 : true;
  return isPlain ? { packed, scales, zeroPoints } : undefined;
}

function* bandsOf(
  node: OnnxNode,
  found: Found,
  bandBytes: number,
): Generator<Omit<Int8Band, 'offset'>, void, undefined> {
  const [columns, all] = [intAttribute(node, 'K', 0), intAttribute(node, 'N', 0)];
  const bits = intAttribute(node, 'bits', 4) as 4 | 8;
  const blockSize = intAttribute(node, 'block_size', 32);
  const most = Math.max(64, Math.floor(bandBytes / columns / 64) * 64);
  for (let firstRow = 0; firstRow < all; firstRow += most) {
    const turned = turnedColumns(columns);
    yield { ...found, columns, bits, blockSize, turned, firstRow, rows: Math.min(most, all - firstRow) };
  }
}

function external(g: GraphBuilder, band: Int8Band, location: string): Weight {
  const { packed, columns, rows, firstRow, offset } = band;
  const add = (what: string, dims: readonly number[], type: number, from: number, length: number) => {
    const name = `int8/${packed.name}/${firstRow}/${what}`;
    g.initializers.push({
      ...{ name, dims, dataType: type, stringData: [], dataLocation: 1 },
      externalData: placeIn(location, from, length),
    });
    return name;
  };
  const length = columns * rows;
  return {
    integers: add('integers', [columns, rows], DataType.int8, offset, length),
    scales: add('scales', [rows], DataType.float32, offset + length, 4 * rows),
  };
}
