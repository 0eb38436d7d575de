/** Something that takes a while to make, is made when it is first asked for, and is the same for whoever asks. */

export interface Lazy<T> {
  /** Made anew where it failed before, or was dropped. */
  readonly get: () => Promise<T>;
  /** @returns what there was, which is the caller's to end. */
  readonly drop: () => Promise<T> | undefined;
}

export function lazy<T>(make: () => Promise<T>): Lazy<T> {
  let made: Promise<T> | undefined;
  return {
    get: () => {
      if (made !== undefined) return made;
      const begun = make();
      made = begun;
      begun.catch(() => {
        if (made === begun) made = undefined;
      });
      return begun;
    },
    drop: () => {
      const was = made;
      made = undefined;
      return was;
    },
  };
}
