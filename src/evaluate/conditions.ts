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

/** What stands for the person: nobody, controls, the own soft token, words, or both. `docs/training.md` has each. */
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
/** One of `CONDITIONS`. */
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

/** Token ids of a target and of the end of text. */
export const targetIds = ({ codec, config }: BaseModel, target: string): number[] => [
  ...codec.encode(target),
  ...config.eosTokenIds.slice(0, 1),
];

/** The row of an example: input, target, end of text. */
export function conditionRow(condition: Condition, example: Example, sources: ConditionSources): ScoredRow {
  const { ids, soft = new Map<number, Float32Array>() } = conditionInput(condition, example, sources);
  return {
    ids: [...ids, ...targetIds(sources.model, example.target)],
    targetFrom: ids.length,
    softPositions: [...soft.keys()],
    soft: [...soft.values()],
    line: example.line,
  };
}

/**
 * Somebody else for each user, everybody once. Users stand in a ring, in random order but for groups, which stand together; each gets
 * whom the length of the largest group puts farther on. So nobody meets the own group, unless that is more than half of all. Empty where all
 * are of one group: everybody would meet themselves.
 */
export function shuffledPartners(
  users: readonly string[],
  groupOf: ReadonlyMap<string, string>,
  seed: number,
): Map<string, string> {
  const random = seededRandom(seed);
  // Neighbouring seeds begin alike.
  for (let i = 0; i < 4; i++) random();
  const names = new Set(users.map((u) => groupOf.get(u)));
  if (names.size < 2) return new Map();
  const keys = new Map([...names].map((group) => [group, random()]));
  const ring = users
    .map((user) => ({ user, group: keys.get(groupOf.get(user))!, at: random() }))
    .sort((a, b) => a.group - b.group || a.at - b.at);
  const sizes = new Map<number, number>();
  for (const { group } of ring) sizes.set(group, (sizes.get(group) ?? 0) + 1);
  const turn = Math.max(...sizes.values());
  return new Map(ring.map(({ user }, at) => [user, ring[(at + turn) % ring.length]!.user]));
}
