/**
 * Does a projector personalise? Every condition on the very same target tokens of unseen users, differences paired within each user
 * (or group of users that share data), intervals by resampling them.
 */
import { checkWhole, E2PError } from '../error.ts';
import type { BaseModel } from '../model/base-model.ts';
import type { Projector } from '../projector/projector.ts';
import type { Runtime } from '../runtime/runtime.ts';
import type { Example, Users } from '../train/training-data.ts';
import { type Condition, usesText } from './conditions.ts';
import { fingerprintOf } from './fingerprint.ts';
import { type GeneratedReport, generateTexts } from './generate-texts.ts';
import { exchangedWithin, groupOf, passesOf, passRow, planRows } from './plan-passes.ts';
import { rankTargets } from './rank-targets.ts';
import { type DeployedReport, scoreDeployed } from './score-deployed.ts';
import { openScoreLog, type ScoreLogOptions } from './score-log.ts';
import { scoreRows } from './score-rows.ts';
import { type GroupReport, type LossReport, summarise } from './summarise.ts';

export type Stage = 'scoring' | 'ranking' | 'deployed' | 'generating';

/** What is scored: a model, projectors with their controls, and examples of unseen users. */
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
  /** Examples for which the target is ranked among 19 of other users; default 100, 0 = none. */
  readonly ranked?: number;
  /** Examples that are also scored through the deployed graph; default 0 = none. */
  readonly deployed?: number;
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
  /** Keeps what is measured, and goes on from what was. Default: nothing is kept. */
  readonly scores?: ScoreLogOptions | undefined;
  readonly signal?: AbortSignal | undefined;
  /** After each piece of a stage. */
  readonly onProgress?: (stage: Stage, done: number, all: number) => void;
}

/** What one condition scored. */
export interface ConditionReport extends LossReport {
  /** Share of examples whose own target is the likeliest of 20, by nats per token. */
  readonly hitsAt1: number | undefined;
  readonly deployed: DeployedReport | undefined;
  readonly generated: GeneratedReport | undefined;
}

/** Every condition on the same target tokens. */
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
  /** Asked for, but all examples are of one user or group, and nobody else can take the place. */
  readonly notMeasured: readonly Condition[];
  /** Users who, in some shuffle, got somebody of their own group; none unless one group is more than half of all. */
  readonly exchangedWithin: number;
  readonly ranked: number;
  /** Scored through the deployed graph too. */
  readonly deployed: number;
  readonly generated: number;
  readonly seed: number;
  readonly conditions: Readonly<Partial<Record<Condition, ConditionReport>>>;
  /** Only where asked for. */
  readonly byGroup?: readonly GroupReport[];
}

/**
 * @throws E2PError `invalid-argument`, `invalid-data`, `contract-mismatch`, `invalid-checkpoint` (of `scores`); the signal's reason on an
 *   abort
 */
export async function evaluate(options: EvaluateOptions): Promise<EvaluationReport> {
  const { model, runtime, projectors, signal, onProgress } = options;
  const { shuffles = 3, ranked = 100, generated = 50, maxTokens = 48, maxLength = 512 } = options;
  const { batch = 16, seed = 1, byGroup = false, deployed = 0 } = options;
  check(options);
  checkWhole('shuffles', shuffles, 1, 1000);
  checkWhole('batch', batch, 1, 65_536);
  checkWhole('ranked', ranked, 0, 2 ** 31);
  checkWhole('deployed', deployed, 0, 2 ** 31);
  checkWhole('generated', generated, 0, 2 ** 31);
  checkWhole('maxLength', maxLength, 1, 2 ** 31);
  checkWhole('maxTokens', maxTokens, 1, 2 ** 31);

  const isAlone = new Set(options.examples.map(groupOf)).size < 2;
  const notMeasured = options.conditions.filter((c) => isAlone && c.startsWith('shuffled'));
  const conditions = options.conditions.filter((c) => !notMeasured.includes(c));
  if (conditions.length === 0) {
    throw new E2PError(
      'invalid-data',
      'all examples are of one user or group, expected others to be exchanged with',
    );
  }
  const passes = conditions.flatMap((c) => passesOf(c, { ...options, shuffles, seed }));
  // What is too long for the model could be scored here, but not be ranked or continued.
  const longest = Math.min(maxLength, model.config.contextLength);
  const { examples, tooLong, tokens, prompts, sizes } = await planRows(
    options.examples,
    passes,
    longest,
    signal,
  );
  const settings = { shuffles, ranked, deployed, generated, maxTokens, maxLength, batch, seed };
  const log = openScoreLog(
    options.scores,
    options.scores
      ? await fingerprintOf(options, { ...settings, conditions: options.conditions.join() })
      : {},
  );
  const count = examples.length;
  const rowAt = (at: number) => passRow(passes[Math.floor(at / count)]!, examples[at % count]!);
  const scores = await scoreRows(sizes, rowAt, {
    ...{ model, runtime, batch, hiddenSize: model.facts.hiddenSize, log, signal },
    onProgress: (done, all) => onProgress?.('scoring', done, all),
  });
  /** Nats by condition, training seed, shuffle and example. */
  const nats = new Map<Condition, Float64Array[][]>();
  passes.forEach(({ condition, seed }, p) => {
    const runs = nats.get(condition) ?? [];
    nats.set(condition, runs);
    runs[seed] = [...(runs[seed] ?? []), scores.subarray(p * count, (p + 1) * count)];
  });
  const summary = summarise({ examples, tokens, nats, seed });

  // Another example's target may be longer than the own one.
  const room = model.config.contextLength - Math.max(...tokens);
  const rankable = examples.filter((_, i) => prompts[i]! <= room);
  const { sources } = passesOf('true', { ...options, shuffles, seed })[0]!;
  const sampling = (stage: Stage, from: readonly Example[], most: number) => ({
    ...{ model, runtime, conditions, sources, seed, log, signal },
    ...{ examples: from, count: Math.min(most, from.length) },
    onProgress: (done: number, all: number) => onProgress?.(stage, done, all),
  });
  const ranking = sampling('ranking', rankable, ranked);
  const hits = await rankTargets(ranking);
  const deploying = sampling('deployed', examples, deployed);
  const shipped = await scoreDeployed(deploying, { tokens, nats });
  const generating = sampling('generating', examples, generated);
  const texts = await generateTexts(generating, maxTokens);
  return {
    model: { id: projectors[0]!.contract.model.id, dtype: model.dtype },
    users: new Set(examples.map((e) => e.user)).size,
    ...{ groups: summary.groups.length, examples: count, tooLong },
    targetTokens: tokens.reduce((a, b) => a + b, 0),
    ...{ seeds: projectors.length, shuffles, seed, notMeasured },
    exchangedWithin: exchangedWithin(options.examples, passes),
    ranked: hits.size > 0 ? ranking.count : 0,
    ...{ deployed: deploying.count, generated: generating.count },
    conditions: Object.fromEntries(
      conditions.map((c): [Condition, ConditionReport] => [
        c,
        { ...summary.lossOf(c), hitsAt1: hits.get(c), deployed: shipped.get(c), generated: texts.get(c) },
      ]),
    ),
    ...(byGroup && { byGroup: summary.byGroup() }),
  };
}

function check({ conditions, constants = [], projectors, users, examples }: EvaluateOptions): void {
  const refuse = (why: string): never => {
    throw new E2PError('invalid-argument', why);
  };
  if (conditions.length === 0) refuse('no conditions, expected at least one');
  if (examples.length === 0) refuse('no examples, expected at least one');
  if (projectors.length === 0) refuse('no projectors, expected at least one');
  if (conditions.includes('constant') && constants.length === 0) {
    refuse('the condition constant needs a constant soft token (e2p train --constant)');
  }
  for (const { contract } of projectors) {
    if (users.dim === contract.space.dim) continue;
    throw new E2PError(
      'contract-mismatch',
      `the users have ${users.dim} numbers each, the projector expects ${contract.space.dim}`,
    );
  }
  const first = new Map<string, Example>();
  for (const example of examples) {
    const known = first.get(example.user);
    if (known === undefined) first.set(example.user, example);
    else if (known.group !== example.group) {
      throw new E2PError(
        'invalid-data',
        `line ${example.line}: field group is another one than in line ${known.line}, expected one group for each user`,
      );
    }
  }
  const silent = conditions.some(usesText) && examples.find((e) => e.persona === undefined);
  if (silent) {
    throw new E2PError(
      'invalid-data',
      `line ${silent.line}: field persona is missing, expected for text conditions`,
    );
  }
}
