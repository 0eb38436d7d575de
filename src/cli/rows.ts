/** `e2p rows`: examples as token rows, for a trainer elsewhere. */
import { resolve } from 'node:path';
import { E2PError } from '../error.ts';
import { checkContract } from '../projector/check-contract.ts';
import { readProjector } from '../projector/projector.ts';
import { createNodeRuntime } from '../runtime/node-runtime.ts';
import { alignmentFile, rowLines, userLines } from '../train/rows-file.ts';
import { readAlignment, readExamples, readUserLines } from '../train/training-data.ts';
import { checkEncoder } from '../user/sentence-encoder.ts';
import { dtype } from './choices.ts';
import { defineCommand, expectBoth, expectOne, given, type Options, type Values } from './command.ts';
import { encodeInputs } from './encode.ts';
import { prepareOutput, readInput, writeWhole } from './files.ts';
import { loadModel, MODEL, modelIdOf } from './load-model.ts';
import { whole } from './numbers.ts';
import { SLOT, slotOf } from './slot-option.ts';

const FILE = { value: '<file>', required: true } as const;
const COUNT = { value: '<n>', read: whole } as const;
const OPTIONS = {
  model: { ...MODEL, required: true },
  users: {
    ...FILE,
    meaning: 'JSON Lines {"user", "embedding" | "embeddings" | "lines"}, or safetensors: docs/training.md',
  },
  data: { ...FILE, meaning: 'JSON Lines {"user", "prompt", "target"}: docs/training.md' },
  out: { ...FILE, meaning: 'JSON Lines: the contract first, then a row for each example' },
  encoded: {
    value: '<file>',
    meaning: "where the users' vectors go, for users that are words: the trainer's users file",
    without: 'nowhere',
  },
  teacher: {
    meaning: 'with the rows of a teacher, who reads "teacher" or "persona" as text, to distil from',
  },
  align: {
    value: '<file>',
    meaning: 'texts to align with, as for train: into --aligned',
    without: 'none',
  },
  aligned: { value: '<file>', meaning: 'where their vectors and tokens go', without: 'nowhere' },
  init: {
    value: '<file>',
    meaning: 'a projector to go on from, whose contract is taken over',
    without: 'a new contract',
  },
  space: { value: '<id>', meaning: 'name of the embedding space, as apps will give it', without: 'users' },
  'model-id': {
    ...{ value: '<id>', meaning: 'name of the model in the contract, by which apps find it' },
    without: 'its Hub id, or the name of its folder',
  },
  requantised: {
    meaning: 'these weights were quantised twice and apps load another copy: recognise it by its norms alone',
  },
  dtype: { value: '<d>', read: dtype, default: 'fp32', meaning: 'precision that the contract is made from' },
  encoder: {
    ...{ value: '<id|folder>', meaning: 'sentence encoder for users that are words', without: 'none' },
  },
  'encoder-id': {
    ...{ value: '<id>', meaning: 'name of the encoder in the contract, by which apps find it' },
    without: 'what --encoder says',
  },
  tokens: { ...COUNT, meaning: 'soft tokens for each vector of a user', without: '1' },
  vectors: { ...COUNT, meaning: 'most vectors (lines) of a user', without: 'what the users have' },
  slot: SLOT,
  'max-length': {
    ...{ ...COUNT, default: '512' },
    meaning: 'tokens of an example; longer ones are left out',
  },
} as const satisfies Options;

async function rows(values: Values<typeof OPTIONS>): Promise<void> {
  const { model: named, users: usersFile, data, out, encoded } = values;
  for (const name of ['space', 'model-id', 'encoder-id', 'tokens', 'vectors', 'slot'])
    expectOne(values, 'init', name, 'what stands in the contract');
  expectBoth(values, 'encoder-id', 'encoder');
  expectBoth(values, 'align', 'aligned');
  expectBoth(values, 'aligned', 'align');
  const slot = slotOf(values.slot);
  const files = [out, encoded, values.aligned].filter((file) => file !== undefined);
  if (new Set(files.map((file) => resolve(file))).size < files.length)
    throw new E2PError(
      'invalid-argument',
      '--out, --encoded and --aligned name one file, expected different ones',
    );
  for (const file of files) prepareOutput(file);
  const told = readUserLines(readInput(usersFile), usersFile);
  const known = { rows: new Map<string, unknown>([...told.users.rows, ...told.lines]) };
  const examples = readExamples(readInput(data), data, known);
  const init = values.init === undefined ? undefined : readProjector(readInput(values.init), values.init);
  const alignFile = values.align;
  const texts = alignFile === undefined ? undefined : readAlignment(readInput(alignFile), alignFile);
  const runtime = createNodeRuntime();
  const model = await loadModel(named, [values.dtype]);
  if (init) await checkContract(init.contract, model, runtime, values.init!);
  const { users, encoder, alignTo } = await encodeInputs({
    ...{ told, usersFile, encoder: values.encoder, encoderId: values['encoder-id'] },
    ...{ texts, alignFile, anchors: undefined },
  });
  if (encoder && init?.contract.space.encoder)
    checkEncoder(encoder, init.contract.space.encoder, values.encoder!);
  let tooLong = 0;
  const lines = rowLines({
    ...{ model, runtime, users, examples, encoder, contract: init?.contract },
    ...{ space: values.space ?? 'users', maxLength: values['max-length'], withTeacher: values.teacher },
    modelId: values['model-id'] ?? modelIdOf(named),
    requantised: values.requantised,
    ...given({ slot, tokens: values.tokens, vectors: values.vectors }),
    onTooLong: () => tooLong++,
  });
  await writeWhole(out, lines);
  if (encoded !== undefined) await writeWhole(encoded, userLines(users));
  if (alignTo !== undefined)
    await writeWhole(values.aligned!, [alignmentFile(alignTo, model, init?.anchors?.phrases)]);
  const left = tooLong === 0 ? '' : `; ${tooLong} were too long and left out`;
  console.log(`${out}: ${examples.length - tooLong} rows${left}`);
}

export const command = defineCommand({
  purpose: "Writes the same data as token rows with the projector's contract, for examples/pytorch/train.py.",
  options: OPTIONS,
  examples: [
    'rows --model my-model --users users.jsonl --data train.jsonl --out rows.jsonl --space podcasts-v3',
    `rows --model my-model --dtype q4 --users people.jsonl --data train.jsonl --out rows.jsonl \\
      --encoder Xenova/all-MiniLM-L6-v2 --encoded vectors.jsonl --teacher --init aligned.safetensors`,
  ],
  run: rows,
});
