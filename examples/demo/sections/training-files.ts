/** What a training on the page learns from: users and examples, of the site's sample or of two files that somebody dropped. */
import { type Example, readExamples, readUsers, type Users } from '../../../src/train.ts';

export interface TrainingFiles {
  readonly users: Users;
  readonly examples: readonly Example[];
  /** Of users who are not trained on. */
  readonly heldOut: readonly Example[];
  readonly heldOutUsers: readonly string[];
}

export interface NamedBytes {
  readonly name: string;
  readonly bytes: Uint8Array;
}

const ONE_IN = 5;

/** @throws Error that names the file. */
export async function fetchSample(folder: URL): Promise<TrainingFiles> {
  const files = ['sample-users.jsonl', 'sample-train.jsonl'].map(async (name): Promise<NamedBytes> => {
    const response = await fetch(new URL(name, folder));
    if (!response.ok) throw new Error(`${name} answered ${response.status}`);
    return { name, bytes: new Uint8Array(await response.arrayBuffer()) };
  });
  return readTrainingFiles(await Promise.all(files));
}

/** In any order: that of users says of each line's user an embedding. @throws E2PError `invalid-data` naming file, line and field; Error */
export function readTrainingFiles(files: readonly NamedBytes[]): TrainingFiles {
  const isOfUsers = ({ bytes }: NamedBytes): boolean =>
    /"embeddings?"\s*:/.test(new TextDecoder().decode(bytes.subarray(0, 4096)).split('\n')[0]!);
  const usersFile = files.find(isOfUsers);
  const dataFile = files.find((file) => !isOfUsers(file));
  if (files.length !== 2 || usersFile === undefined || dataFile === undefined)
    throw new Error(
      `Found ${files.map(({ name }) => name).join(', ') || 'no file'}; expected two, one with users and their embeddings, one with examples.`,
    );
  const users = readUsers(usersFile.bytes, usersFile.name);
  const all = readExamples(dataFile.bytes, dataFile.name, users);
  // Who shares a group is held out together.
  const unitOf = ({ user, group }: Example): string => group ?? user;
  const units = [...new Set(all.map(unitOf))];
  const apart = new Set(units.filter((_, i) => i % ONE_IN === ONE_IN - 1));
  const heldOut = all.filter((example) => apart.has(unitOf(example)));
  const heldOutUsers = [...new Set(heldOut.map(({ user }) => user))];
  if (heldOutUsers.length < 2)
    throw new Error(
      `${dataFile.name} has examples of ${units.length} users, expected at least ${2 * ONE_IN}.`,
    );
  return { users, examples: all.filter((example) => !apart.has(unitOf(example))), heldOut, heldOutUsers };
}
