/**
 * For tests only: runs zoo models, rewritten or not, by what the zoo knows of them (not by what inspection found).
 * Works on any runtime, in Node or in a browser.
 */
import { fromFloat16, toFloat16 } from '../../onnx/float16.ts';
import { writeOnnx } from '../../onnx/onnx-file.ts';
import { personaliseGraph } from '../../onnx/personalise-graph.ts';
import type { Runtime, RuntimeSession, Tensor } from '../../runtime/runtime.ts';
import { buildZoo } from './zoo-decoder.ts';
import { H, HAND_FED, V, type ZooModel, type ZooStyle } from './zoo-style.ts';
import { seeded } from './zoo-weights.ts';

export interface Piece {
  readonly ids: readonly number[];
  /** Position in `ids` → vector that stands there instead. */
  readonly soft?: ReadonlyMap<number, Float32Array>;
  /** Whether logits of none are wanted. */
  readonly isSilent?: boolean;
}

/** Logits [all positions, V] of pieces read one after the other, each behind what came before. */
export type Reader = (pieces: readonly Piece[]) => Promise<Float32Array[]>;

export async function softReader(zoo: ZooModel, runtime: Runtime): Promise<Reader> {
  const { model, inputs } = personaliseGraph(zoo.model);
  const session = await runtime.createSession(writeOnnx(model));
  return (pieces) =>
    read(zoo, runtime, session, pieces, ({ ids, soft, isSilent }, total) => {
      const flags = new Uint8Array(ids.length);
      const vectors = new Float32Array(ids.length * H);
      for (const [at, vector] of soft ?? []) {
        flags[at] = 1;
        vectors.set(vector, at * H);
      }
      const wanted = BigInt64Array.from(isSilent ? [] : ids.keys(), BigInt);
      const feeds: Record<string, Tensor> = {
        [zoo.ids.name]: integers(runtime, zoo.ids.type, ids, [1, ids.length]),
        [inputs.softMask]: runtime.tensor('bool', flags, [1, ids.length, 1]),
        [inputs.softEmbeds]: floats(runtime, zoo, vectors, [1, ids.length, H]),
        [inputs.logitPositions]: runtime.tensor('int64', wanted, [wanted.length]),
      };
      if (inputs.needsMask) feeds.attention_mask = maskOf(runtime, zoo, total);
      if (inputs.lengths !== undefined) {
        feeds[inputs.lengths.rows] = integers(runtime, 'int32', [total - 1], [1]);
        feeds[inputs.lengths.total] = integers(runtime, 'int32', [total], []);
      }
      return feeds;
    });
}

/** The graph as it is, ids in. */
export async function plainReader(zoo: ZooModel, runtime: Runtime): Promise<Reader> {
  const session = await runtime.createSession(writeOnnx(zoo.model));
  return (pieces) =>
    read(zoo, runtime, session, pieces, ({ ids }, total) => ({
      [zoo.ids.name]: integers(runtime, zoo.ids.type, ids, [1, ids.length]),
      attention_mask: maskOf(runtime, zoo, total),
    }));
}

/** The oracle: the same model built without a lookup, fed with rows of `table` and with the soft vectors. */
export async function handFedReader(style: ZooStyle, runtime: Runtime, table: Float32Array): Promise<Reader> {
  const zoo = buildZoo(style, 'hand-fed');
  const session = await runtime.createSession(writeOnnx(zoo.model));
  return (pieces) =>
    read(zoo, runtime, session, pieces, ({ ids, soft }, total) => {
      const rows = new Float32Array(ids.length * H);
      ids.forEach((id, at) => {
        rows.set(soft?.get(at) ?? table.subarray(id * H, (id + 1) * H), at * H);
      });
      const attention_mask = maskOf(runtime, zoo, total);
      return { [HAND_FED]: floats(runtime, zoo, rows, [1, ids.length, H]), attention_mask };
    });
}

/** Every token's embedding [V, H], behind its scale, by the lookup alone. */
export async function embeddingTable(style: ZooStyle, runtime: Runtime): Promise<Float32Array> {
  const zoo = buildZoo(style, 'lookup');
  const session = await runtime.createSession(writeOnnx(zoo.model));
  const ids = integers(runtime, zoo.ids.type, [...Array(V).keys()], [1, V]);
  return numbers((await session.run({ [zoo.ids.name]: ids })).embeddings!);
}

/** A vector that is no token's, of the size of embeddings. */
export function someVector(seed: string): Float32Array {
  const random = seeded(seed);
  // Exact in float16, so that both ways of feeding see the same numbers.
  return Float32Array.from({ length: H }, () => Math.round((2 * random() - 1) * 64) / 64);
}

async function read(
  zoo: ZooModel,
  runtime: Runtime,
  session: RuntimeSession,
  pieces: readonly Piece[],
  feedsOf: (piece: Piece, total: number) => Record<string, Tensor>,
): Promise<Float32Array[]> {
  let past = Object.fromEntries(
    zoo.cache.map(({ past: name, dims }) => {
      const empty = dims(1, 0);
      return [name, floats(runtime, zoo, new Float32Array(empty.reduce((a, b) => a * b, 1)), empty)];
    }),
  );
  let length = 0;
  const logits: Float32Array[] = [];
  for (const piece of pieces) {
    const count = piece.ids.length;
    const total = length + count;
    const feeds = { ...past, ...feedsOf(piece, total) };
    if (zoo.positionIds) {
      const positions = Array.from({ length: count }, (_, i) => length + i);
      feeds.position_ids = integers(runtime, zoo.ids.type, positions, [1, count]);
    }
    if (zoo.logitCount) feeds.num_logits_to_keep = integers(runtime, 'int64', [0], []);
    const outputs = await session.run(feeds);
    past = Object.fromEntries(zoo.cache.map((c) => [c.past, outputs[c.present]!]));
    logits.push(numbers(outputs.logits!));
    length = total;
  }
  return logits;
}

function maskOf(runtime: Runtime, zoo: ZooModel, total: number): Tensor {
  return integers(runtime, zoo.ids.type, new Array(total).fill(1), [1, total]);
}

function integers(
  runtime: Runtime,
  type: 'int64' | 'int32',
  values: readonly number[],
  dims: readonly number[],
): Tensor {
  const data = type === 'int64' ? BigInt64Array.from(values, BigInt) : Int32Array.from(values);
  return runtime.tensor(type, data, dims);
}

function floats(
  runtime: Runtime,
  { float }: ZooModel,
  values: Float32Array,
  dims: readonly number[],
): Tensor {
  return runtime.tensor(float, float === 'float16' ? toFloat16(values) : values, dims);
}

function numbers(tensor: Tensor): Float32Array {
  return tensor.type === 'float16'
    ? fromFloat16(tensor.data as Uint16Array)
    : Float32Array.from(tensor.data as Float32Array);
}

/** Largest absolute difference over all elements. */
export function largestDifference(a: readonly Float32Array[], b: readonly Float32Array[]): number {
  let largest = 0;
  a.forEach((row, i) => {
    if (row.length !== b[i]!.length) throw new Error(`${row.length} and ${b[i]!.length} logits`);
    row.forEach((value, j) => {
      largest = Math.max(largest, Math.abs(value - b[i]![j]!));
    });
  });
  return largest;
}
