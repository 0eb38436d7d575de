/**
 * What is scored: every example in each pass. A pass is a condition with a projector (one for each training seed) and with those who take
 * the users' places (others in each shuffle). Planned before anything is computed, so that an example that can't be compared is known at once.
 */
import { E2PError } from '../error.ts';
import type { BaseModel } from '../model/base-model.ts';
import type { Projector } from '../projector/projector.ts';
import { yieldToEvents } from '../runtime/event-loop.ts';
import type { Example, Users } from '../train/training-data.ts';
import {
  type Condition,
  type ConditionSources,
  conditionRow,
  shuffledPartners,
  usesText,
} from './conditions.ts';
import { namingLines } from './example-error.ts';
import { type RowSize, type ScoredRow, sizeOf, targetOf } from './score-rows.ts';

export interface Pass {
  readonly condition: Condition;
  /** Index of the projector. */
  readonly seed: number;
  readonly shuffle: number;
  readonly sources: ConditionSources;
}

export interface PassesOptions {
  readonly model: BaseModel;
  readonly projectors: readonly Projector[];
  readonly constants?: readonly Projector[] | undefined;
  readonly users: Users;
  readonly examples: readonly Example[];
  readonly shuffles: number;
  readonly seed: number;
}

/** Users of one group share something; who names none is a group alone. */
export const groupOf = ({ user, group }: Example): string => group ?? user;

/** Only what matters to a condition is varied: nobody's projector does to a text. */
export function passesOf(condition: Condition, options: PassesOptions): Pass[] {
  const { model, users, projectors, constants = [], examples, seed } = options;
  const groups = new Map(examples.map((e) => [e.user, groupOf(e)]));
  const personas = new Map(
    examples.flatMap((e) => (e.persona === undefined ? [] : [[e.user, e.persona] as const])),
  );
  const usesProjector = condition !== 'none' && (!usesText(condition) || condition === 'text+true');
  const shuffles = condition.startsWith('shuffled') ? options.shuffles : 1;
  return projectors.slice(0, usesProjector ? undefined : 1).flatMap((projector, at) =>
    Array.from({ length: shuffles }, (_, shuffle): Pass => {
      const partners = shuffledPartners([...groups.keys()], groups, seed + shuffle);
      const constant = constants[at % constants.length];
      return {
        condition,
        seed: at,
        shuffle,
        sources: { model, projector, users, personas, constant, partners },
      };
    }),
  );
}

/** Users who got somebody of their own group in some pass. */
export function exchangedWithin(examples: readonly Example[], passes: readonly Pass[]): number {
  const groups = new Map(examples.map((e) => [e.user, groupOf(e)]));
  const shuffled = passes.filter(({ condition }) => condition.startsWith('shuffled'));
  return [...groups].filter(([user, group]) =>
    shuffled.some(({ sources }) => groups.get(sources.partners.get(user)!) === group),
  ).length;
}

/** The row of an example in a pass; errors name the example's line. */
export const passRow = ({ condition, sources }: Pass, example: Example): Promise<ScoredRow> =>
  namingLines([example.line], () => conditionRow(condition, example, sources));

export interface RowPlan {
  /** Those that are short enough in every pass. */
  readonly examples: readonly Example[];
  /** Lines of the others. */
  readonly tooLong: readonly number[];
  /** Target tokens of each example, the same in every pass. */
  readonly tokens: readonly number[];
  /** Longest prompt of each example, in tokens. */
  readonly prompts: readonly number[];
  /** Of every example in the first pass, then in the second, … */
  readonly sizes: readonly RowSize[];
}

/** @throws E2PError `invalid-data` where no example is short enough, or a target has other tokens in another pass */
export async function planRows(
  all: readonly Example[],
  passes: readonly Pass[],
  longest: number,
  signal?: AbortSignal,
): Promise<RowPlan> {
  const planned: { example: Example; tokens: number; prompt: number; sizes: RowSize[] }[] = [];
  const tooLong: number[] = [];
  for (const example of all) {
    if (signal !== undefined) await yieldToEvents();
    signal?.throwIfAborted();
    const rows: ScoredRow[] = [];
    for (const pass of passes) rows.push(await passRow(pass, example));
    if (rows.some((row) => row.ids.length > longest)) {
      tooLong.push(example.line);
      continue;
    }
    const target = targetOf(rows[0]!);
    const other = rows.findIndex((row) => targetOf(row).join() !== target.join());
    if (other >= 0) {
      throw new E2PError(
        'invalid-data',
        `line ${example.line}: its target has other tokens in the condition ${passes[other]!.condition}; conditions can't be compared`,
      );
    }
    const prompt = Math.max(...rows.map((row) => row.targetFrom));
    planned.push({ example, tokens: target.length, prompt, sizes: rows.map(sizeOf) });
  }
  if (planned.length === 0) {
    throw new E2PError('invalid-data', `every example is longer than ${longest} tokens`);
  }
  return {
    examples: planned.map((p) => p.example),
    tooLong,
    tokens: planned.map((p) => p.tokens),
    prompts: planned.map((p) => p.prompt),
    sizes: passes.flatMap((_, at) => planned.map((p) => p.sizes[at]!)),
  };
}
