/** The whole path in small: answers of the real LLM, a training through it, the evaluation of what came out. */
import { mkdtempSync, readFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { hasShared, sharedNote, sharedPath } from '../../src/testing/shared.ts';
import { readProjector } from '../../src/train.ts';
import { evaluateSmollm2 } from './evaluate-smollm2.ts';
import { makeSmollm2 } from './make-smollm2.ts';
import { reportSmollm2 } from './report-smollm2.ts';

/** A minute and more. */
const isAsked = process.env.E2P_SLOW !== undefined;

describe.skipIf(!hasShared || !isAsked)(
  `make:smollm2 --smoke and evaluate:smollm2 in small${isAsked ? sharedNote : ' (skipped: runs where E2P_SLOW is set)'}`,
  () => {
    const cache = mkdtempSync(join(tmpdir(), 'e2p-smollm2-'));
    const [model, encoder] = ['smollm2-135m-instruct', 'all-minilm-l6-v2'].map((name) =>
      sharedPath(`models/${name}`),
    );
    const out = join(cache, 'projector.safetensors');

    it('makes a projector of at most 12 MB that reads sets of vectors, from the LLM itself', async () => {
      await makeSmollm2({ model: model!, encoder: encoder!, out, cache, smoke: true, threads: 1 });
      const bytes = new Uint8Array(readFileSync(out));
      expect(bytes.length).toBeLessThan(12e6);
      const { contract, anchors } = readProjector(bytes, out);
      expect(contract).toMatchObject({
        model: { id: 'HuggingFaceTB/SmolLM2-135M-Instruct', hiddenSize: 576 },
        space: { id: 'all-MiniLM-L6-v2', dim: 384, encoder: { pooling: 'mean', normalize: true } },
        ...{ tokens: 1, vectors: 16 },
        training: { seed: 1 },
      });
      expect(anchors!.ids.length + anchors!.phrases!.length).toBe(anchors!.keys!.length / 384);
    });

    it('measures every condition on the same questions', async () => {
      const report = await evaluateSmollm2({
        ...{ model: model!, dtype: 'q4', encoder: encoder!, projector: out },
        ...{
          dialogues: sharedPath('data/synthetic-persona-chat'),
          split: 'dev',
          cache: join(cache, 'evaluate'),
          smoke: true,
          threads: 1,
        },
      });
      const { rows } = report.followed!;
      expect(report).toMatchObject({ people: report.questions, order: { people: 1 } });
      const tokens = new Map(rows.map((row) => [row.name, row.moreTokens]));
      // Each line is one position in each of two slots, and the words around them are fewer than the system message they replace.
      expect(tokens.get('own')).toBeLessThan(tokens.get('text, both slots')!);
      const page = reportSmollm2(report);
      for (const { name } of rows) expect(page).toContain(`| ${name} |`);
    });
  },
  240_000,
);
