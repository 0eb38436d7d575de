/**
 * Source dropout: of a fused user some sources are left out of an example, so that one projector learns to read people of whom less is known.
 * Only what is known is noisy: a flag says whether a source is there, and a source that is not is zeros.
 */
import { gaussian } from './draw-batches.ts';

export interface SourceDropout {
  /** Numbers of each source's block, the flag last. */
  readonly widths: readonly number[];
  /** Of each source that is known; one always stays. */
  readonly dropout: number;
}

/** @param values [dim], fused; or several vectors of one user, from each of which sources are left out by itself */
export function dropSources(
  values: Float32Array,
  { widths, dropout }: SourceDropout,
  noise: number,
  random: () => number,
): Float32Array {
  const dim = widths.reduce((sum, width) => sum + width, 0);
  const result = new Float32Array(values.length);
  for (let row = 0; row < values.length; row += dim) {
    const blocks = widths.map((width, s) => {
      const from = row + widths.slice(0, s).reduce((sum, w) => sum + w, 0);
      return { from, flag: from + width - 1 };
    });
    const known = blocks.filter(({ flag }) => values[flag]! > 0.5);
    const staying = known[Math.floor(random() * known.length)];
    for (const block of known) {
      const isLeftOut = random() < dropout;
      if (isLeftOut && block !== staying) continue;
      for (let i = block.from; i < block.flag; i++) result[i] = values[i]! + noise * gaussian(random);
      result[block.flag] = 1;
    }
  }
  return result;
}
