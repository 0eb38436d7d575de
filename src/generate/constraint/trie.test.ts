import { describe, expect, it } from 'vitest';
import { buildTrie, childrenOf, endsAt, type Trie } from './trie.ts';

function sequencesOf(trie: Trie, node = 0, path: readonly number[] = []): [number, readonly number[]][] {
  return [
    ...endsAt(trie, node).map((end): [number, readonly number[]] => [end, path]),
    ...childrenOf(trie, node).flatMap((child) => sequencesOf(trie, child, [...path, trie.label[child]!])),
  ];
}

describe('a trie', () => {
  it('holds each sequence, equal ones and beginnings of others too, and shares what is shared', () => {
    const sequences = [[5, 1, 2], [5], [], [7, 7], [5, 1, 3], [7, 7], [300_000], [5, 1]];
    const trie = buildTrie(sequences);
    const found = sequencesOf(trie);
    expect(found.sort(([a], [b]) => a - b).map(([, path]) => path)).toEqual(sequences);
    expect(trie.label.length).toBe(1 + 4 + 2 + 1);
    expect(childrenOf(trie, 0).map((child) => trie.label[child])).toEqual([5, 7, 300_000]);
  });

  it('of nothing is a root', () => {
    expect(sequencesOf(buildTrie([]))).toEqual([]);
  });
});
