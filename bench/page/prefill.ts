/** Prefills of the model under `/prefill`, on WASM with one thread, by its weights as stored or as int8. */
import { loadBaseModel } from '../../src/model/base-model.ts';
import { createWasmRuntime } from '../../src/runtime/web-runtime.ts';
import { withUrlFolder } from '../../src/storage/url-source.ts';
import { createMemoryStore } from '../../src/storage/weight-store.ts';
import { openPrefiller, type Prefiller } from '../prefill-run.ts';

const opened = new Map<boolean, Promise<Prefiller>>();

export function openPrefill(isInt8: boolean): Promise<Prefiller> {
  const found = opened.get(isInt8) ?? open(isInt8);
  opened.set(isInt8, found);
  return found;
}

async function open(isInt8: boolean): Promise<Prefiller> {
  const url = new URL('/prefill', location.href).href;
  const model = await withUrlFolder({ url, store: createMemoryStore() }, (source) =>
    loadBaseModel({ source, dtypes: ['q4'], int8: async () => isInt8 }),
  );
  return openPrefiller(model, await createWasmRuntime('a benchmark', { threads: false }));
}
