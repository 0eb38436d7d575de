/** Every style of export in the zoo, rewritten and run: a soft token is a token embedding, no more and no less. */
import { describe, expect, it } from 'vitest';
import { E2PError } from '../error.ts';
import { createNodeRuntime } from '../runtime/node-runtime.ts';
import { ZOO } from '../testing/zoo/zoo.ts';
import { buildZoo, H, V } from '../testing/zoo/zoo-decoder.ts';
import {
  embeddingTable,
  handFedReader,
  largestDifference,
  plainReader,
  rewritten,
  softReader,
  someVector,
} from '../testing/zoo/zoo-run.ts';
import { inspectGraph } from './inspect/inspect-graph.ts';
import { splitEmbedLayerNorm } from './split-embed-layer-norm.ts';

const runtime = createNodeRuntime();

describe.each(ZOO)('$name', (style) => {
  const zoo = buildZoo(style);
  const tolerance = style.float === 'float16' ? 0.02 : 1e-5;

  it('is understood: sizes, roles of the inputs, cache', () => {
    const facts = inspectGraph(splitEmbedLayerNorm(zoo.model));
    expect(facts).toMatchObject({
      hiddenSize: H,
      vocabularySize: V,
      ids: zoo.ids,
      activationType: zoo.float,
    });
    expect(facts.embedding.scale).toBeCloseTo(zoo.scale, 2);
    expect(facts.attentionMask?.name).toBe('attention_mask');
    expect(facts.positionIds?.name).toBe(zoo.positionIds ? 'position_ids' : undefined);
    expect(facts.logitCount?.name).toBe(zoo.logitCount ? 'num_logits_to_keep' : undefined);
    const found = facts.cache.map(({ past, present, dims, batchAxis, lengthAxis }) => ({
      past,
      present,
      dims: dims.map((d, axis) => (axis === batchAxis ? 7 : axis === lengthAxis ? 5 : d)),
    }));
    const byName = (a: { past: string }, b: { past: string }) => a.past.localeCompare(b.past);
    const expected = zoo.cache.map(({ past, present, dims }) => ({ past, present, dims: dims(7, 5) }));
    expect(found.sort(byName)).toEqual(expected.sort(byName));
  });

  it('runs as before where no soft token stands', async () => {
    const pieces = [{ ids: [3, 1, 4, 1, 5] }, { ids: [9, 2] }, { ids: [6] }];
    const [plain, soft] = [await plainReader(zoo, runtime), await softReader(zoo, runtime)];
    expect(largestDifference(await soft(pieces), await plain(pieces))).toBeLessThanOrEqual(tolerance);
  });

  it("a token's own embedding as a soft token is that token", async () => {
    const table = await embeddingTable(style, runtime);
    const own = (id: number) => table.slice(id * H, (id + 1) * H);
    const [plain, soft] = [await plainReader(zoo, runtime), await softReader(zoo, runtime)];
    const byId = await plain([{ ids: [3, 17, 4, 30, 5] }, { ids: [39, 2] }]);
    const bySoft = await soft([
      {
        ids: [3, 0, 4, 0, 5],
        soft: new Map([
          [1, own(17)],
          [3, own(30)],
        ]),
      },
      { ids: [0, 2], soft: new Map([[0, own(39)]]) },
    ]);
    expect(largestDifference(bySoft, byId)).toBeLessThanOrEqual(tolerance);
  });

  it('any vector as a soft token is that vector fed by hand, and changes the logits', async () => {
    const table = await embeddingTable(style, runtime);
    const [hand, soft] = [await handFedReader(style, runtime, table), await softReader(zoo, runtime)];
    const pieces = [
      {
        ids: [3, 0, 0, 8, 5],
        soft: new Map([
          [1, someVector('a')],
          [2, someVector('b')],
        ]),
      },
      { ids: [11, 0], soft: new Map([[1, someVector('c')]]) },
      { ids: [7] },
    ];
    const found = await soft(pieces);
    expect(largestDifference(found, await hand(pieces))).toBeLessThanOrEqual(tolerance);
    const without = await soft(pieces.map(({ ids }) => ({ ids })));
    expect(largestDifference(found, without)).toBeGreaterThan(10 * tolerance);
  });
});

describe('scaled embeddings', () => {
  const style = ZOO.find((s) => s.scale !== undefined)!;

  it('before the scale, a soft token is multiplied like any other', async () => {
    const zoo = buildZoo(style);
    const scaled = someVector('a').map((v) => v * style.scale!);
    const after = await softReader(zoo, runtime, 'post-scale');
    const before = await softReader(zoo, runtime, 'pre-scale');
    const byAfter = await after([{ ids: [3, 0, 4], soft: new Map([[1, scaled]]) }]);
    const byBefore = await before([{ ids: [3, 0, 4], soft: new Map([[1, someVector('a')]]) }]);
    expect(largestDifference(byBefore, byAfter)).toBeLessThan(1e-5);
  });
});

describe('what is refused', () => {
  it('bnb4, with the reason and a way out', () => {
    const { model } = buildZoo({ name: 'bnb4', weights: 'bnb4' });
    expect(() => rewritten(model)).toThrow(/bnb4.*take q4 instead/);
    expect(() => rewritten(model)).toThrow(E2PError);
  });
});
