/** `e2p rows`: examples as token rows, for a trainer elsewhere. */
import { writeFileSync } from 'node:fs';
import { basename, resolve } from 'node:path';
import { parseArgs } from 'node:util';
import { E2PError } from '../error.ts';
import { loadBaseModel } from '../model/base-model.ts';
import { createNodeRuntime } from '../runtime/node-runtime.ts';
import { createFolderSource } from '../storage/folder-source.ts';
import { rowsFile } from '../train/rows-file.ts';
import { readExamples, readUsers } from '../train/training-data.ts';
import { checkDtype } from './dtype.ts';
import { readInput } from './files.ts';
import { numberOption } from './numbers.ts';

const TEXT = { type: 'string' } as const;
const OPTIONS = {
  ...{ model: TEXT, users: TEXT, data: TEXT, out: TEXT, space: TEXT, slot: TEXT, dtype: TEXT },
  ...{ tokens: TEXT, 'max-length': TEXT },
} as const;

export async function rows(args: readonly string[]): Promise<void> {
  const { values } = parseArgs({ args: [...args], options: OPTIONS });
  const needed = (name: 'model' | 'users' | 'data' | 'out'): string => {
    const value = values[name];
    if (value === undefined) throw new E2PError('invalid-argument', `--${name} is missing`);
    return value;
  };
  const [folder, usersFile, data, out] = [needed('model'), needed('users'), needed('data'), needed('out')];
  const { slot = 'after-bos', space = 'users', dtype = 'fp32' } = values;
  const tokens = numberOption('tokens', values.tokens);
  const maxLength = numberOption('max-length', values['max-length']);
  const users = readUsers(readInput(usersFile), usersFile);
  const examples = readExamples(readInput(data), data, users);
  const { text, tooLong } = await rowsFile({
    model: await loadBaseModel({ source: createFolderSource(folder), dtypes: [checkDtype(dtype)!] }),
    runtime: createNodeRuntime(),
    ...{ users, examples, space, modelId: basename(resolve(folder)) },
    slot: slot === 'after-bos' ? slot : { placeholder: slot },
    ...(tokens !== undefined && { tokens }),
    ...(maxLength !== undefined && { maxLength }),
  });
  try {
    writeFileSync(out, text);
  } catch (cause) {
    throw new E2PError('storage-failed', `${out} could not be written: ${(cause as Error).message}`, {
      cause,
    });
  }
  const left = tooLong.length === 0 ? '' : `; ${tooLong.length} were too long and left out`;
  console.log(`${out}: ${examples.length - tooLong.length} rows${left}`);
}
