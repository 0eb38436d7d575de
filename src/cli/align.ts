/**
 * `e2p align`: a retrained embedding space is laid on the one that a projector reads, by what exists in both; the map is a small file that
 * devices apply. Refused where what is lost shows in texts.
 */
import { E2PError } from '../error.ts';
import { type Projector, readProjector } from '../projector/projector.ts';
import { FEWEST_ANCHORS, fitWithHeldOut } from '../train/fit-space-map.ts';
import { readResidual } from '../train/read-residual.ts';
import { readUsers } from '../train/training-data.ts';
import { writeSpaceMap } from '../user/space-map.ts';
import { defineCommand, type Options, type Values } from './command.ts';
import { prepareOutput, readInput, writeWhole } from './files.ts';
import { positive, positiveShare, whole } from './numbers.ts';

/** Where what is missed is noise in all directions, the worst that was measured, four fifths of the gain are kept up to there: docs/results/align.md. */
export const MOST_RESIDUAL = 0.2;
/** Of soft tokens instead of vectors: so much is kept there too. */
export const MOST_READ = 0.25;

const OPTIONS = {
  old: {
    value: '<file>',
    required: true,
    meaning: 'vectors in the space that the projector reads, as users for train',
  },
  new: { value: '<file>', required: true, meaning: 'vectors of the same ids in the new space' },
  'old-space': {
    value: '<id>',
    required: true,
    meaning: "name of the old space, as in the projector's contract",
  },
  'new-space': { value: '<id>', required: true, meaning: 'name of the new space, as apps will give it' },
  out: { value: '<file>', required: true, meaning: 'where the map goes' },
  anchors: {
    value: '<file>',
    meaning: 'ids to fit on, a line each, of users or items',
    without: 'all that are in both files',
  },
  'held-out': {
    ...{ value: '<0…1>', read: positiveShare, default: '0.2' },
    meaning: 'share of the anchors that tell the residual and are not fitted on',
  },
  projector: {
    value: '<file>',
    meaning: 'the projector in use: what it reads of what the map misses decides',
    without: 'the vectors do',
  },
  'max-residual': {
    ...{ value: '<share>', read: positive, without: `${MOST_RESIDUAL}, of soft tokens ${MOST_READ}` },
    meaning: 'share of variance (of soft tokens with --projector) that the map may miss',
  },
  seed: { value: '<n>', read: whole, default: '1', meaning: 'of which anchors are held out' },
  json: { meaning: 'print the report as JSON' },
} as const satisfies Options;

async function align(values: Values<typeof OPTIONS>): Promise<void> {
  const { old: oldFile, new: newFile, out, anchors: anchorFile, seed } = values;
  const [oldSpace, newSpace] = [values['old-space'], values['new-space']];
  if (oldSpace === newSpace) {
    throw new E2PError(
      'invalid-argument',
      '--new-space is that of --old-space, expected a name of its own: a projector tells spaces apart by it',
    );
  }
  const old = readUsers(readInput(oldFile), oldFile);
  const projector = values.projector === undefined ? undefined : readOwn(values.projector, oldSpace, old.dim);
  prepareOutput(out);
  const fitted = fitWithHeldOut({
    ...{ old, fresh: readUsers(readInput(newFile), newFile) },
    anchors: anchorFile === undefined ? undefined : readLines(anchorFile),
    ...{ oldSpace, newSpace, heldOut: values['held-out'], seed },
  });
  const { map } = fitted;
  const { residual, anchors, from, to } = map;
  const read = projector && readResidual(projector, fitted);
  const most = values['max-residual'] ?? (read === undefined ? MOST_RESIDUAL : MOST_READ);
  const missed =
    read === undefined
      ? `${share(residual)} of the variance of`
      : `${share(read)} of the variance of the soft tokens of`;
  // NaN too.
  if (!((read ?? residual) <= most)) {
    throw new E2PError(
      'invalid-data',
      `the map misses ${missed} held-out anchors, expected at most ${share(most)}: texts may suffer. Let a canary tell (e2p drift) with a map made by a higher --max-residual, or train a projector for ${JSON.stringify(newSpace)}`,
    );
  }
  await writeWhole(out, [writeSpaceMap(map)]);
  console.log(
    values.json
      ? JSON.stringify({ file: out, from, to, anchors, residual, read }, null, 2)
      : `${out}: ${from.id} (${from.dim} numbers) → ${to.id} (${to.dim}), fitted on ${anchors} anchors; it misses ${missed} the others`,
  );
}

/** @throws E2PError `invalid-data` for a projector of another space */
function readOwn(file: string, space: string, dim: number): Projector {
  const projector = readProjector(readInput(file), file);
  const own = projector.contract.space;
  if (own.id === space && own.dim === dim) return projector;
  throw new E2PError(
    'invalid-data',
    `${file}: the projector reads ${JSON.stringify(own.id)} (${own.dim} numbers), expected --old-space ${JSON.stringify(space)} (${dim})`,
  );
}

const share = (v: number): string => `${(100 * v).toFixed(1)} %`;

const readLines = (file: string): string[] =>
  new TextDecoder()
    .decode(readInput(file))
    .split(/\r?\n/)
    .filter((line) => line !== '');

export const command = defineCommand({
  purpose: 'Maps a new embedding space onto the one that a projector reads.',
  note: `At least ${FEWEST_ANCHORS} anchors: users or items with a vector in both. The map is applied by mapEmbedding: docs/drift.md`,
  options: OPTIONS,
  examples: [
    'align --old v3.jsonl --new v4.jsonl --old-space podcasts-v3 --new-space podcasts-v4 --projector p.safetensors --out map.safetensors',
  ],
  run: align,
});
