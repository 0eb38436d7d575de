/**
 * The embeddings in the vault: by space, the current one and a few before it. To set one and to read one needs the grant for
 * `personalise`; to delete never needs any.
 *
 * A record's key holds a digest of the space's name, so that one space can be read without decrypting the others.
 */
import { E2PError } from '../error.ts';
import type { AuditUse } from './audit-chain.ts';
import { appendAudit } from './audit-log.ts';
import { type ConsentedVault, withConsent } from './consent.ts';
import type { ProtectionRule, ProtectionStatement } from './embedding-protection.ts';
import type { HeldBuffers } from './held-buffers.ts';
import { createReader } from './read-untrusted.ts';
import { type EmbeddingInput, floatsOf, type UserEmbedding } from './user-embedding.ts';
import type { VaultRecord } from './vault/record-codec.ts';
import type { VaultTransaction } from './vault/vault-transaction.ts';

/** Bounds on what is stored (CWE-770): numbers of an embedding, characters of a space's name. */
export const EMBEDDING_LIMITS = { dim: 65_536, space: 200 } as const;

/** An embedding as it lies in the vault, and when it was set. */
export interface StoredEmbedding extends UserEmbedding {
  /** Vault time, milliseconds since 1970. */
  readonly storedAt: number;
  /**
   * From what it was learnt: `activity` (`embedFromActivity`), and it goes with the last event; or `feedback`, on the newest one before it that
   * was not.
   */
  readonly learntFrom?: 'activity' | 'feedback' | undefined;
  /** What was done to it when it was put in; absent where nothing was, and of what was imported. */
  readonly protection?: ProtectionStatement;
}

/** The person's embeddings, encrypted, one history for each space; needs `personalise`. */
export interface UserEmbeddings {
  /**
   * With the purpose `learn-from-activity` that has to be granted too, and the embedding counts as learnt.
   * Protected as `openUser` was told for the space; the values as given are not kept.
   * @throws E2PError `consent-required`, `invalid-embedding`
   */
  set(embedding: EmbeddingInput, use?: AuditUse): Promise<void>;
  /**
   * Sets values that take a while to make, and overwrites those. What comes first while they are made has the last word: a decision on
   * `personalise`, another embedding of the space, its deletion.
   * @throws E2PError `consent-required` before anything is made, and as `set`; `user-replaced`; what `make` throws
   */
  setMade(space: string, make: () => Promise<Float32Array>, use?: AuditUse): Promise<void>;
  /**
   * The current embedding of a space, or undefined. `forget()` overwrites the array that is returned.
   * @throws E2PError `consent-required`, `vault-corrupt`
   */
  get(space: string, use?: AuditUse): Promise<UserEmbedding | undefined>;
  /** Newest first, the current one included. @throws E2PError `consent-required`, `vault-corrupt` */
  history(space: string, use?: AuditUse): Promise<readonly StoredEmbedding[]>;
  /** Drops the current embedding of a space: the one before it is current again, to the last bit. @returns false where there is none before it. */
  undo(space: string, use?: AuditUse): Promise<boolean>;
  /** Removes a space with its history. @returns how many embeddings that were. */
  delete(space: string, use?: AuditUse): Promise<number>;
}

export function createEmbeddings(
  consented: ConsentedVault,
  historyLength: number,
  buffers: HeldBuffers,
  protections: ReadonlyMap<string, ProtectionRule>,
): UserEmbeddings {
  const read = (space: string, most: number, use: AuditUse | undefined) =>
    withConsent(consented, 'personalise', use, async (transaction) => {
      const ids = await idsOfSpace(transaction, space);
      const found: StoredEmbedding[] = [];
      for (const id of ids.toReversed().slice(0, most)) {
        const record = await transaction.get('embedding', id);
        if (record?.values === undefined) continue;
        const { learntFrom, protection } = record.json as StoredJson;
        const values = buffers.hold(record.values);
        found.push({
          ...{ space, values, storedAt: record.at },
          ...(learntFrom && { learntFrom }),
          ...(protection && { protection }),
        });
      }
      await appendAudit(transaction, 'embedding-read', { ...use, purpose: 'personalise' });
      return found;
    });
  const protectedOf = async ({ space, values }: UserEmbedding, transaction: VaultTransaction) => {
    const rule = protections.get(space);
    if (rule === undefined) return { space, values };
    const name = await transaction.nameFor(space);
    const { ledger } = transaction;
    const { values: kept, statement: protection, told } = rule.apply(values, ledger.told?.[name]);
    values.fill(0);
    if (told !== undefined) ledger.told = { ...ledger.told, [name]: told };
    return { space, values: kept, protection };
  };
  const put = async (
    embedding: Omit<StoredEmbedding, 'storedAt'>,
    transaction: VaultTransaction,
    use: AuditUse | undefined,
  ): Promise<void> => {
    const { space, learntFrom } = embedding;
    if (learntFrom === 'activity' && protections.get(space)?.hasNoise)
      throw new E2PError(
        'invalid-argument',
        `openUser: protection.sigma for the space ${space}, expected none where it is learnt from events: each would be a version with noise of its own`,
      );
    const kept = await protectedOf(embedding, transaction);
    if (learntFrom === 'activity' && (await isGiven(kept, transaction))) return void kept.values.fill(0);
    const stored = { ...kept, storedAt: transaction.now, ...(learntFrom && { learntFrom }) };
    await putEmbedding(transaction, stored, historyLength);
    await appendAudit(transaction, 'embedding-set', { ...use, purpose: 'personalise' });
  };
  return {
    set: async (embedding, use) => {
      const isLearnt = use?.purpose === 'learn-from-activity';
      const checked = { ...checkStorable(embedding), ...(isLearnt && { learntFrom: 'activity' as const }) };
      const purposes = ['personalise', ...(isLearnt ? (['learn-from-activity'] as const) : [])] as const;
      await withConsent(consented, purposes, use, (transaction) => put(checked, transaction, use));
    },
    setMade: async (space, make, use) => {
      const standing = async (transaction: VaultTransaction) =>
        JSON.stringify([
          transaction.ledger.consent.personalise,
          (await idsOfSpace(transaction, space)).at(-1),
        ]);
      const before = await withConsent(consented, 'personalise', use, standing);
      const values = await make();
      try {
        const checked = checkStorable({ space, values });
        await withConsent(consented, 'personalise', use, async (transaction) => {
          if ((await standing(transaction)) !== before) {
            throw new E2PError(
              'user-replaced',
              'the embedding was dropped: another decision or embedding came first',
            );
          }
          await put(checked, transaction, use);
        });
      } finally {
        values.fill(0);
      }
    },
    get: async (space, use) => {
      const [current] = await read(space, 1, use);
      return current && { space: current.space, values: current.values };
    },
    history: (space, use) => read(space, historyLength, use),
    undo: (space, use) =>
      consented.vault.transact(async (transaction) => {
        const ids = await idsOfSpace(transaction, space);
        if (ids.length < 2) return false;
        transaction.delete('embedding', ids.at(-1)!);
        transaction.changes.add('embedding');
        await appendAudit(transaction, 'embedding-undone', use);
        return true;
      }),
    delete: (space, use) =>
      consented.vault.transact(async (transaction) => {
        const ids = await idsOfSpace(transaction, space);
        for (const id of ids) transaction.delete('embedding', id);
        if (ids.length > 0) {
          transaction.changes.add('embedding');
          await appendAudit(transaction, 'embedding-deleted', use);
        }
        return ids.length;
      }),
  };
}

/** A record's JSON, beside its values. */
export type StoredJson = Pick<StoredEmbedding, 'space' | 'learntFrom' | 'protection'>;

/** The newest embedding of a space that has not learnt from feedback, or the oldest of all. */
export async function givenOf(
  transaction: VaultTransaction,
  space: string,
): Promise<{ readonly id: string; readonly record: VaultRecord } | undefined> {
  let found: { readonly id: string; readonly record: VaultRecord } | undefined;
  for (const id of (await idsOfSpace(transaction, space)).toReversed()) {
    const record = await transaction.get('embedding', id);
    if (record === undefined) continue;
    found?.record.values?.fill(0);
    found = { id, record };
    if ((record.json as StoredJson).learntFrom !== 'feedback') break;
  }
  return found;
}

/** Whether events tell what they told before, another tab or an earlier visit; what feedback has made of that stays. */
async function isGiven({ space, values }: UserEmbedding, transaction: VaultTransaction): Promise<boolean> {
  const record = (await givenOf(transaction, space))?.record;
  if (record?.values === undefined) return false;
  const isSame = record.values.length === values.length && record.values.every((v, i) => v === values[i]);
  record.values.fill(0);
  return isSame && (record.json as StoredJson).learntFrom === 'activity';
}

/** Adds an embedding as the newest of its space, and removes those that are too many; not that which it has learnt on. */
export async function putEmbedding(
  transaction: VaultTransaction,
  embedding: StoredEmbedding,
  historyLength: number,
): Promise<void> {
  const older = await idsOfSpace(transaction, embedding.space);
  const { space, learntFrom } = embedding;
  const given = learntFrom === 'feedback' ? await givenOf(transaction, space) : undefined;
  given?.record.values?.fill(0);
  await addEmbedding(transaction, embedding);
  const others = older.filter((id) => id !== given?.id).toReversed();
  for (const extra of others.slice(Math.max(0, historyLength - (given ? 2 : 1))))
    transaction.delete('embedding', extra);
}

/** Adds an embedding as the newest of its space. */
export async function addEmbedding(
  transaction: VaultTransaction,
  { space, values, storedAt, learntFrom, protection }: StoredEmbedding,
): Promise<void> {
  const id = `${await transaction.nameFor(space)}.${transaction.nextId()}`;
  transaction.put('embedding', id, {
    at: storedAt,
    json: {
      space,
      ...(learntFrom && { learntFrom }),
      ...(protection && { protection }),
    } satisfies StoredJson,
    values,
  });
  transaction.changes.add('embedding');
}

export async function idsOfSpace(transaction: VaultTransaction, space: string): Promise<readonly string[]> {
  return transaction.ids('embedding', `${await transaction.nameFor(space)}.`);
}

export function checkStorable({ space, values: given }: EmbeddingInput): UserEmbedding {
  const values = floatsOf(given);
  createReader('invalid-embedding', 'the embedding').text(space, 'space', EMBEDDING_LIMITS.space);
  if (values === undefined || values.length < 1 || values.length > EMBEDDING_LIMITS.dim) {
    const expected = `a Float32Array of 1 to ${EMBEDDING_LIMITS.dim} numbers`;
    throw new E2PError('invalid-embedding', `the embedding's values must be ${expected}`);
  }
  const bad = values.findIndex((value) => !Number.isFinite(value));
  if (bad >= 0) throw new E2PError('invalid-embedding', `the embedding is not finite at index ${bad}`);
  // The caller may change its array while the vault is being waited for.
  return { space, values: values.slice() };
}
