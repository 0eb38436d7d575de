/** Beam search over the titles of a catalogue: only token sequences that are a title, each person with soft tokens of their own. */
import type { BaseModel, Runtime } from '../../src/node.ts';
import { TRAINING } from '../../src/onnx/training-graph.ts';
import { createRowRunner } from '../../src/train/row-runner.ts';

/** A prefix of titles. */
interface TrieNode {
  readonly next: Map<number, TrieNode>;
  /** The title that ends here. */
  title?: number;
}

/** Titles as paths of tokens, each closed by the end of text. */
export function titleTrie(titles: readonly (readonly number[])[]): TrieNode {
  const root: TrieNode = { next: new Map() };
  for (const [title, ids] of titles.entries()) {
    let node = root;
    for (const id of ids) {
      const found = node.next.get(id) ?? { next: new Map() };
      node.next.set(id, found);
      node = found;
    }
    node.title = title;
  }
  return root;
}

export interface BeamPrompt {
  readonly ids: readonly number[];
  readonly softPositions: readonly number[];
  /** K vectors [H]; none for no soft token. */
  readonly soft: readonly Float32Array[];
  /** Titles that are not to be recommended again. */
  readonly known: ReadonlySet<number>;
}

export interface BeamOptions {
  readonly model: BaseModel;
  readonly runtime: Runtime;
  readonly trie: TrieNode;
  /** Titles for each prompt. */
  readonly count: number;
  /** Prefixes kept for each prompt. */
  readonly width: number;
  readonly softTokens: number;
}

interface Prefix {
  readonly prompt: number;
  readonly ids: readonly number[];
  readonly node: TrieNode;
  readonly logProbability: number;
}

const BATCH = 64;

/** The likeliest titles of each prompt, the likeliest first, as far as the beam saw them. */
export async function recommend(prompts: readonly BeamPrompt[], options: BeamOptions): Promise<number[][]> {
  const { model, runtime, trie, count, width, softTokens } = options;
  const hiddenSize = model.facts.hiddenSize;
  const runner = createRowRunner({
    ...{ model, runtime, batch: BATCH, softTokens, hiddenSize, gradient: false, probabilities: true },
  });
  const done: { readonly title: number; readonly logProbability: number }[][] = prompts.map(() => []);
  let prefixes = prompts.map((_, prompt): Prefix => ({ prompt, ids: [], node: trie, logProbability: 0 }));
  try {
    while (prefixes.length > 0) {
      const longer: Prefix[][] = prompts.map(() => []);
      for (let at = 0; at < prefixes.length; at += BATCH) {
        const picked = prefixes.slice(at, at + BATCH);
        const soft = new Float32Array(BATCH * softTokens * hiddenSize);
        const rows = Array.from({ length: BATCH }, (_, b) => {
          const { prompt, ids } = picked[b] ?? picked[0]!;
          const { softPositions, soft: vectors, ids: before } = prompts[prompt]!;
          for (const [k, v] of vectors.entries()) soft.set(v, (b * softTokens + k) * hiddenSize);
          return {
            // The last id is never read: what is wanted is what stands before it.
            ids: [...before, ...ids, 0],
            targetFrom: before.length + ids.length,
            softPositions: Array.from({ length: softTokens }, (_, k) => softPositions[k] ?? -1),
          };
        });
        const { dims, data } = (await runner.run(rows, soft, 0))[TRAINING.probabilities]!;
        const [, targets, vocabulary] = dims as [number, number, number];
        for (const [b, { prompt, ids, node, logProbability }] of picked.entries()) {
          for (const [id, next] of node.next) {
            const p = (data as Float32Array)[b * targets * vocabulary + id]!;
            const sum = logProbability + Math.log(p);
            if (next.title !== undefined && !prompts[prompt]!.known.has(next.title))
              done[prompt]!.push({ title: next.title, logProbability: sum });
            if (next.next.size > 0)
              longer[prompt]!.push({ prompt, ids: [...ids, id], node: next, logProbability: sum });
          }
        }
      }
      const best = <T extends { readonly logProbability: number }>(list: T[], most: number) =>
        list.sort((a, b) => b.logProbability - a.logProbability).slice(0, most);
      for (const [prompt, list] of done.entries()) done[prompt] = best(list, count);
      prefixes = longer.flatMap((list, prompt) => {
        // A longer title is never likelier than what it begins with.
        const floor = done[prompt]!.length < count ? -Infinity : done[prompt]!.at(-1)!.logProbability;
        return best(list, width).filter((p) => p.logProbability > floor);
      });
    }
  } finally {
    await runner.release();
  }
  return done.map((list) => list.map(({ title }) => title));
}
