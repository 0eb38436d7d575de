/**
 * What the LLM is told of a person in each condition of the evaluation: the same lines as soft tokens, as text in either of two
 * places, as keywords picked from them, or not at all. All conditions read the same question.
 */

import type { TokenRun } from '../../src/generate/decoder.ts';
import { buildInput } from '../../src/generate/prompt.ts';
import type { BaseModel } from '../../src/model/base-model.ts';
import type { ChatMessage } from '../../src/model/text-codec.ts';
import { type Projector, projectAtStrength } from '../../src/projector/projector.ts';
import { spelledOut } from './slots.ts';

export interface Told {
  readonly lines: readonly string[];
  /** [lines, dim], from the sentence encoder. */
  readonly vectors: Float32Array;
}

export interface Sources {
  readonly model: BaseModel;
  readonly projector: Projector;
  /** Trained with the same budget without knowing anybody. */
  readonly constant?: Projector | undefined;
}

/** Soft tokens of a person at a strength; `person` undefined = the mean user. */
export function softPrompt(
  { model, projector }: Sources,
  question: string,
  vectors: Float32Array | undefined,
  strength = 1,
): TokenRun {
  const { slot, space } = projector.contract;
  const values = vectors ?? Float32Array.from(space.mean);
  const soft = projectAtStrength(projector, values, strength, model.facts.embedding.scale);
  return buildInput(model, [{ role: 'user', content: question }], { vectors: soft, slot });
}

/** Words in both slots of the soft tokens. */
export const inSlots = (model: BaseModel, question: string, words: string): TokenRun =>
  plain(model, spelledOut(question, words));

/** A persona as apps write it today: in the system message. */
export function inSystem(model: BaseModel, question: string, lines: readonly string[]): TokenRun {
  const told = `You are a helpful assistant. The user says about themselves: ${lines.join(' ')}`;
  return plain(model, [
    { role: 'system', content: told },
    { role: 'user', content: question },
  ]);
}

/** The lines behind the question, in the user's turn. */
export const afterQuestion = (model: BaseModel, question: string, lines: readonly string[]): TokenRun =>
  plain(model, [{ role: 'user', content: `${question} ${lines.join(' ')}` }]);

export const nobody = (model: BaseModel, question: string): TokenRun =>
  plain(model, [{ role: 'user', content: question }]);

const plain = (model: BaseModel, messages: readonly ChatMessage[]): TokenRun => buildInput(model, messages);
