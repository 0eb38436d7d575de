/** What `generateBatch` does, for a personalizer that says who its users are: options are checked, requests read, and answered together. */
import { Answer } from './answer.ts';
import {
  type BatchOptions,
  type BatchRequest,
  readBatchOptions,
  readRequests,
  type SoftOf,
} from './batch-requests.ts';
import type { Engine } from './engine.ts';
import type { BatchOutcome } from './generate-batch.ts';
import type { Sessions } from './sessions.ts';
import { checkTemplateReads } from './template-variables.ts';

export interface BatchOwner {
  readonly engine: Engine;
  readonly sessions: Sessions;
  /** In whose name the batch runs, and with whom it ends. */
  readonly owner: object;
  readonly softOf: SoftOf;
  /** @throws E2PError `destroyed` */
  readonly check: () => void;
}

/** @returns what became of each request, in their order */
export async function answerBatch(
  { engine, sessions, owner, softOf, check }: BatchOwner,
  requests: readonly BatchRequest[],
  options: BatchOptions | undefined,
): Promise<readonly BatchOutcome[]> {
  check();
  const { generate, variables, onResult } = readBatchOptions(options);
  const { model } = engine;
  if (variables !== undefined) checkTemplateReads(model.codec, variables);
  await Answer.check(model, generate);
  const outcomes: BatchOutcome[] = [];
  const settle = (outcome: BatchOutcome, index: number) => {
    outcomes[index] = outcome;
    onResult?.(outcome, index);
  };
  check();
  const rows = await readRequests(model, requests, variables, softOf, settle);
  check();
  await sessions.runBatch(owner, rows, generate);
  return outcomes;
}
