/**
 * What the LLM is told of a person in each condition of the evaluation: the same lines as soft tokens, as text in either of two
 * places, as keywords picked from them, or not at all. All conditions read the same question.
 */

import type { TokenRun } from '../../src/generate/decoder.ts';
import { buildInput } from '../../src/generate/prompt.ts';
import type { BaseModel, ChatMessage } from '../../src/node.ts';
import { projectAtStrength } from '../../src/projector/projector.ts';
import { type Place, type Projector, SOFT } from '../../src/train.ts';
import { NOTHING } from './training-files.ts';

export interface Told {
  readonly lines: readonly string[];
  /** [lines, dim], from the sentence encoder. */
  readonly vectors: Float32Array;
}

export interface Sources {
  readonly model: BaseModel;
  readonly projector: Projector;
}

/** Stands in the slot where a word that says nothing is asked for: what the training's fillers point at. */
export const NEUTRAL = NOTHING;

/** Soft tokens of a person at a strength; `person` undefined = the mean user. */
export function softPrompt(
  sources: Sources,
  question: string,
  vectors: Float32Array | undefined,
  strength = 1,
): TokenRun {
  return withSoft(sources, question, softTokensOf(sources, vectors, strength));
}

/** A conversation, or a question alone, with these soft tokens in the projector's slot. */
export function withSoft(
  { model, projector }: Sources,
  asked: string | readonly ChatMessage[],
  soft: readonly Float32Array[],
): TokenRun {
  return buildInput(model, messagesOf(asked), { vectors: soft, slot: projector.contract.slot });
}

type ByStrength = Map<number, readonly Float32Array[]>;
/** By projector and person; the projector itself stands for the mean user. */
const projected = new WeakMap<Projector, WeakMap<object, ByStrength>>();

/** Projected once for each projector, person and strength. */
export function softTokensOf(
  { model, projector }: Sources,
  vectors: Float32Array | undefined,
  strength = 1,
): readonly Float32Array[] {
  const people = projected.get(projector) ?? new WeakMap<object, ByStrength>();
  const known: ByStrength = people.get(vectors ?? projector) ?? new Map();
  projected.set(projector, people);
  people.set(vectors ?? projector, known);
  const values = vectors ?? Float32Array.from(projector.contract.space.mean);
  const found =
    known.get(strength) ?? projectAtStrength(projector, values, strength, model.facts.embedding.scale);
  known.set(strength, found);
  return found;
}

/** One token that is the mean of others, of their size: what they have in common. */
export function averageOf(soft: readonly Float32Array[]): Float32Array {
  const mean = Float32Array.from(soft[0]!, (_, i) => soft.reduce((sum, s) => sum + s[i]! / soft.length, 0));
  const length = (v: Float32Array) => Math.sqrt(v.reduce((sum, x) => sum + x * x, 0));
  const wanted = soft.reduce((sum, s) => sum + length(s) / soft.length, 0);
  const found = length(mean);
  return mean.map((v) => (v / found) * wanted);
}

/** Words in the places of the projector's soft tokens, as the LLM would read them there. */
export function inSlots(
  { model, projector }: Sources,
  asked: string | readonly ChatMessage[],
  words: string,
): TokenRun {
  const { slot } = projector.contract;
  if (typeof slot === 'string' || 'placeholder' in slot) {
    throw new Error(`${JSON.stringify(slot)} is no slot in the conversation, which words could stand in`);
  }
  const filled = (messages: readonly ChatMessage[], { at, text }: Place): readonly ChatMessage[] => {
    const said = text.replace(SOFT, () => ` ${words}`);
    if (at === 'system-start') {
      const [first, ...rest] = messages;
      return first?.role === 'system'
        ? [{ ...first, content: `${said}\n${first.content}` }, ...rest]
        : [{ role: 'system', content: said }, ...messages];
    }
    return messages.map((message) => {
      if (message.role !== 'user') return message;
      return { ...message, content: at === 'user-start' ? said + message.content : message.content + said };
    });
  };
  return plain(model, slot.places.reduce(filled, messagesOf(asked)));
}

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

export const nobody = (model: BaseModel, asked: string | readonly ChatMessage[]): TokenRun =>
  plain(model, messagesOf(asked));

const messagesOf = (asked: string | readonly ChatMessage[]): readonly ChatMessage[] =>
  typeof asked === 'string' ? [{ role: 'user', content: asked }] : asked;

const plain = (model: BaseModel, messages: readonly ChatMessage[]): TokenRun => buildInput(model, messages);
