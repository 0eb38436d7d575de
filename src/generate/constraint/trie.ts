/**
 * Many sequences of numbers, with what they share stored once: token ids of the texts of a catalogue, bytes of the tokens of a
 * vocabulary. Nodes are numbers in typed arrays, since a catalogue has hundreds of thousands; node 0 is the root and nobody's child.
 */
export interface Trie {
  /** Node → the number that leads to it. */
  readonly label: Int32Array;
  /** Node → its first child, and its next sibling; 0 = none. */
  readonly firstChild: Int32Array;
  readonly nextSibling: Int32Array;
  /** Node → the first sequence that ends there, by its index; −1 = none. */
  readonly firstEnd: Int32Array;
  /** Sequence → the next one that ends at the same node; −1 = none. */
  readonly nextEnd: Int32Array;
}

export function buildTrie(sequences: readonly ArrayLike<number>[]): Trie {
  const most = sequences.reduce((sum, { length }) => sum + length, 1);
  const label = new Int32Array(most);
  const firstChild = new Int32Array(most);
  const nextSibling = new Int32Array(most);
  const firstEnd = new Int32Array(most).fill(-1);
  const nextEnd = new Int32Array(sequences.length).fill(-1);
  let nodes = 1;
  /** Nodes of the sequence before, from the root on: sorted, a sequence shares nodes with that one alone. */
  const path = [0];
  let before: ArrayLike<number> = [];
  for (const index of Array.from(sequences.keys()).sort((a, b) => compare(sequences[a]!, sequences[b]!))) {
    const sequence = sequences[index]!;
    let at = 0;
    while (at < before.length && at < sequence.length && before[at] === sequence[at]) at++;
    let sibling = path[at + 1];
    path.length = at + 1;
    for (; at < sequence.length; at++) {
      const node = nodes++;
      label[node] = sequence[at]!;
      if (sibling === undefined) firstChild[path[at]!] = node;
      else nextSibling[sibling] = node;
      sibling = undefined;
      path.push(node);
    }
    const end = path[sequence.length]!;
    nextEnd[index] = firstEnd[end]!;
    firstEnd[end] = index;
    before = sequence;
  }
  const [labels, children, siblings, ends] = [label, firstChild, nextSibling, firstEnd].map((values) =>
    values.slice(0, nodes),
  );
  return { label: labels!, firstChild: children!, nextSibling: siblings!, firstEnd: ends!, nextEnd };
}

export function childrenOf({ firstChild, nextSibling }: Trie, node: number): number[] {
  const children: number[] = [];
  for (let child = firstChild[node]!; child !== 0; child = nextSibling[child]!) children.push(child);
  return children;
}

/** Indices of the sequences that end at a node. */
export function endsAt({ firstEnd, nextEnd }: Trie, node: number): number[] {
  const ends: number[] = [];
  for (let end = firstEnd[node]!; end >= 0; end = nextEnd[end]!) ends.push(end);
  return ends;
}

function compare(a: ArrayLike<number>, b: ArrayLike<number>): number {
  const shared = Math.min(a.length, b.length);
  for (let i = 0; i < shared; i++) if (a[i] !== b[i]) return a[i]! - b[i]!;
  return a.length - b.length;
}
