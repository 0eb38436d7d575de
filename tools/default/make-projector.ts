/**
 * Trains the default projector through the frozen 4-bit base model, and with the same budget the control
 * "constant": a soft token that knows nobody. `npx tsx tools/default/make-projector.ts --model <folder>`
 */
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { parseArgs } from 'node:util';
import { createRuntime, loadModel } from '../../src/node.ts';
import { project } from '../../src/projector/projector.ts';
import {
  createSoftLoss,
  type Projector,
  type ProjectorExample,
  trainProjector,
  writeProjector,
} from '../../src/train.ts';
import { embeddingOf } from '../world/embed.ts';
import { seededRandom } from '../world/random.ts';
import { type Example, examples, readersOf, TASKS, type World } from '../world/world.ts';
import {
  EMBEDDING_DIM,
  exampleRow,
  MODEL_ID,
  makeWorld,
  SPACE_ID,
  standardisation,
} from './default-setup.ts';
import { referenceOfReaders } from './reference.ts';

export interface MakeProjectorOptions {
  /** Model folder; the projector is written into it. */
  readonly folder: string;
  /** What to train: the projector, or the constant control (written as JSON beside the results). */
  readonly kind: 'projector' | 'constant';
  readonly out: string;
  readonly smoke: boolean;
  readonly seed: number;
  readonly steps: number;
}

const HIDDEN = 128;
const BATCH = 32;

/** The texts that the projector learns from, of all its readers in turn: the same seed, the same texts. */
export function trainingTexts(
  world: World,
  { seed, kind, smoke }: Pick<MakeProjectorOptions, 'seed' | 'kind' | 'smoke'>,
): Example[] {
  const random = seededRandom(seed, `projector-${kind}`);
  return TASKS.flatMap((task) => examples(world, 'train', task, smoke ? 200 : 16_000, random));
}

export async function makeProjector({
  folder,
  kind,
  out,
  smoke,
  seed,
  steps,
}: MakeProjectorOptions): Promise<void> {
  const model = await loadModel({ model: folder, dtype: 'q4' });
  const runtime = createRuntime();
  const { hiddenSize, vocabularySize } = model.facts;
  const { world, embeddings } = makeWorld(smoke);
  const { mean, scale } = standardisation(world, embeddings);

  const users = readersOf(world, 'train').map(({ index }) =>
    kind === 'constant'
      ? new Float32Array(EMBEDDING_DIM)
      : embeddingOf(embeddings, index).map((v, i) => (v - mean[i]!) / scale[i]!),
  );
  const rowOf = new Map(readersOf(world, 'train').map(({ index }, row) => [index, row]));
  const outputRms = await model.embeddingRms(runtime);
  const shape = { dim: EMBEDDING_DIM, hidden: HIDDEN, tokens: 1, hiddenSize, outputRms };
  const nowhere = { vectors: [new Float32Array(hiddenSize)], slot: 'after-bos' } as const;
  const rows = trainingTexts(world, { seed, kind, smoke }).map((example): ProjectorExample => {
    const { ids, targetFrom, soft } = exampleRow(model, example, { soft: nowhere });
    return { ids, targetFrom, softPositions: [...soft!.keys()], user: rowOf.get(example.reader.index)! };
  });

  const started = performance.now();
  let sum = 0;
  const trained = await trainProjector({
    shape,
    users,
    examples: rows,
    softLoss: createSoftLoss({ model, hiddenSize, runtime, batch: BATCH, softTokens: 1 }),
    runtime,
    batch: BATCH,
    steps,
    seed,
    // The control knows nobody: nothing to drop, nothing to disturb.
    ...(kind === 'constant' && { prefixDropout: 0, noise: 0 }),
    onProgress: ({ step, loss }) => {
      sum += loss;
      if (step % 50 !== 0) return;
      const left = ((performance.now() - started) / step) * (steps - step);
      console.log(
        `${kind} step ${step}/${steps}  loss ${(sum / 50).toFixed(4)}  ${(left / 1000).toFixed(0)} s left`,
      );
      sum = 0;
    },
  });
  const projector: Projector = {
    // Of the world of toys nobody's drift is of interest.
    ...(!smoke && kind === 'projector' && { reference: referenceOfReaders(world, embeddings, mean)! }),
    hidden: HIDDEN,
    weights: trained.weights,
    contract: {
      version: 1,
      model: {
        id: MODEL_ID,
        hiddenSize,
        vocabularySize,
        dtype: 'q4',
        tableSha256: await model.tableSha256(),
      },
      space: { id: SPACE_ID, dim: EMBEDDING_DIM, mean, scale },
      tokens: 1,
      vectors: 1,
      slot: 'after-bos',
      scaleSide: 'postScale',
      outputRms,
      training: { steps, batch: BATCH, seed, users: users.length, examples: rows.length },
    },
  };
  if (kind === 'projector') writeFileSync(out, writeProjector(projector));
  else {
    const [vector] = project(projector, Float32Array.from(mean));
    writeFileSync(out, `${JSON.stringify({ steps, batch: BATCH, seed, vector: [...vector!] })}\n`);
  }
}

if (process.argv[1]?.endsWith('make-projector.ts')) {
  const { values } = parseArgs({
    options: {
      model: { type: 'string', default: 'public/models/e2p-tiny' },
      kind: { type: 'string', default: 'projector' },
      out: { type: 'string' },
      steps: { type: 'string', default: '2000' },
      seed: { type: 'string', default: '1' },
      smoke: { type: 'boolean', default: false },
    },
  });
  const kind = values.kind === 'constant' ? 'constant' : 'projector';
  await makeProjector({
    folder: values.model,
    kind,
    out:
      values.out ??
      (kind === 'projector'
        ? join(values.model, 'projector.safetensors')
        : 'docs/results/default-constant.json'),
    smoke: values.smoke,
    seed: Number(values.seed),
    steps: Number(values.steps),
  });
}
