/**
 * Looks at users who are not trained on: they tell which weights are the best so far, and when to stop. A look is a forward pass; the
 * same examples with nobody set are read once.
 */
import { throwIfAborted } from '../error.ts';
import { yieldToEvents } from '../runtime/event-loop.ts';
import type { ProjectorSession } from './projector-session.ts';
import { paddedLength, targetTokens } from './row-runner.ts';
import type { SoftLoss } from './soft-loss.ts';
import type { ProjectorExample } from './train-projector.ts';
import type { BestWeights } from './training-state.ts';

/** Users who are not trained on, and how often they are looked at. */
export interface HeldOut {
  readonly examples: readonly ProjectorExample[];
  /** Steps from one look to the next; the first is before the first step. */
  readonly every: number;
  /** Steps without a better loss after which training ends. */
  readonly patience: number;
}

export interface Looks {
  /** Nats per target token of the held-out examples. */
  loss(parameters: Float32Array): Promise<number>;
  /** The same with nobody set; undefined where the examples do not say how that reads. */
  lossOfNobody(): Promise<number | undefined>;
}

export interface LooksOptions {
  readonly examples: readonly ProjectorExample[];
  readonly batch: number;
  readonly projector: ProjectorSession;
  readonly softLoss: SoftLoss;
  /** The users of rows, without noise: [batch·N, dim]. */
  readonly usersOf: (rows: readonly ProjectorExample[]) => Float32Array;
  readonly signal?: AbortSignal | undefined;
}

export function createLooks({ examples, batch, projector, softLoss, usersOf, signal }: LooksOptions): Looks {
  const batches = fullBatches(examples, batch);
  /** Mean over the target tokens. */
  const mean = async (lossOf: (rows: readonly ProjectorExample[]) => Promise<number>): Promise<number> => {
    let [nats, tokens] = [0, 0];
    for (const rows of batches) {
      await yieldToEvents();
      throwIfAborted(signal);
      const count = targetTokens(rows);
      nats += (await lossOf(rows)) * count;
      tokens += count;
    }
    return nats / tokens;
  };
  return {
    loss: (parameters) =>
      mean(async (rows) => {
        const placed = projector.place(rows, await projector.soft(parameters, usersOf(rows)));
        return softLoss.lossOf(projector.positions(rows), placed);
      }),
    lossOfNobody: async () => {
      if (examples.some(({ nobody }) => nobody === undefined)) return undefined;
      return mean((rows) => {
        // Filler rows have no target here either.
        const plain = rows.map(({ nobody, ids, targetFrom }) =>
          targetFrom < ids.length ? nobody! : { ...nobody!, targetFrom: nobody!.ids.length },
        );
        return softLoss.lossOf(projector.positions(plain), projector.place(plain, new Float32Array(0)));
      });
    },
  };
}

/** Every example once; the last batch is filled up with rows that have no target. */
function fullBatches(examples: readonly ProjectorExample[], batch: number): ProjectorExample[][] {
  const sorted = examples.toSorted((a, b) => paddedLength(a) - paddedLength(b));
  return Array.from({ length: Math.ceil(sorted.length / batch) }, (_, i) => {
    const rows = sorted.slice(i * batch, (i + 1) * batch);
    const filler = { ...rows[0]!, targetFrom: rows[0]!.ids.length };
    return [...rows, ...Array<ProjectorExample>(batch - rows.length).fill(filler)];
  });
}

export const isDue = (step: number, steps: number, { every }: HeldOut): boolean =>
  step % every === 0 || step === steps;

export const hasStalled = (step: number, best: BestWeights | undefined, { patience }: HeldOut): boolean =>
  step - (best?.step ?? 0) >= patience;
