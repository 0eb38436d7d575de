/**
 * What ways of making a user embedding are worth, each against the plain vector: weighed by what is asked, difference to peers, fused sources with
 * gates and source dropout. `npm run bench ablate-embedding -- --part world|movielens|llm|llm-fusion [--rows …] [--steps 300] [--seeds 2]`; each part keeps its figures in
 * docs/results/ablate-embedding.json, from which the page is made.
 */
import { existsSync, readFileSync, writeFileSync } from 'node:fs';
import { parseArgs } from 'node:util';
import { fusedLines } from './ablate/fused-lines.ts';
import { fusedWorld } from './ablate/fused-world.ts';
import type { Budget } from './ablate/fusion.ts';
import { llmLines } from './ablate/llm-lines.ts';
import { movieEmbeddings } from './ablate/movie-embeddings.ts';
import { type EmbeddingParts, embeddingPage } from './ablate/page.ts';

const FILE = 'docs/results/ablate-embedding';
type Part = (budget: Budget, rows?: readonly string[], keep?: (found: unknown) => void) => Promise<unknown>;
const PARTS: Readonly<Record<string, Part>> = {
  world: fusedWorld,
  movielens: movieEmbeddings,
  llm: llmLines,
  'llm-fusion': fusedLines,
} as const;

export async function benchAblateEmbedding(args: readonly string[]): Promise<void> {
  const { values } = parseArgs({
    args: [...args],
    options: {
      part: { type: 'string', multiple: true },
      // Some of a part: question, peers, fusion of movielens; weighed, set, difference of llm.
      rows: { type: 'string', multiple: true },
      steps: { type: 'string', default: '300' },
      seeds: { type: 'string', default: '2' },
    },
  });
  const budget = { steps: Number(values.steps), seeds: Number(values.seeds) };
  let parts: EmbeddingParts = existsSync(`${FILE}.json`)
    ? JSON.parse(readFileSync(`${FILE}.json`, 'utf8'))
    : {};
  for (const name of values.part ?? Object.keys(PARTS)) {
    const make = PARTS[name];
    if (make === undefined) throw new Error(`--part is ${name}, expected ${Object.keys(PARTS).join(', ')}`);
    const keep = (found: unknown) => {
      parts = { ...parts, [name]: found };
      writeFileSync(`${FILE}.json`, `${JSON.stringify(parts, null, 1)}\n`);
      writeFileSync(`${FILE}.md`, embeddingPage(parts));
    };
    keep(await make(budget, values.rows, keep));
  }
}
