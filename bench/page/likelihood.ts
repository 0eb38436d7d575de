/** Log-likelihood of texts by a model in WASM, with its weights as they are stored and as int8. */
import { Decoder } from '../../src/generate/decoder.ts';
import { loadBaseModel } from '../../src/model/base-model.ts';
import { createWasmRuntime } from '../../src/runtime/web-runtime.ts';
import { withUrlFolder } from '../../src/storage/url-source.ts';
import { openWeightStore } from '../../src/storage/weight-store.ts';

let decoder: Decoder | undefined;

/** Milliseconds until the weights are there. */
export async function openForLikelihood(folder: string, isInt8: boolean): Promise<number> {
  const url = new URL(folder, location.href).href;
  await decoder?.release();
  const began = performance.now();
  const store = await openWeightStore();
  const model = await withUrlFolder({ url, store }, (source) =>
    loadBaseModel({ source, dtypes: ['q4'], int8: async () => isInt8 }),
  );
  const took = performance.now() - began;
  const { operators } = model.facts;
  decoder = await Decoder.create(
    model,
    await createWasmRuntime('a benchmark', { operators, threads: false }),
  );
  return took;
}

/** Ids of each text. */
export const encodeTexts = (texts: readonly string[]): number[][] =>
  texts.map((text) => decoder!.model.codec.encode(text).slice());

/** Natural log-probability of each token but the first. */
export const scoreIds = async (ids: readonly number[]): Promise<number[]> => [
  ...(await decoder!.score({ ids }, 1)),
];
