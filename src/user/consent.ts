/**
 * What the person agreed to, purpose by purpose. A grant counts for the policy version it was given under, and for no other:
 * when the app's policy changes, it asks again.
 */
import { E2PError } from '../error.ts';
import type { AuditAction, AuditUse } from './audit-chain.ts';
import { appendAudit } from './audit-log.ts';
import { PURPOSES, type Purpose } from './purpose.ts';
import { createReader } from './read-untrusted.ts';
import type { Vault } from './vault/vault.ts';
import type { VaultTransaction } from './vault/vault-transaction.ts';

export const DECISIONS = ['granted', 'refused', 'withdrawn'] as const;
export type Decision = (typeof DECISIONS)[number];

/** What the person decided, when, and under which policy. */
export interface ConsentDecision {
  readonly state: Decision;
  /** Vault time, milliseconds since 1970. */
  readonly time: number;
  readonly policyVersion: string;
}

/** By purpose; `unset` where the person was never asked. */
export type ConsentState = Readonly<Record<Purpose, ConsentDecision | { readonly state: 'unset' }>>;

/** What the person allows, by purpose. Each decision is in the audit log. */
export interface UserConsent {
  /** The person said yes, under the policy version that the vault was opened with. */
  grant(purpose: Purpose, use?: AuditUse): Promise<void>;
  /** The person said no; {@link withdraw} takes a yes back. */
  refuse(purpose: Purpose, use?: AuditUse): Promise<void>;
  /** Resolves when everything attached (see `attach`) has let go of what it is no longer allowed to use. */
  withdraw(purpose: Purpose, use?: AuditUse): Promise<void>;
  /** The latest decision on each purpose. */
  state(): Promise<ConsentState>;
  /**
   * Resolves where the purpose is granted under this policy version. A refusal is noted in the audit log.
   * @throws E2PError `consent-required`
   */
  require(purpose: Purpose, use?: AuditUse): Promise<void>;
  /** As {@link require}, and notes in the same transaction that it was used. */
  use(purpose: Purpose, use?: AuditUse): Promise<void>;
}

/** A vault, and the policy that the person was shown. */
export interface ConsentedVault {
  readonly vault: Vault;
  readonly policyVersion: string;
}

export function createConsent(consented: ConsentedVault): UserConsent {
  const { vault, policyVersion } = consented;
  const decide = (state: Decision) => async (purpose: Purpose, use?: AuditUse) => {
    checkPurpose(purpose);
    await vault.transact(async (transaction) => {
      await putDecision(transaction, purpose, { state, time: transaction.now, policyVersion }, use);
    });
  };
  return {
    grant: decide('granted'),
    refuse: decide('refused'),
    withdraw: decide('withdrawn'),
    state: () =>
      vault.transact(async (transaction) => {
        const { consent } = transaction.ledger;
        const states = PURPOSES.map((purpose) => [purpose, consent[purpose] ?? { state: 'unset' }]);
        return Object.fromEntries(states) as ConsentState;
      }),
    require: (purpose, use) => withConsent(consented, purpose, use, async () => undefined),
    use: (purpose, use) =>
      withConsent(consented, purpose, use, (transaction) =>
        appendAudit(transaction, 'used', { ...use, purpose }),
      ),
  };
}

/**
 * Runs a task in a transaction if the purpose is granted (each of them, where there are several), else notes that it was denied.
 * @throws E2PError `consent-required`
 */
export async function withConsent<T>(
  { vault, policyVersion }: ConsentedVault,
  purposes: Purpose | readonly Purpose[],
  use: AuditUse | undefined,
  task: (transaction: VaultTransaction) => Promise<T>,
): Promise<T> {
  const wanted = [purposes].flat();
  for (const purpose of wanted) checkPurpose(purpose);
  const outcome = await vault.transact(async (transaction) => {
    for (const purpose of wanted) {
      const refusal = refusalOf(purpose, policyVersion, transaction.ledger.consent[purpose]);
      if (refusal === undefined) continue;
      await appendAudit(transaction, 'denied', { ...use, purpose });
      return { refusal };
    }
    return { value: await task(transaction) };
  });
  if ('refusal' in outcome) throw outcome.refusal;
  return outcome.value;
}

/** With an entry in the audit log, whoever decides. */
export async function putDecision(
  transaction: VaultTransaction,
  purpose: Purpose,
  decision: ConsentDecision,
  use: AuditUse | undefined,
): Promise<void> {
  transaction.ledger.consent[purpose] = decision;
  transaction.changes.add('consent');
  await appendAudit(transaction, `consent-${decision.state}` satisfies AuditAction, { ...use, purpose });
}

function refusalOf(
  purpose: Purpose,
  version: string,
  decision: ConsentDecision | undefined,
): E2PError | undefined {
  if (decision?.state === 'granted' && decision.policyVersion === version) return undefined;
  const why =
    decision === undefined
      ? 'was not asked for'
      : decision.state === 'granted'
        ? `was granted for another policy version than ${JSON.stringify(version)}`
        : `was ${decision.state}`;
  return new E2PError('consent-required', `consent to ${purpose} ${why}`);
}

function checkPurpose(purpose: Purpose): void {
  createReader('invalid-argument', 'consent').oneOf(purpose, 'the purpose', PURPOSES);
}
