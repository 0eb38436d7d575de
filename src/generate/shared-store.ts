/**
 * A place where caches of several lengths lie, as slices of one array do: the longest goes on in place, a shorter one that goes on otherwise gets a
 * store of its own. Rows that nobody holds any more are overwritten at once.
 */
import type { Tensor } from '../runtime/runtime.ts';
import type { CacheStore } from './kv-cache.ts';

export abstract class SharedStore<Store extends CacheStore> implements CacheStore {
  /** Of the caches that lie here. */
  readonly #lengths: number[] = [];

  /** Positions that there is room for. */
  protected abstract readonly capacity: number;
  /** This one. */
  protected abstract readonly self: Store;
  abstract feeds(length: number): Record<string, Tensor>;
  /** The first `length` positions in another store, which has room for `needed`. */
  protected abstract copyWithRoom(length: number, needed: number): Store;
  /** Nobody holds anything here any more. */
  protected abstract free(): void;
  /** Overwrites positions [from, to), behind which nothing is. */
  protected abstract clear(from: number, to: number): void;

  hold(length: number): void {
    this.#lengths.push(length);
  }

  letGo(length: number): boolean {
    this.#lengths.splice(this.#lengths.indexOf(length), 1);
    const left = this.#longest();
    if (this.#lengths.length === 0) this.free();
    else if (length > left) this.clear(left, length);
    return length > left;
  }

  beginning(): Store {
    return this.self;
  }

  copy(length: number): Store {
    return this.copyWithRoom(length, length);
  }

  /**
   * Where `count` positions can be written behind the first `length`: here, or where a longer cache or the end of the room is in the way, in another
   * store, which has room for `room` more.
   */
  protected placeBehind(length: number, count: number, room = count): Store {
    const isFree = this.#longest() === length && length + count <= this.capacity;
    return isFree ? this.self : this.copyWithRoom(length, length + room);
  }

  #longest(): number {
    return Math.max(0, ...this.#lengths);
  }
}
