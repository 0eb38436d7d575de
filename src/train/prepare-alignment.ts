/** Texts to align with, as the aligner takes them: standardised as users are, with the tokens of their words. */
import { E2PError } from '../error.ts';
import type { TextCodec } from '../model/text-codec.ts';
import type { Anchors } from '../projector/projector.ts';
import type { AlignedText, Alignment } from './alignment.ts';
import type { AlignmentText, TrainOptions } from './train-options.ts';

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
  const place = anchors && new Map(anchors.ids.map((id, at) => [id, at]));
  const tokens = texts.map(({ words }) => {
    const ids = wordTokens(model.codec, words);
    return place === undefined ? ids : ids.filter((id) => place.has(id));
  });
  const used = [...new Set(tokens.flat())].sort((a, b) => a - b);
  const at = new Map(used.map((id, i) => [id, i]));
  return {
    texts: texts.flatMap(({ vector }, i): AlignedText[] => {
      const targets = tokens[i]!.map((id) => at.get(id)!);
      return targets.length === 0 ? [] : [{ vector: standardised(vector), targets }];
    }),
    candidates: anchors?.keys
      ? rowsOf(
          anchors.keys,
          anchors.ids.length,
          used.map((id) => place!.get(id)!),
        )
      : await model.tokenEmbeddings(runtime, used),
  };
}

/** The words that are one token each, as they stand behind other words: no piece of a longer word (" bad" of "badminton") means it. */
export function wordTokens(codec: TextCodec, words: string): number[] {
  const ids = words
    .split(/\s+/)
    .filter(Boolean)
    .map((word) => codec.encode(` ${word}`));
  return [...new Set(ids.flatMap((tokens) => (tokens.length === 1 ? tokens : [])))];
}

/** Some rows of a matrix [count, …]. */
function rowsOf(matrix: Float32Array, count: number, picked: readonly number[]): Float32Array {
  const width = matrix.length / count;
  const rows = new Float32Array(picked.length * width);
  for (const [i, row] of picked.entries())
    rows.set(matrix.subarray(row * width, (row + 1) * width), i * width);
  return rows;
}
