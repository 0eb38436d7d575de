/**
 * What the makers of the default model agree on: the world, the embedding space, and how an example becomes a
 * token row of the base model.
 */
import { buildPrompt, type SoftTokens } from '../../src/generate/prompt.ts';
import type { BaseModel } from '../../src/node.ts';
import { embeddingOf, embedReaders, type ReaderEmbeddings } from '../world/embed.ts';
import { buildWorld, type Example, readersOf, type World } from '../world/world.ts';

export const WORLD_SEED = 1;
export const SPACE_ID = 'e2p-tiny-readers-v1';
export const EMBEDDING_DIM = 32;
export const MODEL_ID = 'e2p-tiny';

/** Sizes of a world that is made in a second, for tests. */
export const SMOKE_READERS = { pretrain: 60, train: 80, validation: 10, test: 24 } as const;

export function makeWorld(smoke: boolean): { world: World; embeddings: ReaderEmbeddings } {
  const world = smoke
    ? buildWorld({ seed: WORLD_SEED, readers: SMOKE_READERS, items: 200, clicksPerReader: [30, 60] })
    : buildWorld({ seed: WORLD_SEED });
  return { world, embeddings: embedReaders(world, { dim: EMBEDDING_DIM }) };
}

/** Mean and standard deviation per coordinate over the readers that the projector is trained on. */
export function standardisation(world: World, embeddings: ReaderEmbeddings) {
  const rows = readersOf(world, 'train').map(({ index }) => embeddingOf(embeddings, index));
  const over = (f: (row: Float32Array, i: number) => number) =>
    Array.from(
      { length: embeddings.dim },
      (_, i) => rows.reduce((sum, row) => sum + f(row, i), 0) / rows.length,
    );
  const mean = over((row, i) => row[i]!);
  const scale = over((row, i) => (row[i]! - mean[i]!) ** 2).map((v) => Math.sqrt(v) + 1e-6);
  return { mean, scale };
}

export interface ExampleRow {
  readonly ids: readonly number[];
  readonly soft: ReadonlyMap<number, Float32Array> | undefined;
  /** Index of the first target token. */
  readonly targetFrom: number;
}

/** Prompt, target and end of text. The target's tokens do not depend on what stands before it. */
export function exampleRow(
  model: BaseModel,
  { prompt, target, persona = '' }: Pick<Example, 'prompt' | 'target'> & { readonly persona?: string },
  { soft, withPersona = false }: { readonly soft?: SoftTokens; readonly withPersona?: boolean },
): ExampleRow {
  const system = withPersona ? [{ role: 'system', content: persona } as const] : [];
  const run = buildPrompt(model, [...system, { role: 'user', content: prompt }], soft);
  const end = model.config.eosTokenIds[0]!;
  return {
    ids: [...run.ids, ...model.codec.encode(target), end],
    soft: run.soft,
    targetFrom: run.ids.length,
  };
}
