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

/** Clicks that all that was pressed stands for: readers in training had 60 to 250. */
const PRESSES_WEIGH = 80;
/** One item alone is no topic. */
const MOST_PER_ITEM = 30;

/**
 * The embedding of somebody who pressed a few topics and items. Few clicks alone would give a vector far shorter than any in training (least
 * squares shrinks towards 0), so each press counts as several: of a topic on items all over the catalogue, of an item on itself.
 */
export function embedPresses({ world, factors }: DemoData, pressed: ReadonlySet<string>): UserEmbedding {
  const each = Math.ceil(PRESSES_WEIGH / Math.max(1, pressed.size));
  const clicks = [...pressed].flatMap((name) => {
    const [kind, what] = name.split(':') as ['topic' | 'item', string];
    return kind === 'item'
      ? Array<number>(Math.min(MOST_PER_ITEM, each)).fill(Number(what))
      : itemsOf(world, what, each);
  });
  return { space: world.space, values: foldIn({ ...world.als, items: factors, dim: world.dim, clicks }) };
}

/** Some items that were published from an angle: in the catalogue angles come in turn, in the order of the readers who are their fans. */
export function itemsOf({ items, readers }: DemoWorld, angle: string, count: number): number[] {
  const first = readers.findIndex((reader) => reader.angle === angle);
  const all = items.flatMap((_, i) => (i % readers.length === first ? [i] : []));
  return Array.from({ length: count }, (_, i) => all[Math.floor((i * all.length) / count)]!);
}
