/**
 * A conversation becomes a token sequence with slots: the chat template is rendered, tokenised, and soft tokens
 * take their places, after BOS or wherever a placeholder stands.
 */
import { E2PError } from '../error.ts';
import type { BaseModel } from '../model/base-model.ts';
import type { ChatMessage } from '../model/text-codec.ts';
import type { TokenRun } from './decoder.ts';

/** Where soft tokens go: right after BOS, or at each occurrence of a placeholder in the rendered text. */
export type Slot = 'after-bos' | { readonly placeholder: string };

export interface SoftTokens {
  /** K vectors [H] each; none closes the slots. */
  readonly vectors: readonly Float32Array[];
  readonly slot: Slot;
}

/** @throws E2PError `invalid-argument` where a placeholder slot has no placeholder in the messages. */
export function buildPrompt(model: BaseModel, messages: readonly ChatMessage[], soft?: SoftTokens): TokenRun {
  const text = model.codec.renderChat(messages);
  return placeSoftTokens(model, text, soft);
}

/** The messages through the model's template; their bare texts where it has none. */
export function buildInput(model: BaseModel, messages: readonly ChatMessage[], soft?: SoftTokens): TokenRun {
  if (model.codec.hasTemplate) return buildPrompt(model, messages, soft);
  return buildCompletion(model, messages.map((m) => m.content).join('\n'), soft);
}

/** A text without any template, as a base model continues it; BOS comes from the tokenizer. */
export function buildCompletion(model: BaseModel, text: string, soft?: SoftTokens): TokenRun {
  const bos = bosId(model);
  const ids = model.codec.encodePlain(text);
  return place(bos === undefined || ids[0] === bos ? ids : [bos, ...ids], bos, soft);
}

function placeSoftTokens(model: BaseModel, text: string, soft: SoftTokens | undefined): TokenRun {
  if (soft === undefined || soft.slot === 'after-bos') {
    return place(model.codec.encode(text), bosId(model), soft);
  }
  const { placeholder } = soft.slot;
  const parts = text.split(placeholder);
  if (parts.length === 1 && soft.vectors.length > 0) {
    throw new E2PError(
      'invalid-argument',
      `the prompt has no ${placeholder}, the slot that the projector was trained for`,
    );
  }
  const ids: number[] = [];
  const vectors = new Map<number, Float32Array>();
  parts.forEach((part, i) => {
    if (i > 0) {
      for (const vector of soft.vectors) {
        vectors.set(ids.length, vector);
        ids.push(0);
      }
    }
    ids.push(...model.codec.encode(part));
  });
  return { ids, soft: vectors };
}

function place(ids: readonly number[], bos: number | undefined, soft: SoftTokens | undefined): TokenRun {
  if (soft === undefined) return { ids };
  const at = bos !== undefined && ids[0] === bos ? 1 : 0;
  const placeholders = soft.vectors.map(() => 0);
  return {
    ids: [...ids.slice(0, at), ...placeholders, ...ids.slice(at)],
    soft: new Map(soft.vectors.map((vector, k) => [at + k, vector])),
  };
}

function bosId(model: BaseModel): number | undefined {
  const token = model.codec.bosToken;
  return (token === undefined ? undefined : model.codec.tokenId(token)) ?? model.config.bosTokenId;
}
