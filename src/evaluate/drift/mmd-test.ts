/**
 * Maximum mean discrepancy (Gretton et al., "A Kernel Two-Sample Test", JMLR 13, 2012) with a Gaussian kernel whose width is the median
 * distance, by random Fourier features (Rahimi & Recht, NIPS 2007; FastMMD: Zhao & Meng, Neural Computation 27, 2015): the discrepancy is then a
 * squared distance of two means, so that a split costs a sum over rows, not over pairs.
 */
import { gaussian } from '../../train/draw-batches.ts';
import type { Statistic } from './permutation.ts';
import { type Pooled, sumRows } from './pooled-users.ts';

/** Frequencies; each has a sine and a cosine. */
const FREQUENCIES = 64;
/** Distances that the median is taken of, at most. */
const MEDIAN_PAIRS = 20_000;

/** An estimate of MMD², eq. 5 there (biased: above 0 by about the inverse of the smaller sample). */
export function meanDiscrepancy(pooled: Pooled, random: () => number, frequencies = FREQUENCIES): Statistic {
  const { count } = pooled;
  const features = fourierFeatures(pooled, frequencies, random);
  const width = 2 * frequencies;
  const total = new Float64Array(width);
  for (let at = 0; at < features.length; at++) total[at % width]! += features[at]!;
  const sum = new Float64Array(width);
  return (members) => {
    sumRows({ rows: features, width }, members, sum);
    const [n, m] = [members.length, count - members.length];
    let distance = 0;
    for (let k = 0; k < width; k++) distance += (sum[k]! / n - (total[k]! - sum[k]!) / m) ** 2;
    return distance;
  };
}

/** cos and sin of ω·x / √F for F random ω: scalar products are about exp(−|x − y|² / (2·median²)). */
function fourierFeatures({ rows, count, width }: Pooled, frequencies: number, random: () => number) {
  const scale = 1 / Math.sqrt(medianSquare({ rows, count, width }, random) || 1);
  const omega = Float64Array.from({ length: frequencies * width }, () => scale * gaussian(random));
  const size = 1 / Math.sqrt(frequencies);
  const features = new Float64Array(count * 2 * frequencies);
  for (let row = 0; row < count; row++) {
    for (let f = 0; f < frequencies; f++) {
      let phase = 0;
      for (let k = 0; k < width; k++) phase += omega[f * width + k]! * rows[row * width + k]!;
      features[(row * frequencies + f) * 2] = size * Math.cos(phase);
      features[(row * frequencies + f) * 2 + 1] = size * Math.sin(phase);
    }
  }
  return features;
}

/** Of the squared distances of random pairs, picked without a look at whose they are; the median of squares is the square of the median. */
function medianSquare(
  { rows, count, width }: Pick<Pooled, 'rows' | 'count' | 'width'>,
  random: () => number,
): number {
  const picked = Float64Array.from({ length: MEDIAN_PAIRS }, () => {
    const i = Math.floor(random() * count);
    const j = (i + 1 + Math.floor(random() * (count - 1))) % count;
    let sum = 0;
    for (let k = 0; k < width; k++) sum += (rows[i * width + k]! - rows[j * width + k]!) ** 2;
    return sum;
  });
  return picked.sort()[picked.length >> 1]!;
}
