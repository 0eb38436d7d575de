/**
 * Who asks, from a file: one user as a vector, or one of many in a file as `e2p train` reads it. A message about it repeats
 * nothing of it, an id neither.
 */
import { E2PError } from '../error.ts';
import { readUserLines } from '../train/training-data.ts';
import { parseEmbedding } from '../user/parse-embedding.ts';
import { checkEmbedding, type EmbeddingSpace, type UserEmbedding } from '../user/user-embedding.ts';
import { readInput } from './files.ts';

/** As vectors, or as lines of text for a sentence encoder. */
export type User =
  | { readonly embedding: UserEmbedding; readonly lines?: undefined }
  | { readonly embedding?: undefined; readonly lines: string | readonly string[] };

/**
 * Whatever `parseEmbedding` reads: `{"space", "values"}`, a list, base64, `.npy`, safetensors.
 * @throws E2PError `invalid-embedding` naming the file
 */
export function readUser(path: string, space: EmbeddingSpace): User {
  const bytes = readInput(path, 'invalid-embedding');
  return { embedding: naming(path, () => parseEmbedding(bytes, { space })) };
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
  naming(file, () => checkEmbedding(embedding, space));
}

function naming<T>(file: string, read: () => T): T {
  try {
    return read();
  } catch (cause) {
    throw new E2PError('invalid-embedding', `${file}: ${(cause as Error).message}`, { cause });
  }
}
