/**
 * How many tokens of a prompt go into one run. An abort, a withdrawn consent and the runs of other sessions wait for the run under way, so a
 * run should be short; but each run also costs a fixed time (weights that are unpacked), which short ones pay more often. The size, one of a
 * few, follows from the times measured so far.
 */
import type { BaseModel } from '../model/base-model.ts';
import { intAttribute } from '../onnx/onnx-model.ts';
import type { Runtime } from '../runtime/runtime.ts';

/** What a run should take at most, where a longer one is not cheaper. */
const AIM_MS = 250;
/** A token may cost so much more in a shorter run than in one of twice the length. */
const MOST_EXTRA = 1.06;
/** Sizes are this, doubled or halved, and the limit: as long as an ordinary first prompt. */
const FIRST = 64;
const LEAST = 16;
/** Of a run that begins a text, where its rounding depends on whether it is cut: then it must not depend on time. */
const FIRST_ROUNDED = 128;

const QUANTISED = ['DynamicQuantizeLinear', 'DynamicQuantizeMatMul', 'MatMulInteger'];

/** Activations are rounded by the largest of all that is read at once. */
export const isQuantised = ({ facts }: Pick<BaseModel, 'facts'>): boolean =>
  QUANTISED.some((name) => facts.operators.includes(name));

export class ChunkSize {
  readonly #runtime: Pick<Runtime, 'backend' | 'prefillChunk'>;
  readonly #isFixed: boolean;
  readonly #isRounded: boolean;
  /** What is left of a text for a short run has other weights: time must not tell how much that is. */
  readonly #isInt8InNode: boolean;
  /** H */
  readonly #width: number;
  /**
   * Tokens of a run → the least that such a run has taken, without the attention to what is behind it, which grows with the text; so that other
   * work on the machine does not count. Nor does the first of each size, in which memory is planned and shaders are compiled: Infinity.
   */
  readonly #least = new Map<number, number>();

  constructor(
    model: Pick<BaseModel, 'facts' | 'cpuWeights'>,
    runtime: Pick<Runtime, 'backend' | 'prefillChunk'>,
  ) {
    this.#runtime = runtime;
    const hasBits = model.facts.operators.includes('com.microsoft.MatMulNBits');
    // In WASM each run of MatMulNBits unpacks the weights first, unless they were turned into int8: at 64 tokens a prefill takes a fifth longer
    // (docs/results/prefill.md).
    const unpacks = hasBits && runtime.backend === 'wasm' && model.cpuWeights !== 'int8';
    this.#isFixed = isQuantised(model) || unpacks;
    // With `accuracy_level` 4 MatMulNBits rounds activations to 8 bits, on WASM alone it does not. In Node a text read in one run then has other logits
    // (by 0.3 on SmolLM2) than one in several, which agree however they are cut.
    this.#isRounded = hasBits && runtime.backend !== 'wasm';
    this.#isInt8InNode = model.cpuWeights === 'int8' && runtime.backend === 'cpu';
    this.#width = model.facts.hiddenSize;
  }

  /**
   * Columns of the next run.
   * @param past tokens of the text that were read before
   * @param rows texts that are read together
   */
  next(past: number, rows = 1): number {
    const limit = this.#runtime.prefillChunk;
    if (this.#isFixed) return limit;
    if (this.#isInt8InNode) return Math.min(limit, FIRST_ROUNDED);
    // A row of a batch is cut where it would be alone.
    if (this.#isRounded && past === 0) return Math.min(limit, FIRST_ROUNDED);
    return Math.min(limit, Math.max(1, Math.floor(this.#measured(limit, past) / rows)));
  }

  /**
   * A run of so many tokens, of all rows together, has taken so long.
   * @param seen tokens that one of them attended to, on average
   */
  note(tokens: number, ms: number, seen: number): void {
    const before = this.#least.get(tokens);
    const alone = ms / this.#withAttention(seen);
    this.#least.set(tokens, before === undefined ? Number.POSITIVE_INFINITY : Math.min(alone, before));
  }

  /** Of a token and layer, attention takes 2·seen·H multiplications, all else about 12·H². Less where a layer sees a window only. */
  #withAttention(seen: number): number {
    return 1 + seen / (6 * this.#width);
  }

  /** The size to read with, or one that has to be measured before that is known. */
  #measured(limit: number, past: number): number {
    const perToken = (size: number) => (this.#least.get(size) ?? Number.POSITIVE_INFINITY) / size;
    const time = (size: number) => perToken(size) * size * this.#withAttention(past + size / 2);
    const isKnown = (size: number) => perToken(size) < Number.POSITIVE_INFINITY;
    let size = Math.min(FIRST, limit);
    if (!isKnown(size)) return size;
    while (time(size) > AIM_MS && size >= 2 * LEAST) {
      const shorter = Math.floor(size / 2);
      if (!isKnown(shorter)) return shorter;
      if (perToken(shorter) > MOST_EXTRA * perToken(size)) break;
      size = shorter;
    }
    if (size < Math.min(FIRST, limit)) return size;
    while (size < limit) {
      const longer = Math.min(limit, 2 * size);
      if (!isKnown(longer)) return longer;
      if (time(longer) > AIM_MS && perToken(size) <= MOST_EXTRA * perToken(longer)) return size;
      size = longer;
    }
    return size;
  }
}

/** Whether activations are rounded, in one token otherwise than in several: by quantised operators, and those of MatMulNBits with `accuracy_level` 4, which WASM has no kernel for. */
export const roundsActivations = (model: BaseModel, { backend }: Runtime): boolean =>
  isQuantised(model) ||
  (backend !== 'wasm' &&
    model.table.model.graph.nodes.some(
      (node) => node.opType === 'MatMulNBits' && intAttribute(node, 'accuracy_level', 0) === 4,
    ));
