/** Distillation through the frozen model: the loss from the engine's own logits, the gradient against differences. */

import { fileURLToPath } from 'node:url';
import { describe, expect, it } from 'vitest';
import { Decoder } from '../generate/decoder.ts';
import { loadBaseModel } from '../model/base-model.ts';
import { createNodeRuntime } from '../runtime/node-runtime.ts';
import { createFolderSource } from '../storage/folder-source.ts';
import { prepareRows } from './prepare-rows.ts';
import { createSoftLoss, type SoftLossOptions, TEACHER_TOKENS } from './soft-loss.ts';
import type { Example } from './training-data.ts';
import { trainingModel } from './training-model.ts';

const folder = fileURLToPath(new URL('../../public/models/e2p-tiny', import.meta.url));
const model = await loadBaseModel({ source: createFolderSource(folder), dtypes: ['fp32'] });
const runtime = createNodeRuntime();
const H = model.facts.hiddenSize;
const examples: Example[] = [
  ['Dogs and long walks.', 'A walk in the park'],
  ['The sea, and old ships.', 'Ships at night'],
].map(([persona, target], i) => ({
  ...{ user: `u${i}`, persona, target: target!, line: i + 1 },
  messages: [{ role: 'user', content: 'What do I like?' }],
}));
const { rows } = prepareRows(examples, (user) => ({ row: Number(user.slice(1)), softTokens: 1 }), {
  ...{ model, slot: 'after-bos', maxLength: 256, withTeacher: true },
});
const soft = Float32Array.from({ length: 2 * H }, (_, i) => 0.1 * Math.sin(1.3 * i));

/** log p of the whole vocabulary at each target, from the engine that generates. */
async function logProbabilities(
  decoder: Decoder,
  { ids, targetFrom, softPositions }: (typeof rows)[number],
  vector: Float32Array,
) {
  const placed = new Map(softPositions.filter((at) => at >= 0).map((at) => [at, vector] as const));
  let step = await decoder.read(decoder.emptyCache(), { ids: ids.slice(0, targetFrom), soft: placed });
  const found: Float64Array[] = [];
  for (const id of ids.slice(targetFrom)) {
    const most = Math.max(...step.logits);
    const logSum = most + Math.log(step.logits.reduce((sum, v) => sum + Math.exp(v - most), 0));
    found.push(Float64Array.from(step.logits, (v) => v - logSum));
    step = await decoder.read(step.cache, { ids: [id] });
  }
  return found;
}

/** Over the teacher's 16 likeliest tokens, and all others as one. */
function crossEntropy(teacher: Float64Array, student: Float64Array): number {
  const best = [...teacher.keys()].sort((a, b) => teacher[b]! - teacher[a]!).slice(0, TEACHER_TOKENS);
  const rest = (logs: Float64Array) =>
    Math.max(1e-4, 1 - best.reduce((sum, v) => sum + Math.exp(logs[v]!), 0));
  const known = best.reduce((sum, v) => sum - Math.exp(teacher[v]!) * student[v]!, 0);
  return known - rest(teacher) * Math.log(rest(student));
}

describe('distillation from the text persona', () => {
  it('mixes the target with what the same model says when it is told in words', async () => {
    const decoder = await Decoder.create(model, runtime);
    let [hard, taught, count] = [0, 0, 0];
    for (const [b, row] of rows.entries()) {
      const student = await logProbabilities(decoder, row, soft.slice(b * H, (b + 1) * H));
      const teacher = await logProbabilities(decoder, { ...row, ...row.teacher! }, soft);
      row.ids.slice(row.targetFrom).forEach((id, i) => {
        hard -= student[i]![id]!;
        taught += crossEntropy(teacher[i]!, student[i]!);
        count++;
      });
    }
    await decoder.release();
    for (const distill of [0, 0.3, 1]) {
      const softLoss = createSoftLoss({ model, hiddenSize: H, runtime, batch: 2, softTokens: 1, distill });
      const { loss } = await softLoss(rows, soft);
      expect(loss / (((1 - distill) * hard + distill * taught) / count)).toBeCloseTo(1, 4);
      // Rows that nobody teaches count as without.
      const alone = await softLoss(
        rows.map(({ teacher, ...row }) => row),
        soft,
      );
      expect(alone.loss / (hard / count)).toBeCloseTo(1, 4);
      await softLoss.release();
    }
  });

  it('its gradient agrees with central differences', async () => {
    const softLoss = createSoftLoss({ model, hiddenSize: H, runtime, batch: 2, softTokens: 1, distill: 0.6 });
    const { gradient } = await softLoss(rows, soft);
    const step = 0.02;
    for (const at of [3, 40, H + 7, 2 * H - 1]) {
      const moved = async (by: number) => (await softLoss(rows, soft.with(at, soft[at]! + by))).loss;
      const slope = ((await moved(step)) - (await moved(-step))) / (2 * step);
      expect(Math.abs(gradient[at]! - slope)).toBeLessThan(0.02 * Math.max(0.02, Math.abs(slope)));
    }
    await softLoss.release();
  });

  it('is the same in parts, and with activations computed again', async () => {
    const given = { model, hiddenSize: H, runtime, batch: 2, softTokens: 1, distill: 0.6 };
    const results = [];
    for (const more of [{}, { rowsPerPass: 1 }, { rowsPerPass: 1, recompute: true }]) {
      const softLoss = createSoftLoss({ ...given, ...more });
      results.push(await softLoss(rows, soft));
      await softLoss.release();
    }
    for (const { loss, gradient } of results.slice(1)) {
      expect(loss).toBeCloseTo(results[0]!.loss, 5);
      for (const [i, v] of results[0]!.gradient.entries()) expect(gradient[i]).toBeCloseTo(v, 5);
    }
  });

  it('keeps one graph in all where no more is allowed: learning, looking and teaching share a bound', async () => {
    let [now, most] = [0, 0];
    const counted: SoftLossOptions['model'] = {
      ...{
        weightBytes: model.weightBytes,
        trainingBytes: trainingModel(model).trainingBytes,
        unpackedBytes: () => 0,
      },
      createTrainingSession: async (...how) => {
        most = Math.max(most, ++now);
        const session = await trainingModel(model).createTrainingSession(...how);
        return { ...session, release: () => session.release().then(() => void now--) };
      },
    };
    const given = { model: counted, hiddenSize: H, runtime, batch: 2, softTokens: 1, distill: 0.6 };
    for (const [keptBytes, expected] of [
      [0, 1],
      [3e9, 3],
    ] as const) {
      most = 0;
      const softLoss = createSoftLoss({ ...given, keptBytes });
      await softLoss(rows, soft);
      await softLoss.lossOf(rows, soft);
      expect(most).toBe(expected);
      await softLoss.release();
      expect(now).toBe(0);
    }
  });

  it('needs the words', () => {
    const silent = examples.map(({ persona, ...e }) => ({ ...e, persona: undefined }));
    const options = { model, slot: 'after-bos', maxLength: 256, withTeacher: true } as const;
    expect(() => prepareRows(silent, () => ({ row: 0, softTokens: 1 }), options)).toThrow(
      /^line 1: field persona is missing/,
    );
  });
});
