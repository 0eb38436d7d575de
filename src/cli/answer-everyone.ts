/** `e2p generate --everyone`: an answer for each user of a file, in batches; one line of JSON each as soon as it is known. */
import type { BatchOptions, BatchOutcome, Personalizer, PromptInput } from '../node.ts';
import type { Users } from '../train/training-data.ts';

export interface EveryoneOptions {
  readonly users: Users;
  readonly space: string;
  readonly prompt: PromptInput;
  readonly strength: number;
  readonly batch: BatchOptions;
  /** With ids and timings. */
  readonly isWhole: boolean;
}

/** What fails for one user is that user's line, and the exit code is 1. */
export async function answerEveryone(
  personalizer: Personalizer,
  { users, space, prompt, strength, batch, isWhole }: EveryoneOptions,
): Promise<void> {
  const ids = [...users.rows.keys()];
  const requests = [...users.rows.values()].map((values) => ({ prompt, strength, user: { space, values } }));
  const onResult = (outcome: BatchOutcome, index: number) => {
    if (outcome.status === 'rejected') process.exitCode = 1;
    process.stdout.write(`${JSON.stringify({ user: ids[index], ...lineOf(outcome, isWhole) })}\n`);
  };
  await personalizer.generateBatch(requests, { ...batch, onResult });
}

function lineOf(outcome: BatchOutcome, isWhole: boolean): object {
  if (outcome.status === 'rejected') {
    const { code, message } = outcome.reason;
    return { error: code, message };
  }
  const { text, reasoning, finishReason } = outcome.value;
  return isWhole ? outcome.value : { text, ...(reasoning !== undefined && { reasoning }), finishReason };
}
