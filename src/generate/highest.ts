/** The highest of many numbers, without sorting them. */

/** Up to so many, a vocabulary is read once and not sorted. */
const MOST_INSERTED = 256;

/** Indices of the k highest values, the highest first; of equal ones the earlier first. */
export function highest(values: Float32Array, k: number): number[] {
  if (k >= values.length) return inOrder(values, Array.from(values.keys()));
  if (k > MOST_INSERTED) {
    const least = boundOf(values, k);
    const found: number[] = [];
    for (let i = 0; i < values.length; i++) if (values[i]! >= least) found.push(i);
    return inOrder(values, found).slice(0, k);
  }
  const [best, found] = [new Int32Array(k), new Float32Array(k)];
  let count = 0;
  // Nothing is lower, as long as there are fewer.
  let least = Number.NaN;
  for (let i = 0; i < values.length; i++) {
    const value = values[i]!;
    if (value <= least) continue;
    if (count < k) count++;
    let at = count - 1;
    for (; at > 0 && found[at - 1]! < value; at--) {
      best[at] = best[at - 1]!;
      found[at] = found[at - 1]!;
    }
    best[at] = i;
    found[at] = value;
    if (count === k) least = found[k - 1]!;
  }
  return Array.from(best);
}

/** At most the k-th highest value, and little less: counted by the upper halves of their bits, which are in the order of the numbers. */
function boundOf(values: Float32Array, k: number): number {
  const bits = new Uint32Array(values.buffer, values.byteOffset, values.length);
  const counts = new Uint32Array(1 << 16);
  const keyOf = (half: number) => (half & 0x8000 ? ~half & 0xffff : half | 0x8000);
  for (let i = 0; i < bits.length; i++) counts[keyOf(bits[i]! >>> 16)]!++;
  let key = counts.length - 1;
  for (let missing = k; missing > counts[key]!; key--) missing -= counts[key]!;
  const least = key & 0x8000 ? (key & 0x7fff) << 16 : (~key << 16) | 0xffff;
  const [bound] = new Float32Array(Int32Array.of(least).buffer);
  // Beside −∞ are the bits of NaN.
  return Number.isNaN(bound!) ? Number.NEGATIVE_INFINITY : bound!;
}

const inOrder = (values: Float32Array, ids: number[]) => ids.sort((a, b) => values[b]! - values[a]! || a - b);
