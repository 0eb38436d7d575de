/** The highest of many numbers, without sorting them; and those of each block of them, by which most blocks need not be read again. */

/** Numbers in a block; the last one may have fewer. */
export const BLOCK = 256;

/**
 * @returns the highest of each block, NaN where there is one in it, and the place of the highest of all, of equal ones the earliest; −1 beside NaN
 */
export function peaksOf(values: Float32Array): { readonly peaks: Float32Array; readonly best: number } {
  const peaks = new Float32Array(Math.ceil(values.length / BLOCK));
  let top = 0;
  for (let block = 0; block < peaks.length; block++) {
    const end = Math.min(values.length, (block + 1) * BLOCK);
    let peak = Number.NEGATIVE_INFINITY;
    let i = block * BLOCK;
    // By fours, since hardly any is higher than those before. NaN stays.
    for (; i + 4 <= end; i += 4) {
      const a = values[i]!;
      const b = values[i + 1]!;
      const c = values[i + 2]!;
      const d = values[i + 3]!;
      if (!(a <= peak && b <= peak && c <= peak && d <= peak)) peak = Math.max(peak, a, b, c, d);
    }
    for (; i < end; i++) peak = Math.max(peak, values[i]!);
    peaks[block] = peak;
    if (peak > peaks[top]! || Number.isNaN(peak)) top = block;
  }
  return { peaks, best: values.indexOf(peaks[top]!, top * BLOCK) };
}

/** As {@link highest}, by the highest of each block: of k blocks' highest the lowest is at most the k-th of all. */
export function highestByPeaks(values: Float32Array, k: number, peaks: Float32Array): number[] {
  if (k >= peaks.length) return highest(values, k);
  const least = peaks[highest(peaks, k)[k - 1]!]!;
  const found: number[] = [];
  for (let block = 0; block < peaks.length; block++) {
    if (peaks[block]! < least) continue;
    const end = Math.min(values.length, (block + 1) * BLOCK);
    for (let i = block * BLOCK; i < end; i++) if (values[i]! >= least) found.push(i);
  }
  return highest(
    Float32Array.from(found, (place) => values[place]!),
    k,
  ).map((at) => found[at]!);
}

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
