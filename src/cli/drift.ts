/**
 * `e2p drift`: are the users of now those that the projector was trained on, and what does it cost. For cron and CI: exit code 0 = no
 * drift seen, 3 = drift.
 */

import { E2PError } from '../error.ts';
import { DRIFT_DEFAULTS as D, detectDrift, FEWEST_USERS } from '../evaluate/drift/detect-drift.ts';
import { driftMarkdown } from '../evaluate/drift/drift-markdown.ts';
import { readProjector, vectorsOf } from '../projector/projector.ts';
import { readSafetensors } from '../projector/safetensors.ts';
import { readUsers, type Users } from '../train/training-data.ts';
import { CANARY_OPTIONS, canaryExamples, canaryOf } from './canary.ts';
import { defineCommand, type Options, type Values } from './command.ts';
import { readInput } from './files.ts';
import { positiveShare, whole } from './numbers.ts';

/** What `e2p drift` ends with where it saw drift. */
const DRIFT = 3;
/** Users of training that a projector's file may carry. */
const POINTS = 'reference.points';

const COUNT = { value: '<n>', read: whole } as const;
const OPTIONS = {
  reference: {
    ...{ value: '<file>', required: true },
    meaning: `users as they were in training, as for train, or a projector with the tensor ${POINTS}`,
  },
  current: { value: '<file>', required: true, meaning: 'users as they are now, as for train' },
  ...CANARY_OPTIONS,
  projector: {
    value: '<file>',
    meaning: 'the projector in use: means are compared along the axes of its training users',
    without: 'the leading components of both sides',
  },
  level: {
    ...{ value: '<0…1>', read: positiveShare, default: `${D.level}` },
    meaning: 'share of false alarms of all tests together',
  },
  permutations: {
    ...COUNT,
    default: `${D.permutations}`,
    meaning: 'random splits that a p-value is counted in',
  },
  users: { ...COUNT, default: `${D.users}`, meaning: 'of each side compared at most, picked at random' },
  components: { ...COUNT, default: `${D.components}`, meaning: 'leading components that are looked at' },
  seed: { ...COUNT, default: `${D.seed}`, meaning: 'of picks, permutations and intervals' },
  json: { meaning: 'print the report as JSON' },
} as const satisfies Options;

async function drift(values: Values<typeof OPTIONS>): Promise<void> {
  const { level, permutations, users, components, seed } = values;
  const reference = readReference(values.reference);
  const current = readUsers(readInput(values.current), values.current);
  if (current.dim !== reference.dim) {
    throw new E2PError(
      'invalid-data',
      `${values.current}: the embeddings have ${current.dim} numbers, those of the reference ${reference.dim}; another space is mapped by e2p align`,
    );
  }
  const axes = values.projector === undefined ? undefined : axesOf(values.projector, current.dim);
  const examples = canaryExamples(values);
  const canary = examples && (await canaryOf(values, { reference, current, examples, permutations, seed }));
  const report = detectDrift({
    ...{ reference: meansOf(reference), current: meansOf(current), axes, canary },
    ...{ level, permutations, users, components, seed },
  });
  console.log(values.json ? JSON.stringify(report, null, 2) : driftMarkdown(report));
  if (report.drift) process.exitCode = DRIFT;
}

/** @throws E2PError `invalid-data`, `invalid-projector` */
function readReference(file: string): Users {
  const bytes = readInput(file);
  const { tensors, metadata } = file.endsWith('.safetensors')
    ? readSafetensors(bytes, file)
    : { tensors: undefined, metadata: {} as Readonly<Record<string, string>> };
  const points = tensors?.get(POINTS);
  if (points === undefined) {
    if (metadata.e2p === undefined) return readUsers(bytes, file);
    throw new E2PError(
      'invalid-projector',
      `${file}: the projector has no tensor ${POINTS}, expected it, or users`,
    );
  }
  const [count = 0, dim = 0] = points.shape;
  if (points.shape.length !== 2) {
    throw new E2PError(
      'invalid-projector',
      `${file}: tensor ${POINTS} is [${points.shape.join(', ')}], expected [users, dim]`,
    );
  }
  const rows = Array.from(
    { length: count },
    (_, row) => [`${row}`, points.data.slice(row * dim, (row + 1) * dim)] as const,
  );
  return { rows: new Map(rows), dim };
}

/**
 * Of the training users; undefined where the projector's file tells nothing of them.
 * @throws E2PError `invalid-data`, `invalid-projector`
 */
function axesOf(file: string, dim: number): Float32Array | undefined {
  const { contract, reference } = readProjector(readInput(file), file);
  if (contract.space.dim === dim) return reference?.eigenvectors;
  throw new E2PError(
    'invalid-data',
    `${file}: the projector is for embeddings of ${contract.space.dim} numbers, those of current have ${dim}`,
  );
}

/** A user who is a set counts as the mean of it: users are what is independent of each other. */
const meansOf = ({ rows, dim }: Users): Float32Array[] =>
  Array.from(rows.values(), (row) => {
    const vectors = vectorsOf(row, dim);
    return Float32Array.from(
      { length: dim },
      (_, i) => vectors.reduce((sum, v) => sum + v[i]!, 0) / vectors.length,
    );
  });

export const command = defineCommand({
  purpose: 'Tells whether the users of now are those of training, and what a difference costs.',
  note: `At least ${FEWEST_USERS} users a side. Exit code 0 = no drift seen, 3 = drift: docs/drift.md`,
  options: OPTIONS,
  examples: [
    'drift --reference users-of-training.jsonl --current users-of-today.jsonl --projector p.safetensors',
    'drift --reference then.jsonl --current now.jsonl --model my-model/ --projector p.safetensors --data held-out.jsonl --json',
  ],
  run: drift,
});
