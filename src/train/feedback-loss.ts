/**
 * What feedback asks of an embedding, and in which direction it would be better: through the frozen model to the soft tokens, and through the
 * frozen projector to the standardised embedding z. With r(y) = log p(y | z) − log p(y | embedding that was given), of a whole answer:
 *
 *   up, edit    −log p(answer) per token
 *   choice      −log σ(β(r(answer) − r(other))), as DPO (Rafailov et al., arXiv 2305.18290), mean over the others; for an edit beside the above
 *   down        −log σ(−β r(answer)), bounded below, as NPO (Zhang et al., arXiv 2404.05868)
 *
 * A phrase of the projector has no gradient: what is differentiated is the mixture of words, as in training (`planned-projector.ts`).
 */
import { buildInput, encodeText } from '../generate/prompt.ts';
import type { BaseModel } from '../model/base-model.ts';
import { writeOnnx } from '../onnx/onnx-file.ts';
import { TRAINING } from '../onnx/training-graph.ts';
import { type Projector, projectAtStrength } from '../projector/projector.ts';
import type { Runtime } from '../runtime/runtime.ts';
import type { FeedbackRow } from '../user/feedback-row.ts';
import { flatten, parameterLayout } from './parameters.ts';
import { shapeOf } from './planned-projector.ts';
import { projectorGraph } from './projector-graph.ts';
import { parameterFeeds } from './projector-session.ts';
import { createReadyGraphs, type ReadyGraphs } from './ready-graphs.ts';
import { createRowRunner, paddedLength, type TrainingRow } from './row-runner.ts';

/** β of DPO and NPO: how soon a preference counts as followed. */
const BETA = 1;
/** Rows that go through the model at once. */
const BATCH = 4;

/** A row of feedback whose texts are token rows: that of its answer, then those of the others. */
export interface FeedbackItem {
  readonly kind: FeedbackRow['kind'];
  readonly texts: readonly Text[];
}

interface Text {
  readonly prompt: FeedbackRow['prompt'];
  readonly answer: readonly number[];
}

export interface FeedbackLossOptions {
  readonly model: BaseModel;
  readonly runtime: Runtime;
  /** With the rows of its anchors. */
  readonly projector: Projector;
  /** n: vectors of the user. */
  readonly vectors: number;
  /** Made before and released by whoever made them. Default: its own. */
  readonly graphs?: ReadyGraphs | undefined;
}

/** Nats of each text of an item, whole. */
export type Nats = readonly number[];

export interface FeedbackLoss {
  /** Undefined where a text is too long together with its prompt. */
  prepare(row: FeedbackRow, maxLength: number): FeedbackItem | undefined;
  /** By the projector as it is deployed. @param values [n, dim] as an app gives it */
  nats(items: readonly FeedbackItem[], values: Float32Array): Promise<Nats[]>;
  /** @param z [n, dim] standardised. @param given of each item, what the embedding before says. @returns means over the items */
  at(
    items: readonly FeedbackItem[],
    z: Float32Array,
    given: readonly Nats[],
  ): Promise<{ readonly loss: number; readonly gradient: Float32Array }>;
  release(): Promise<void>;
}

/** Loss of an item, by which tokens its answer has, and its derivative by the nats of each text. */
export function itemLoss(
  { kind, texts }: FeedbackItem,
  nats: Nats,
  given: Nats,
): { loss: number; by: number[] } {
  const by = texts.map(() => 0);
  const ratio = (i: number) => given[i]! - nats[i]!;
  const share = 1 / texts[0]!.answer.length;
  if (kind === 'down') {
    by[0] = -share * sigmoid(BETA * ratio(0));
    return { loss: (share * softplus(BETA * ratio(0))) / BETA, by };
  }
  let loss = 0;
  if (kind !== 'choice') {
    by[0] = share;
    loss = share * nats[0]!;
  }
  const others = texts.length - 1;
  for (let i = 1; i <= others; i++) {
    const behind = BETA * (ratio(i) - ratio(0));
    const slope = (share * sigmoid(behind)) / others;
    loss += (share * softplus(behind)) / (BETA * others);
    by[0]! += slope;
    by[i]! -= slope;
  }
  return { loss, by };
}

const sigmoid = (x: number): number => 1 / (1 + Math.exp(-x));
const softplus = (x: number): number => Math.max(0, x) + Math.log1p(Math.exp(-Math.abs(x)));

export async function createFeedbackLoss(options: FeedbackLossOptions): Promise<FeedbackLoss> {
  const { model, runtime, projector, vectors } = options;
  const { contract, weights } = projector;
  const { dim } = contract.space;
  const { hiddenSize, embedding } = model.facts;
  const residual = weights.skipWeight.length > 0;
  const shape = shapeOf({ ...projector, residual });
  const layout = parameterLayout(shape);
  const parameters = flatten(weights, layout);
  const factor = contract.scaleSide === 'preScale' ? (embedding.scale ?? 1) : 1;
  const count = vectors * contract.tokens;
  const graphs = options.graphs ?? createReadyGraphs({ model, runtime });
  const layers = await runtime.createSession(writeOnnx(projectorGraph(shape, vectors, ['x'])));
  /** Soft tokens [n·K, H] of z, and the gradient of z for one of theirs. */
  const project = async (z: Float32Array, upstream: Float32Array) => {
    const outputs = await layers.run({
      x: runtime.tensor('float32', z, [vectors, dim]),
      upstream: runtime.tensor('float32', upstream, [vectors, contract.tokens, hiddenSize]),
      ...parameterFeeds(runtime, parameters, layout),
    });
    return { soft: outputs.soft!.data as Float32Array, gradient: outputs['grad/x']!.data as Float32Array };
  };
  const end = model.config.eosTokenIds[0];
  /** Where which of some soft tokens stands in a text. */
  const placed = ({ prompt, answer }: Text, soft: readonly Float32Array[]) => {
    const { ids, soft: places } = buildInput(model, prompt, { vectors: soft, slot: contract.slot });
    const row = { ids: [...ids, ...answer], targetFrom: ids.length };
    return {
      row,
      at: [...(places ?? [])].map(([position, vector]) => ({ position, index: soft.indexOf(vector) })),
    };
  };
  /** Each text once through the model; what it finds of a text goes to `onText`, with the gradient of each soft token [count·H] where asked for. */
  const pass = async (
    texts: readonly Text[],
    soft: readonly Float32Array[],
    gradient: boolean,
    onText: (i: number, nats: number, gradient: Float32Array | undefined) => void,
  ): Promise<void> => {
    const found = texts.map((text, i) => ({ ...placed(text, soft), i }));
    const most = found.reduce((sum, { at }) => Math.max(sum, at.length), 1);
    const sizes = { model, runtime, hiddenSize, batch: BATCH, softTokens: most, graphs, gradient };
    const runner = createRowRunner(sizes);
    const rows = found
      .map((each) => {
        const softPositions = Array.from({ length: most }, (_, p) => each.at[p]?.position ?? -1);
        return { ...each, row: { ...each.row, softPositions } satisfies TrainingRow };
      })
      .sort((a, b) => paddedLength(a.row) - paddedLength(b.row));
    for (let from = 0; from < rows.length; from += BATCH) {
      const some = rows.slice(from, from + BATCH);
      const full = Array.from({ length: BATCH }, (_, b) => some[b] ?? some[0]!);
      const x = new Float32Array(BATCH * most * hiddenSize);
      const start = (b: number, p: number) => (b * most + p) * hiddenSize;
      for (const [b, { at }] of full.entries())
        for (const [p, { index }] of at.entries()) x.set(soft[index]!, start(b, p));
      const outputs = await runner.run(
        full.map(({ row }) => row),
        x,
        1,
      );
      const nats = outputs[TRAINING.rowLoss]!.data as Float32Array;
      const slopes = gradient ? (outputs[TRAINING.gradient]!.data as Float32Array) : undefined;
      for (const [b, { i, at }] of some.entries()) {
        const sum = slopes && new Float32Array(soft.length * hiddenSize);
        for (const [p, { index }] of at.entries()) {
          for (let h = 0; sum && h < hiddenSize; h++)
            sum[index * hiddenSize + h]! += slopes![start(b, p) + h]!;
        }
        onText(i, nats[b]!, sum);
      }
      x.fill(0);
    }
  };
  return {
    prepare: ({ kind, prompt, answer, others }, maxLength) => {
      const texts = [answer, ...others].map((text) => ({
        prompt,
        answer: [...encodeText(model, text), ...(end === undefined ? [] : [end])],
      }));
      const most = Array.from({ length: count }, () => new Float32Array(0));
      const isShort = texts.every((text) => placed(text, most).row.ids.length <= maxLength);
      return isShort ? { kind, texts } : undefined;
    },
    nats: async (items, values) => {
      const soft = projectAtStrength(projector, values, 1, embedding.scale);
      const texts = items.flatMap((item) => item.texts);
      const all = new Float64Array(texts.length);
      await pass(texts, soft, false, (i, nats) => {
        all[i] = nats;
      });
      let next = 0;
      return items.map((item) => item.texts.map(() => all[next++]!));
    },
    at: async (items, z, given) => {
      const { soft } = await project(z, new Float32Array(count * hiddenSize));
      const vectorsOfSoft = Array.from({ length: count }, (_, k) =>
        soft.slice(k * hiddenSize, (k + 1) * hiddenSize).map((v) => v * factor),
      );
      const texts = items.flatMap((item, n) => item.texts.map((text, t) => ({ ...text, n, t })));
      const slopes: (Float32Array | undefined)[] = [];
      const nats = items.map((item) => item.texts.map(() => 0));
      await pass(texts, vectorsOfSoft, true, (i, found, slope) => {
        const { n, t } = texts[i]!;
        nats[n]![t] = found;
        slopes[i] = slope;
      });
      const losses = items.map((item, n) => itemLoss(item, nats[n]!, given[n]!));
      const upstream = new Float32Array(count * hiddenSize);
      for (const [i, { n, t }] of texts.entries()) {
        const share = (factor * losses[n]!.by[t]!) / items.length;
        for (const [k, slope] of slopes[i]!.entries()) upstream[k]! += share * slope;
      }
      const { gradient } = await project(z, upstream);
      const loss = losses.reduce((sum, each) => sum + each.loss, 0) / items.length;
      return { loss, gradient };
    },
    release: async () => {
      await layers.release();
      if (options.graphs === undefined) await graphs.release();
      parameters.fill(0);
    },
  };
}

/** Mean over the items. */
export function meanLoss(
  items: readonly FeedbackItem[],
  nats: readonly Nats[],
  given: readonly Nats[],
): number {
  return items.reduce((sum, item, n) => sum + itemLoss(item, nats[n]!, given[n]!).loss, 0) / items.length;
}
