/** Which numbers of a model a fingerprint keeps: told from its sizes, so that they need not be stored. Only token ids are. */
import type { BaseModel } from '../model/base-model.ts';
import type { WeightSample } from '../model/weight-samples.ts';
import type { Runtime } from '../runtime/runtime.ts';

const IDS = 128;
/** Of a vector [H]: runs of columns, evenly spread. */
const RUNS = 4;
const RUN = 16;

/** Half of them evenly spread, half ever denser towards the first, which are the most used; none that is hardly ever used. */
export async function chooseIds(model: BaseModel, runtime: Runtime): Promise<number[]> {
  const { vocabularySize: V, hiddenSize: H } = model.facts;
  const spread = Array.from({ length: 2 * IDS }, (_, i) => {
    const share = i / (2 * IDS);
    return Math.floor(i % 2 === 0 ? share * V : V ** share);
  });
  const ids = [...new Set(spread)].sort((a, b) => a - b);
  const rows = await model.tokenEmbeddings(runtime, ids);
  const norms = ids.map((_, i) => Math.hypot(...rows.subarray(i * H, (i + 1) * H)));
  const usual = norms.toSorted((a, b) => a - b)[norms.length >> 1]!;
  const used = ids.filter((_, i) => norms[i]! >= usual / 2);
  return evenly(used, IDS);
}

/** At most `count` of them, the first and the last too. */
export function evenly<T>(all: readonly T[], count: number): T[] {
  if (all.length <= count) return [...all];
  return Array.from({ length: count }, (_, i) => all[Math.round((i * (all.length - 1)) / (count - 1))]!);
}

export function columnsOf({ hiddenSize }: { readonly hiddenSize: number }): number[] {
  const count = Math.min(hiddenSize, RUNS * RUN);
  const between = Math.floor((hiddenSize - RUN) / (RUNS - 1));
  return Array.from({ length: count }, (_, i) =>
    count === hiddenSize ? i : Math.floor(i / RUN) * between + (i % RUN),
  );
}

/** [n, H] → [n, columns] */
export function someColumns({ values, steps }: WeightSample, { facts }: BaseModel): WeightSample {
  const columns = columnsOf(facts);
  const pick = (all: Float32Array) =>
    Float32Array.from(
      { length: (all.length / facts.hiddenSize) * columns.length },
      (_, i) => all[Math.floor(i / columns.length) * facts.hiddenSize + columns[i % columns.length]!]!,
    );
  return { values: pick(values), steps: pick(steps) };
}
