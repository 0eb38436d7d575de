/** Texts to align with, as the aligner takes them: standardised as users are, with the tokens of their words. */
import { E2PError } from '../error.ts';
import type { TextCodec } from '../model/text-codec.ts';
import type { Anchors } from '../projector/anchors.ts';
import type { AlignedText, Alignment } from './alignment.ts';
import type { AlignmentText, TrainOptions, Words } from './train-options.ts';

/** @throws E2PError `invalid-data` */
export async function prepareAlignment(
  texts: readonly AlignmentText[],
  standardised: (vector: Float32Array) => Float32Array,
  anchors: Anchors | undefined,
  { model, runtime, users }: Pick<TrainOptions, 'model' | 'runtime' | 'users'>,
): Promise<Pick<Alignment, 'texts' | 'candidates'>> {
  const bad = texts.findIndex(({ vector }) => vector.length !== users.dim);
  if (bad >= 0) {
    throw new E2PError(
      'invalid-data',
      `text ${bad + 1} to align with has ${texts[bad]!.vector.length} numbers, the users have ${users.dim}`,
    );
  }
  const find = anchors ? anchorAt(anchors) : oneToken;
  const found = texts.map(({ words }) => wordTargets(model.codec, words, find));
  const used = [...new Set(found.flat())].sort((a, b) => a - b);
  const at = new Map(used.map((target, i) => [target, i]));
  return {
    texts: texts.flatMap(({ vector }, i): AlignedText[] => {
      const targets = found[i]!.map((target) => at.get(target)!);
      return targets.length === 0 ? [] : [{ vector: standardised(vector), targets }];
    }),
    candidates: anchors?.keys
      ? rowsOf(anchors.keys, anchors.ids.length + (anchors.phrases?.length ?? 0), used)
      : await model.tokenEmbeddings(runtime, anchors ? used.map((a) => anchors.ids[a]!) : used),
  };
}

/** Where the tokens of a word or a phrase stand among those to point at. */
export type FindTarget = (tokens: readonly number[]) => number | undefined;

/** The token itself: no piece of a longer word (" bad" of "badminton") means it. */
export const oneToken: FindTarget = (tokens) => (tokens.length === 1 ? tokens[0] : undefined);

/** By the anchor's index; phrases stand behind the words. */
export function anchorAt({ ids, phrases = [] }: Anchors): FindTarget {
  const places = new Map([...ids.map((id) => [id]), ...phrases].map((tokens, a) => [tokens.join(), a]));
  return (tokens) => places.get(tokens.join());
}

/** What a text points at: each of its words, as they stand behind other words; a phrase as one where it is known, else its words. */
export function wordTargets(codec: TextCodec, words: Words, find: FindTarget): number[] {
  const wordsOf = (text: string) => text.split(/\s+/).filter(Boolean);
  const targetOf = (text: string) => find(codec.encode(` ${text}`));
  const terms = typeof words === 'string' ? wordsOf(words) : words;
  const targets = terms.flatMap((term) => targetOf(term) ?? wordsOf(term).map(targetOf));
  return [...new Set(targets.filter((target) => target !== undefined))];
}

/** Some rows of a matrix [count, …]. */
function rowsOf(matrix: Float32Array, count: number, picked: readonly number[]): Float32Array {
  const width = matrix.length / count;
  const rows = new Float32Array(picked.length * width);
  for (const [i, row] of picked.entries())
    rows.set(matrix.subarray(row * width, (row + 1) * width), i * width);
  return rows;
}
