/**
 * `e2p align`: a retrained embedding space is laid on the one that a projector reads, by what exists in both; the map is a small file that
 * devices apply. Refused where what is lost shows in texts.
 */
import { E2PError } from '../error.ts';
import { type Interval, isTold } from '../evaluate/bootstrap.ts';
import type { Canary } from '../evaluate/drift/canary.ts';
import { DRIFT_DEFAULTS } from '../evaluate/drift/detect-drift.ts';
import { intervalText } from '../evaluate/interval-text.ts';
import { type Projector, readProjector } from '../projector/projector.ts';
import { FEWEST_ANCHORS, fitWithHeldOut } from '../train/fit-space-map.ts';
import { readResidual } from '../train/read-residual.ts';
import { type Example, readUsers, type Users } from '../train/training-data.ts';
import { mapEmbedding, type SpaceMap, writeSpaceMap } from '../user/space-map.ts';
import { CANARY_OPTIONS, canaryExamples, canaryOf } from './canary.ts';
import { defineCommand, expectBoth, type Options, type Values } from './command.ts';
import { prepareOutput, readInput, writeWhole } from './files.ts';
import { positive, positiveShare, whole } from './numbers.ts';

/** Where what is missed is noise in all directions, the worst that was measured, four fifths of the gain are kept up to there: docs/results/align.md. */
export const MOST_RESIDUAL = 0.2;
/** Of soft tokens instead of vectors: so much is kept there too. */
export const MOST_READ = 0.25;
/** Where texts were asked: so much of the gain over the mean user may be lost. */
export const MOST_LOSS = 0.2;

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
  ...CANARY_OPTIONS,
  'max-loss': {
    ...{ value: '<0…1>', read: positiveShare, without: `${MOST_LOSS}` },
    meaning: 'for the canary: share of the gain over the mean user that may be lost',
  },
  'max-residual': {
    ...{
      value: '<share>',
      read: positive,
      without: `${MOST_RESIDUAL}, soft tokens ${MOST_READ}; any with a canary`,
    },
    meaning: 'share of variance (of soft tokens with --projector) that may be missed',
  },
  seed: {
    value: '<n>',
    read: whole,
    default: '1',
    meaning: 'of which anchors are held out, and of intervals',
  },
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
  const examples = canaryExamples(values);
  expectBoth(values, 'max-loss', 'data');
  prepareOutput(out);
  const fresh = readUsers(readInput(newFile), newFile);
  const fitted = fitWithHeldOut({
    ...{ old, fresh, oldSpace, newSpace, heldOut: values['held-out'], seed },
    anchors: anchorsOf(anchorFile, old, examples),
  });
  const { map } = fitted;
  const { residual, anchors, from, to } = map;
  const read = projector && readResidual(projector, fitted);
  const missed =
    read === undefined
      ? `${share(residual)} of the variance of`
      : `${share(read)} of the variance of the soft tokens of`;
  const found = read ?? residual;
  if (!Number.isFinite(found + residual)) {
    throw new E2PError(
      'invalid-data',
      'the anchors that are held out are too few, or all the same, to tell what the map misses: take more, or hold out more of them (--held-out)',
    );
  }
  const bound = read === undefined ? MOST_RESIDUAL : MOST_READ;
  const most = values['max-residual'] ?? (examples ? Number.POSITIVE_INFINITY : bound);
  if (found > most) {
    throw new E2PError(
      'invalid-data',
      `the map misses ${missed} held-out anchors, expected at most ${share(most)}: texts may suffer. Let them tell (--projector, --model and --data), or train a projector for ${JSON.stringify(newSpace)}`,
    );
  }
  const canary = examples && (await askTexts(values, old, mapUsers(map, fresh, examples), examples));
  await writeWhole(out, [writeSpaceMap(map)]);
  const kept = canary
    ? `; ${canary.examples} examples of ${canary.users} users keep ${share(1 - canary.lost)} of the gain over the mean user`
    : '';
  console.log(
    values.json
      ? JSON.stringify({ file: out, from, to, anchors, residual, read, canary }, null, 2)
      : `${out}: ${from.id} (${from.dim} numbers) → ${to.id} (${to.dim}), fitted on ${anchors} anchors; it misses ${missed} the others${kept}`,
  );
}

/** Whoever the canary asks about is not fitted on. @throws E2PError `invalid-data` where too few are left */
function anchorsOf(file: string | undefined, old: Users, examples: readonly Example[] | undefined) {
  const named = file === undefined ? undefined : readLines(file);
  if (examples === undefined) return named;
  const asked = new Set(examples.map(({ user }) => user));
  const left = (named ?? [...old.rows.keys()]).filter((id) => !asked.has(id));
  if (left.length >= FEWEST_ANCHORS) return left;
  throw new E2PError(
    'invalid-data',
    `${left.length} anchors have no examples in --data, expected at least ${FEWEST_ANCHORS}: the map is not fitted on those who have`,
  );
}

/** Those who have examples. */
function mapUsers(map: SpaceMap, { rows }: Users, examples: readonly Example[]): Users {
  const asked = [...new Set(examples.map(({ user }) => user))].filter((id) => rows.has(id));
  const mapped = asked.map(
    (id) => [id, mapEmbedding(map, { space: map.from.id, values: rows.get(id)! }).values] as const,
  );
  return { rows: new Map(mapped), dim: map.to.dim };
}

/**
 * The canary, and the share of the old vectors' gain over the mean user that it loses.
 * @throws E2PError `invalid-data` where more may be lost than is allowed, or no gain is significant
 */
async function askTexts(
  values: Values<typeof OPTIONS>,
  old: Users,
  mapped: Users,
  examples: readonly Example[],
): Promise<Canary & { readonly lost: number }> {
  const { seed, 'max-loss': allowed = MOST_LOSS } = values;
  const { permutations } = DRIFT_DEFAULTS;
  const given = { reference: old, current: mapped, examples, permutations, seed, allowed };
  const { beyond, ...canary } = await canaryOf(values, given);
  const { loss, gain } = canary;
  if (!(lowOf(gain) > 0)) {
    throw new E2PError(
      'invalid-data',
      `${values.data}: what the old vectors gain over the mean user, ${intervalText(gain)} nats per token, is not significant, so that these examples can't tell what a map loses: take more of them, or others`,
    );
  }
  const lost = loss.mean / gain.mean;
  // NaN too.
  if (!(highOf(beyond!) <= 0)) {
    throw new E2PError(
      'invalid-data',
      `${values.data}: with the map ${share(lost)} of the gain over the mean user is lost, and what is lost beyond the ${share(allowed)} that may be (--max-loss) is ${intervalText(beyond!)} nats per token, expected all of that below 0: take more examples where the interval is wide, or train a projector for ${JSON.stringify(values['new-space'])}`,
    );
  }
  return { ...canary, lost };
}

// Without an interval all users have the same.
const lowOf = (of: Interval): number => (isTold(of) ? of.low : of.mean);
const highOf = (of: Interval): number => (isTold(of) ? of.high : of.mean);

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
    'align --old v3.jsonl --new v4.jsonl --old-space v3 --new-space v4 --projector p.safetensors --model m/ --data texts.jsonl --out map.safetensors',
  ],
  run: align,
});
