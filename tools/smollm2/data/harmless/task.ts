/** Something that has nothing to do with anybody, and that a program can tell right from wrong. */
export interface Task {
  readonly question: string;
  readonly isRight: (answer: string) => boolean;
  /** A right answer in full: how likely it is tells more than whether the greedy one is right. Absent where many are right. */
  readonly answer?: string;
}

/** Any of these words, or words that begin so, in the answer; lower case. */
export const says =
  (...words: readonly string[]) =>
  (answer: string): boolean =>
    words.some((word) => new RegExp(`\\b${word}`, 'i').test(answer));

/** The words of an answer. */
export const wordsOf = (answer: string): string[] => answer.match(/[\p{L}\p{N}'’-]+/gu) ?? [];
