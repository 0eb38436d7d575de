/**
 * A real pretrained LLM of 135 M parameters, in 4 bits, as its exporter wrote it: soft tokens at four places, and loss and gradient of the soft tokens,
 * against PyTorch on the weights of that very file. What small models can't show: 30 layers, an 8-bit table shared with the
 * head, sizes of the cache that only config.json states.
 */

import { describe, expect, it } from 'vitest';
import { Decoder } from '../generate/decoder.ts';
import { argmax } from '../generate/sampling.ts';
import { loadBaseModel } from '../model/base-model.ts';
import { createNodeRuntime } from '../runtime/node-runtime.ts';
import { createFolderSource } from '../storage/folder-source.ts';
import { hasShared, sharedNote, sharedPath, smollm2Reference } from '../testing/shared.ts';
import { trainingModel } from '../train/training-model.ts';
import { TRAINING } from './training-graph.ts';

const runtime = createNodeRuntime();
const norm = (values: ArrayLike<number>) => Math.hypot(...Array.from(values));

/** Of a greedy text; the machine may be busy. */
const [TOKENS, TIMEOUT] = [6, 240_000];

describe.skipIf(!hasShared)(
  `SmolLM2-135M-Instruct against PyTorch${sharedNote}`,
  { timeout: TIMEOUT },
  async () => {
    if (!hasShared) return;
    const source = createFolderSource(sharedPath('models/smollm2-135m-instruct'));
    const model = await loadBaseModel({ source, dtypes: ['q4'] });
    const { soft, gradients } = smollm2Reference();
    const { hiddenSize } = model.facts;

    it('has its logits with soft tokens at every place, and writes the same text', async () => {
      // Float activations, as PyTorch has them: the file asks for int8.
      const decoder = await Decoder.create(model, runtime, true);
      for (const { id, prompt_ids, insert_at, vectors, last, greedy_ids, min_margin } of soft) {
        const ids = [
          ...prompt_ids.slice(0, insert_at),
          ...vectors.map(() => 0),
          ...prompt_ids.slice(insert_at),
        ];
        const placed = new Map(vectors.map((v, k) => [insert_at + k, Float32Array.from(v)]));
        let { cache, logits } = await decoder.read(decoder.emptyCache(), { ids, soft: placed });
        const differences = last.ids.map((token, i) => Math.abs(logits[token]! - last.logits[i]!));
        expect(Math.max(...differences), id).toBeLessThan(1e-3);
        // Where two tokens are that close, either may win.
        if (min_margin < 0.01) continue;
        const greedy = [argmax(logits)];
        while (greedy.length < TOKENS) {
          ({ cache, logits } = await decoder.read(cache, { ids: greedy.slice(-1) }));
          greedy.push(argmax(logits));
        }
        expect(greedy, id).toEqual(greedy_ids.slice(0, TOKENS));
      }
    });

    it.each(gradients)('has its loss and gradient: $id', async (given) => {
      const { prompt_ids, target_ids, insert_at, vectors, loss, grad, after_step } = given;
      const K = vectors.length;
      const T = target_ids.length;
      const places = vectors.map((_, k) => insert_at + k);
      const ids = [...prompt_ids.slice(0, insert_at), ...places.map(() => 0), ...prompt_ids.slice(insert_at)];
      const first = ids.length;
      ids.push(...target_ids);
      const sizes = { batch: 1, length: ids.length, targets: T, softTokens: K };
      const session = await trainingModel(model).createTrainingSession(runtime, sizes);
      const integers = (values: readonly number[]) =>
        runtime.tensor('int64', BigInt64Array.from(values, BigInt), [1, values.length]);
      const run = (values: readonly number[]) =>
        session.run({
          [TRAINING.ids]: integers(ids),
          [TRAINING.soft]: runtime.tensor('float32', Float32Array.from(values), [1, K, hiddenSize]),
          [TRAINING.softPositions]: integers(places),
          [TRAINING.predicting]: integers(target_ids.map((_, i) => first + i - 1)),
          [TRAINING.targets]: integers(target_ids),
          [TRAINING.weights]: runtime.tensor('float32', new Float32Array(T).fill(1 / T), [1, T]),
        });
      const at = vectors.flat();
      const outputs = await run(at);
      const gradient = outputs[TRAINING.gradient]!.data as Float32Array;
      const expected = grad.flat();
      expect(Math.abs(Number(outputs[TRAINING.loss]!.data[0]) / loss - 1)).toBeLessThan(1e-5);
      expect(norm(gradient.map((v, i) => v - expected[i]!)) / norm(expected)).toBeLessThan(1e-4);
      const stepped = await run(at.map((v, i) => v - after_step.learning_rate * gradient[i]!));
      await session.release();
      expect(Math.abs(Number(stepped[TRAINING.loss]!.data[0]) / after_step.loss - 1)).toBeLessThan(1e-5);
    });
  },
);
