/**
 * What the model is told of a person, in each condition. A gain over nothing may be plain adaptation to the task, so a claim of
 * personalisation needs `true` against `constant` (a soft token of the same budget that knows nobody) and against `shuffled` (somebody
 * else's). Text is compared with somebody else's text too, since irrelevant text costs by itself.
 */
import { buildInput, type SoftTokens } from '../generate/prompt.ts';
import { seededRandom } from '../generate/sampling.ts';
import type { BaseModel } from '../model/base-model.ts';
import { type Projector, projectAtStrength } from '../projector/projector.ts';
import type { Example, Users } from '../train/training-data.ts';
import type { ScoredRow } from './score-rows.ts';

export const CONDITIONS = [
  'none',
  'constant',
  'mean',
  'shuffled',
  'true',
  'text',
  'shuffled-text',
  'text+true',
] as const;
export type Condition = (typeof CONDITIONS)[number];

export interface ConditionSources {
  readonly model: BaseModel;
  readonly projector: Projector;
  /** Made by `e2p train --constant`. */
  readonly constant?: Projector | undefined;
  readonly users: Users;
  /** Who stands in for whom, for `shuffled`. */
  readonly partners: ReadonlyMap<string, string>;
  /** A text persona of each user. */
  readonly personas: ReadonlyMap<string, string>;
}

/** Whom a condition reads as the user: the embedding, or the text. */
export const usesText = (condition: Condition): boolean => condition.includes('text');

/** What stands before the target in this condition. */
export function conditionInput(
  condition: Condition,
  { messages, user, persona }: Example,
  { model, projector, constant, users, partners, personas }: ConditionSources,
) {
  const partner = partners.get(user)!;
  const vectorsOf = (from: Projector, embedding: Float32Array): SoftTokens => ({
    vectors: projectAtStrength(from, embedding, 1, model.facts.embedding.scale),
    slot: from.contract.slot,
  });
  const soft = (): SoftTokens | undefined => {
    switch (condition) {
      case 'constant':
        return vectorsOf(constant!, Float32Array.from(constant!.contract.space.mean));
      case 'mean':
        return vectorsOf(projector, Float32Array.from(projector.contract.space.mean));
      case 'shuffled':
        return vectorsOf(projector, users.rows.get(partner)!);
      case 'true':
      case 'text+true':
        return vectorsOf(projector, users.rows.get(user)!);
      default:
        // A placeholder in the prompt is filled with nothing.
        return { vectors: [], slot: projector.contract.slot };
    }
  };
  const text = condition === 'shuffled-text' ? personas.get(partner) : persona;
  const system =
    usesText(condition) && text !== undefined ? [{ role: 'system', content: text } as const] : [];
  return buildInput(model, [...system, ...messages], soft());
}

/** The row of an example: input, target, end of text. */
export function conditionRow(
  condition: Condition,
  example: Example,
  sources: ConditionSources,
  target: string = example.target,
): ScoredRow {
  const { ids, soft = new Map<number, Float32Array>() } = conditionInput(condition, example, sources);
  const { codec, config } = sources.model;
  const end = config.eosTokenIds[0];
  return {
    ids: [...ids, ...codec.encode(target), ...(end === undefined ? [] : [end])],
    targetFrom: ids.length,
    softPositions: [...soft.keys()],
    soft: [...soft.values()],
  };
}

/**
 * Somebody else for each user, of another group, everybody once: a random order of the users, turned until nobody meets the own
 * group; where groups are too large for that, the own group is met as seldom as possible.
 */
export function shuffledPartners(
  users: readonly string[],
  groupOf: ReadonlyMap<string, string>,
  seed: number,
): Map<string, string> {
  const random = seededRandom(seed);
  for (let i = 0; i < 4; i++) random();
  const order = [...users];
  for (let i = order.length - 1; i > 0; i--) {
    const j = Math.floor(random() * (i + 1));
    [order[i], order[j]] = [order[j]!, order[i]!];
  }
  let best = { turn: 1, met: Infinity };
  const first = Math.floor(random() * order.length);
  for (let i = 0; i < order.length - 1 && best.met > 0; i++) {
    const turn = 1 + ((first + i) % (order.length - 1));
    const met = order.filter(
      (user, at) => groupOf.get(user) === groupOf.get(order[(at + turn) % order.length]!),
    ).length;
    if (met < best.met) best = { turn, met };
  }
  return new Map(order.map((user, at) => [user, order[(at + best.turn) % order.length]!]));
}
