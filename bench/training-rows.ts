/** What `npm run bench training` trains on: random tokens and made-up users, the same for ours and for PyTorch. */
import { writeFileSync } from 'node:fs';
import type { ProjectorExample } from '../src/train.ts';
import { seededRandom } from '../tools/world/random.ts';

export const [DIM, HIDDEN, TARGETS] = [64, 128, 16];
const [USERS, ROWS] = [64, 256];
export const OUTPUT_RMS = 0.05;

const userOf = (i: number) => Float32Array.from({ length: DIM }, (_, k) => Math.sin(i * 1.7 + k * 2.3));
export const makeUsers = (): Float32Array[] => Array.from({ length: USERS }, (_, i) => userOf(i));

/** Of one length, without padding. */
export function makeRows(length: number): ProjectorExample[] {
  const random = seededRandom(2, 'rows');
  return Array.from({ length: ROWS }, (_, i) => ({
    ids: Array.from({ length }, () => 10 + random.below(1000)),
    ...{ targetFrom: length - TARGETS, softPositions: [1], user: i % USERS },
  }));
}

/** As files for the trainer in PyTorch. @param name their path without its end */
export function writeForPython(
  name: string,
  examples: readonly ProjectorExample[],
  { hiddenSize, vocabularySize }: { readonly hiddenSize: number; readonly vocabularySize: number },
): { readonly rows: string; readonly users: string } {
  const zeros = Array.from({ length: DIM }, () => 0);
  const space = { id: 's', dim: DIM, mean: zeros, scale: zeros.map(() => 1) };
  const model = { hiddenSize, vocabularySize };
  const contract = { model, space, tokens: 1, slot: 'after-bos', outputRms: OUTPUT_RMS };
  const lines = examples.map(({ user, ...row }) => JSON.stringify({ user: `u${user}`, ...row }));
  writeFileSync(`${name}.rows.jsonl`, [JSON.stringify({ contract }), ...lines].join('\n'));
  const users = makeUsers().map((values, i) => JSON.stringify({ user: `u${i}`, embedding: [...values] }));
  writeFileSync(`${name}.users.jsonl`, users.join('\n'));
  return { rows: `${name}.rows.jsonl`, users: `${name}.users.jsonl` };
}
