/** The plane in which some vectors differ most: the two leading principal axes, by power iteration. For a few vectors of a few numbers. */

export interface Plane {
  /** Coordinates of a vector. */
  readonly place: (values: ArrayLike<number>) => readonly [x: number, y: number];
  /** Of all variance the share that the plane shows. */
  readonly share: number;
}

const ROUNDS = 300;

/** @param rows two or more, of one length */
export function principalPlane(rows: readonly ArrayLike<number>[]): Plane {
  const mean = Array.from(rows[0]!, (_, i) => rows.reduce((sum, row) => sum + row[i]!, 0) / rows.length);
  const centred = (row: ArrayLike<number>): number[] => mean.map((m, i) => row[i]! - m);
  const all = rows.map(centred);
  const first = leadingAxis(all);
  const second = leadingAxis(all.map((row) => without(row, first)));
  const place = (values: ArrayLike<number>) => {
    const row = centred(values);
    return [dot(row, first), dot(row, second)] as const;
  };
  const squares = (vectors: readonly (readonly number[])[]) =>
    vectors.flat().reduce((sum, x) => sum + x * x, 0);
  return { place, share: squares(rows.map((row) => [...place(row)])) / squares(all) };
}

function leadingAxis(rows: readonly (readonly number[])[]): number[] {
  // Any beginning will do that is not at right angles to the axis.
  let axis = rows[0]!.map((_, i) => Math.sin(i + 1));
  for (let round = 0; round < ROUNDS; round++) {
    const next = axis.map(() => 0);
    for (const row of rows) {
      const along = dot(row, axis);
      row.forEach((x, i) => {
        next[i]! += x * along;
      });
    }
    const length = Math.hypot(...next) || 1;
    axis = next.map((x) => x / length);
  }
  return axis;
}

const dot = (a: readonly number[], b: readonly number[]): number =>
  a.reduce((sum, x, i) => sum + x * b[i]!, 0);

const without = (row: readonly number[], axis: readonly number[]): number[] => {
  const along = dot(row, axis);
  return row.map((x, i) => x - along * axis[i]!);
};
