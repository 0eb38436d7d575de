/**
 * A person's embedding that goes along with what they do: the fold-in of `als.ts`, or the mean of the items' vectors, of which each event
 * changes only a part. Think of a chest with drawers within drawers, an item's place being given by its row; every drawer keeps the sum of
 * what is in it. An event makes the drawers around its item be summed anew, in an order that follows from what is in them and not from how that
 * came; so an event that is taken back leaves nothing, to the last bit.
 *
 * Time only scales: an event counts 2^(age in half-lives) times less, relative to an anchor. Whole half-lives are powers of two, which
 * change no digit, so the anchor does not matter either.
 */
import { E2PError } from '../error.ts';
import { checkHalfLife, MOST_CLICKS } from './activity-weights.ts';
import { type AlsWeights, checkPositive, checkWeights } from './als.ts';
import { solveCholesky } from './solve-cholesky.ts';

/** Drawers of the chest, and of each of them: the more, the fewer items are summed anew, and the more sums are kept (66 KB each for dim 128). */
const DRAWERS = [8, 16] as const;
/** Half-lives. The anchor follows the latest event at that distance, and what is twice as old counts nothing: doubles end at 2^±1022. */
const REACH = 300;

/** How events become an embedding. */
export type ActivityMethod =
  | 'mean'
  /** With the items' Gram matrix [dim, dim]. */
  | (AlsWeights & {
      /** [dim, dim] of the catalogue, or `gramMatrix` of the items. */
      readonly gram: Float64Array;
    });

/** Of an `ActivityEmbedding`. */
export interface ActivityEmbeddingOptions {
  /** Numbers of an item's vector. */
  readonly dim: number;
  /** Fold-in as `foldIn` computes it, or the mean of the items, weighted by what their events count. */
  readonly method: ActivityMethod;
  /** Milliseconds after which an event counts half. Default: for ever the same. */
  readonly halfLife?: number | undefined;
}

/** An event, as a number of clicks on a row of the catalogue. */
export interface CountedEvent {
  /** By which it is taken back. */
  readonly id: string;
  /** Row of its item. */
  readonly item: number;
  /** Clicks that it counts as; below 0: the item is not liked. */
  readonly weight: number;
  /** Milliseconds since 1970. */
  readonly time: number;
}

interface Counted {
  readonly item: number;
  readonly time: number;
  /** Half-lives since 1970: their whole part, and what the event counts by the rest. */
  readonly whole: number;
  readonly count: number;
}

interface Item {
  readonly row: Float32Array;
  readonly events: Map<string, Counted>;
}

/** Sums over items with their counts n and vectors y. */
interface Sums {
  /** Σ y of those that are liked. */
  readonly liked: Float64Array;
  /** Σ n y, for fold-in of those that are liked. */
  readonly weighted: Float64Array;
  /** Lower triangle of Σ |n| y yᵀ; empty for the mean. */
  readonly outer: Float64Array;
  /** Σ |n| */
  total: number;
}

interface Drawer {
  readonly inside: Map<number, Drawer | Item>;
  readonly sums: Sums;
  /** Nothing inside has changed since it was summed. */
  isSummed: boolean;
}

/** `destroy` it: it holds what the person did. */
export class ActivityEmbedding {
  readonly #dim: number;
  readonly #method: ActivityMethod;
  readonly #halfLife: number;
  /** Whole half-lives since 1970. */
  #anchor = Number.NaN;
  readonly #chest: Drawer;
  readonly #events = new Map<string, Counted>();
  /** Time of the latest event, where it is known. */
  #latest: number | undefined;

  /** @throws E2PError `invalid-argument` */
  constructor({ dim, method, halfLife = Number.POSITIVE_INFINITY }: ActivityEmbeddingOptions) {
    checkPositive('dim', dim);
    checkHalfLife(halfLife);
    if (method !== 'mean') {
      checkWeights(method);
      if (method.gram.length !== dim * dim)
        refuse('gram', `${method.gram.length} numbers`, `${dim} × ${dim}`);
    }
    this.#dim = dim;
    this.#method = method;
    this.#halfLife = halfLife;
    this.#chest = this.#drawer();
  }

  /** Events that it counts. */
  get size(): number {
    return this.#events.size;
  }

  /** Whether it counts this event. */
  has(id: string): boolean {
    return this.#events.has(id);
  }

  /**
   * @param row the item's vector [dim], copied where the item is new
   * @throws E2PError `invalid-argument` naming the field
   */
  add(event: CountedEvent, row: Float32Array): void {
    const { id, item, weight, time } = event;
    if (this.#events.has(id)) refuse('id', 'one that was added before', 'another one');
    if (!Number.isInteger(item) || item < 0) refuse('item', 'no row', 'a whole number from 0');
    if (!(Math.abs(weight) <= MOST_CLICKS))
      refuse('weight', 'out of range', `a number from ${-MOST_CLICKS} to ${MOST_CLICKS}`);
    if (!Number.isFinite(time)) refuse('time', 'not finite', 'milliseconds since 1970');
    if (row.length !== this.#dim) refuse('row', `${row.length} numbers`, String(this.#dim));
    const { whole, growth } = this.#age(time);
    const counted = { item, time, whole, count: weight * growth };
    this.#events.set(id, counted);
    if (this.#latest !== undefined && time > this.#latest) this.#latest = time;
    const drawer = this.#open(item).at(-1)!;
    const found = (drawer.inside.get(item) as Item | undefined) ?? { row: row.slice(), events: new Map() };
    found.events.set(id, counted);
    drawer.inside.set(item, found);
  }

  /** Takes an event back. @returns whether there was one. */
  remove(id: string): boolean {
    const event = this.#events.get(id);
    if (event === undefined) return false;
    this.#events.delete(id);
    if (event.time === this.#latest) this.#latest = undefined;
    const drawer = this.#open(event.item).at(-1)!;
    const item = drawer.inside.get(event.item) as Item;
    item.events.delete(id);
    if (item.events.size > 0) return true;
    item.row.fill(0);
    drawer.inside.delete(event.item);
    return true;
  }

  /**
   * The embedding [dim], or undefined where nothing counts.
   * @param at milliseconds since 1970, which fold-in counts ages from. Default: the latest event, so that nobody fades by being away
   */
  values(at?: number): Float32Array | undefined {
    if (this.#events.size === 0) return undefined;
    const latest = this.#moveAnchor();
    const sums = this.#sum(this.#chest);
    if (sums.total === 0) return undefined;
    const values =
      this.#method === 'mean'
        ? sums.weighted.map((sum) => sum / sums.total)
        : this.#solve(sums, this.#method, this.#age(at ?? latest));
    const found = Float32Array.from(values);
    values.fill(0);
    return found;
  }

  /** Overwrites what it knows. */
  destroy(): void {
    empty(this.#chest);
    this.#events.clear();
  }

  /** @returns the time of the latest event */
  #moveAnchor(): number {
    let latest = this.#latest ?? Number.NEGATIVE_INFINITY;
    if (this.#latest === undefined) {
      for (const { time } of this.#events.values()) if (time > latest) latest = time;
      this.#latest = latest;
    }
    const { whole } = this.#age(latest);
    if (!(Math.abs(whole - this.#anchor) <= REACH)) {
      this.#anchor = whole;
      unsum(this.#chest);
    }
    return latest;
  }

  /** Whole half-lives since 1970, and 2^(the rest). */
  #age(time: number): { readonly whole: number; readonly growth: number } {
    const halfLives = time / this.#halfLife;
    const whole = Math.floor(halfLives);
    return { whole, growth: 2 ** (halfLives - whole) };
  }

  /** The chest and the drawers in which an item lies, the innermost last, none of them summed. */
  #open(item: number): Drawer[] {
    const path = [this.#chest];
    let rest = item;
    for (const count of DRAWERS) {
      const { inside } = path.at(-1)!;
      const drawer = (inside.get(rest % count) as Drawer | undefined) ?? this.#drawer();
      inside.set(rest % count, drawer);
      path.push(drawer);
      rest = Math.floor(rest / count);
    }
    for (const drawer of path) drawer.isSummed = false;
    return path;
  }

  #sum(drawer: Drawer): Sums {
    const { inside, sums } = drawer;
    if (drawer.isSummed) return sums;
    erase(sums);
    for (const key of [...inside.keys()].sort((a, b) => a - b)) {
      const part = inside.get(key)!;
      if ('inside' in part) {
        const more = this.#sum(part);
        addTo(sums.liked, more.liked);
        addTo(sums.weighted, more.weighted);
        addTo(sums.outer, more.outer);
        sums.total += more.total;
      } else this.#addItem(sums, part);
    }
    drawer.isSummed = true;
    return sums;
  }

  #addItem(sums: Sums, { row, events }: Item): void {
    const counts: number[] = [];
    for (const { whole, count } of events.values()) {
      const halfLives = whole - this.#anchor;
      counts.push(halfLives < -2 * REACH ? 0 : count * 2 ** halfLives);
    }
    if (counts.length > 1) counts.sort((a, b) => a - b);
    const count = counts.reduce((sum, n) => sum + n, 0);
    if (count === 0) return;
    const isMean = this.#method === 'mean';
    sums.total += Math.abs(count);
    if (count > 0 || isMean) {
      for (let k = 0; k < row.length; k++) sums.weighted[k]! += count * row[k]!;
    }
    if (isMean) return;
    if (count > 0) addTo(sums.liked, row);
    addOuter(sums.outer, row, Math.abs(count));
  }

  #drawer(): Drawer {
    const dim = this.#dim;
    const triangle = this.#method === 'mean' ? 0 : (dim * (dim + 1)) / 2;
    const sums = {
      ...{ liked: new Float64Array(dim), weighted: new Float64Array(dim) },
      ...{ outer: new Float64Array(triangle), total: 0 },
    };
    return { inside: new Map(), sums, isSummed: false };
  }

  /** x = (YᵀY + α/g Σ |n| y yᵀ + λI)⁻¹ (Σ y + α/g Σ n y), where g brings what events count from the anchor to the moment that is asked for. */
  #solve(
    { liked, weighted, outer }: Sums,
    { gram, alpha, regularisation }: Exclude<ActivityMethod, 'mean'>,
    { whole, growth }: { readonly whole: number; readonly growth: number },
  ): Float64Array {
    const dim = this.#dim;
    // Exact in the whole half-lives.
    const scale = (alpha / growth) * 2 ** (this.#anchor - whole);
    const matrix = gram.slice();
    for (let i = 0, at = 0; i < dim; i++) {
      for (let j = 0; j <= i; j++, at++) matrix[i * dim + j]! += scale * outer[at]!;
      matrix[i * dim + i]! += regularisation;
    }
    const right = liked.map((sum, k) => sum + scale * weighted[k]!);
    solveCholesky(matrix, right, dim);
    matrix.fill(0);
    return right;
  }
}

function addTo(sums: Float64Array, more: Float64Array | Float32Array): void {
  for (let k = 0; k < sums.length; k++) sums[k]! += more[k]!;
}

/** Adds weight · y yᵀ to a lower triangle. */
function addOuter(triangle: Float64Array, y: Float32Array, weight: number): void {
  for (let i = 0, at = 0; i < y.length; i++) {
    const scaled = weight * y[i]!;
    for (let j = 0; j <= i; j++, at++) triangle[at]! += scaled * y[j]!;
  }
}

function unsum(drawer: Drawer): void {
  drawer.isSummed = false;
  for (const part of drawer.inside.values()) if ('inside' in part) unsum(part);
}

function empty(drawer: Drawer): void {
  erase(drawer.sums);
  for (const part of drawer.inside.values()) {
    if ('inside' in part) empty(part);
    else part.row.fill(0);
  }
  drawer.inside.clear();
}

function erase(sums: Sums): void {
  for (const array of [sums.liked, sums.weighted, sums.outer]) array.fill(0);
  sums.total = 0;
}

function refuse(field: string, found: string, expected: string): never {
  throw new E2PError('invalid-argument', `the activity: ${field} is ${found}, expected ${expected}`);
}
