/** Prefills of the model under `/prefill`, on WASM with one thread. */
import { loadBaseModel } from '../../src/model/base-model.ts';
import { createWasmRuntime } from '../../src/runtime/web-runtime.ts';
import { withUrlFolder } from '../../src/storage/url-source.ts';
import { createMemoryStore } from '../../src/storage/weight-store.ts';
import { openPrefiller, type Prefiller } from '../prefill-run.ts';

let opened: Promise<Prefiller> | undefined;

export function openPrefill(): Promise<Prefiller> {
  opened ??= open();
  return opened;
}

async function open(): Promise<Prefiller> {
  const url = new URL('/prefill', location.href).href;
  const model = await withUrlFolder({ url, store: createMemoryStore() }, (source) =>
    loadBaseModel({ source, dtypes: ['q4'] }),
  );
  return openPrefiller(model, await createWasmRuntime('a benchmark', { threads: false }));
}
