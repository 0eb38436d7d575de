/**
 * Embeddings that were handed out, held weakly, so that `forget()` can overwrite those that are still somewhere in memory. What
 * was copied from them, or moved into a worker, is not reached from here: a worker is told through an attachment.
 */
export interface HeldBuffers {
  /** @returns the same array. */
  hold(values: Float32Array): Float32Array;
  /** @returns how many there were. */
  overwrite(): number;
}

export function createHeldBuffers(): HeldBuffers {
  const held = new Set<WeakRef<Float32Array>>();
  const registry = new FinalizationRegistry<WeakRef<Float32Array>>((reference) => held.delete(reference));
  return {
    hold: (values) => {
      const reference = new WeakRef(values);
      held.add(reference);
      registry.register(values, reference);
      return values;
    },
    overwrite: () => {
      let count = 0;
      for (const reference of held) {
        const values = reference.deref();
        if (values === undefined || values.length === 0) continue;
        values.fill(0);
        count++;
      }
      held.clear();
      return count;
    },
  };
}
