/** Fusions for a study, and the flags by which `e2p train` is told of one. */
import { mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import type { Fusion } from '../../src/node.ts';
import { fitFusion } from '../../src/train.ts';

/** Of each training, and how many trainings. */
export interface Budget {
  readonly steps: number;
  readonly seeds: number;
}

export const FUSED_SPACE = 'fused';
export const CACHE = '.cache/ablate-embedding';

export const fitFusionOf = (
  sources: Parameters<typeof fitFusion>[1],
  options?: Parameters<typeof fitFusion>[2],
): Fusion => fitFusion(FUSED_SPACE, sources, options);

export function withFusion(fusion: Fusion, dropout: number, ...more: readonly string[]): string[] {
  mkdirSync(CACHE, { recursive: true });
  const file = join(CACHE, `fusion-${fusion.sources.map(({ space }) => space).join('-')}.json`);
  writeFileSync(file, JSON.stringify(fusion));
  return ['--fusion', file, '--source-dropout', `${dropout}`, ...more];
}
