/** Texts as a model finds them likely, with the soft token of any vector at any strength: by default the default model and texts of its world. */
import { readFileSync } from 'node:fs';
import { bootstrapMean, type Interval } from '../../src/evaluate/index.ts';
import { Decoder } from '../../src/generate/decoder.ts';
import { createRuntime, loadModel } from '../../src/node.ts';
import { projectAtStrength, withAnchorRows } from '../../src/projector/projector.ts';
import { type Projector, readProjector } from '../../src/train.ts';
import { exampleRow } from '../../tools/default/default-setup.ts';
import type { Example } from '../../tools/world/world.ts';

export const MODEL = 'public/models/e2p-tiny';
const PROJECTOR = `${MODEL}/projector.safetensors`;

/** Sums over the texts of one reader. */
export interface Scored {
  readonly nats: number;
  readonly tokens: number;
}

/** What is scored: the prompt, and the target behind it. */
type Text = Pick<Example, 'prompt' | 'target'>;

export async function openScorer(folder = MODEL, file = PROJECTOR) {
  const [model, runtime] = [await loadModel({ model: folder, dtype: 'q4' }), createRuntime()];
  const decoder = await Decoder.create(model, runtime);
  const projector = await withAnchorRows(readProjector(readFileSync(file)), model, runtime);
  /** @param vector absent: nobody is set */
  const score = async (
    examples: readonly Text[],
    vector?: Float32Array,
    { strength = 1, by = projector }: { readonly strength?: number; readonly by?: Projector } = {},
  ): Promise<Scored> => {
    let [nats, tokens] = [0, 0];
    const soft = vector && { vectors: projectAtStrength(by, vector, strength), slot: by.contract.slot };
    for (const example of examples) {
      const row = exampleRow(model, example, soft ? { soft } : {});
      const found = await decoder.score(row, row.targetFrom);
      nats -= found.reduce((a, b) => a + b, 0);
      tokens += found.length;
    }
    return { nats, tokens };
  };
  return { model, runtime, projector, score };
}

/** How much lower b is, in nats per target token, paired within readers. */
export function gain(a: readonly Scored[], b: readonly Scored[]): Interval {
  const tokens = a.map((each) => each.tokens);
  const { mean, low, high } = bootstrapMean(
    a.map((each, i) => (each.nats - b[i]!.nats) / each.tokens),
    tokens,
  );
  const short = (v: number) => Number(v.toFixed(4));
  return { mean: short(mean), low: short(low), high: short(high) };
}
