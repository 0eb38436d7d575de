/**
 * The tokens between which a reasoning model writes what it thinks before it answers. Only tokens that the tokenizer was given for that count,
 * each one id: a text that spells `<think>` in letters is a text.
 */

export interface ThoughtTokens {
  readonly open: { readonly id: number; readonly text: string };
  readonly close: { readonly id: number; readonly text: string };
}

/** Qwen3, DeepSeek-R1, SmolLM3 and most others; Magistral. */
const PAIRS = [
  ['<think>', '</think>'],
  ['[THINK]', '[/THINK]'],
] as const;

/** @param added tokens that stand beside the vocabulary, by id */
export function findThoughtTokens(
  added: ReadonlyMap<number, { readonly content: string }>,
): ThoughtTokens | undefined {
  const find = (text: string) => [...added].find(([, { content }]) => content === text)?.[0];
  for (const [opening, closing] of PAIRS) {
    const [open, close] = [find(opening), find(closing)];
    if (open === undefined || close === undefined) continue;
    return { open: { id: open, text: opening }, close: { id: close, text: closing } };
  }
  return undefined;
}
