/** What a batch is asked for: who, and what each is to be answered. Each request is read by itself, and what is wrong with one is its own error. */
import { checkWhole, readArgument } from '../error.ts';
import type { BaseModel } from '../model/base-model.ts';
import type { TemplateVariables } from '../model/chat-template.ts';
import type { ChatMessage } from '../model/text-codec.ts';
import { createReader } from '../user/read-untrusted.ts';
import type { EmbeddingInput } from '../user/user-embedding.ts';
import type { GenerateOptions } from './answer.ts';
import type { BatchOutcome, BatchRow } from './generate-batch.ts';
import { buildInput, type SoftTokens } from './prompt.ts';
import { type PromptInput, readInput } from './prompt-input.ts';
import { BATCH_OPTIONS, readOptions } from './session.ts';
import { readTemplateVariables } from './template-variables.ts';

/** One of many: a prompt, and whom its answer is for. */
export interface BatchRequest {
  /** As of `session.prompt`. */
  readonly prompt: PromptInput;
  /** Whom it is for; absent: nobody, the bare model. */
  readonly user?: EmbeddingInput;
  /** λ, as of `createSession`. Default 1. */
  readonly strength?: number;
}

/** Options of a generation, the same for all: with a `seed` each draws as it would alone. */
export interface BatchOptions extends Omit<GenerateOptions, 'onText' | 'onReasoning'> {
  /** Answers that are computed together, at most; default 16. More need more memory. */
  readonly batchSize?: number;
  /** As of `createSession`, for all of them. */
  readonly templateVariables?: TemplateVariables;
  /** Each outcome as soon as it is known, with the index of its request. */
  readonly onResult?: (outcome: BatchOutcome, index: number) => void;
}

const DEFAULT_BATCH_SIZE = 16;
/** A number beyond this is a mistake: each row has a KV cache. */
const MOST_ROWS = 4096;

export function readBatchOptions(given: BatchOptions | undefined) {
  const {
    batchSize = DEFAULT_BATCH_SIZE,
    templateVariables,
    onResult,
    ...rest
  } = readArgument('the options of a batch', () => ({ ...given }));
  checkWhole('batchSize', batchSize, 1, MOST_ROWS);
  if (onResult !== undefined && typeof onResult !== 'function')
    createReader('invalid-argument', 'the options of a batch').refuse('onResult', 'a function');
  const variables = templateVariables && readTemplateVariables(templateVariables);
  const generate = readOptions(rest, BATCH_OPTIONS);
  return { generate: { ...generate, batchSize }, variables, onResult };
}

/** What stands for a request's user, who is asked this. */
export type SoftOf = (
  request: BatchRequest,
  messages: readonly ChatMessage[],
) => Promise<SoftTokens | undefined>;

/**
 * @param softOf what stands for a request's user
 * @param settle called at once for a request that is refused, with its row for the others later
 */
export async function readRequests(
  model: BaseModel,
  requests: readonly BatchRequest[],
  variables: TemplateVariables | undefined,
  softOf: SoftOf,
  settle: (outcome: BatchOutcome, index: number) => void,
): Promise<readonly BatchRow[]> {
  const reader = createReader('invalid-argument', 'the requests');
  const rows: BatchRow[] = [];
  for (const [index, given] of reader.list(requests, '', Number.MAX_SAFE_INTEGER).entries()) {
    try {
      const fields = readArgument('a request', () => ({ ...(given as BatchRequest) }));
      const request = reader.fields(fields, 'a request', [
        'prompt',
        'user',
        'strength',
      ]) as never as BatchRequest;
      const { messages, prefix } = readInput(request.prompt);
      const prompt = buildInput(model, messages, await softOf(request, messages), { prefix, variables });
      const isBegun = prefix !== undefined && prefix !== '';
      rows.push({ prompt, isBegun, settle: (outcome) => settle(outcome, index) });
    } catch (reason) {
      settle({ status: 'rejected', reason }, index);
    }
  }
  return rows;
}
