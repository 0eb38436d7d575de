/** `bench generate` in a page: personalizers on WASM, with the file's weights and with int8, and Transformers.js on the same build of onnxruntime. */
import wasmUrl from 'onnxruntime-web/ort-wasm-simd-threaded.wasm?url';
import { Personalizer } from '../../src/index.ts';
import { GREEDY } from '../generate-plan.ts';
import { type Measured, type OurSide, ourSide, peerSide } from '../generate-sides.ts';

export type Side = 'as-stored' | 'int8' | 'theirs';

const now = () => performance.now();
const sides = new Map<Side, OurSide>();
let theirs: ReturnType<typeof peerSide> | undefined;

/** Milliseconds until each of ours was there: `int8` with the conversion at first. */
export async function openSides(name: string) {
  const url = new URL(`/${name}/`, location.href).href;
  const load: Record<string, number> = {};
  for (const cpuWeights of ['as-stored', 'int8'] as const) {
    const began = now();
    const personalizer = await Personalizer.create({
      ...{ model: url, dtype: 'q4', device: 'wasm', cpuWeights, persist: false, recheck: false },
    });
    load[cpuWeights] = now() - began;
    const { weights } = personalizer.model;
    if (weights !== cpuWeights) throw new Error(`${weights}, expected ${cpuWeights}`);
    sides.set(cpuWeights, ourSide(personalizer, now));
  }
  // The build that has every kernel: Transformers.js' own has none for the lookup of some q4 files.
  const ort = await import('onnxruntime-web/wasm');
  ort.env.wasm.numThreads = 1;
  ort.env.wasm.wasmPaths = { wasm: wasmUrl };
  Object.assign(globalThis, { [Symbol.for('onnxruntime')]: ort });
  const { env, pipeline, TextStreamer } = await import('@huggingface/transformers');
  Object.assign(env, { allowRemoteModels: false, allowLocalModels: true, localModelPath: '/' });
  const generator = await pipeline('text-generation', name, {
    ...{ dtype: 'q4', device: 'auto', session_options: { executionProviders: ['wasm'] } },
  });
  theirs = peerSide({ generator, TextStreamer }, now);
  return load;
}

const ours = (side: 'as-stored' | 'int8') => sides.get(side)!;

export const contentOf = (tokens: number) => ours('as-stored').contentOf(tokens);

export const answer = (side: Side, content: string, maxTokens: number): Promise<Measured> =>
  side === 'theirs' ? theirs!(content, maxTokens) : ours(side).run(content, { ...GREEDY, maxTokens });

export async function begun(side: 'as-stored' | 'int8', again: boolean) {
  const measured = await ours(side).begun(again);
  return { measured, prefixTokens: ours(side).prefixTokens() };
}
