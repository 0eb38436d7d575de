import { fileURLToPath } from 'node:url';
import { describe, expect, it } from 'vitest';
import { scoreRows, sizeOf } from '../../src/evaluate/score-rows.ts';
import { buildInput } from '../../src/generate/prompt.ts';
import { createRuntime, loadModel } from '../../src/node.ts';
import { recommend, titleTrie } from './beam.ts';

const folder = fileURLToPath(new URL('../../public/models/e2p-tiny', import.meta.url));
const model = await loadModel({ model: folder, dtype: 'q4' });
const runtime = createRuntime();
const TITLES = ['The sea', 'The sea at night', 'Dogs', 'Dogs in the park', 'A walk', 'A long walk home'];
const ids = TITLES.map((title) => [...model.codec.encode(title), model.config.eosTokenIds[0]!]);

describe('a beam over titles', () => {
  it('wide enough, has all titles in the order of their likelihood', async () => {
    const softTokens = 1;
    const hiddenSize = model.facts.hiddenSize;
    const vectors = [0, 1].map((seed) =>
      Float32Array.from({ length: hiddenSize }, (_, i) => 0.2 * Math.sin(i * (seed + 1.7))),
    );
    const prompts = vectors.map((vector) => {
      const input = buildInput(model, [{ role: 'user', content: 'A film.' }], {
        vectors: [vector],
        slot: 'after-bos',
      });
      return { ids: input.ids, softPositions: [...input.soft!.keys()], soft: [vector], known: new Set([2]) };
    });
    const found = await recommend(prompts, {
      ...{ model, runtime, softTokens, trie: titleTrie(ids), count: 6, width: 16 },
    });
    for (const [p, prompt] of prompts.entries()) {
      const rows = ids.map((target) => ({
        ...{ ids: [...prompt.ids, ...target], targetFrom: prompt.ids.length },
        ...{ softPositions: prompt.softPositions, soft: prompt.soft, line: 1 },
      }));
      const options = { model, runtime, batch: 3, hiddenSize };
      const nats = await scoreRows(rows.map(sizeOf), (at) => rows[at]!, options);
      const order = [...nats.keys()].filter((t) => t !== 2).sort((a, b) => nats[a]! - nats[b]!);
      expect(found[p]).toEqual(order);
    }
  });
});
