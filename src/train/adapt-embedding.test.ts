/** An embedding learns from feedback on the default model: in the right direction, not too far, not at the cost of what it must leave alone. */
import { readFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { describe, expect, it, vi } from 'vitest';
import { loadBaseModel } from '../model/base-model.ts';
import { readProjector } from '../projector/projector.ts';
import { createNodeRuntime } from '../runtime/node-runtime.ts';
import { createFolderSource } from '../storage/folder-source.ts';
import type { Feedback } from '../user/feedback-row.ts';
import { type AdaptEmbeddingOptions, adaptOn } from './adapt-embedding.ts';
import { randomAt, shuffled } from './draw-batches.ts';
import { createFeedbackLoss, type Nats } from './feedback-loss.ts';
import { createReadyGraphs } from './ready-graphs.ts';

const folder = fileURLToPath(new URL('../../public/models/e2p-tiny', import.meta.url));
const model = await loadBaseModel({ source: createFolderSource(folder), dtypes: ['q4'] });
const runtime = createNodeRuntime();
const projector = readProjector(readFileSync(`${folder}/projector.safetensors`));
const { mean, scale, dim } = projector.contract.space;
const values = Float32Array.from(mean, (m, i) => m + scale[i]! * Math.sin(i));

const money = 'Investors fund the robot chef';
const nature = 'Wildlife rangers guard the robot chef';
const prompt = 'Write a headline about the robot chef.';
const likesMoney: readonly Feedback[] = [
  { kind: 'edit', prompt, answer: money, others: [nature] },
  { kind: 'choice', prompt: `${prompt} Please.`, answer: money, others: [nature, 'The robot chef'] },
  { kind: 'up', prompt: [{ role: 'user', content: 'A headline!' }], answer: money },
  { kind: 'down', prompt, answer: nature },
];
const graphs = createReadyGraphs({ model, runtime });
const adapt = (more: Partial<AdaptEmbeddingOptions> = {}) =>
  adaptOn(
    {
      ...{ model, runtime, projector, values, feedback: likesMoney, steps: 6 },
      ...{ neutral: [{ prompt: 'Hello', answer: 'Hello' }], tolerance: 10, ...more },
    },
    graphs,
  );

describe('the loss of feedback', () => {
  it('has the gradient that differences have, for every kind', async () => {
    const loss = await createFeedbackLoss({ model, runtime, projector, vectors: 1, graphs });
    const rows = likesMoney.map(({ others = [], ...row }) => {
      const messages =
        typeof row.prompt === 'string' ? [{ role: 'user' as const, content: row.prompt }] : row.prompt;
      return loss.prepare({ ...row, prompt: messages, others }, 512)!;
    });
    const z = values.map((v, i) => (v - mean[i]!) / scale[i]!);
    const given: Nats[] = await loss.nats(
      rows,
      values.map((v, i) => v + 0.3 * scale[i]!),
    );
    for (const [n, row] of rows.entries()) {
      const at = (there: Float32Array) => loss.at([row], there, [given[n]!]);
      const { gradient } = await at(z);
      // Along the gradient, and along a direction of its own.
      for (const direction of [gradient, Float32Array.from({ length: dim }, (_, i) => Math.cos(3 * i))]) {
        const length = Math.hypot(...direction);
        const [ahead, behind] = [0.02, -0.02].map((h) => z.map((v, i) => v + (h * direction[i]!) / length));
        const difference = ((await at(ahead!)).loss - (await at(behind!)).loss) / 0.04;
        const slope = gradient.reduce((sum, g, i) => sum + (g * direction[i]!) / length, 0);
        expect(Math.abs(difference - slope), row.kind).toBeLessThan(0.02 * Math.hypot(...gradient) + 1e-4);
      }
    }
    await loss.release();
  });
});

describe('an embedding that learns from feedback', () => {
  it('makes what is liked likelier, stays within its distance, and comes out the same again', async () => {
    const steps: number[] = [];
    const first = await adapt({ distance: 0.2, onProgress: ({ step }) => steps.push(step) });
    expect(first.report.refused).toBeUndefined();
    expect(first.report.loss.after).toBeLessThan(first.report.loss.before);
    expect(first.report.rows).toEqual({ learnt: 4, heldOut: 0, tooLong: 0 });
    expect(first.report.moved).toBeGreaterThan(0.05);
    expect(first.report.moved).toBeLessThan(0.2001);
    const moved = first.values!.map((v, i) => (v - values[i]!) / scale[i]!);
    expect(Math.hypot(...moved) / Math.sqrt(dim)).toBeCloseTo(first.report.moved, 4);
    expect(steps).toEqual([1, 2, 3, 4, 5, 6]);
    expect((await adapt({ distance: 0.2 })).values).toEqual(first.values);
  });

  it('stays as it was where the canary gets worse', async () => {
    const { values: found, report } = await adapt({ neutral: [{ prompt, answer: nature }], tolerance: 0 });
    expect(found).toBeUndefined();
    expect(report.refused).toBe('canary');
    expect(report.neutral.after).toBeGreaterThan(report.neutral.before);
  });

  it('stays as it was where rows that it did not learn from get worse', async () => {
    const rows = [nature, money, money, money, money].map(
      (answer): Feedback => ({ kind: 'choice', prompt, answer, others: [answer === money ? nature : money] }),
    );
    // The order, and so who is left out, is the seed's.
    const last = (seed: number) => shuffled([0, 1, 2, 3, 4], randomAt(seed, 'start', 0))[4];
    const seedFor = (row: number) => [1, 2, 3, 4, 5, 6, 7, 8, 9].find((seed) => last(seed) === row)!;
    const { values: found, report } = await adapt({ feedback: rows, seed: seedFor(0), steps: 4 });
    expect(report).toMatchObject({ refused: 'held-out', rows: { learnt: 4, heldOut: 1, tooLong: 0 } });
    expect(report.heldOutLoss!.after).toBeGreaterThan(report.heldOutLoss!.before);
    expect(found).toBeUndefined();
    expect((await adapt({ feedback: rows, seed: seedFor(1), steps: 4 })).report.refused).toBeUndefined();
  });

  it('says nothing of a text: not in an error, not in the console, not in the report', async () => {
    const spies = (['log', 'warn', 'error', 'info'] as const).map((name) => vi.spyOn(console, name));
    const secret = 'beekeeping ';
    const long: Feedback = { kind: 'up', prompt, answer: secret.repeat(600) };
    const { report } = await adapt({ feedback: [...likesMoney, long] });
    expect(report.rows.tooLong).toBe(1);
    expect(JSON.stringify(report)).not.toContain('beekeeping');
    const refusals = [
      { feedback: [long] },
      { feedback: [{ ...long, kind: 'choice' as const }] },
      { neutral: [{ prompt: secret, answer: '' }] },
      { neutral: [] },
    ];
    for (const more of refusals) {
      const error: Error = await adapt(more).catch((thrown) => thrown);
      expect(error).toMatchObject({ code: 'invalid-argument' });
      expect(error.stack).not.toContain('beekeeping');
    }
    for (const spy of spies) expect(spy).not.toHaveBeenCalled();
  });

  it('ends with its signal', async () => {
    const controller = new AbortController();
    const reason = new Error('no more');
    const stopped = adapt({ signal: controller.signal, onProgress: () => controller.abort(reason) });
    await expect(stopped).rejects.toBe(reason);
  });
});
