/**
 * The catalogue, readers and stories of the page, and the step that turns clicks into an embedding. The files are
 * part of this site and made by `tools/default/demo-data.ts`, whose types describe them.
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

/** Clicks that a handful of chosen items stands for: readers in training had 60 to 250. */
const CHOICES_WEIGH = 100;
const MOST_PER_CHOICE = 30;

/**
 * The embedding of somebody who chose a few items. Few clicks alone would give a vector far shorter than any in
 * training (least squares shrinks towards 0), so each choice counts as several clicks.
 */
export function embedChoices({ world, factors }: DemoData, chosen: readonly number[]): UserEmbedding {
  const times = Math.min(MOST_PER_CHOICE, Math.ceil(CHOICES_WEIGH / Math.max(1, chosen.length)));
  const clicks = chosen.flatMap((item) => Array<number>(times).fill(item));
  return { space: world.space, values: foldIn({ ...world.als, items: factors, dim: world.dim, clicks }) };
}
