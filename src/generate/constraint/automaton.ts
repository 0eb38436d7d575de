/**
 * An expression as a deterministic automaton over the bytes of UTF-8 (Thompson's construction, then that of subsets; Aho, Lam, Sethi and
 * Ullman, *Compilers*, 3.7). States that no text leads out of are left out, so whatever has begun can be completed.
 */
import { E2PError } from '../../error.ts';
import type { CodePoints, Expression } from './expression.ts';
import { type ByteNode, utf8Graph } from './utf8.ts';

export interface Automaton {
  /** State → class of byte → state; −1 where no text of the set goes on so. State 0 is the start. */
  readonly rows: readonly Int32Array[];
  /** Byte → its class. */
  readonly classOf: Uint8Array;
  /** By state: whether a text may end there. */
  readonly accepting: Uint8Array;
}

export const stepBy = ({ rows, classOf }: Automaton, state: number, byte: number): number =>
  rows[state]![classOf[byte]!]!;

/** A table of 50,000 states takes some tens of MB and a second or two. */
const MOST_STATES = 50_000;
const MOST_PLACES = 200_000;

interface Edge {
  readonly from: number;
  readonly to: number;
  readonly target: number;
}

/** Places of a nondeterministic automaton; place 0 is the end of the text. */
interface Places {
  readonly edges: Edge[][];
  /** Where one also is, without a byte. */
  readonly silent: number[][];
}

/** @throws E2PError `invalid-argument` for an expression that is too large, or that no text satisfies */
export function buildAutomaton(expression: Expression): Automaton {
  const places: Places = { edges: [[]], silent: [[]] };
  const start = createPlacer(places)(expression, 0);
  const { classOf, classes } = byteClasses(places.edges);
  const reach = createReach(places);
  const sets: (readonly number[])[] = [];
  const numbers = new Map<string, number>();
  const table: Int32Array[] = [];
  const numberOf = (set: readonly number[]): number => {
    const key = set.join();
    const known = numbers.get(key);
    if (known !== undefined) return known;
    if (sets.length === MOST_STATES) throw tooLarge();
    numbers.set(key, sets.length);
    return sets.push(set) - 1;
  };
  numberOf(reach([start]));
  for (let state = 0; state < sets.length; state++) {
    const targets = Array.from({ length: classes }, (): number[] => []);
    for (const place of sets[state]!) {
      for (const { from, to, target } of places.edges[place]!) {
        for (let c = classOf[from]!; c <= classOf[to]!; c++) targets[c]!.push(target);
      }
    }
    table.push(Int32Array.from(targets, (next) => (next.length === 0 ? -1 : numberOf(reach(next)))));
  }
  const accepting = Uint8Array.from(sets, (set) => Number(set.includes(0)));
  return { rows: withoutDeadEnds(table, accepting), classOf, accepting };
}

const tooLarge = () =>
  new E2PError(
    'invalid-argument',
    `the constraint needs more than ${MOST_STATES} states, expected fewer: fewer or smaller repetitions, lengths, lists`,
  );

/** Sets an expression before a place, and returns the place where it begins. */
function createPlacer(places: Places): (expression: Expression, next: number) => number {
  const graphs = new Map<CodePoints, ByteNode>();
  const add = (silent: number[] = []): number => {
    if (places.edges.length === MOST_PLACES) throw tooLarge();
    places.silent.push(silent);
    return places.edges.push([]) - 1;
  };
  const placeBytes = (node: ByteNode, next: number, placed: Map<ByteNode, number>): number => {
    const known = placed.get(node);
    if (known !== undefined) return known;
    const place = add();
    placed.set(node, place);
    for (const { from, to, next: following } of node.edges) {
      const target = following === undefined ? next : placeBytes(following, next, placed);
      places.edges[place]!.push({ from, to, target });
    }
    return place;
  };
  const place = (expression: Expression, next: number): number => {
    switch (expression.kind) {
      case 'character': {
        const graph = graphs.get(expression.of) ?? utf8Graph(expression.of);
        graphs.set(expression.of, graph);
        return placeBytes(graph, next, new Map());
      }
      case 'sequence':
        return expression.parts.reduceRight((following, part) => place(part, following), next);
      case 'choice':
        return add(expression.options.map((option) => place(option, next)));
      case 'repeat': {
        const { item, least, most } = expression;
        let begin = next;
        if (most === Number.POSITIVE_INFINITY) {
          begin = add([next]);
          places.silent[begin]!.push(place(item, begin));
        } else {
          for (let i = least; i < most; i++) begin = add([next, place(item, begin)]);
        }
        for (let i = 0; i < least; i++) begin = place(item, begin);
        return begin;
      }
    }
  };
  return place;
}

/** Bytes that no edge tells apart are one class; a range of bytes is one of classes. */
function byteClasses(edges: readonly Edge[][]): { classOf: Uint8Array; classes: number } {
  const begins = new Uint8Array(257);
  for (const { from, to } of edges.flat()) {
    begins[from] = 1;
    begins[to + 1] = 1;
  }
  let current = 0;
  const classOf = Uint8Array.from({ length: 256 }, (_, byte) => {
    if (byte > 0) current += begins[byte]!;
    return current;
  });
  return { classOf, classes: current + 1 };
}

/** From places to all where one then is and that matter: those with edges, and the end. */
function createReach({ edges, silent }: Places): (from: readonly number[]) => readonly number[] {
  return (from) => {
    const seen = new Set(from);
    for (const place of seen) for (const other of silent[place]!) seen.add(other);
    return [...seen].filter((place) => place === 0 || edges[place]!.length > 0).sort((a, b) => a - b);
  };
}

function withoutDeadEnds(table: readonly Int32Array[], accepting: Uint8Array): readonly Int32Array[] {
  const alive = backwards(table, accepting);
  if (alive[0] === 0) {
    throw new E2PError('invalid-argument', 'the constraint is satisfied by no text, expected at least one');
  }
  return table.map((row) => row.map((next) => (next >= 0 && alive[next] === 1 ? next : -1)));
}

/** By state: whether the edges of the table lead from it to one of the goals. */
export function backwards(table: readonly ArrayLike<number>[], goals: ArrayLike<number>): Uint8Array {
  const sources = table.map((): number[] => []);
  for (const [state, row] of table.entries()) {
    for (const next of new Set(Array.from(row))) if (next >= 0) sources[next]!.push(state);
  }
  const reached = Uint8Array.from(goals);
  const queue = [...reached.keys()].filter((state) => reached[state] === 1);
  for (const state of queue) {
    for (const source of sources[state]!) {
      if (reached[source] === 1) continue;
      reached[source] = 1;
      queue.push(source);
    }
  }
  return reached;
}
