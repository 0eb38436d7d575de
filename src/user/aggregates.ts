/**
 * Private reports: an answer that the device has changed by chance before anybody reads it, so that no single report can be believed and
 * many together can be counted. Needs `share-aggregates`. The library sends nothing: the app does. The true answer is not kept.
 *
 * The guarantee, per vault: an answer is drawn once and repeated for the question's days, whatever is true meanwhile, so asking again gives
 * nothing to average. Each fresh draw costs its ε of a budget that is never given back. So for any two histories of true answers everything
 * that `answer` ever returns is equally likely up to a factor of e^ε within one period of one question, and up to e^8 over all periods and
 * questions (pure local differential privacy, by composition), as long as *when* and *what* is asked doesn't depend on the true answer.
 * Repeating an answer for as long as the truth stays the same (RAPPOR's permanent response) would cost less of the budget, and would show
 * with certainty that the truth has changed: that is why it is repeated by the calendar.
 */
import { E2PError } from '../error.ts';
import type { AuditUse } from './audit-chain.ts';
import { appendAudit } from './audit-log.ts';
import { type ConsentedVault, withConsent } from './consent.ts';
import { checkName } from './experiment.ts';
import { randomise, truthThreshold } from './randomised-response.ts';
import { createReader } from './read-untrusted.ts';
import { randomHex } from './vault/hex.ts';
import type { VaultTransaction } from './vault/vault-transaction.ts';

/** Bounds: ε of all reports of a vault, ε of one, answers to choose from, days that one is repeated, questions of a vault (CWE-770). */
export const AGGREGATE_LIMITS = {
  budget: 8,
  epsilon: { least: 0.1, most: 4 },
  answers: 64,
  days: 366,
  questions: 100,
} as const;

const DAY = 24 * 3_600_000;
/** Parts of ε that are counted in: whole numbers add up exactly. */
const PARTS = 1_000;

/** A question to many devices, the same for all. Names are told in clear: 1 to 64 letters, digits, `.`, `_`, `-`. */
export interface PrivateQuestion {
  /** By which reports of it are told apart from others. */
  readonly id: string;
  /** What can be answered, 2 to 64 different names. */
  readonly answers: readonly string[];
  /** Of one answer: 0.1 to 4, in thousandths. The lower, the less a report says. */
  readonly epsilon: number;
  /** Days for which the same answer is given, 1 to 366. */
  readonly days: number;
}

/** What may be sent. */
export interface PrivateReport {
  /** What it is. */
  readonly format: 'e2p-report';
  /** Of this format. */
  readonly version: 1;
  /** 128 random bits of this answer alone, so that one which was sent twice is counted once. */
  readonly id: string;
  /** Its id. */
  readonly question: string;
  /** How many answers there were to choose from, and at which ε: what an estimate needs. */
  readonly answers: number;
  /** Of this answer. */
  readonly epsilon: number;
  /** Maybe the true one. */
  readonly answer: string;
}

/** ε that reports have cost, and how much there is for the life of the vault. */
export interface PrivacyBudget {
  /** By answers drawn so far. */
  readonly spent: number;
  /** 8. */
  readonly total: number;
}

/** Reports that say little of one person and much of many; need `share-aggregates`. */
export interface UserAggregates {
  /**
   * @param value the true answer, one of the question's
   * @throws E2PError `consent-required`; `budget-spent` where a fresh answer would cost more than is left; `invalid-argument`
   */
  answer(question: PrivateQuestion, value: string, use?: AuditUse): Promise<PrivateReport>;
  /** Needs no consent. */
  budget(): Promise<PrivacyBudget>;
}

export function createAggregates(consented: ConsentedVault): UserAggregates {
  return {
    answer: async (question, value, use) => {
      const { id, answers, epsilon, days } = checkQuestion(question);
      const truth = answers.indexOf(value);
      if (truth < 0) reader.refuse('the true answer', 'one of its answers');
      return withConsent(consented, 'share-aggregates', use, async (transaction) => {
        const name = await transaction.nameFor(id);
        const stored = await transaction.get('answer', name);
        const kept = stored?.json as PrivateReport | undefined;
        const isAsBefore = kept?.answers === answers.length && answers.includes(kept.answer);
        if (kept !== undefined && (!isAsBefore || kept.epsilon !== epsilon))
          reader.refuse('it', 'asked as before: another list of answers or another epsilon needs another id');
        const isFresh = stored === undefined || transaction.now >= stored.at + days * DAY;
        if (isFresh) await spend(transaction, epsilon, name);
        const drawn = () => randomise(truth, answers.length, truthThreshold(epsilon, answers.length));
        const report: PrivateReport =
          kept !== undefined && !isFresh
            ? kept
            : {
                ...{ format: 'e2p-report', version: 1, id: randomHex(16), question: id },
                ...{ answers: answers.length, epsilon, answer: answers[drawn()]! },
              };
        if (isFresh) transaction.put('answer', name, { at: transaction.now, json: report });
        await appendAudit(transaction, 'aggregate-shared', { ...use, purpose: 'share-aggregates' });
        return report;
      });
    },
    budget: () =>
      consented.vault.transact(async ({ ledger }) => ({
        spent: (ledger.spent ?? 0) / PARTS,
        total: AGGREGATE_LIMITS.budget,
      })),
  };
}

/** In the ledger, with the answer or not at all. @throws E2PError `budget-spent` */
async function spend(transaction: VaultTransaction, epsilon: number, name: string): Promise<void> {
  const { ledger } = transaction;
  const spent = (ledger.spent ?? 0) + Math.round(epsilon * PARTS);
  if (spent > AGGREGATE_LIMITS.budget * PARTS) {
    const left = AGGREGATE_LIMITS.budget - (ledger.spent ?? 0) / PARTS;
    throw new E2PError(
      'budget-spent',
      `the answer would cost ${epsilon} of the privacy budget, ${left} are left; nothing is given out`,
    );
  }
  const ids = await transaction.ids('answer');
  if (!ids.includes(name) && ids.length >= AGGREGATE_LIMITS.questions)
    reader.refuse('the number of questions', `at most ${AGGREGATE_LIMITS.questions}`);
  ledger.spent = spent;
}

const reader = createReader('invalid-argument', 'the question');

function checkQuestion(question: PrivateQuestion): PrivateQuestion {
  const { id, answers, epsilon, days } = reader.fields(question, '', ['id', 'answers', 'epsilon', 'days']);
  const names = reader
    .list(answers, 'answers', AGGREGATE_LIMITS.answers)
    .map((name, i) => checkName(name, `the question: answers[${i}]`));
  if (names.length < 2 || new Set(names).size < names.length)
    reader.refuse('answers', `2 to ${AGGREGATE_LIMITS.answers} different names`);
  const { least, most } = AGGREGATE_LIMITS.epsilon;
  const cost = reader.finite(epsilon, 'epsilon');
  const isWhole = Math.abs(cost * PARTS - Math.round(cost * PARTS)) < 1e-9;
  if (!(isWhole && cost >= least && cost <= most))
    reader.refuse('epsilon', `a number from ${least} to ${most}, in thousandths`);
  if (!Number.isInteger(days) || (days as number) < 1 || (days as number) > AGGREGATE_LIMITS.days)
    reader.refuse('days', `a whole number from 1 to ${AGGREGATE_LIMITS.days}`);
  return {
    id: checkName(id, 'the question: id'),
    answers: names,
    epsilon: Math.round(cost * PARTS) / PARTS,
    days: days as number,
  };
}
