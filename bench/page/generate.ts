/** `bench generate` in a page: a personalizer on WASM, with the file's weights or with int8, and Transformers.js. */
import { Personalizer } from '../../src/index.ts';
import { GREEDY, SAMPLINGS, SHORT_IN_CHROMIUM } from '../generate-plan.ts';
import type { Pair } from '../generate-results.ts';
import { type Measured, type OurSide, ourSide, peerSide, personaPairs } from '../generate-sides.ts';
import { importPeer } from './transformers-peer.ts';

export type Weights = 'as-stored' | 'int8';

const now = () => performance.now();
let ours: OurSide;
let theirs: ReturnType<typeof peerSide>;

/** Of a model that is served with a projector beside it. @returns milliseconds until ours was there: `int8` with the conversion at first */
export async function openSides(name: string, weights: Weights, peerName: string): Promise<number> {
  const model = new URL(`/${name}/`, location.href).href;
  const began = now();
  const personalizer = await Personalizer.create({
    ...{ model, dtype: 'q4', device: 'wasm', cpuWeights: weights, persist: false, recheck: false },
    projector: new URL(`/${name}.safetensors`, location.href).href,
  });
  const took = now() - began;
  const found = personalizer.model.weights;
  if (found !== weights) throw new Error(`${found}, expected ${weights}`);
  ours = ourSide(personalizer, now);
  theirs = peerSide(await (await importPeer('wasm'))(peerName, peerName !== name), now);
  return took;
}

export const contentOf = (tokens: number) => ours.contentOf(tokens);

export const answer = (who: 'ours' | 'theirs', content: string, maxTokens: number): Promise<Measured> =>
  who === 'theirs' ? theirs(content, maxTokens) : ours.run(content, { ...GREEDY, maxTokens });

export const sample = (content: string, what: keyof typeof SAMPLINGS | 'greedy'): Promise<Measured> =>
  ours.run(content, what === 'greedy' ? GREEDY : SAMPLINGS[what]);

export async function begun(again: boolean) {
  const measured = await ours.begun(again);
  return { measured, prefixTokens: ours.prefixTokens() };
}

export const forPersona = (content: string): Promise<Pair[]> =>
  personaPairs(ours, content, SHORT_IN_CHROMIUM);
