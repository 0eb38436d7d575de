/** The highest 64 as a GPU finds them, against sorting, in rows of logits of every kind: for a page, and for Node with Dawn. */
import { fromFloat16, toFloat16 } from '../onnx/float16.ts';
import type { Highest } from '../runtime/gpu-highest.ts';
import type { WebGpuMemory } from '../runtime/gpu-memory.ts';

export type Rows = readonly (readonly [kind: string, length: number])[];

export const rowsOf = (type: 'float32' | 'float16'): Rows => [
  ...(type === 'float32' ? [10, 64, 65, 1024, 1500, 262_144] : [10, 49_152]).map(
    (n) => ['random', n] as const,
  ),
  ...['ties', 'low', 'tiny', 'zeros', 'ruled out', 'infinite', 'no number'].map((k) => [k, 3001] as const),
];

/** A row of logits as they may be, by its name; the same each time. */
function someRow(kind: string, length: number): Float32Array {
  let state = 7;
  const random = () => {
    state = (Math.imul(state, 1664525) + 1013904223) >>> 0;
    return state / 2 ** 32;
  };
  const row = Float32Array.from({ length }, () => (random() - 0.5) * 40);
  // Few values, so that most places are shared.
  if (kind === 'ties') for (let i = 0; i < length; i++) row[i] = Math.round(row[i]! / 4);
  if (kind === 'low') for (let i = 0; i < length; i++) row[i] = -Infinity;
  if (kind === 'tiny') for (let i = 0; i < length; i++) row[i]! *= 1e-40;
  if (kind === 'zeros') for (let i = 0; i < length; i++) row[i] = i % 3 === 0 ? -0 : 0;
  if (kind === 'ruled out') for (let i = 0; i < length; i++) if (i % 7 !== 3) row[i] = -Infinity;
  if (kind === 'infinite') row[length >> 1] = Infinity;
  if (kind === 'no number') row[length - 1] = Number.NaN;
  return row;
}

export async function highestOn(gpu: WebGpuMemory, rows: Rows, type: 'float32' | 'float16') {
  const all = [];
  for (const [kind, length] of rows) {
    const row = someRow(kind, length);
    // Behind them, what is not to be looked at.
    const tensor = gpu.zeros(type, [length + 6]);
    const beyond = new Float32Array(6).fill(99);
    const padded = Float32Array.from([...row, ...beyond.subarray(0, 6 - (length % 2))]);
    gpu.write(tensor, type === 'float16' ? toHalf(padded) : padded);
    const highest = await gpu.highest(tensor, length);
    const back = await gpu.read(tensor, length);
    const expected = byRank(back instanceof Uint16Array ? fromFloat16(back) : back);
    all.push({ kind, length, found: shown(highest), expected: shown(expected) });
  }
  return all;
}

/** By the plain rule: NaN, then the highest, of equal ones the earlier. */
export function byRank(row: Float32Array): Highest {
  const ids = Array.from(row.keys()).sort((a, b) => {
    const [x, y] = [row[a]!, row[b]!];
    if (Number.isNaN(x) || Number.isNaN(y)) return Number(Number.isNaN(y)) - Number(Number.isNaN(x)) || a - b;
    return x === y ? a - b : y > x ? 1 : -1;
  });
  const first = Uint32Array.from(ids.slice(0, 64));
  return { ids: first, values: Float32Array.from(first, (id) => row[id]!) };
}

/** Both zeros are one. */
const shown = ({ ids, values }: Highest) => Array.from(ids, (id, i) => `${id}: ${values[i]! + 0}`);

/** As `toFloat16`, which refuses what is no finite number. */
const toHalf = (row: Float32Array) =>
  Uint16Array.from(row, (v) =>
    Number.isNaN(v)
      ? 0x7e00
      : Math.abs(v) === Infinity
        ? v > 0
          ? 0x7c00
          : 0xfc00
        : toFloat16(Float32Array.of(v))[0]!,
  );
