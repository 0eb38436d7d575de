/** What a run of the model is fed beside its cache: ids, soft tokens, positions, lengths, by the names of the inputs. */
import type { BaseModel } from '../model/base-model.ts';
import { toFloat16 } from '../onnx/float16.ts';
import type { IntegerInput } from '../onnx/inspect/inspect-graph.ts';
import type { DataTypeName } from '../onnx/onnx-model.ts';
import type { Runtime, TensorValues } from '../runtime/runtime.ts';
import { paddingSide } from './batch-rows.ts';
import type { TokenRun } from './decoder.ts';
import type { KvCache } from './kv-cache.ts';
import type { NewPlaces } from './row-store.ts';

export interface StepInput {
  readonly type: DataTypeName;
  readonly values: TensorValues;
  readonly dims: readonly number[];
}

/** Columns [from, to) of rows of one length, behind what a cache holds. */
export interface Step {
  readonly rows: readonly TokenRun[];
  readonly from: number;
  readonly to: number;
  /** Columns among them whose logits are wanted. */
  readonly wanted: readonly number[];
}

/** Columns whose logits are wanted of a piece that is not the end of what is read: none, where that is possible. */
export const wantedAmid = (
  { inputs }: Pick<BaseModel, 'inputs'>,
  { isCpuOnly }: Pick<Runtime, 'isCpuOnly'>,
  to: number,
): readonly number[] => (inputs.mayWantNone && isCpuOnly ? [] : [to - 1]);

/** @param newRows the input that takes the positions whose rows are handed out, if there is one */
export function stepInputs(
  { facts, inputs }: Pick<BaseModel, 'facts' | 'inputs'>,
  cache: Pick<KvCache, 'length' | 'padding'>,
  step: Step,
  newRows?: string,
): { readonly inputs: ReadonlyMap<string, StepInput>; readonly at: NewPlaces } {
  const { rows, from, to, wanted } = step;
  const count = to - from;
  const total = cache.length + count;
  const fed = new Map<string, StepInput>(softInputs({ facts, inputs }, step));
  const feed = (input: IntegerInput | undefined, values: readonly number[], dims: readonly number[]) => {
    if (input !== undefined) fed.set(input.name, integers(input.type, values, dims));
  };
  feed(
    facts.ids,
    rows.flatMap((row) => row.ids.slice(from, to)),
    [rows.length, count],
  );
  const isLeft = paddingSide({ facts }) === 'left';
  if (inputs.needsMask) {
    const mask = cache.padding.flatMap((pads) => {
      const [zeros, ones] = [
        new Array<number>(Math.min(pads, total)).fill(0),
        new Array<number>(Math.max(0, total - pads)).fill(1),
      ];
      return isLeft ? [...zeros, ...ones] : [...ones, ...zeros];
    });
    feed(facts.attentionMask, mask, [rows.length, total]);
  }
  if (inputs.lengths !== undefined) {
    const lengths = cache.padding.map((pads) => total - pads - 1);
    fed.set(inputs.lengths.rows, integers('int32', lengths, [rows.length]));
    fed.set(inputs.lengths.total, integers('int32', [total], []));
  }
  // Behind a text padded on the right, the next token takes the place of the first padding; a first run reads padding too.
  const starts = cache.padding.map((pads) =>
    isLeft || cache.length === 0 ? cache.length : cache.length - pads,
  );
  const positions = cache.padding.flatMap((pads, row) =>
    Array.from({ length: count }, (_, i) => Math.max(0, starts[row]! + i - (isLeft ? pads : 0))),
  );
  const { axes } = facts.positionIds ?? {};
  if (axes === undefined) feed(facts.positionIds, positions, [rows.length, count]);
  else feed(facts.positionIds, new Array(axes).fill(positions).flat(), [axes, rows.length, count]);
  feed(facts.logitCount, [0], facts.logitCount?.dims ?? []);
  const columns = wanted.map((column) => column - from);
  fed.set(inputs.logitPositions, integers('int64', columns, [columns.length]));
  const rowsOf = (start: number) => Array.from({ length: count }, (_, i) => start + i);
  const places = starts.length === 1 ? rowsOf(starts[0]!) : [...new Set(starts.flatMap(rowsOf))];
  if (newRows !== undefined) fed.set(newRows, integers('int64', places, [places.length]));
  return { inputs: fed, at: { starts, places, count } };
}

/** Mask and vectors; without a soft token in reach both are one broadcast element. */
function softInputs(
  { facts: { hiddenSize, embedding }, inputs }: Pick<BaseModel, 'facts' | 'inputs'>,
  { rows, from, to }: Step,
): [string, StepInput][] {
  const here = rows.flatMap((row, i) =>
    (row.soft === undefined || row.soft.size === 0 ? [] : [...row.soft])
      .filter(([at]) => at >= from && at < to)
      .map(([at, vector]) => ({ at: i * (to - from) + at - from, vector })),
  );
  const [batch, count, width] = here.length === 0 ? [1, 1, 1] : [rows.length, to - from, hiddenSize];
  const mask = new Uint8Array(batch * count);
  const embeds = new Float32Array(batch * count * width);
  for (const { at, vector } of here) {
    mask[at] = 1;
    embeds.set(vector, at * width);
  }
  const values = embedding.type === 'float16' ? toFloat16(embeds) : embeds;
  return [
    [inputs.softMask, { type: 'bool', values: mask, dims: [batch, count, 1] }],
    [inputs.softEmbeds, { type: embedding.type, values, dims: [batch, count, width] }],
  ];
}

function integers(type: 'int64' | 'int32', values: readonly number[], dims: readonly number[]): StepInput {
  if (type === 'int32') return { type, values: Int32Array.from(values), dims };
  // `from` with a function is several times slower.
  const wide = new BigInt64Array(values.length);
  for (let i = 0; i < wide.length; i++) wide[i] = BigInt(values[i]!);
  return { type, values: wide, dims };
}
