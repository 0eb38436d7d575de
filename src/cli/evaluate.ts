/** `e2p evaluate`: does a projector personalise, against every control. */
import { mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { E2PError } from '../error.ts';
import { CONDITIONS, type Condition } from '../evaluate/conditions.ts';
import { evaluate as evaluateProjector } from '../evaluate/evaluate.ts';
import { reportMarkdown, reportPage } from '../evaluate/report.ts';
import { loadBaseModel } from '../model/base-model.ts';
import { checkContract } from '../projector/check-contract.ts';
import { readProjector } from '../projector/projector.ts';
import { createNodeRuntime } from '../runtime/node-runtime.ts';
import { createFolderSource } from '../storage/folder-source.ts';
import { readExamples, readUsers } from '../train/training-data.ts';
import { dtype as dtypeOf, oneOf } from './choices.ts';
import { defineCommand, type Options, type Values } from './command.ts';
import { readInput } from './files.ts';
import { whole } from './numbers.ts';

const COUNT = { value: '<n>', read: whole } as const;
const OPTIONS = {
  model: { value: '<folder>', required: true, meaning: 'the base model, as the Hub lays it out' },
  projector: {
    ...{ value: '<file>', many: true, required: true },
    meaning: 'to be evaluated, once for each training seed',
  },
  users: { value: '<file>', required: true, meaning: 'as for train, of people who were not trained on' },
  data: { value: '<file>', required: true, meaning: 'examples of these users, as for train' },
  out: { value: '<folder>', required: true, meaning: 'where report.json, report.md and report.html go' },
  constant: {
    ...{ value: '<file>', many: true },
    meaning: 'the control that knows nobody (train --constant), once for each seed',
  },
  conditions: {
    ...{ value: '<names>', read: conditionsOf, meaning: `some of ${CONDITIONS.join(',')}` },
    without: 'all that the files allow',
  },
  shuffles: { ...COUNT, default: '3', meaning: "others' places taken in shuffled, averaged" },
  ranked: { ...COUNT, default: '100', meaning: 'examples whose target is to be told from 19 others' },
  generated: { ...COUNT, default: '50', meaning: 'examples that a text is generated for' },
  'max-tokens': { ...COUNT, default: '48', meaning: 'tokens of such a text' },
  'max-length': { ...COUNT, default: '512', meaning: 'tokens of a row; longer ones are left out everywhere' },
  batch: { ...COUNT, default: '16', meaning: 'rows that are scored at once' },
  seed: { ...COUNT, default: '1', meaning: 'of shuffles and intervals' },
  threads: { ...COUNT, default: '1', meaning: 'threads of one operator, 0 = one for each core' },
  dtype: {
    ...{ value: '<d>', read: dtypeOf, meaning: 'precision of the model to evaluate with' },
    without: 'the one that was trained with',
  },
  'by-group': { meaning: "name every user's (or group's) nats in report.json too" },
} as const satisfies Options;

async function evaluate(values: Values<typeof OPTIONS>): Promise<void> {
  const { model: folder, users: usersFile, data, out } = values;
  const numbers = {
    ...{ shuffles: values.shuffles, ranked: values.ranked, generated: values.generated },
    ...{ maxTokens: values['max-tokens'], maxLength: values['max-length'], batch: values.batch },
    seed: values.seed,
  };
  const users = readUsers(readInput(usersFile), usersFile);
  const examples = readExamples(readInput(data), data, users);
  const readAll = (files: readonly string[]) => files.map((file) => readProjector(readInput(file), file));
  const [projectors, constants] = [readAll(values.projector), readAll(values.constant ?? [])];
  const hasPersonas = examples.every((e) => e.persona !== undefined);
  const conditions =
    values.conditions ??
    CONDITIONS.filter(
      (c) => (constants.length > 0 || c !== 'constant') && (hasPersonas || !c.includes('text')),
    );
  const dtype = values.dtype ?? dtypeOf(projectors[0]!.contract.model.dtype, 'dtype');
  const model = await loadBaseModel({ source: createFolderSource(folder), dtypes: [dtype] });
  const named = [...values.projector, ...(values.constant ?? [])];
  const runtime = createNodeRuntime({ threads: values.threads });
  for (const [i, { contract }] of [...projectors, ...constants].entries())
    await checkContract(contract, model, runtime, named[i]!);
  const { isTTY } = process.stderr;
  const report = await evaluateProjector({
    ...{ model, projectors, constants, users, examples, conditions, ...numbers },
    ...(values['by-group'] && { byGroup: true }),
    runtime,
    onProgress: (stage, done, all) => {
      if (isTTY) process.stderr.write(`\r\x1b[K${stage} ${done}/${all}${done === all ? '\n' : ''}`);
      else if (done === all) console.error(`${stage} done`);
    },
  });
  const markdown = reportMarkdown(report);
  try {
    mkdirSync(out, { recursive: true });
    writeFileSync(join(out, 'report.json'), `${JSON.stringify(report, null, 2)}\n`);
    writeFileSync(join(out, 'report.md'), markdown);
    writeFileSync(join(out, 'report.html'), reportPage(report));
  } catch (cause) {
    throw new E2PError('storage-failed', `${out} could not be written: ${(cause as Error).message}`, {
      cause,
    });
  }
  console.log(markdown);
}

function conditionsOf(text: string, name: string): readonly Condition[] {
  return text.split(',').map((word) => oneOf(...CONDITIONS)(word.trim(), name));
}

export const command = defineCommand({
  purpose: 'Tells whether a projector personalises: every condition on the same targets of unseen users.',
  options: OPTIONS,
  examples: [
    `evaluate --model my-model --projector p.safetensors --constant c.safetensors \\
      --users users.jsonl --data test.jsonl --out report`,
  ],
  run: evaluate,
});
