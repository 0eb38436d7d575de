/**
 * What groups of people alike are like: k-means (Lloyd, seeded as k-means++, Arthur & Vassilvitskii 2007). What leaves here are means of
 * several people; a group of fewer than `least` is left out, so that nobody's own vector is among them.
 */
import { E2PError } from '../error.ts';
import { randomAt } from './draw-batches.ts';

type Vector = readonly number[];

const MOST_ROUNDS = 100;

export interface ClusterOptions {
  readonly clusters: number;
  /** People in a group at least. */
  readonly least: number;
  readonly seed: number;
}

/**
 * @param rows [dim] each
 * @throws E2PError `invalid-data` where no group is large enough
 */
export function clusterMeans(rows: readonly Vector[], { clusters, least, seed }: ClusterOptions): Vector[] {
  const random = randomAt(seed, 'start', 0);
  const starts = [rows[Math.floor(random() * rows.length)]!];
  while (starts.length < Math.min(clusters, rows.length)) {
    const far = rows.map((row) => Math.min(...starts.map((start) => squared(row, start))));
    let left = random() * far.reduce((sum, d) => sum + d, 0);
    const next = far.findIndex((d) => {
      left -= d;
      return left < 0;
    });
    // All that is left coincides with a start.
    if (next < 0) break;
    starts.push(rows[next]!);
  }
  let means: readonly Vector[] = starts;
  let groups: readonly (readonly Vector[])[] = [];
  let before = '';
  for (let round = 0; round < MOST_ROUNDS; round++) {
    const nearest = rows.map((row) => nearestOf(row, means));
    groups = means.map((_, k) => rows.filter((_, i) => nearest[i] === k));
    means = means.map((mean, k) => (groups[k]!.length > 0 ? meanOf(groups[k]!) : mean));
    if (nearest.join() === before) break;
    before = nearest.join();
  }
  const kept = means.filter((_, k) => groups[k]!.length >= least);
  if (kept.length > 0) return kept;
  throw new E2PError(
    'invalid-data',
    `no group of people alike has ${least} of them, expected more users than ${rows.length}, or fewer than ${clusters} clusters`,
  );
}

const meanOf = (rows: readonly Vector[]): Vector =>
  rows[0]!.map((_, i) => rows.reduce((sum, row) => sum + row[i]! / rows.length, 0));

function nearestOf(row: Vector, means: readonly Vector[]): number {
  const far = means.map((mean) => squared(row, mean));
  return far.indexOf(Math.min(...far));
}

const squared = (a: Vector, b: Vector): number => a.reduce((sum, v, i) => sum + (v - b[i]!) ** 2, 0);
