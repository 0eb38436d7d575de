/**
 * `e2p evaluate`: does a projector personalise, against every control. What is measured is kept beside the report while it is made, so that an
 * interruption costs next to nothing.
 */
import { closeSync, existsSync, fsyncSync, openSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { CONDITIONS, type Condition } from '../evaluate/conditions.ts';
import { evaluate as evaluateProjector } from '../evaluate/evaluate.ts';
import { reportMarkdown, reportPage } from '../evaluate/report.ts';
import { checkContract } from '../projector/check-contract.ts';
import { type Projector, readProjector, withAnchorRows } from '../projector/projector.ts';
import { createNodeRuntime } from '../runtime/node-runtime.ts';
import { readExamples, readUserLines } from '../train/training-data.ts';
import { questionsOf, weighUsers } from '../train/weigh-users.ts';
import { checkEncoder } from '../user/sentence-encoder.ts';
import { dtype as dtypeOf, oneOf } from './choices.ts';
import { defineCommand, type Options, type Values } from './command.ts';
import { encodeInputs } from './encode.ts';
import { prepareOutput, readInput, writeWhole, writing } from './files.ts';
import { loadModel, MODEL } from './load-model.ts';
import { whole } from './numbers.ts';
import { createProgressLine } from './progress-line.ts';

const COUNT = { value: '<n>', read: whole } as const;
const OPTIONS = {
  model: { ...MODEL, required: true },
  projector: {
    ...{ value: '<file>', many: true, required: true },
    meaning: 'to be evaluated, once for each training seed',
  },
  users: { value: '<file>', required: true, meaning: 'as for train, of people who were not trained on' },
  data: { value: '<file>', required: true, meaning: 'examples of these users, as for train' },
  encoder: {
    value: '<id|folder>',
    meaning: "sentence encoder for users that are words; it has to be the projector's",
    without: 'none',
  },
  out: { value: '<folder>', required: true, meaning: 'where report.json, report.md and report.html go' },
  constant: {
    ...{ value: '<file>', many: true },
    meaning: 'the constant soft token (train --constant), once for each seed',
    without: 'none',
  },
  conditions: {
    ...{ value: '<names>', read: conditionsOf, meaning: `some of ${CONDITIONS.join(',')}` },
    without: 'all that the files allow',
  },
  shuffles: { ...COUNT, default: '3', meaning: "others' places taken in shuffled, averaged" },
  ranked: { ...COUNT, default: '100', meaning: 'examples whose target is to be told from 19 others' },
  deployed: {
    ...{ ...COUNT, default: '0' },
    meaning: 'examples that are scored through the deployed graph too, with its int8 activations',
  },
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
  resume: { meaning: 'go on from the scores that an interrupted run left in --out' },
} as const satisfies Options;

/** Ends of the names of what it writes. */
const REPORTS = ['json', 'md', 'html'] as const;

async function evaluate(values: Values<typeof OPTIONS>): Promise<void> {
  const { model: named, users: usersFile, data, out } = values;
  const numbers = {
    ...{ shuffles: values.shuffles, ranked: values.ranked, generated: values.generated },
    ...{ maxTokens: values['max-tokens'], maxLength: values['max-length'], batch: values.batch },
    ...{ deployed: values.deployed, seed: values.seed },
  };
  const scoresFile = join(out, 'scores.jsonl');
  const reportFile = (name: string) => join(out, `report.${name}`);
  for (const path of [...REPORTS.map(reportFile), scoresFile]) prepareOutput(path);
  const told = readUserLines(readInput(usersFile), usersFile);
  const known = { rows: new Map<string, unknown>([...told.users.rows, ...told.lines]) };
  const examples = readExamples(readInput(data), data, known);
  const readAll = (files: readonly string[]) => files.map((file) => readProjector(readInput(file), file));
  const [projectors, constants] = [readAll(values.projector), readAll(values.constant ?? [])];
  const hasPersonas = examples.every((e) => e.persona !== undefined);
  const conditions =
    values.conditions ??
    CONDITIONS.filter(
      (c) => (constants.length > 0 || c !== 'constant') && (hasPersonas || !c.includes('text')),
    );
  const dtype = values.dtype ?? dtypeOf(projectors[0]!.contract.model.dtype, 'dtype');
  // Before the work: an hour later it would be too late.
  writing(scoresFile, () => closeSync(openSync(scoresFile, 'a')));
  const before = unfinished(scoresFile);
  if (!before) rmSync(scoresFile);
  if (values.resume && !before) console.error(`${scoresFile} holds no scores: beginning anew`);
  if (!values.resume && before) console.error(`${scoresFile} is overwritten; --resume would go on from it`);

  const runtime = createNodeRuntime({ threads: values.threads });
  const model = await loadModel(named, [dtype]);
  const files = [...values.projector, ...(values.constant ?? [])];
  const { byQuestion } = projectors[0]!.contract;
  const { users, encoder, questions } = await encodeInputs({
    ...{ told, usersFile, encoder: values.encoder, encoderId: undefined },
    questions: byQuestion && questionsOf(examples),
    ...{ texts: undefined, alignFile: undefined, anchors: undefined },
  });
  for (const [i, { contract }] of [...projectors, ...constants].entries()) {
    await checkContract(contract, model, runtime, files[i]!);
    if (encoder && contract.space.encoder) checkEncoder(encoder, contract.space.encoder, encoder.id);
  }
  const ready = (all: readonly Projector[]) => Promise.all(all.map((p) => withAnchorRows(p, model, runtime)));
  const show = createProgressLine();
  const controller = new AbortController();
  const onSignal = () => controller.abort();
  process.once('SIGINT', onSignal);
  process.once('SIGTERM', onSignal);
  const goingOn = values.resume ? before : undefined;
  let file: number | undefined;
  try {
    const report = await evaluateProjector({
      ...{ model, conditions, ...numbers },
      ...(byQuestion ? weighUsers(users, examples, { ...byQuestion, questions }) : { users, examples }),
      ...{ projectors: await ready(projectors), constants: await ready(constants) },
      ...(values['by-group'] && { byGroup: true }),
      runtime,
      signal: controller.signal,
      scores: {
        before: goingOn,
        append: (lines) =>
          writing(scoresFile, () => {
            file ??= openSync(scoresFile, goingOn ? 'a' : 'w');
            writeFileSync(file, lines);
            fsyncSync(file);
          }),
      },
      onProgress: (stage, done, all) => show({ stage, done, all }),
    });
    const markdown = reportMarkdown(report);
    const json = `${JSON.stringify(report, null, 2)}\n`;
    const texts = { json, md: markdown, html: reportPage(report) };
    for (const name of REPORTS) await writeWhole(reportFile(name), [texts[name]]);
    rmSync(scoresFile, { force: true });
    console.log(markdown);
  } catch (error) {
    if (!controller.signal.aborted) throw error;
    const kept = unfinished(scoresFile) ? `what was measured is in ${scoresFile}, go on with --resume` : '';
    console.error(`\nstopped; ${kept || 'nothing was measured yet'}`);
    process.exitCode = 130;
  } finally {
    if (file !== undefined) closeSync(file);
    process.off('SIGINT', onSignal);
    process.off('SIGTERM', onSignal);
  }
}

function conditionsOf(text: string, name: string): readonly Condition[] {
  return text.split(',').map((word) => oneOf(...CONDITIONS)(word.trim(), name));
}

/** What an evaluation has left that ended early; undefined where that is not even a whole line. */
function unfinished(name: string) {
  const bytes = existsSync(name) ? readInput(name) : undefined;
  return bytes?.includes(0x0a) ? { bytes, name } : undefined;
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
