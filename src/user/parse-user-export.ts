/** A file that claims to be a person's export, read once and strictly; who is past this trusts it. */
import { E2PError } from '../error.ts';
import { type ConsentDecision, DECISIONS } from './consent.ts';
import { EVENT_LIMITS, readEvent } from './events.ts';
import { FEEDBACK_LIMITS, readFeedback } from './feedback-row.ts';
import { PURPOSES, type Purpose } from './purpose.ts';
import { createReader, type Reader } from './read-untrusted.ts';
import { EMBEDDING_LIMITS } from './stored-embeddings.ts';
import { readTranscript, TRANSCRIPT_LIMITS } from './transcripts.ts';
import {
  EXPORT_FORMAT,
  EXPORT_VERSION,
  type ExportedEmbedding,
  type ExportedEvent,
  type ExportedTranscript,
  type UserExport,
} from './user-export.ts';

/**
 * Bounds on an untrusted file (CWE-770, CWE-400): UTF-16 units of its text, embeddings, numbers of all embeddings together,
 * characters of a policy version. Events, feedback and transcripts have those of the vault.
 */
export const IMPORT_LIMITS = {
  text: 2 ** 27,
  embeddings: 10_000,
  numbers: 2 ** 23,
  policyVersion: 100,
} as const;

export interface ImportedUser {
  readonly consent: Readonly<Partial<Record<Purpose, ConsentDecision>>>;
  readonly embeddings: readonly (Omit<ExportedEmbedding, 'values' | 'protection'> & {
    readonly values: Float32Array;
  })[];
  readonly events: readonly ExportedEvent[];
  readonly feedback: UserExport['feedback'];
  readonly transcripts: readonly ExportedTranscript[];
}

const FIELDS =
  'format version exportedAt consent embeddings events feedback transcripts experiments reports audit unreadable'.split(
    ' ',
  );

/**
 * @param json the text of the file, or what `JSON.parse` made of it. Audit log, experiments and private reports in it are not read: a vault's own tell what
 * happened to that vault, and a file can't give back a budget.
 * @throws E2PError `invalid-import` naming the field, never its content.
 */
export function parseUserExport(json: unknown): ImportedUser {
  const reader = createReader('invalid-import', 'the import');
  const root = reader.fields(typeof json === 'string' ? parse(reader, json) : json, '', FIELDS);
  if (root.format !== EXPORT_FORMAT) reader.refuse('format', JSON.stringify(EXPORT_FORMAT));
  if (root.version !== EXPORT_VERSION) reader.refuse('version', String(EXPORT_VERSION));
  const events = reader.list(root.events, 'events', EVENT_LIMITS.count);
  // Files of before have none.
  const feedback = reader.list(root.feedback ?? [], 'feedback', FEEDBACK_LIMITS.count);
  const transcripts = reader.list(root.transcripts, 'transcripts', TRANSCRIPT_LIMITS.count);
  return {
    consent: readConsent(reader, root.consent),
    embeddings: readEmbeddings(reader, root.embeddings),
    events: events.map((value, i) => {
      const { content, storedAt } = takeStoredAt(reader, value, `events[${i}]`);
      const event = readEvent(reader, content, `events[${i}]`);
      return { ...event, time: event.time ?? storedAt, storedAt };
    }),
    feedback: feedback.map((value, i) => {
      const { content, storedAt } = takeStoredAt(reader, value, `feedback[${i}]`);
      return { ...readFeedback(reader, content, `feedback[${i}]`), storedAt };
    }),
    transcripts: transcripts.map((value, i) => {
      const { content, storedAt } = takeStoredAt(reader, value, `transcripts[${i}]`);
      return { ...readTranscript(reader, content, `transcripts[${i}]`), storedAt };
    }),
  };
}

function parse(reader: Reader, text: string): unknown {
  if (text.length > IMPORT_LIMITS.text)
    reader.refuse('', `a text of at most ${IMPORT_LIMITS.text} characters`);
  try {
    return JSON.parse(text);
  } catch {
    // The engine's own message quotes the text.
    throw new E2PError('invalid-import', 'the import is not JSON');
  }
}

function readConsent(reader: Reader, value: unknown): ImportedUser['consent'] {
  const decisions = reader.fields(value, 'consent', PURPOSES);
  const read = PURPOSES.filter((purpose) => decisions[purpose] !== undefined).map((purpose) => {
    const where = `consent.${purpose}`;
    const decision = reader.fields(decisions[purpose], where, ['state', 'time', 'policyVersion']);
    return [
      purpose,
      {
        state: reader.oneOf(decision.state, `${where}.state`, DECISIONS),
        time: reader.time(decision.time, `${where}.time`),
        policyVersion: reader.text(
          decision.policyVersion,
          `${where}.policyVersion`,
          IMPORT_LIMITS.policyVersion,
        ),
      },
    ];
  });
  return Object.fromEntries(read) as ImportedUser['consent'];
}

function readEmbeddings(reader: Reader, value: unknown): ImportedUser['embeddings'] {
  let numbers = 0;
  return reader.list(value, 'embeddings', IMPORT_LIMITS.embeddings).map((item, i) => {
    const where = `embeddings[${i}]`;
    // What a file says of its protection is not believed.
    const known = ['space', 'values', 'storedAt', 'learntFrom', 'protection'];
    const { space, values, storedAt, learntFrom } = reader.fields(item, where, known);
    const from =
      learntFrom === undefined
        ? undefined
        : reader.oneOf(learntFrom, `${where}.learntFrom`, ['activity', 'feedback'] as const);
    const list = reader.list(values, `${where}.values`, EMBEDDING_LIMITS.dim);
    numbers += list.length;
    if (numbers > IMPORT_LIMITS.numbers)
      reader.refuse('embeddings', `at most ${IMPORT_LIMITS.numbers} numbers in all`);
    if (list.length === 0) reader.refuse(`${where}.values`, 'a list of at least one number');
    const floats = Float32Array.from(list, (number, k) => reader.finite(number, `${where}.values[${k}]`));
    // A number may be finite in JSON and too large for float32.
    const bad = floats.findIndex((number) => !Number.isFinite(number));
    if (bad >= 0) reader.refuse(`${where}.values[${bad}]`, 'a number of float32');
    return {
      space: reader.text(space, `${where}.space`, EMBEDDING_LIMITS.space),
      values: floats,
      storedAt: reader.time(storedAt, `${where}.storedAt`),
      ...(from && { learntFrom: from }),
    };
  });
}

function takeStoredAt(reader: Reader, value: unknown, where: string) {
  if (typeof value !== 'object' || value === null) return reader.refuse(where, 'an object');
  const { storedAt, ...content } = value as Readonly<Record<string, unknown>>;
  return { content, storedAt: reader.time(storedAt, `${where}.storedAt`) };
}
