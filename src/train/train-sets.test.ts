/** Users who are sets of vectors, told in two places of the conversation, anchored in the vocabulary and aligned to it first. */
import { fileURLToPath } from 'node:url';
import { describe, expect, it } from 'vitest';
import { loadBaseModel } from '../model/base-model.ts';
import { project, readProjector, withAnchorRows, writeProjector } from '../projector/projector.ts';
import type { Slot } from '../projector/slot.ts';
import { createNodeRuntime } from '../runtime/node-runtime.ts';
import { createFolderSource } from '../storage/folder-source.ts';
import { train } from './train.ts';
import type { TrainOptions } from './train-options.ts';
import type { TrainingProgress } from './train-projector.ts';
import type { Example, Users } from './training-data.ts';
import { vocabularyWords } from './vocabulary-words.ts';

const folder = fileURLToPath(new URL('../../public/models/e2p-tiny', import.meta.url));
const model = await loadBaseModel({ source: createFolderSource(folder), dtypes: ['q4'] });
const runtime = createNodeRuntime();

const slot: Slot = {
  places: [
    { at: 'system-start', text: 'For{soft}.' },
    { at: 'user-end', text: ' About{soft}.' },
  ],
};
const likesDogs = (i: number) => i % 2 === 1;
/** One vector of one to three tells; where it stands in the set differs. */
const rows = Array.from({ length: 24 }, (_, i) => {
  const telling = [likesDogs(i) ? 1 : -1, 0, 1];
  const others = Array.from({ length: i % 3 }, (_, n) => [Math.sin(i + n), Math.cos(2 * i + n), -1]);
  const at = i % (others.length + 1);
  return Float32Array.from([...others.slice(0, at), telling, ...others.slice(at)].flat());
});
const users: Users = { dim: 3, rows: new Map(rows.map((row, i) => [`u${i}`, row])) };
const examples: Example[] = rows.map((_, i) => ({
  ...{ user: `u${i}`, line: i + 1, persona: undefined },
  messages: [{ role: 'user', content: 'What do I like?' }],
  target: likesDogs(i) ? 'Dogs in the park' : 'The sea at night',
  teacher: [{ role: 'user', content: likesDogs(i) ? 'Tell me of dogs.' : 'Tell me of the sea.' }],
}));
const run = (more: Partial<TrainOptions> = {}) =>
  train({
    ...{ model, runtime, users, examples, slot, space: 's', steps: 60, batch: 8, learningRate: 0.02 },
    ...{ heldOut: 0, noise: 0, prefixDropout: 0, ...more },
  });

describe('users who are sets', () => {
  it('are learned from, whichever of their vectors tells, and in whatever order they come', async () => {
    const losses: number[] = [];
    const { projector } = await run({ onProgress: ({ loss }) => losses.push(loss) });
    const mean = (part: readonly number[]) => part.reduce((a, b) => a + b) / part.length;
    expect(mean(losses.slice(-6))).toBeLessThan(0.6 * mean(losses.slice(0, 6)));
    expect(projector.contract).toMatchObject({ version: 2, tokens: 1, vectors: 3, slot });
    const turned = Float32Array.from([...rows[5]!.slice(3), ...rows[5]!.slice(0, 3)]);
    expect(project(projector, turned)).toEqual(project(projector, rows[5]!));
    expect(project(projector, rows[5]!)).toHaveLength(3);
  });

  it('look at held-out users before the first step, beside the same examples with nobody set', async () => {
    const shown: TrainingProgress[] = [];
    const { report } = await run({ heldOut: 0.3, steps: 20, onProgress: (p) => shown.push(p) });
    expect(shown[0]).toMatchObject({
      step: 0,
      heldOutLoss: expect.any(Number),
      withoutLoss: expect.any(Number),
    });
    expect(report.withoutLoss).toBe(shown[0]!.withoutLoss);
    expect(report.heldOutLoss).toBeLessThan(shown[0]!.heldOutLoss!);
  });

  it('learn from a teacher who reads a prompt of its own', async () => {
    const shown: number[] = [];
    await run({ distill: 1, steps: 40, onProgress: ({ loss }) => shown.push(loss) });
    expect(Math.min(...shown.slice(-5))).toBeLessThan(shown[0]!);
  });

  it('are refused where the contract would hold fewer', async () => {
    await expect(run({ vectors: 2 })).rejects.toThrow('vectors is 2, expected a whole number from 3');
  });
});

describe('anchored in the vocabulary and aligned to it', () => {
  const words = vocabularyWords(model);
  const anchors = { ids: words.map(({ id }) => id) };
  const [dogs, sea] = ['dogs', 'sea'].map((name) => words.find(({ word }) => word === name) ?? words[0]!);
  const alignTo = Array.from({ length: 40 }, (_, i) => ({
    vector: Float32Array.of(likesDogs(i) ? 1 : -1, 0.2 * Math.sin(i), 1),
    words: likesDogs(i) ? dogs!.word : sea!.word,
  }));

  it('points from a text at its word before the model runs; the file holds ids, not embeddings', async () => {
    const stages = new Set<string>();
    const { projector, report } = await run({
      ...{ anchors, alignTo, alignment: { steps: 150, batch: 20 }, steps: 0 },
      onProgress: ({ stage }) => stages.add(stage),
    });
    expect(report).toMatchObject({ steps: 0, anchors: words.length, aligned: 40 });
    expect([...stages]).toEqual(['align']);
    const bytes = writeProjector(projector);
    const read = readProjector(bytes);
    expect(() => project(read, rows[1]!.slice(0, 3))).toThrow('needs the embeddings of its base model');
    const ready = await withAnchorRows(read, model, runtime);
    const cosines = async (vector: Float32Array) => {
      const [soft] = project(ready, vector);
      const table = await model.tokenEmbeddings(runtime, [dogs!.id, sea!.id]);
      const size = soft!.length;
      return [0, 1].map((k) => {
        const row = table.subarray(k * size, (k + 1) * size);
        return (
          soft!.reduce((sum, v, i) => sum + v * row[i]!, 0) / (Math.hypot(...soft!) * Math.hypot(...row))
        );
      });
    };
    const [dogsOfDogs, seaOfDogs] = await cosines(Float32Array.of(1, 0, 1));
    const [dogsOfSea, seaOfSea] = await cosines(Float32Array.of(-1, 0, 1));
    expect(dogsOfDogs).toBeGreaterThan(0.9);
    expect(seaOfSea).toBeGreaterThan(0.9);
    expect(Math.max(seaOfDogs!, dogsOfSea!)).toBeLessThan(0.8);
  });

  it('is found by keys of another size, which begin as the embedding itself', async () => {
    const keys = Float32Array.from(
      words.flatMap((_, a) => [Math.sin(a), Math.cos(3 * a), Math.sin(5 * a + 1)]),
    );
    const { projector } = await run({ anchors: { ...anchors, keys }, steps: 8 });
    const read = readProjector(writeProjector(projector));
    expect(read.weights.skipWeight).toHaveLength(9);
    for (const [a] of words.entries()) {
      const [kept, given] = [read.anchors!.keys!, keys].map((k) => k.subarray(3 * a, 3 * a + 3));
      const dot = kept!.reduce((sum, v, i) => sum + v * given![i]!, 0);
      expect(dot / (Math.hypot(...kept!) * Math.hypot(...given!))).toBeGreaterThan(0.9999);
    }
  });

  it('is trained on, with the alignment replayed, to the same numbers after an interruption', async () => {
    const given = { anchors, alignTo, alignment: { steps: 30, batch: 20, replay: 0.5 }, steps: 8 };
    const whole = await run(given);
    const controller = new AbortController();
    let bytes: Uint8Array | undefined;
    const stopped = run({
      ...{ ...given, signal: controller.signal },
      onProgress: ({ stage, step }) => stage === 'train' && step === 3 && controller.abort(),
      onCheckpoint: (checkpoint) => {
        bytes = checkpoint;
      },
    });
    await expect(stopped).rejects.toMatchObject({ name: 'AbortError' });
    const resumed = await run({ ...given, checkpoint: { bytes: bytes!, name: 'c' } });
    expect(resumed.projector.weights).toEqual(whole.projector.weights);
    // Nothing is saved that would be aligned twice.
    const early = new AbortController();
    const saved: number[] = [];
    const inAlignment = run({
      ...{ ...given, signal: early.signal, onCheckpoint: (_, step) => void saved.push(step) },
      onProgress: ({ stage, step }) => stage === 'align' && step === 5 && early.abort(),
    });
    await expect(inAlignment).rejects.toMatchObject({ name: 'AbortError' });
    expect(saved).toEqual([]);
    const other = { ...given, alignTo: alignTo.slice(1), checkpoint: { bytes: bytes!, name: 'c' } };
    await expect(run(other)).rejects.toThrow(/^c: it was made with dataSha256/);
  });

  it('refuses texts of another size', async () => {
    const wrong = [{ vector: Float32Array.of(1, 2), words: 'sea' }];
    await expect(run({ alignTo: wrong })).rejects.toThrow(
      'text 1 to align with has 2 numbers, the users have 3',
    );
  });
});
