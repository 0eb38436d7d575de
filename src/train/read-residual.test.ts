import { readFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { expect, it } from 'vitest';
import { seededRandom } from '../generate/sampling.ts';
import { project, readProjector } from '../projector/projector.ts';
import { gaussian } from './draw-batches.ts';
import { readResidual } from './read-residual.ts';

const file = fileURLToPath(new URL('../../public/models/e2p-tiny/projector.safetensors', import.meta.url));
const projector = readProjector(readFileSync(file));
const { mean, scale } = projector.contract.space;
const random = seededRandom(4);
const drawn = () => mean.map((m, i) => m + scale[i]! * gaussian(random));
const old = Array.from({ length: 60 }, () => Float32Array.from(drawn()));

it('is the share that soft tokens miss, as the projector makes them', () => {
  const mapped = old.map((v) => v.map((x, i) => x + 0.3 * scale[i]! * gaussian(random)));
  const tokensOf = (vectors: readonly Float32Array[]) =>
    vectors.map((v) => project(projector, v).flatMap((t) => [...t]));
  const [own, other] = [tokensOf(old), tokensOf(mapped)];
  let [missed, all] = [0, 0];
  for (let i = 0; i < own[0]!.length; i++) {
    const middle = own.reduce((sum, token) => sum + token[i]!, 0) / own.length;
    for (const [n, token] of own.entries()) {
      missed += (other[n]![i]! - token[i]!) ** 2;
      all += (token[i]! - middle) ** 2;
    }
  }
  expect(readResidual(projector, { old, mapped })).toBeCloseTo(missed / all, 5);
});

it('is nothing where the projector does not look, and all where everybody becomes the same', () => {
  // LayerNorm takes away what all standardised numbers have in common.
  const common = old.map((v) => v.map((x, i) => x + 2 * scale[i]!));
  expect(readResidual(projector, { old, mapped: common })).toBeLessThan(1e-6);
  expect(readResidual(projector, { old, mapped: old.map(() => old[0]!) })).toBeGreaterThan(1);
  expect(readResidual(projector, { old, mapped: old })).toBe(0);
});
