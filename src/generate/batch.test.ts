/** Several users in one batch: each row reads exactly as it would alone, whatever stands in the other rows. */
import { describe, expect, it } from 'vitest';
import { loadBaseModel } from '../model/base-model.ts';
import { createNodeRuntime } from '../runtime/node-runtime.ts';
import { ZOO } from '../testing/zoo/zoo.ts';
import { sourceOf, zooFolder } from '../testing/zoo/zoo-folder.ts';
import { someVector } from '../testing/zoo/zoo-run.ts';
import type { ZooStyle } from '../testing/zoo/zoo-style.ts';
import { Decoder, type TokenRun } from './decoder.ts';
import { argmax } from './sampling.ts';

/** A row with K soft tokens in two slots. */
function row(name: string, ids: readonly number[], slots: readonly number[], k: number): TokenRun {
  const places = slots.flatMap((slot) => Array.from({ length: k }, (_, i) => slot + i));
  return { ids, soft: new Map(places.map((at) => [at, someVector(`${name} ${at}`)])) };
}

const ROWS = [
  row('one', [1, 0, 9, 8, 0, 7], [1, 4], 1),
  row('two', [1, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 12], [1], 16),
  row('three', [1, 0, 0, 21], [1], 2),
  { ids: [1, 30, 31] },
];

const takesPadding = (style: ZooStyle) =>
  style.attention !== 'conv' && (style.attention === 'gqa' || style.positions === 'ids');
// Dynamic quantisation takes one scale for all rows, so that each row notices the others.
const STYLES = ZOO.filter((style) => takesPadding(style) && style.weights !== 'int8');

describe.each(STYLES)('$name', (style) => {
  const tolerance = style.float === 'float16' ? 0.02 : 1e-5;

  it('rows of a batch equal rows read alone, and go on equal', async () => {
    const model = await loadBaseModel({ source: sourceOf(zooFolder(style)), dtypes: ['fp32'] });
    const decoder = await Decoder.create(model, createNodeRuntime());
    let batch = await decoder.readBatch(ROWS);
    const alone = await Promise.all(ROWS.map((run) => decoder.read(decoder.emptyCache(), run)));
    for (let step = 0; step < 3; step++) {
      alone.forEach(({ logits }, i) => {
        const worst = logits.reduce((most, v, j) => Math.max(most, Math.abs(v - batch.logits[i]![j]!)), 0);
        expect(worst, `row ${i}, step ${step}`).toBeLessThanOrEqual(tolerance);
      });
      const ids = alone.map(({ logits }) => argmax(logits));
      batch = await decoder.readNext(batch.cache, ids);
      for (const [i, result] of alone.entries())
        alone[i] = await decoder.read(result.cache, { ids: [ids[i]!] });
    }
  });
});

describe('models that would notice padding', () => {
  it.each(
    ZOO.filter((style) => !takesPadding(style)),
  )('$name: equal lengths are read, others refused', async (style) => {
    const model = await loadBaseModel({ source: sourceOf(zooFolder(style)), dtypes: ['fp32'] });
    const decoder = await Decoder.create(model, createNodeRuntime());
    await expect(decoder.readBatch(ROWS)).rejects.toThrow(/rows of different lengths, expected equal ones/);
    const rows = [ROWS[2]!, row('four', [1, 0, 0, 22], [2], 1)];
    const { logits } = await decoder.readBatch(rows);
    for (const [i, run] of rows.entries()) {
      const alone = await decoder.read(decoder.emptyCache(), run);
      expect(Math.max(...alone.logits.map((v, j) => Math.abs(v - logits[i]![j]!)))).toBeLessThan(1e-5);
    }
  });
});
