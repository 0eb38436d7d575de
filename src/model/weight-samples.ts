/**
 * Numbers of a model's weights by which it is known again, read by ranges: the same ones from every export, each with what
 * its precision may have done to it. A number that was quantised lies at most half a step from where it was, whatever the
 * method, but where it was clipped.
 */
import { fromFloat16 } from '../onnx/float16.ts';
import { indexGraph } from '../onnx/graph-index.ts';
import { findGains, findProducts, type Product } from '../onnx/inspect/find-weights.ts';
import { DataType, type OnnxTensor } from '../onnx/onnx-model.ts';
import { elementCount, numbersOf } from '../onnx/tensor-data.ts';
import type { WeightFile } from './graph-files.ts';
import { type ModelWeights, readPieces, weightBytes } from './weight-bytes.ts';

export interface WeightSample {
  /** NaN at an end of the range that quantisation has: what was clipped may have been anything beyond. */
  readonly values: Float32Array;
  /** The step of each number's quantisation; 0 where it is a float. */
  readonly steps: Float32Array;
}

export interface ProductGroup {
  /** K of its products, and their outputs together. */
  readonly inputs: number;
  readonly outputs: number;
  /** Of each product, what the first input is weighted with in the last outputs. */
  readonly members: readonly WeightSample[];
}

export interface ProductSamples {
  /** Of all groups that the model has. */
  readonly count: number;
  /** By their place among them. */
  readonly groups: ReadonlyMap<number, ProductGroup>;
}

/** Outputs of a product that are looked at. */
const OUTPUTS = 512;

/** Gains [H] of the norms, in order of depth. */
export async function sampleGains({ model, weights, hiddenSize }: ModelWeights): Promise<WeightSample[]> {
  const { graph } = model;
  const samples: WeightSample[] = [];
  for (const tensor of findGains(indexGraph(graph), graph.nodes, hiddenSize)) {
    const values = await readNumbers(tensor, weights, 1, { from: 0, count: hiddenSize });
    if (values !== undefined) samples.push({ values, steps: new Float32Array(values.length) });
  }
  return samples;
}

/**
 * Of the first and last layer: the products behind the first norm, and the last one of the layer. The first input alone is
 * looked at, since methods that pass a rounding error on (GPTQ) pass it to later inputs; and the last outputs, since those of
 * a query and a key are what exporters reorder for their rotary positions.
 */
export async function sampleProducts({
  model,
  weights,
  vocabularySize,
}: ModelWeights): Promise<ProductSamples> {
  const { graph } = model;
  const all = findProducts(indexGraph(graph), graph.nodes).filter((group) =>
    group.every((p) => p.outputs !== vocabularySize),
  );
  const places = [...new Set([0, 3, all.length - 4, all.length - 1])].filter((i) => all[i] !== undefined);
  const groups = new Map<number, ProductGroup>();
  for (const place of places) {
    const members: WeightSample[] = [];
    for (const product of all[place]!) {
      const sample = await sampleProduct(product, weights);
      if (sample !== undefined) members.push(sample);
    }
    const outputs = all[place]!.reduce((sum, product) => sum + product.outputs, 0);
    groups.set(place, { inputs: all[place]![0]!.inputs, outputs, members });
  }
  return { count: all.length, groups };
}

async function sampleProduct(
  { inputs, outputs, weight, layout }: Product,
  weights: readonly WeightFile[],
): Promise<WeightSample | undefined> {
  const count = Math.min(OUTPUTS, outputs);
  const range = { from: outputs - count, count };
  /** One number for each output; a single one is for all. */
  const perOutput = async (tensor: OnnxTensor, stride: number) => {
    if (elementCount(tensor) > 1) return readNumbers(tensor, weights, stride, range);
    const [one] = numbersOf(tensor) ?? (await readNumbers(tensor, weights, 1, { from: 0, count: 1 })) ?? [];
    return one === undefined ? undefined : new Float32Array(count).fill(one);
  };
  if (layout === 'plain' || layout === 'turned') {
    const values = await perOutput(weight, layout === 'plain' ? 1 : inputs);
    return values && { values, steps: new Float32Array(count) };
  }
  const { blocks, scales, zeroPoints } = layout;
  const bits = blocks?.bits ?? 8;
  if (bits !== 4 && bits !== 8) return undefined;
  const blocksPerRow = blocks ? Math.ceil(inputs / blocks.size) : 1;
  const rowBytes = blocks ? (blocksPerRow * blocks.size * bits) / 8 : 1;
  // Of two codes in a byte the low one is the first.
  const firstCode = (bytes: Float32Array | undefined) =>
    bits === 4 ? bytes?.map((byte) => byte & 15) : bytes;
  const codes = firstCode(await perOutput(weight, rowBytes));
  const steps = await perOutput(scales, blocksPerRow);
  const middle = new Float32Array(count).fill(blocks ? 2 ** (bits - 1) : 0);
  const zeros =
    zeroPoints === undefined
      ? middle
      : zeroPoints.dataType === DataType.uint8
        ? firstCode(await perOutput(zeroPoints, Math.ceil((blocksPerRow * bits) / 8)))
        : await perOutput(zeroPoints, blocksPerRow);
  if (codes === undefined || steps === undefined || zeros === undefined) return undefined;
  const lowest = weight.dataType === DataType.int8 ? -128 : 0;
  const ends = [lowest, lowest + 2 ** bits - 1];
  return {
    values: codes.map((code, n) => (ends.includes(code) ? Number.NaN : (code - zeros[n]!) * steps[n]!)),
    steps: steps.map(Math.abs),
  };
}

/** Numbers that lie `stride` elements apart; undefined where they are of another type than the ones read here. */
async function readNumbers(
  tensor: OnnxTensor,
  weights: readonly WeightFile[],
  stride: number,
  { from, count }: { readonly from: number; readonly count: number },
): Promise<Float32Array | undefined> {
  const { dataType, rawData, floatData, externalData } = tensor;
  const read = READERS[dataType];
  if (read === undefined || (rawData ?? floatData ?? externalData[0]) === undefined) return undefined;
  const pieces = { stride: stride * read.size, bytes: read.size };
  const wanted = Array.from({ length: count }, (_, i) => from + i);
  return read.of((await readPieces(weightBytes(tensor, weights), pieces, wanted)).buffer);
}

const READERS: Readonly<Record<number, { size: number; of: (bytes: ArrayBuffer) => Float32Array }>> = {
  [DataType.float32]: { size: 4, of: (bytes) => new Float32Array(bytes) },
  [DataType.float16]: { size: 2, of: (bytes) => fromFloat16(new Uint16Array(bytes)) },
  [DataType.uint8]: { size: 1, of: (bytes) => Float32Array.from(new Uint8Array(bytes)) },
  [DataType.int8]: { size: 1, of: (bytes) => Float32Array.from(new Int8Array(bytes)) },
};
