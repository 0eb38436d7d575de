/**
 * Who asks, from a file: one user as `{"space", "values"}`, or one of many in a file as `e2p train` reads it. A message about it repeats
 * nothing of it, an id neither.
 */
import { E2PError } from '../error.ts';
import { readUserLines } from '../train/training-data.ts';
import { checkEmbedding, type EmbeddingSpace, type UserEmbedding } from '../user/user-embedding.ts';
import { readInput } from './files.ts';

/** As vectors, or as lines of text for a sentence encoder. */
export type User =
  | { readonly embedding: UserEmbedding; readonly lines?: undefined }
  | { readonly embedding?: undefined; readonly lines: string | readonly string[] };

/** Whether the numbers fit, {@link checkUser} tells. @throws E2PError `invalid-embedding` */
export function readUser(path: string): User {
  let parsed: { space?: unknown; values?: unknown };
  const text = new TextDecoder().decode(readInput(path, 'invalid-embedding'));
  try {
    parsed = JSON.parse(text);
  } catch {
    // JSON.parse quotes the text it stumbles over, and this text is personal.
    throw new E2PError('invalid-embedding', `${path} is not JSON`);
  }
  const { space, values } = parsed ?? {};
  if (typeof space !== 'string' || !Array.isArray(values) || !values.every((v) => typeof v === 'number')) {
    throw new E2PError('invalid-embedding', `${path}: expected {"space": "…", "values": [numbers]}`);
  }
  return { embedding: { space, values: Float32Array.from(values) } };
}

/**
 * @param space of the projector: a file of users names none
 * @throws E2PError `invalid-data`
 */
export function findUser(path: string, id: string, space: string): User {
  const { users, lines } = readUserLines(readInput(path), path);
  const [values, texts] = [users.rows.get(id), lines.get(id)];
  if (values !== undefined) return { embedding: { space, values } };
  if (texts !== undefined) return { lines: texts };
  const count = users.rows.size + lines.size;
  throw new E2PError('invalid-data', `${path}: none of its ${count} users has the id that --user says`);
}

/**
 * As the personalizer will, before there is one.
 * @throws E2PError `invalid-embedding` naming the file
 */
export function checkUser(embedding: UserEmbedding, file: string, space: EmbeddingSpace): void {
  try {
    checkEmbedding(embedding, space);
  } catch (cause) {
    throw new E2PError('invalid-embedding', `${file}: ${(cause as Error).message}`, { cause });
  }
}
