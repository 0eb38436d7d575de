/**
 * For tests and `npm run make:exports`: whether a small decoder that an exporter wrote generates and trains here as the file itself does. The
 * reference is onnxruntime on the file as it is, which reads the whole text at once; ours reads it in two pieces, with a cache, and with a
 * soft token that is a token's own embedding.
 */

import { E2PError } from '../../error.ts';
import { Decoder } from '../../generate/decoder.ts';
import { type BaseModel, loadBaseModel } from '../../model/base-model.ts';
import type { Dtype } from '../../model/model-config.ts';
import { TRAINING } from '../../onnx/training-graph.ts';
import type { Runtime } from '../../runtime/runtime.ts';
import type { FileSource } from '../../storage/file-source.ts';
import { trainingModel } from '../../train/training-model.ts';
import { floatsOf, integersOf } from '../zoo/zoo-gradient.ts';
import { PlainModel } from './plain-model.ts';

/** Tokens that every small model has. */
export const IDS = [3, 7, 5, 9, 4, 2, 8, 11, 6] as const;

export interface ExportCheck {
  readonly source: FileSource;
  readonly runtime: Runtime;
  /** What runs the file as it is; default `runtime`. */
  readonly reference?: Runtime;
  /** Tokens of a run; default all in the file as it is, five and the rest in ours. */
  readonly step?: number;
}

/** `right`, or why not: a refusal's own words. */
export interface ExportOutcome {
  readonly generates: string;
  readonly trains: string;
}

const DTYPES: readonly Dtype[] = ['fp32', 'fp16', 'q4', 'q4f16', 'int8', 'q8', 'uint8'];

/** @throws what is neither right nor refused */
export async function checkExport(check: ExportCheck): Promise<ExportOutcome> {
  let model: BaseModel;
  try {
    model = await loadBaseModel({ source: check.source, dtypes: DTYPES });
  } catch (error) {
    return { generates: refusalOf(error), trains: '' };
  }
  // Activations are quantised by the largest of a run, so that runs have to be the same.
  const isDynamic = model.facts.operators.includes('DynamicQuantizeLinear');
  const whole = await plainLogits({ ...(isDynamic ? { step: 5 } : {}), ...check }, model);
  await checkGeneration(check, model, whole);
  try {
    await checkTraining(check.runtime, model, await plainLogits(check, model, true));
    return { generates: 'right', trains: 'right' };
  } catch (error) {
    return { generates: 'right', trains: refusalOf(error) };
  }
}

function refusalOf(error: unknown): string {
  if (error instanceof E2PError && (error.code === 'unsupported-graph' || error.code === 'invalid-model'))
    return error.message;
  throw error;
}

/** From where to where each run reads. */
const runsOf = (step: number): readonly (readonly [number, number])[] =>
  Array.from({ length: Math.ceil(IDS.length / step) }, (_, i) => [
    i * step,
    Math.min(IDS.length, (i + 1) * step),
  ]);

/** Logits of the last run's positions [n, columns], by the file as it is. */
async function plainLogits(
  { source, runtime, reference = runtime, step = IDS.length }: ExportCheck,
  model: BaseModel,
  exact = false,
): Promise<Float32Array> {
  const options = { dtypes: DTYPES, exact, positions: IDS.length };
  const plain = await PlainModel.open(source, reference, model, options);
  let logits = new Float32Array(0);
  for (const [from, to] of runsOf(step)) logits = new Float32Array(await plain.read(IDS.slice(from, to)));
  await plain.release();
  return logits;
}

/** Of their largest: rounding of the type that is computed in. Where activations are quantised by their largest, another number of rows rounds them otherwise. */
const tolerance = ({ facts }: BaseModel): number =>
  [facts.activationType, facts.head.type].includes('float16') ||
  facts.operators.includes('DynamicQuantizeLinear')
    ? 2e-2
    : 1e-4;

async function checkGeneration(
  { runtime, step = 5 }: ExportCheck,
  model: BaseModel,
  whole: Float32Array,
): Promise<void> {
  const { facts } = model;
  const { head, vocabularySize } = facts;
  const expected = whole.slice(-head.columns).slice(0, Math.min(head.columns, vocabularySize));
  const scale = Math.max(...expected.map(Math.abs));
  const decoder = await Decoder.create(model, runtime);
  const own = await model.tokenEmbeddings(runtime, [IDS[2]]);
  for (const soft of [undefined, new Map([[2, own]])]) {
    const ids = IDS.map((id, i) => (soft?.has(i) ? 0 : id));
    let cache = decoder.emptyCache();
    let logits = new Float32Array(0);
    for (const [from, to] of runsOf(step)) {
      const here = [...(soft ?? [])].map(([at, vector]) => [at - from, vector] as const);
      const run = {
        ids: ids.slice(from, to),
        soft: new Map(here.filter(([at]) => at >= 0 && at < to - from)),
      };
      const read = await decoder.read(cache, run);
      cache = read.cache;
      logits = new Float32Array(read.logits);
    }
    const worst = Math.max(...logits.map((v, i) => Math.abs(v - expected[i]!)));
    if (logits.length !== expected.length || !(worst <= tolerance(model) * Math.max(1, scale))) {
      throw new Error(
        `${soft ? 'with a soft token' : 'in pieces'} ${logits.length} logits differ by ${worst} from the ${expected.length} of the file itself, of which the largest is ${scale}`,
      );
    }
  }
  if (whole.length === IDS.length * head.columns && !facts.operators.includes('DynamicQuantizeLinear')) {
    const scores = await decoder.score({ ids: IDS }, 1);
    const at = IDS.length - 2;
    const scored = scores.at(-1)! + surprisal(whole.subarray(at * head.columns), head.columns, IDS[at + 1]!);
    if (!(Math.abs(scored) <= tolerance(model) * Math.max(1, scale))) {
      throw new Error(`the last token's score differs by ${scored} from that of the file's own logits`);
    }
  }
  await decoder.release();
}

/** −log p of a token, of the first `columns` logits. */
function surprisal(logits: Float32Array, columns: number, id: number): number {
  const row = logits.subarray(0, columns);
  const most = Math.max(...row);
  return most + Math.log(row.reduce((all, v) => all + Math.exp(v - most), 0)) - row[id]!;
}

/** The loss is that of the file's own logits, and the gradient agrees with differences. */
async function checkTraining(runtime: Runtime, model: BaseModel, whole: Float32Array): Promise<void> {
  const targets = 3;
  const session = await trainingModel(model).createTrainingSession(runtime, {
    ...{ batch: 1, length: IDS.length, targets, softTokens: 2 },
  });
  const { hiddenSize, head } = model.facts;
  const predicting = [5, 6, 7];
  const run = async (soft: Float32Array, places: readonly number[]) => {
    const out = await session.run({
      [TRAINING.ids]: integersOf(runtime, IDS, [1, IDS.length]),
      [TRAINING.soft]: floatsOf(runtime, soft, [1, 2, hiddenSize]),
      [TRAINING.softPositions]: integersOf(runtime, places, [1, 2]),
      [TRAINING.predicting]: integersOf(runtime, predicting, [1, targets]),
      [TRAINING.targets]: integersOf(
        runtime,
        predicting.map((at) => IDS[at + 1]!),
        [1, targets],
      ),
      [TRAINING.weights]: floatsOf(runtime, Array(targets).fill(1), [1, targets]),
    });
    return {
      loss: Number(out[TRAINING.loss]!.data[0]),
      gradient: out[TRAINING.gradient]!.data as Float32Array,
    };
  };
  const soft = Float32Array.from({ length: 2 * hiddenSize }, (_, i) => Math.sin(i * 1.3) / 4);
  if (whole.length === IDS.length * head.columns) {
    const expected = predicting.reduce(
      (sum, at) => sum + surprisal(whole.subarray(at * head.columns), head.columns, IDS[at + 1]!),
      0,
    );
    const { loss } = await run(soft, [-1, -1]);
    // Weights in quantize and dequantize pairs are multiplied in int8 by onnxruntime.
    const rounding = Math.max(
      3 * tolerance(model),
      model.facts.operators.includes('DequantizeLinear') ? 5e-3 : 0,
    );
    if (!(Math.abs(loss - expected) <= rounding * Math.max(1, expected))) {
      throw new Error(`the loss is ${loss}, that of the file's own logits ${expected}`);
    }
  }
  const { gradient } = await run(soft, [1, 4]);
  const norm = Math.hypot(...gradient);
  const at = async (step: number) =>
    (
      await run(
        soft.map((v, i) => v + (step * gradient[i]!) / norm),
        [1, 4],
      )
    ).loss;
  const isHalf = tolerance(model) > 1e-3;
  const slopes: number[] = [];
  const isNear = (slope: number) => Math.abs(slope / norm - 1) <= (isHalf ? 0.05 : 0.02);
  // Float16 comes and goes between the nodes: short steps are lost in its rounding.
  for (const step of isHalf ? [0.1, 0.03, 0.01] : [0.01, 0.003, 0.001]) {
    const near = (await at(step)) - (await at(-step));
    const far = (await at(2 * step)) - (await at(-2 * step));
    slopes.push((8 * near - far) / (12 * step));
    if (isNear(slopes.at(-1)!)) break;
  }
  await session.release();
  if (!(norm > 1e-4) || !isNear(slopes.at(-1)!)) {
    throw new Error(`the gradient's norm is ${norm}, differences give ${slopes.join(', ')}`);
  }
}
