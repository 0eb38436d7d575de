/**
 * Does a projector personalise? Every condition on the very same target tokens of unseen users, differences paired within each user
 * (or group of users that share data), intervals by resampling them.
 */
import { checkWhole, E2PError } from '../error.ts';
import type { BaseModel } from '../model/base-model.ts';
import type { Projector } from '../projector/projector.ts';
import type { Runtime } from '../runtime/runtime.ts';
import type { Example, Users } from '../train/training-data.ts';
import { bootstrapRuns, type Interval, type Runs } from './bootstrap.ts';
import {
  type Condition,
  type ConditionSources,
  conditionRow,
  shuffledPartners,
  usesText,
} from './conditions.ts';
import { type GeneratedReport, generateTexts, rankTargets } from './samples.ts';
import { scoreRows, targetOf } from './score-rows.ts';

export interface EvaluateOptions {
  readonly model: BaseModel;
  readonly runtime: Runtime;
  /** One, or several of the same recipe with different training seeds. Texts and hits@1 are of the first. */
  readonly projectors: readonly Projector[];
  /** Needed for the condition `constant`; where there are fewer than projectors, they take turns. */
  readonly constants?: readonly Projector[] | undefined;
  readonly users: Users;
  /** Of users that were not trained on. */
  readonly examples: readonly Example[];
  readonly conditions: readonly Condition[];
  /** Other people's places taken in `shuffled`, averaged; default 3. */
  readonly shuffles?: number;
  /** Examples for which the target is to be told from 19 of other users; default 100, 0 = none. */
  readonly ranked?: number;
  /** Examples for which a text is generated, greedily; default 50, 0 = none. */
  readonly generated?: number;
  /** Tokens of such a text; default 48. */
  readonly maxTokens?: number;
  /** An example with a longer row in any condition is left out of all; default 512. */
  readonly maxLength?: number;
  /** Default 16. */
  readonly batch?: number;
  readonly seed?: number;
  /** Also report every group by name, to pair it with what another system does for the same people. Default: only what holds for all. */
  readonly byGroup?: boolean;
  readonly signal?: AbortSignal | undefined;
  readonly onProgress?: (stage: 'scoring' | 'ranking' | 'generating', done: number, all: number) => void;
}

export interface ConditionReport {
  /** Nats per target token, over users (or groups). */
  readonly nll: Interval;
  readonly perplexity: number;
  /** This condition's NLL minus that of `true`: above zero, the true user is better. */
  readonly minusTrue: Interval | undefined;
  /** The same for each training seed. */
  readonly minusTrueBySeed: readonly number[] | undefined;
  /** Nats of a whole target, end of text included, and its difference to `true`. */
  readonly nllPerTarget: Interval;
  readonly minusTruePerTarget: Interval | undefined;
  /** Share of examples whose own target is the likeliest of 20, by nats per token. */
  readonly hitsAt1: number | undefined;
  readonly generated: GeneratedReport | undefined;
}

/** One user, or a group of users that share data. */
export interface GroupReport {
  readonly name: string;
  readonly targets: number;
  readonly targetTokens: number;
  /** Nats of all its targets together, by training seed (one where no projector is used), a mean over shuffles. */
  readonly nll: Readonly<Partial<Record<Condition, readonly number[]>>>;
}

export interface EvaluationReport {
  readonly model: { readonly id: string; readonly dtype: string };
  readonly users: number;
  /** What is resampled: users, or groups of them. */
  readonly groups: number;
  readonly examples: number;
  readonly targetTokens: number;
  /** Lines that were too long in some condition. */
  readonly tooLong: readonly number[];
  /** Projectors of different training seeds. */
  readonly seeds: number;
  readonly shuffles: number;
  readonly ranked: number;
  readonly generated: number;
  readonly seed: number;
  readonly conditions: Readonly<Partial<Record<Condition, ConditionReport>>>;
  /** Only where asked for. */
  readonly byGroup?: readonly GroupReport[];
}

/** @throws E2PError `invalid-argument`, `invalid-data`, `contract-mismatch`; the signal's reason on an abort. */
export async function evaluate(options: EvaluateOptions): Promise<EvaluationReport> {
  const { model, runtime, projectors, constants = [], users, conditions, signal, onProgress } = options;
  const { shuffles = 3, ranked = 100, generated = 50, maxTokens = 48, maxLength = 512 } = options;
  const { batch = 16, seed = 1, byGroup = false } = options;
  check(options);
  checkWhole('shuffles', shuffles, 1, 1000);
  checkWhole('batch', batch, 1, 65_536);
  checkWhole('ranked', ranked, 0, 2 ** 31);
  checkWhole('generated', generated, 0, 2 ** 31);
  checkWhole('maxTokens', maxTokens, 1, 2 ** 31);

  const groupOf = new Map(options.examples.map((e) => [e.user, e.group ?? e.user]));
  const ids = [...groupOf.keys()];
  const personas = new Map(
    options.examples.flatMap((e) => (e.persona === undefined ? [] : [[e.user, e.persona] as const])),
  );
  /** Who is the user, and who stands in: by training seed and shuffle. */
  const draws = projectors.map((projector, at) =>
    Array.from(
      { length: shuffles },
      (_, i): ConditionSources => ({
        ...{ model, projector, users, personas, constant: constants[at % constants.length] },
        partners: shuffledPartners(ids, groupOf, seed + i),
      }),
    ),
  );
  /** Those that matter to a condition. */
  const drawsOf = (condition: Condition) =>
    draws
      .slice(0, condition === 'none' || /^(shuffled-)?text$/.test(condition) ? 1 : undefined)
      .map((rounds) => rounds.slice(0, condition.startsWith('shuffled') ? undefined : 1));
  const tooLong = options.examples.filter((example) =>
    conditions.some((c) =>
      // No vector makes a row longer or shorter, but somebody else's text does.
      drawsOf(c)[0]!.some((sources) => conditionRow(c, example, sources).ids.length > maxLength),
    ),
  );
  const examples = options.examples.filter((e) => !tooLong.includes(e));
  if (examples.length === 0)
    throw new E2PError('invalid-data', `every example is longer than ${maxLength} tokens`);

  const softTokens = Math.max(...[...projectors, ...constants].map((p) => p.contract.tokens));
  const scoring = { model, runtime, batch, softTokens, hiddenSize: model.facts.hiddenSize, signal };
  const first = draws[0]![0]!;
  const targets = examples.map((e) => targetOf(conditionRow('none', e, first)));
  const tokens = targets.map((t) => t.length);

  const passes = conditions.reduce((sum, c) => sum + drawsOf(c).flat().length, 0);
  let pass = 0;
  const score = async (condition: Condition, sources: ConditionSources): Promise<Float64Array> => {
    const rows = examples.map((e) => conditionRow(condition, e, sources));
    rows.forEach((row, i) => {
      if (targetOf(row).join() === targets[i]!.join()) return;
      throw new E2PError(
        'invalid-data',
        `line ${examples[i]!.line}: its target has other tokens in the condition ${condition}; conditions can't be compared`,
      );
    });
    const before = pass++;
    return scoreRows(rows, {
      ...scoring,
      onProgress: (done, all) => onProgress?.('scoring', before * all + done, passes * all),
    });
  };
  /** Nats by condition, training seed, shuffle and example. */
  const nats = new Map<Condition, Float64Array[][]>();
  for (const condition of conditions) {
    const found: Float64Array[][] = [];
    for (const rounds of drawsOf(condition)) {
      const row: Float64Array[] = [];
      for (const sources of rounds) row.push(await score(condition, sources));
      found.push(row);
    }
    nats.set(condition, found);
  }

  // Sums over what is resampled.
  const groups = [...new Set(examples.map((e) => groupOf.get(e.user)!))];
  const groupAt = new Map(groups.map((g, i) => [g, i]));
  const summed = (values: ArrayLike<number>): number[] => {
    const sums = groups.map(() => 0);
    examples.forEach((e, i) => {
      sums[groupAt.get(groupOf.get(e.user)!)!]! += values[i]!;
    });
    return sums;
  };
  const perToken = summed(tokens);
  const perTarget = summed(tokens.map(() => 1));
  const runsOf = (condition: Condition, weights: readonly number[]): Runs =>
    nats
      .get(condition)!
      .map((rounds) => rounds.map((values) => summed(values).map((v, i) => v / weights[i]!)));
  /** Within a seed: somebody else's soft token is compared with one of the same projector. */
  const toTrue = (condition: Condition, weights: readonly number[]): Runs => {
    const [own, other] = [runsOf('true', weights), runsOf(condition, weights)];
    return own.map(([values], s) =>
      other[s % other.length]!.map((row) => row.map((v, i) => v - values![i]!)),
    );
  };

  const hits = await rankTargets(options, examples, first, Math.min(ranked, examples.length));
  const texts = await generateTexts(
    options,
    examples,
    first,
    Math.min(generated, examples.length),
    maxTokens,
  );
  const report = (condition: Condition): ConditionReport => {
    const nll = bootstrapRuns(runsOf(condition, perToken), perToken, { seed });
    const isCompared = condition !== 'true' && nats.has('true');
    const differences = isCompared ? toTrue(condition, perToken) : undefined;
    return {
      nll,
      perplexity: Math.exp(nll.mean),
      minusTrue: differences && bootstrapRuns(differences, perToken, { seed }),
      minusTrueBySeed: differences?.map((run) => bootstrapRuns([run], perToken, { resamples: 1 }).mean),
      nllPerTarget: bootstrapRuns(runsOf(condition, perTarget), perTarget, { seed }),
      minusTruePerTarget: isCompared
        ? bootstrapRuns(toTrue(condition, perTarget), perTarget, { seed })
        : undefined,
      hitsAt1: hits.get(condition),
      generated: texts.get(condition),
    };
  };
  return {
    model: { id: projectors[0]!.contract.model.id, dtype: model.dtype },
    ...{ users: new Set(examples.map((e) => e.user)).size, groups: groups.length, examples: examples.length },
    targetTokens: tokens.reduce((a, b) => a + b, 0),
    tooLong: tooLong.map((e) => e.line),
    ...{
      seeds: projectors.length,
      shuffles,
      seed,
      ranked: hits.size > 0 ? Math.min(ranked, examples.length) : 0,
    },
    generated: texts.size > 0 ? Math.min(generated, examples.length) : 0,
    conditions: Object.fromEntries(conditions.map((c) => [c, report(c)])),
    ...(byGroup && {
      byGroup: groups.map((name, g) => ({
        ...{ name, targets: perTarget[g]!, targetTokens: perToken[g]! },
        nll: Object.fromEntries(
          [...nats].map(([c, runs]) => [
            c,
            runs.map((rounds) => rounds.reduce((sum, r) => sum + summed(r)[g]!, 0) / rounds.length),
          ]),
        ),
      })),
    }),
  };
}

function check({ conditions, constants = [], projectors, users, examples }: EvaluateOptions): void {
  const refuse = (why: string): never => {
    throw new E2PError('invalid-argument', why);
  };
  if (conditions.length === 0) refuse('no conditions, expected at least one');
  if (projectors.length === 0) refuse('no projectors, expected at least one');
  if (conditions.includes('constant') && constants.length === 0) {
    refuse('the condition constant needs a projector that knows nobody (e2p train --constant)');
  }
  for (const { contract } of projectors) {
    if (users.dim === contract.space.dim) continue;
    throw new E2PError(
      'contract-mismatch',
      `the users have ${users.dim} numbers each, the projector expects ${contract.space.dim}`,
    );
  }
  const silent = conditions.some(usesText) && examples.find((e) => e.persona === undefined);
  if (silent) {
    throw new E2PError(
      'invalid-data',
      `line ${silent.line}: field persona is missing, expected for text conditions`,
    );
  }
  if (conditions.some((c) => c.startsWith('shuffled')) && new Set(examples.map((e) => e.user)).size < 2) {
    throw new E2PError('invalid-data', 'one user alone, expected at least two to be exchanged');
  }
}
