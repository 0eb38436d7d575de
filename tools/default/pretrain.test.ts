import { mkdtempSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import type { LlamaConfig } from '../llama/llama-config.ts';
import { seededRandom } from '../world/random.ts';
import { planBatches, rowLengths } from './batch-plan.ts';
import { chatLossWeights, type PretrainProgress, pretrain } from './pretrain.ts';

describe('the plan of batches', () => {
  const documents = Array.from({ length: 50 }, (_, i) => new Uint16Array(5 + (i % 40)));
  const plan = () =>
    planBatches({
      documents,
      lengths: rowLengths(documents),
      rowsOf: (length) => Math.floor(128 / length),
      random: seededRandom(1),
    });

  it('uses every document once, in rows that hold it and are not much longer', () => {
    expect(
      plan()
        .flatMap((b) => b.documents)
        .sort((a, b) => a - b),
    ).toEqual([...documents.keys()]);
    for (const { documents: members, length, rows } of plan()) {
      expect(members.length).toBeLessThanOrEqual(rows);
      for (const member of members) {
        expect(documents[member]!.length).toBeLessThanOrEqual(length);
        expect(documents[member]!.length).toBeGreaterThan(length - 16);
      }
    }
  });

  it('is the same for the same seed', () => {
    expect(plan()).toEqual(plan());
  });

  it('refuses a document that is too long for its rows', () => {
    const options = { documents, lengths: [16], rowsOf: () => 1, random: seededRandom(1) };
    expect(() => planBatches(options)).toThrow('expected at most 16');
  });
});

describe('the loss weights of a chat', () => {
  it('count what the assistant says and its end in full, all else a little', () => {
    const weigh = chatLossWeights({ assistantId: 5, endId: 2, promptWeight: 0.25 });
    const weights = weigh(Uint16Array.of(1, 4, 9, 5, 8, 8, 2, 4, 9, 5, 8, 2));
    expect([...weights]).toEqual([0.25, 0.25, 0.25, 0.25, 1, 1, 1, 0.25, 0.25, 0.25, 1, 1]);
  });
});

describe('pretraining', () => {
  const config: LlamaConfig = {
    vocabSize: 16,
    hiddenSize: 16,
    intermediateSize: 16,
    layers: 1,
    heads: 2,
    kvHeads: 1,
    headDim: 8,
    maxPositions: 32,
    rmsEpsilon: 1e-5,
    ropeTheta: 10_000,
  };
  // Counting upwards from anywhere, modulo 16: predictable but for the first token.
  const documents = Array.from({ length: 480 }, (_, i) =>
    Uint16Array.from({ length: 6 + (i % 7) }, (_, at) => (i + at) % 16),
  );
  const options = { config, documents, seed: 3, positions: 32, workers: 2, epochs: 2, learningRate: 1e-2 };

  it('learns, and a killed run ends with the same weights as an undisturbed one', async () => {
    const reports: PretrainProgress[] = [];
    const whole = await pretrain({ ...options, onProgress: (p) => reports.push(p) });
    expect(reports.at(-1)!.step).toBe(reports.at(-1)!.steps);
    expect(reports.at(-1)!.loss).toBeLessThan(0.5 * reports[0]!.loss);

    const checkpoint = join(mkdtempSync(join(tmpdir(), 'e2p-')), 'state.bin');
    const killed = pretrain({
      ...options,
      checkpoint,
      checkpointMinutes: 0,
      onProgress: () => {
        throw new Error('killed');
      },
    });
    await expect(killed).rejects.toThrow('killed');
    const later: PretrainProgress[] = [];
    const resumed = await pretrain({ ...options, checkpoint, onProgress: (p) => later.push(p) });
    expect(later[0]!.tokens).toBeLessThan(reports[0]!.tokens);
    for (const [name, values] of whole) expect(resumed.get(name), name).toEqual(values);
  });
});
