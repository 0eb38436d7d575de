/**
 * Experiments on this device: an arm that stays, whether it was met, and sums of what followed. No event is kept and no time but the first;
 * what leaves is one summary of bounded, rounded sums, made once, when the days are over. The library sends nothing: the app does.
 *
 * To take part and to count needs `learn-from-activity`; the summary needs `share-aggregates` too.
 */
import { assignArm } from './assign-arm.ts';
import type { AuditUse } from './audit-chain.ts';
import { appendAudit } from './audit-log.ts';
import { type ConsentedVault, withConsent } from './consent.ts';
import {
  type Arm,
  type CheckedExperiment,
  checkExperiment,
  checkName,
  EXPERIMENT_LIMITS,
  type Experiment,
} from './experiment.ts';
import { createReader } from './read-untrusted.ts';
import {
  asStored,
  type ExperimentSummary,
  type LeftExperiment,
  type StoredExperiment,
} from './stored-experiment.ts';
import { randomHex } from './vault/hex.ts';
import type { VaultTransaction } from './vault/vault-transaction.ts';

const DAY = 24 * 3_600_000;
const UNIT_ID = '0';
const reader = createReader('invalid-argument', 'the experiment');

/** Experiments that the person takes part in; needs `learn-from-activity`. */
export interface UserExperiments {
  /**
   * The arm that this person is in: always the same, for the same shares. From the first call on the days are counted.
   * @throws E2PError `consent-required`, and then the person gets what everybody has; `invalid-argument`
   */
  arm(experiment: Experiment, use?: AuditUse): Promise<Arm>;
  /** As {@link arm}, and notes that the person has met it. Call it in both arms, where they begin to differ. */
  expose(experiment: Experiment, use?: AuditUse): Promise<Arm>;
  /**
   * Adds to the sum of a metric.
   * @param value from 0; default 1
   * @returns whether it was counted: not before `arm`, outside, and after the last day
   * @throws E2PError `consent-required`, `invalid-argument`
   */
  record(experiment: Experiment, metric: string, value?: number, use?: AuditUse): Promise<boolean>;
  /**
   * What may be sent: the same summary at every call. undefined until the days are over, and for who takes no part.
   * @throws E2PError `consent-required` without `share-aggregates` and `learn-from-activity`
   */
  summary(experiment: Experiment, use?: AuditUse): Promise<ExperimentSummary | undefined>;
  /** Deletes what was counted; the person takes no part from then on, also where none was taken yet. Needs no consent. @returns whether there was something */
  leave(id: string, use?: AuditUse): Promise<boolean>;
}

export function createExperiments(consented: ConsentedVault): UserExperiments {
  const look = (given: Experiment, exposes: boolean, use: AuditUse | undefined) => {
    const experiment = checkExperiment(given);
    return withConsent(consented, 'learn-from-activity', use, (transaction) =>
      enter(transaction, experiment, exposes),
    );
  };
  return {
    arm: async (given, use) => look(given, false, use),
    expose: async (given, use) => look(given, true, use),
    record: async (given, metric, value = 1, use) => {
      const experiment = checkExperiment(given);
      const declared = experiment.metrics.get(metric);
      if (declared === undefined) return reader.refuse('the metric', 'one that it declares');
      if (!(reader.finite(value, 'the value') >= 0)) reader.refuse('the value', 'a number from 0');
      return withConsent(consented, 'learn-from-activity', use, async (transaction) => {
        const found = await read(transaction, experiment.id);
        if (found === undefined || isOver(found, transaction.now)) return false;
        const { totals } = found.stored;
        const total = Math.min(totalOf(totals, metric) + value, declared.most);
        put(transaction, found, { totals: { ...totals, [metric]: total } });
        return true;
      });
    },
    summary: async (given, use) => {
      const experiment = checkExperiment(given);
      const needed = ['share-aggregates', 'learn-from-activity'] as const;
      return withConsent(consented, needed, use, async (transaction) => {
        const found = await read(transaction, experiment.id);
        if (found === undefined || !isOver(found, transaction.now)) return undefined;
        const summary = found.stored.summary ?? summarise(found.stored, experiment);
        if (found.stored.summary === undefined) put(transaction, found, { totals: {}, summary });
        await appendAudit(transaction, 'aggregate-shared', { ...use, purpose: 'share-aggregates' });
        return summary;
      });
    },
    leave: async (id, use) => {
      checkName(id, 'the id of the experiment');
      return consented.vault.transact(async (transaction) => {
        const found = await read(transaction, id);
        const name = await transaction.nameFor(id);
        const ids = await transaction.ids('experiment');
        // Who has left already, or can take part in no other.
        if (found === undefined && (ids.includes(name) || ids.length >= EXPERIMENT_LIMITS.count))
          return false;
        const json: LeftExperiment = { left: true };
        transaction.put('experiment', name, { at: transaction.now, json });
        await appendAudit(transaction, 'experiment-left', use);
        return found !== undefined;
      });
    },
  };
}

interface Found {
  /** The record's id. */
  readonly name: string;
  /** Of the first `arm`. */
  readonly at: number;
  readonly stored: StoredExperiment;
}

/** undefined for who takes no part, or has left. */
async function read(transaction: VaultTransaction, id: string): Promise<Found | undefined> {
  const name = await transaction.nameFor(id);
  const record = await transaction.get('experiment', name);
  const stored = record && asStored(record.json);
  return stored && { name, at: record.at, stored };
}

function put(
  transaction: VaultTransaction,
  { name, at, stored }: Found,
  change: Partial<StoredExperiment>,
): void {
  transaction.put('experiment', name, { at, json: { ...stored, ...change } satisfies StoredExperiment });
}

const isOver = ({ at, stored }: Found, now: number): boolean => now >= at + stored.days * DAY;

async function enter(
  transaction: VaultTransaction,
  experiment: CheckedExperiment,
  exposes: boolean,
): Promise<Arm> {
  const name = await transaction.nameFor(experiment.id);
  const ids = await transaction.ids('experiment');
  const found = await read(transaction, experiment.id);
  if (found === undefined && ids.includes(name)) return 'outside';
  const arm = await assignArm(await unitOf(transaction), experiment);
  if (found === undefined) {
    if (arm === 'outside') return arm;
    if (ids.length >= EXPERIMENT_LIMITS.count)
      reader.refuse('the number of experiments', `at most ${EXPERIMENT_LIMITS.count}`);
    const { id, days, treatment: share } = experiment;
    const stored = { id, arm, share, days, exposed: exposes, moved: false, totals: {} };
    put(transaction, { name, at: transaction.now, stored }, {});
    return arm;
  }
  const { stored } = found;
  const moved = stored.moved || arm !== stored.arm;
  const exposed = stored.exposed || (exposes && arm !== 'outside' && !isOver(found, transaction.now));
  if (moved !== stored.moved || exposed !== stored.exposed) put(transaction, found, { moved, exposed });
  return arm;
}

/** 256 random bits that never leave the vault, an export neither: with them, arms could be told from ids. */
async function unitOf(transaction: VaultTransaction): Promise<string> {
  const stored = await transaction.get('unit', UNIT_ID);
  if (stored !== undefined) return stored.json as string;
  const unit = randomHex(32);
  transaction.put('unit', UNIT_ID, { at: transaction.now, json: unit });
  return unit;
}

/** A name may be one that every object has. */
const totalOf = (totals: StoredExperiment['totals'], name: string): number =>
  Object.hasOwn(totals, name) ? totals[name]! : 0;

function summarise(
  { id, arm, share, exposed, moved, days, totals }: StoredExperiment,
  { metrics }: CheckedExperiment,
): ExperimentSummary {
  const rounded = [...metrics].map(([name, { most, step }]) => {
    const steps = Math.round(Math.min(totalOf(totals, name), most) / step);
    // A multiple of 0.1 would show digits of its own.
    return [name, Number((steps * step).toPrecision(12))] as const;
  });
  return {
    ...{ format: 'e2p-summary', version: 1, id: randomHex(16), experiment: id },
    ...{ arm, share, exposed, moved, days, outcomes: Object.fromEntries(rounded) },
  };
}
