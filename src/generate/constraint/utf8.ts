/**
 * A set of characters as the bytes of UTF-8 that spell them: a small graph from the first byte on. Sets of what may follow that are equal are
 * one node, so that `\p{L}`, 600 ranges, has some dozens.
 */
import type { CodePoints } from './expression.ts';

export interface ByteNode {
  /** Bytes from–to lead to `next`; undefined: the character is whole. */
  readonly edges: readonly {
    readonly from: number;
    readonly to: number;
    readonly next: ByteNode | undefined;
  }[];
}

/** Last code point, bytes behind the first, what the first begins with (RFC 3629, section 3). */
const LENGTHS = [
  [0x7f, 0, 0x00],
  [0x7ff, 1, 0xc0],
  [0xffff, 2, 0xe0],
  [0x10ffff, 3, 0xf0],
] as const;
const CONTINUATION = 0x80;

/** @param of without surrogates, which UTF-8 has no bytes for */
export function utf8Graph(of: CodePoints): ByteNode {
  const known = new Map<string, ByteNode>();
  const edges = LENGTHS.flatMap(([last, following, lead], i) => {
    const first = i === 0 ? 0 : LENGTHS[i - 1]![0] + 1;
    const here = of
      .filter(([from, to]) => from <= last && to >= first)
      .map(([from, to]) => [Math.max(from, first), Math.min(to, last)] as const);
    return nodeOf(here, following, lead, known).edges;
  });
  return { edges };
}

/** @param ranges of what is left of the code points: 6 bits for each following byte, and those of this one */
function nodeOf(
  ranges: CodePoints,
  following: number,
  prefix: number,
  known: Map<string, ByteNode>,
): ByteNode {
  if (following === 0) {
    return { edges: ranges.map(([from, to]) => ({ from: prefix | from, to: prefix | to, next: undefined })) };
  }
  const bits = 6 * following;
  const mask = (1 << bits) - 1;
  const below = new Map<number, [number, number][]>();
  for (const [from, to] of ranges) {
    for (let lead = from >> bits; lead <= to >> bits; lead++) {
      const rest = below.get(lead) ?? [];
      rest.push([lead === from >> bits ? from & mask : 0, lead === to >> bits ? to & mask : mask]);
      below.set(lead, rest);
    }
  }
  const edges: { from: number; to: number; next: ByteNode }[] = [];
  for (const [lead, rest] of below) {
    const key = `${following} ${rest.join(' ')}`;
    const next = known.get(key) ?? nodeOf(rest, following - 1, CONTINUATION, known);
    known.set(key, next);
    const last = edges.at(-1);
    if (last !== undefined && last.next === next && last.to === (prefix | (lead - 1)))
      last.to = prefix | lead;
    else edges.push({ from: prefix | lead, to: prefix | lead, next });
  }
  return { edges };
}
