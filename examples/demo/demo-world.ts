/**
 * The catalogue, readers and stories of the page, and the step that turns the clicks of an invented reader into an embedding; what becomes of the
 * visitor's own is in `sections/own-vault.ts`. The files are part of this site and made by `tools/default/demo-data.ts`, whose types describe them.
 */
import { foldIn, type UserEmbedding } from '../../src/index.ts';
import type { DemoReader, DemoWorld } from '../../tools/default/demo-data.ts';
import { loadParts } from './load-parts.ts';

export type { DemoReader, DemoStory, DemoWorld } from '../../tools/default/demo-data.ts';

export interface DemoData {
  readonly world: DemoWorld;
  /** Row-major [items, dim]. */
  readonly factors: Float32Array;
}

/** @throws Error naming the file that is missing or does not fit. */
export async function loadDemoData(folder: URL): Promise<DemoData> {
  const files = ['demo.json', 'item-factors.bin'] as const;
  const count = ({ items, dim }: DemoWorld) => items.length * dim;
  const [world, factors] = await loadParts(folder, files, count);
  return { world, factors };
}

/** The embedding of a reader of the synthetic world. */
export function embedReader({ world, factors }: DemoData, { clicks }: DemoReader): UserEmbedding {
  return { space: world.space, values: foldIn({ ...world.als, items: factors, dim: world.dim, clicks }) };
}
