/** `e2p rows`: examples as token rows, for a trainer elsewhere. */
import { basename, resolve } from 'node:path';
import { loadBaseModel } from '../model/base-model.ts';
import { createNodeRuntime } from '../runtime/node-runtime.ts';
import { createFolderSource } from '../storage/folder-source.ts';
import { rowLines } from '../train/rows-file.ts';
import { readExamples, readUsers } from '../train/training-data.ts';
import { dtype } from './choices.ts';
import { defineCommand, given, type Options, type Values } from './command.ts';
import { checkFolder, prepareOutput, readInput, writeWhole } from './files.ts';
import { whole } from './numbers.ts';
import { SLOT, slotOf } from './slot-option.ts';

const FILE = { value: '<file>', required: true } as const;
const OPTIONS = {
  model: { value: '<folder>', required: true, meaning: 'the base model, as the Hub lays it out' },
  users: {
    ...FILE,
    meaning: 'JSON Lines {"user", "embedding" | "embeddings"}, or a safetensors matrix embeddings',
  },
  data: { ...FILE, meaning: 'JSON Lines {"user", "prompt", "target"}: docs/training.md' },
  out: { ...FILE, meaning: 'JSON Lines: the contract first, then a row for each example' },
  space: { value: '<id>', default: 'users', meaning: 'name of the embedding space, as apps will give it' },
  dtype: { value: '<d>', read: dtype, default: 'fp32', meaning: 'precision that the contract is made from' },
  tokens: { value: '<n>', read: whole, default: '1', meaning: 'soft tokens for each vector of a user' },
  slot: SLOT,
  'max-length': {
    ...{ value: '<n>', read: whole, default: '512' },
    meaning: 'tokens of an example; longer ones are left out',
  },
} as const satisfies Options;

async function rows(values: Values<typeof OPTIONS>): Promise<void> {
  const { model: folder, out, space, tokens } = values;
  const slot = slotOf(values.slot);
  prepareOutput(out);
  const users = readUsers(readInput(values.users), values.users);
  const examples = readExamples(readInput(values.data), values.data, users);
  let tooLong = 0;
  const lines = rowLines({
    model: await loadBaseModel({ source: createFolderSource(checkFolder(folder)), dtypes: [values.dtype] }),
    runtime: createNodeRuntime(),
    ...{ users, examples, space, tokens, maxLength: values['max-length'] },
    modelId: basename(resolve(folder)),
    ...given({ slot }),
    onTooLong: () => tooLong++,
  });
  await writeWhole(out, lines);
  const left = tooLong === 0 ? '' : `; ${tooLong} were too long and left out`;
  console.log(`${out}: ${examples.length - tooLong} rows${left}`);
}

export const command = defineCommand({
  purpose: "Writes the same data as token rows with the projector's contract, for examples/pytorch/train.py.",
  options: OPTIONS,
  examples: [
    'rows --model my-model --users users.jsonl --data train.jsonl --out rows.jsonl --space podcasts-v3',
  ],
  run: rows,
});
