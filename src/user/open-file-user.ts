/** A person's vault in a folder, for Node: the same records, keys and promises as in a browser, as far as a file system can keep them. */
import { mkdir } from 'node:fs/promises';
import { dirname, join, resolve } from 'node:path';
import { E2PError } from '../error.ts';
import type { ForgetReport } from './forget-report.ts';
import { forgetUser } from './forget-user.ts';
import { type OpenUserOptions, openUser } from './open-user.ts';
import type { User } from './user.ts';
import { createBroadcast } from './user-changes.ts';
import { createFileLock } from './vault/file-lock.ts';
import { createFileRecords } from './vault/file-records.ts';
import { checkVaultName, type VaultLocation } from './vault-location.ts';

/** Where a vault lies. */
export interface VaultFolder {
  /** Of the vaults; made where it is absent, for this process's user alone (mode 0700). */
  readonly folder: string;
  /** One of several vaults in the folder: letters, digits, `.`, `_`, `-`. It is a file's name, so nothing personal. */
  readonly name?: string;
  /**
   * File of 32 bytes with the device key, should it lie elsewhere than beside the vault, on another disk or in a store of secrets. Made
   * where it is absent, and kept when the person is forgotten. Without it the vault can't be opened.
   */
  readonly keyFile?: string;
}

/** As in a browser, with a folder in place of the origin's storage. */
export interface OpenFileUserOptions
  extends VaultFolder,
    Omit<OpenUserOptions, 'name' | 'records' | 'exclusive' | 'channel' | 'origin'> {}

/**
 * Opens the person's vault in a folder, or makes an empty one. Other processes may use it at the same time; what is changed in one of
 * them another one sees when it next looks.
 * @throws E2PError as in a browser, and `storage-failed` where the folder can't be used or another process holds it too long
 */
export async function openFileUser({
  folder,
  name,
  keyFile,
  ...options
}: OpenFileUserOptions): Promise<User> {
  return openUser({ ...options, ...(await locate({ folder, name, keyFile })), origin: 'node' });
}

/** Forgets a person whose vault can't be opened. */
export async function forgetFileUser(where: VaultFolder): Promise<ForgetReport> {
  return forgetUser(await locate(where));
}

async function locate({
  folder,
  name,
  keyFile,
}: {
  readonly [K in keyof VaultFolder]: VaultFolder[K] | undefined;
}): Promise<VaultLocation> {
  const checked = checkVaultName(name);
  if (typeof folder !== 'string' || folder === '') {
    throw new E2PError('invalid-argument', 'openUser: folder must be the path of a folder');
  }
  const file = join(resolve(folder), `${checked}.vault`);
  await mkdir(dirname(file), { recursive: true, mode: 0o700 }).catch((cause: NodeJS.ErrnoException) => {
    const found = `could not be made: ${cause.code}`;
    throw new E2PError('storage-failed', `the vault's folder ${dirname(file)} ${found}`, { cause });
  });
  // Between handles in this process.
  const channel = createBroadcast(file);
  return {
    name: checked,
    records: createFileRecords({ file, keyFile: keyFile && resolve(keyFile) }),
    exclusive: createFileLock(`${file}.lock`),
    ...(channel && { channel }),
  };
}
