import { describe, expect, it } from 'vitest';
import { loadBaseModel } from '../model/base-model.ts';
import type { CacheTensor } from '../onnx/inspect/inspect-graph.ts';
import { createNodeRuntime } from '../runtime/node-runtime.ts';
import { createFolderSource } from '../storage/folder-source.ts';
import { hasShared, sharedNote, sharedPath } from '../testing/shared.ts';
import { Decoder } from './decoder.ts';
import { bytesPerPosition } from './kv-cache.ts';

describe('bytes of keys and values', () => {
  const tensor = (more: Partial<CacheTensor>): CacheTensor => ({
    ...{ past: 'past', present: 'present', type: 'float32', dims: [undefined, 4, undefined, 16] },
    ...{ batchAxis: 0, lengthAxis: 2, ...more },
  });

  it('count what grows, by its type, and states of fixed size not at all', () => {
    const state = tensor({ dims: [undefined, 128, 3], lengthAxis: undefined });
    expect(bytesPerPosition([tensor({}), tensor({ type: 'float16' }), state], undefined)).toBe(4 * 16 * 6);
  });

  it('refuse an axis of which neither file nor config.json states the size', () => {
    const open = tensor({ dims: [undefined, 4, undefined, undefined] });
    expect(() => bytesPerPosition([open], undefined)).toThrow('no size of axis 3');
    expect(bytesPerPosition([open], { kvHeads: 9, headSize: 16 })).toBe(4 * 16 * 4);
  });

  it.skipIf(!hasShared)(
    `are those of the tensors, where the file leaves head sizes open${sharedNote}`,
    async () => {
      const source = createFolderSource(sharedPath('models/smollm2-135m-instruct'));
      const model = await loadBaseModel({ source, dtypes: ['q4'] });
      expect(model.facts.cache[0]!.dims.filter((d) => d === undefined)).toHaveLength(3);
      const decoder = await Decoder.create(model, createNodeRuntime());
      const { cache } = await decoder.read(decoder.emptyCache(), { ids: [1, 2, 3] });
      const held = Object.values(cache.feeds).reduce(
        (sum, { data, dims }) => sum + (data as Float32Array).byteLength / dims[2]!,
        0,
      );
      expect(bytesPerPosition(model.facts.cache, model.config.attention)).toBe(held);
      cache.release();
      await decoder.release();
    },
  );
});
