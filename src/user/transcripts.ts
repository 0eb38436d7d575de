/**
 * Conversations that the app asked to keep. Like the embedding they need the grant for `personalise`, to save and to read; to
 * delete never needs any.
 */
import { E2PError } from '../error.ts';
import type { ChatMessage } from '../model/text-codec.ts';
import type { AuditUse } from './audit-chain.ts';
import { appendAudit } from './audit-log.ts';
import { type ConsentedVault, withConsent } from './consent.ts';
import { createReader, type Reader } from './read-untrusted.ts';

/** Bounds (CWE-770): transcripts, messages of one, characters of a title and of a message. */
export const TRANSCRIPT_LIMITS = { count: 1_000, messages: 2_000, title: 200, content: 200_000 } as const;
const ROLES = ['system', 'user', 'assistant'] as const;

/** A conversation that the app asked to keep. */
export interface Transcript {
  readonly title?: string;
  readonly messages: readonly ChatMessage[];
}

/** A transcript as it lies in the vault. */
export interface StoredTranscript extends Transcript {
  readonly id: string;
  /** Vault time of the last saving, milliseconds since 1970. */
  readonly storedAt: number;
}

/** Conversations, encrypted; nothing is saved unless the app asks. Needs `personalise`. */
export interface UserTranscripts {
  /**
   * Saves a conversation, in place of another one where an id is given.
   * @returns its id.
   * @throws E2PError `consent-required`; `invalid-argument` for an id that does not exist, and where there are too many.
   */
  save(transcript: Transcript & { readonly id?: string }, use?: AuditUse): Promise<string>;
  /** Oldest first, without the messages. @throws E2PError `consent-required`, `vault-corrupt` */
  list(use?: AuditUse): Promise<readonly Omit<StoredTranscript, 'messages'>[]>;
  /** @throws E2PError `consent-required`, `vault-corrupt` */
  read(id: string, use?: AuditUse): Promise<StoredTranscript | undefined>;
  /** @returns whether there was one. */
  delete(id: string, use?: AuditUse): Promise<boolean>;
}

export function createTranscripts(consented: ConsentedVault): UserTranscripts {
  const reading = { purpose: 'personalise' } as const;
  return {
    save: async ({ id, ...transcript }, use) => {
      const reader = createReader('invalid-argument', 'the transcript');
      const json = readTranscript(reader, transcript, '');
      return withConsent(consented, 'personalise', use, async (transaction) => {
        const ids = await transaction.ids('transcript');
        if (id !== undefined && !ids.includes(id)) return reader.refuse('id', 'one that was saved before');
        if (id === undefined && ids.length >= TRANSCRIPT_LIMITS.count) {
          return reader.refuse('the number of transcripts', `at most ${TRANSCRIPT_LIMITS.count}`);
        }
        const saved = id ?? transaction.nextId();
        transaction.put('transcript', saved, { at: transaction.now, json });
        await appendAudit(transaction, 'transcript-saved', { ...use, ...reading });
        return saved;
      });
    },
    list: (use) =>
      withConsent(consented, 'personalise', use, async (transaction) => {
        const entries = await transaction.entries('transcript');
        await appendAudit(transaction, 'transcript-read', { ...use, ...reading });
        return entries.map(({ id, record }) => {
          if (record instanceof E2PError) throw record;
          const { title } = record.json as Transcript;
          return { id, ...(title !== undefined && { title }), storedAt: record.at };
        });
      }),
    read: (id, use) =>
      withConsent(consented, 'personalise', use, async (transaction) => {
        const record = await transaction.get('transcript', id);
        await appendAudit(transaction, 'transcript-read', { ...use, ...reading });
        return record && { id, ...(record.json as Transcript), storedAt: record.at };
      }),
    delete: (id, use) =>
      consented.vault.transact(async (transaction) => {
        if (!(await transaction.ids('transcript')).includes(id)) return false;
        transaction.delete('transcript', id);
        await appendAudit(transaction, 'transcript-deleted', use);
        return true;
      }),
  };
}

/** A transcript that nobody vouches for. `where` is its place in the file. */
export function readTranscript(reader: Reader, value: unknown, where: string): Transcript {
  const { title, messages } = reader.fields(value, where, ['title', 'messages']);
  const field = (name: string) => (where === '' ? name : `${where}.${name}`);
  return {
    ...(title !== undefined && { title: reader.text(title, field('title'), TRANSCRIPT_LIMITS.title, 0) }),
    messages: reader.list(messages, field('messages'), TRANSCRIPT_LIMITS.messages).map((message, i) => {
      const at = field(`messages[${i}]`);
      const { role, content } = reader.fields(message, at, ['role', 'content']);
      return {
        role: reader.oneOf(role, `${at}.role`, ROLES),
        content: reader.text(content, `${at}.content`, TRANSCRIPT_LIMITS.content, 0),
      };
    }),
  };
}
