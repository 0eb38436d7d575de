/**
 * What the soft tokens of the demo's readers are near: the words of the base model whose embeddings point most nearly in their direction. Made
 * beforehand, from the shipped files, for readers who are nobody: in a page a soft token never leaves the engine.
 *
 *   npx tsx tools/default/inside.ts --model public/models/e2p-tiny --out public/world
 */
import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { parseArgs } from 'node:util';
import type { DefaultReaders } from '../../src/generate/default-model.ts';
import { createRuntime, loadModel } from '../../src/node.ts';
import { projectAtStrength, readProjector } from '../../src/projector/projector.ts';
import { ANGLE_NAMES } from '../world/lexicon-angles.ts';
import { TONE_WORDING } from '../world/lexicon-tones.ts';
import type { DemoWorld } from './demo-data.ts';

/** `inside.json` */
export interface Inside {
  /** The average reader, then each reader in turn. */
  readonly near: readonly (readonly NearWord[])[];
  /** Of each reader: what an app could write into a system message instead, worded as in training. */
  readonly personas: readonly string[];
}

export interface NearWord {
  readonly word: string;
  /** Cosine of the angle between the word's embedding and the soft token. */
  readonly cosine: number;
}

const SHOWN = 6;
/** Tokens that may be a whole word; marks and middles of words are none. */
const WORD = /^ [A-Za-z]{3,}$/;

export async function lookInside(
  modelFolder: string,
  { readers }: Pick<DefaultReaders, 'readers'>,
  { items }: Pick<DemoWorld, 'items'>,
): Promise<Inside> {
  const known = wholeWords(items.map(({ text }) => text));
  const model = await loadModel({ model: modelFolder, dtype: 'q4' });
  const projector = readProjector(new Uint8Array(readFileSync(join(modelFolder, 'projector.safetensors'))));
  const { vocabularySize, hiddenSize, embedding } = model.facts;
  const tokens = Array.from({ length: vocabularySize }, (_, id) => ({ id, text: model.codec.decode([id]) }));
  const words = tokens.filter(({ text }) => WORD.test(text) && known.has(text.trim().toLowerCase()));
  const ids = words.map(({ id }) => id);
  const table = await model.tokenEmbeddings(createRuntime(), ids);
  const softOf = (values: readonly number[], strength: number): Float32Array =>
    projectAtStrength(projector, Float32Array.from(values), strength, embedding.scale)[0]!;
  const near = (soft: Float32Array): NearWord[] =>
    words
      .map(({ text }, i) => ({
        word: text.trim(),
        cosine: cosine(soft, table.subarray(i * hiddenSize, (i + 1) * hiddenSize)),
      }))
      .sort((a, b) => b.cosine - a.cosine)
      .slice(0, SHOWN)
      .map(({ word, cosine }) => ({ word, cosine: Number(cosine.toFixed(3)) }));
  const all = readers.map(({ values }) => softOf(values, 1));
  return {
    near: [softOf(readers[0]!.values, 0), ...all].map(near),
    personas: readers.map(({ about }) => personaFrom(about)),
  };
}

/** Pieces like " hous" look like words: those are words that the catalogue uses, or that people use for interests and tones. */
function wholeWords(texts: readonly string[]): ReadonlySet<string> {
  const names = [...Object.values(ANGLE_NAMES), ...Object.values(TONE_WORDING).map(({ names }) => names)];
  return new Set([...texts, ...names.flat()].flatMap((text) => text.toLowerCase().match(/[a-z]+/g) ?? []));
}

/** The longest of the wordings that the base model was trained with (`lexicon-prompts.ts`); it says all that `about` says. */
function personaFrom(about: string): string {
  const [, first, second, tone] = /^mostly (.*), some (.*), (.*)$/.exec(about)!;
  return `Mostly into ${first}, now and then ${second}, and prefers a ${tone} voice.`;
}

function cosine(a: Float32Array, b: Float32Array): number {
  const dot = (x: Float32Array, y: Float32Array) => x.reduce((sum, value, i) => sum + value * y[i]!, 0);
  return dot(a, b) / Math.sqrt(dot(a, a) * dot(b, b));
}

if (process.argv[1] === fileURLToPath(import.meta.url)) {
  const { values } = parseArgs({
    options: {
      model: { type: 'string', default: 'public/models/e2p-tiny' },
      out: { type: 'string', default: 'public/world' },
    },
  });
  const read = (name: string) => JSON.parse(readFileSync(join(values.out, name), 'utf8')) as unknown;
  const readers = read('readers.json') as DefaultReaders;
  const found = await lookInside(values.model, readers, read('demo.json') as DemoWorld);
  writeFileSync(join(values.out, 'inside.json'), JSON.stringify(found));
  console.log(`${values.out}/inside.json: ${readers.readers.length} readers`);
}
