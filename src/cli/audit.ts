/** `e2p audit`: what can be told of people from their embeddings, soft tokens, KV cache and texts, and from a projector of whom it was trained on. */
import { mkdirSync } from 'node:fs';
import { join } from 'node:path';
import { E2PError } from '../error.ts';
import { readAttributes } from '../evaluate/audit/attributes.ts';
import { audit as auditUsers } from '../evaluate/audit/audit.ts';
import { invert } from '../evaluate/audit/invert.ts';
import { checkSides, membership } from '../evaluate/audit/membership.ts';
import { auditMarkdown, type WholeAudit } from '../evaluate/audit/report.ts';
import { VIEWS, type View, viewsOf } from '../evaluate/audit/views.ts';
import { checkContract } from '../projector/check-contract.ts';
import { readProjector, withAnchorRows } from '../projector/projector.ts';
import { createNodeRuntime } from '../runtime/node-runtime.ts';
import { readExamples, readUserLines } from '../train/training-data.ts';
import { protect as protectOne } from '../user/gaussian-mechanism.ts';
import { checkEncoder } from '../user/sentence-encoder.ts';
import { dtype as dtypeOf, oneOf } from './choices.ts';
import { defineCommand, expectBoth, given, type Options, type Values } from './command.ts';
import { encodeInputs } from './encode.ts';
import { prepareOutput, readInput, writeWhole } from './files.ts';
import { loadModel, MODEL } from './load-model.ts';
import { count, positive, whole } from './numbers.ts';
import { createProgressLine } from './progress-line.ts';

const FILE = { value: '<file>' } as const;
const OPTIONS = {
  model: { ...MODEL, required: true },
  projector: { ...FILE, required: true, meaning: 'that makes the soft tokens' },
  users: { ...FILE, required: true, meaning: 'as for train, of people who were not trained on' },
  attributes: {
    ...{ ...FILE, required: true },
    meaning: 'what is to be recovered: JSON Lines {"user", "attributes": {name: text | number | [texts]}}',
  },
  out: { value: '<folder>', required: true, meaning: 'where audit.json and audit.md go' },
  data: {
    ...{
      ...FILE,
      meaning:
        'examples as for train: their first prompts are answered, their targets are sentences to invert',
    },
    without: 'one short question',
  },
  views: {
    ...{ value: '<names>', read: viewNames, meaning: `some of ${VIEWS.join(',')}` },
    without: 'all',
  },
  invert: { meaning: 'also teach the model to say the targets of --data from each of --views' },
  members: {
    ...FILE,
    meaning: 'examples of users who were trained on, against those of --data',
    without: 'none',
  },
  reference: {
    ...{ ...FILE, without: 'the mean user alone' },
    meaning: 'projector of the same recipe, trained on neither, to calibrate the attack of --members by',
  },
  encoder: { value: '<id|folder>', meaning: 'sentence encoder for users that are words', without: 'none' },
  clip: {
    value: '<r>',
    read: positive,
    meaning: 'protect: shorten to so many standard deviations',
    without: 'nothing',
  },
  sigma: {
    value: '<s>',
    read: positive,
    meaning: 'protect: noise, in standard deviations; with --clip',
    without: 'nothing',
  },
  components: {
    value: '<n>',
    read: count,
    meaning: 'protect: directions that are kept, of those in the projector file',
    without: 'all',
  },
  prompts: { value: '<n>', read: count, default: '2', meaning: 'prompts that are answered for everybody' },
  'max-tokens': { value: '<n>', read: count, default: '24', meaning: 'tokens of an answer' },
  steps: { value: '<n>', read: count, default: '300', meaning: "updates of the inverter's projector" },
  seed: { value: '<n>', read: whole, default: '1', meaning: 'of who is seen, noise and intervals' },
  dtype: {
    value: '<d>',
    read: dtypeOf,
    meaning: 'precision of the model',
    without: 'the one that was trained with',
  },
} as const satisfies Options;

async function audit(values: Values<typeof OPTIONS>): Promise<void> {
  const { model: named, users: usersFile, out, clip, sigma, components, seed } = values;
  expectBoth(values, 'sigma', 'clip');
  expectBoth(values, 'members', 'data');
  expectBoth(values, 'reference', 'members');
  if (values.invert) expectBoth(values, 'invert', 'data');
  mkdirSync(out, { recursive: true });
  const [json, markdown] = ['audit.json', 'audit.md'].map((name) => join(out, name));
  for (const path of [json!, markdown!]) prepareOutput(path);
  const told = readUserLines(readInput(usersFile), usersFile);
  const known = { rows: new Map<string, unknown>([...told.users.rows, ...told.lines]) };
  const examplesOf = (file: string | undefined) =>
    file === undefined ? [] : readExamples(readInput(file), file, known);
  const [examples, members] = [examplesOf(values.data), examplesOf(values.members)];
  // Before what takes hours.
  if (members.length > 0) checkSides({ members, others: examples });
  const attributes = readAttributes(readInput(values.attributes), values.attributes);
  const projectorFile = readProjector(readInput(values.projector), values.projector);
  const { contract } = projectorFile;
  const runtime = createNodeRuntime();
  const model = await loadModel(named, [values.dtype ?? dtypeOf(contract.model.dtype, 'dtype')]);
  const { users, encoder } = await encodeInputs({
    ...{ told, usersFile, encoder: values.encoder, encoderId: undefined },
    ...{ texts: undefined, alignFile: undefined, anchors: undefined },
  });
  await checkContract(contract, model, runtime, values.projector);
  if (users.dim !== contract.space.dim) {
    throw new E2PError(
      'contract-mismatch',
      `${usersFile}: the users have ${users.dim} numbers each, the projector expects ${contract.space.dim}`,
    );
  }
  if (encoder && contract.space.encoder) checkEncoder(encoder, contract.space.encoder, encoder.id);
  const projector = await withAnchorRows(projectorFile, model, runtime);
  const reference = values.reference && readProjector(readInput(values.reference), values.reference);
  if (reference) await checkContract(reference.contract, model, runtime, values.reference);
  const show = createProgressLine();
  const controller = new AbortController();
  const { signal } = controller;
  const onSignal = () => controller.abort();
  process.once('SIGINT', onSignal);
  try {
    const prompts = [
      ...new Map(examples.map((e) => [JSON.stringify(e.messages), e.messages])).values(),
    ].slice(0, values.prompts);
    const rule = given({ clip, sigma, components });
    const population = { ...contract.space, reference: projector.reference };
    const known = projector.reference?.eigenvalues.length ?? 0;
    if (components !== undefined && components > known) {
      const found = `--components is ${components}, ${values.projector} tells of ${known} directions`;
      throw new E2PError('invalid-argument', `${found}, expected no more`);
    }
    const isProtected = Object.keys(rule).length > 0;
    const protect = isProtected ? (v: Float32Array) => protectOne(v, population, rule) : undefined;
    const common = { model, runtime, projector, signal, seed };
    const report: WholeAudit = await auditUsers({
      ...{ ...common, users, attributes, protect, views: values.views ?? VIEWS },
      ...{ prompts: prompts.length > 0 ? prompts : [[{ role: 'user', content: 'What do you suggest?' }]] },
      maxTokens: values['max-tokens'],
      onProgress: (done, all) => show({ stage: 'reading', done, all }),
    });
    const inversions: Partial<Record<View, Awaited<ReturnType<typeof invert>>>> = {};
    for (const view of values.invert ? (values.views ?? VIEWS) : []) {
      const ids = [...new Set(examples.map((e) => e.user))];
      const embeddings = ids.map((id) => (protect ?? ((v) => v))(users.rows.get(id)!));
      const shown = { ...common, embeddings, views: [view], prompts, maxTokens: values['max-tokens'] };
      const rows = (await viewsOf(shown)).get(view)!;
      inversions[view] = await invert({
        ...{ ...common, steps: values.steps },
        users: { dim: rows[0]!.length, rows: new Map(ids.map((id, i) => [id, rows[i]!])) },
        sentences: examples.map(({ user, target }) => ({ user, text: target })),
        isSeen: (user) => ids.indexOf(user) < 0.7 * ids.length,
        onProgress: (done, all) => show({ stage: `inverting ${view}`, done, all }),
      });
    }
    const whole: WholeAudit = {
      ...report,
      ...(values.invert && { inversions }),
      ...(members.length > 0 && {
        membership: await membership({
          ...{ ...common, users, members, others: examples },
          ...(reference && { reference: await withAnchorRows(reference, model, runtime) }),
        }),
      }),
    };
    await writeWhole(json!, [`${JSON.stringify(whole, null, 2)}\n`]);
    await writeWhole(markdown!, [auditMarkdown(whole)]);
    console.log(auditMarkdown(whole));
  } catch (error) {
    if (!signal.aborted) throw error;
    console.error('\nstopped; nothing was written');
    process.exitCode = 130;
  } finally {
    process.off('SIGINT', onSignal);
  }
}

function viewNames(text: string, name: string): readonly View[] {
  return text.split(',').map((word) => oneOf(...VIEWS)(word.trim(), name));
}

export const command = defineCommand({
  purpose: 'Tells what attackers recover of people from what stands for them.',
  note: 'Nothing is sent anywhere; what is written names no person.',
  options: OPTIONS,
  examples: [
    `audit --model my-model --projector p.safetensors --users users.jsonl --attributes known.jsonl \\
      --data test.jsonl --invert --members train.jsonl --out audit`,
  ],
  run: audit,
});
