/**
 * The projector at work in training: soft tokens of a batch, and the gradient of its parameters once the base model has said
 * what the soft tokens' own is. A user who is a set has a row of the projector for each vector; a soft token may stand at several
 * positions of a prompt, whose gradients add up.
 */
import { writeOnnx } from '../onnx/onnx-file.ts';
import type { Runtime, RuntimeSession } from '../runtime/runtime.ts';
import type { ParameterLayout } from './parameters.ts';
import { type ProjectorShape, projectorGraph } from './projector-graph.ts';
import type { TrainingRow } from './row-runner.ts';

export interface ProjectorSessionOptions {
  readonly shape: ProjectorShape;
  readonly layout: ParameterLayout;
  readonly runtime: Runtime;
  readonly batch: number;
  /** N: vectors of a user at most. */
  readonly vectors: number;
  /** P: soft positions of a prompt at most. */
  readonly places: number;
}

/** A row that says which of its user's n·K soft tokens stands at each soft position; default: the first at the first, and so on. */
export interface PlacedRow extends TrainingRow {
  readonly softIndices?: readonly number[];
}

export interface ProjectorSession {
  /** @param x [batch·N, dim], standardised; 0 where a user has fewer vectors. @returns [batch·N, K, H] */
  soft(parameters: Float32Array, x: Float32Array): Promise<Float32Array>;
  /** Adds ∂L/∂parameters to `gradient`, from `upstream` = ∂L/∂soft [batch·N, K, H]. */
  addGradient(
    parameters: Float32Array,
    x: Float32Array,
    upstream: Float32Array,
    gradient: Float32Array,
  ): Promise<void>;
  /** What stands at each soft position of the rows: [batch, P, H]. */
  place(rows: readonly PlacedRow[], soft: Float32Array): Float32Array;
  /** The other way: gradients at soft positions [batch, P, H], added up by soft token [batch·N, K, H]. */
  collect(rows: readonly PlacedRow[], placed: Float32Array): Float32Array;
  /** The rows as they go to the base model, with P soft positions each. */
  positions<T extends PlacedRow>(rows: readonly T[]): T[];
  release(): Promise<void>;
}

export async function createProjectorSession(options: ProjectorSessionOptions): Promise<ProjectorSession> {
  const { shape, layout, runtime, batch, vectors, places } = options;
  const { tokens, hiddenSize } = shape;
  const count = batch * vectors;
  const session: RuntimeSession = await runtime.createSession(writeOnnx(projectorGraph(shape, count)));
  const zeros = new Float32Array(count * tokens * hiddenSize);
  const run = (parameters: Float32Array, x: Float32Array, upstream: Float32Array) =>
    session.run({
      x: runtime.tensor('float32', x, [count, shape.dim]),
      upstream: runtime.tensor('float32', upstream, [count, tokens, hiddenSize]),
      ...parameterFeeds(runtime, parameters, layout),
    });
  /** Of each soft position of each row: where its numbers begin, in what is placed and in what is projected. */
  const each = (rows: readonly PlacedRow[], move: (placed: number, soft: number) => void) => {
    for (const [b, { softPositions, softIndices }] of rows.entries()) {
      for (const [p, at] of softPositions.entries()) {
        if (at < 0) continue;
        const index = b * vectors * tokens + (softIndices?.[p] ?? p);
        move((b * places + p) * hiddenSize, index * hiddenSize);
      }
    }
  };
  return {
    soft: async (parameters, x) => (await run(parameters, x, zeros)).soft!.data as Float32Array,
    addGradient: async (parameters, x, upstream, gradient) => {
      const outputs = await run(parameters, x, upstream);
      addTo(gradient, outputs, layout, 1);
    },
    place: (rows, soft) => {
      const placed = new Float32Array(batch * places * hiddenSize);
      each(rows, (to, from) => placed.set(soft.subarray(from, from + hiddenSize), to));
      return placed;
    },
    collect: (rows, placed) => {
      const soft = new Float32Array(count * tokens * hiddenSize);
      each(rows, (from, to) => {
        for (let i = 0; i < hiddenSize; i++) soft[to + i]! += placed[from + i]!;
      });
      return soft;
    },
    positions: (rows) =>
      rows.map((row) => ({
        ...row,
        softPositions: Array.from({ length: places }, (_, p) => row.softPositions[p] ?? -1),
      })),
    release: () => session.release(),
  };
}

export function parameterFeeds(runtime: Runtime, parameters: Float32Array, layout: ParameterLayout) {
  return Object.fromEntries(
    layout.map(({ name, dims, from, to }) => [
      name,
      runtime.tensor('float32', parameters.slice(from, to), dims),
    ]),
  );
}

/** Adds `share` times the parameter gradients that a graph gave out. */
export function addTo(
  gradient: Float32Array,
  outputs: Awaited<ReturnType<RuntimeSession['run']>>,
  layout: ParameterLayout,
  share: number,
): void {
  for (const { name, from } of layout) {
    const values = outputs[`grad/${name}`]?.data as Float32Array | undefined;
    for (let i = 0; i < (values?.length ?? 0); i++) gradient[from + i]! += share * values![i]!;
  }
}
