/**
 * Trains a byte-level BPE tokenizer and writes it as Hugging Face `tokenizer.json` and `tokenizer_config.json`.
 *
 * As in GPT-2: text is cut into pre-tokens by a regular expression, their UTF-8 bytes are spelled with 256 printable
 * characters, and the most frequent neighbours are merged until the vocabulary is full. Merging runs on unique
 * pre-tokens with counts, and visits only the words that a merge touches. Ids: special tokens in the order of
 * `SPECIAL_TOKENS`, then the 256 bytes, then the merges in order of training.
 */
import { E2PError } from '../../src/node.ts';

export const SPECIAL_TOKENS = [
  '<pad>',
  '<s>',
  '</s>',
  '<|system|>',
  '<|user|>',
  '<|assistant|>',
  '<|user_embedding|>',
] as const;

/** One token for each role, so that a chat costs as few tokens as it can; only the assistant's turns are closed. */
export const CHAT_TEMPLATE =
  "{{ bos_token }}{% for message in messages %}{{ '<|' + message['role'] + '|>' + message['content'] }}" +
  "{% if message['role'] == 'assistant' %}{{ eos_token }}{% endif %}{% endfor %}" +
  '{% if add_generation_prompt %}<|assistant|>{% endif %}';

/** The pre-tokenisation of GPT-2, which `ByteLevel` with `use_regex` stands for. */
const PRE_TOKEN = /'(?:s|t|re|ve|m|ll|d)| ?\p{L}+| ?\p{N}+| ?[^\s\p{L}\p{N}]+|\s+(?!\S)|\s+/gu;

export interface BpeOptions {
  readonly texts: Iterable<string>;
  /** Size of the vocabulary with special tokens and bytes; fewer when the text runs out of pairs. */
  readonly vocabSize: number;
  /** A pair seen less often is not merged. */
  readonly minFrequency?: number;
  /** Longest text the model takes, in tokens, for `tokenizer_config.json`. */
  readonly maxLength?: number;
}

/** Throws `invalid-argument` when the special tokens and bytes alone exceed `vocabSize`. */
export function trainBpe({ texts, vocabSize, minFrequency = 2, maxLength = 256 }: BpeOptions) {
  const alphabet = byteAlphabet();
  const tokens: string[] = [...SPECIAL_TOKENS, ...alphabet.toSorted()];
  if (vocabSize < tokens.length) {
    throw new E2PError('invalid-argument', `vocabSize is ${vocabSize}, expected at least ${tokens.length}`);
  }
  const ids = new Map(tokens.map((token, id) => [token, id]));
  const merges: [string, string][] = [];
  const words = countPreTokens(texts).map(({ text, count }) => ({
    count,
    ids: Array.from(new TextEncoder().encode(text), (byte) => ids.get(alphabet[byte]!)!),
  }));
  const pairs = new PairCounts(words);
  while (tokens.length < vocabSize) {
    const best = pairs.mostFrequent(minFrequency);
    if (best === undefined) break;
    const [left, right] = best;
    merges.push([tokens[left]!, tokens[right]!]);
    pairs.merge(left, right, tokens.length);
    tokens.push(tokens[left]! + tokens[right]!);
  }
  return { tokenizer: tokenizerJson(tokens, merges), config: tokenizerConfig(maxLength) };
}

/** The contents of the two files. */
export type TrainedBpe = ReturnType<typeof trainBpe>;

/**
 * GPT-2's spelling of the 256 bytes: printable Latin-1 characters stand for themselves, the others are moved to
 * U+0100 and up, in order (github.com/openai/gpt-2, `bytes_to_unicode`).
 */
function byteAlphabet(): string[] {
  const printable = (byte: number): boolean =>
    (byte >= 0x21 && byte <= 0x7e) || (byte >= 0xa1 && byte <= 0xac) || byte >= 0xae;
  let moved = 0;
  return Array.from({ length: 256 }, (_, byte) =>
    String.fromCodePoint(printable(byte) ? byte : 0x100 + moved++),
  );
}

function countPreTokens(texts: Iterable<string>): { text: string; count: number }[] {
  const counts = new Map<string, number>();
  for (const text of texts) {
    for (const [preToken] of text.matchAll(PRE_TOKEN)) counts.set(preToken, (counts.get(preToken) ?? 0) + 1);
  }
  return Array.from(counts, ([text, count]) => ({ text, count }));
}

interface Word {
  readonly count: number;
  ids: number[];
}

/** How often each pair of neighbours occurs, and in which words, kept up to date through every merge. */
class PairCounts {
  readonly #pairs = new Map<number, { count: number; readonly words: Set<Word> }>();

  constructor(words: Iterable<Word>) {
    for (const word of words) this.#add(word, 1);
  }

  /** Ties go to the smaller ids, so that a training is deterministic. */
  mostFrequent(minFrequency: number): [number, number] | undefined {
    let [best, bestCount] = [-1, Math.max(1, minFrequency) - 1];
    for (const [key, { count }] of this.#pairs) {
      if (count > bestCount || (count === bestCount && best !== -1 && key < best))
        [best, bestCount] = [key, count];
    }
    return best === -1 ? undefined : [Math.floor(best / PAIR_BASE), best % PAIR_BASE];
  }

  merge(left: number, right: number, merged: number): void {
    const touched = this.#pairs.get(left * PAIR_BASE + right)?.words ?? [];
    for (const word of [...touched]) {
      this.#add(word, -1);
      word.ids = mergedIds(word.ids, left, right, merged);
      this.#add(word, 1);
    }
  }

  #add(word: Word, sign: 1 | -1): void {
    for (let i = 1; i < word.ids.length; i++) {
      const key = word.ids[i - 1]! * PAIR_BASE + word.ids[i]!;
      const pair = this.#pairs.get(key) ?? { count: 0, words: new Set() };
      pair.count += sign * word.count;
      if (sign === 1) pair.words.add(word);
      else pair.words.delete(word);
      if (pair.count > 0) this.#pairs.set(key, pair);
      else this.#pairs.delete(key);
    }
  }
}

/** Two token ids share one number; ids stay far below 2²⁶, so the product is exact. */
const PAIR_BASE = 2 ** 26;

function mergedIds(ids: readonly number[], left: number, right: number, merged: number): number[] {
  const result: number[] = [];
  for (let i = 0; i < ids.length; i++) {
    const here = ids[i] === left && ids[i + 1] === right;
    result.push(here ? merged : ids[i]!);
    if (here) i++;
  }
  return result;
}

function tokenizerJson(tokens: readonly string[], merges: readonly (readonly [string, string])[]) {
  const byteLevel = { type: 'ByteLevel', add_prefix_space: false, trim_offsets: true, use_regex: true };
  return {
    version: '1.0',
    truncation: null,
    padding: null,
    added_tokens: SPECIAL_TOKENS.map((content, id) => ({ id, ...specialToken(content) })),
    normalizer: null,
    pre_tokenizer: byteLevel,
    post_processor: null,
    decoder: byteLevel,
    model: {
      type: 'BPE',
      dropout: null,
      unk_token: null,
      continuing_subword_prefix: null,
      end_of_word_suffix: null,
      fuse_unk: false,
      byte_fallback: false,
      ignore_merges: false,
      vocab: Object.fromEntries(tokens.map((token, id) => [token, id])),
      merges,
    },
  };
}

function tokenizerConfig(maxLength: number) {
  return {
    tokenizer_class: 'PreTrainedTokenizerFast',
    add_bos_token: false,
    add_prefix_space: false,
    added_tokens_decoder: Object.fromEntries(
      SPECIAL_TOKENS.map((content, id) => [id, specialToken(content)]),
    ),
    additional_special_tokens: SPECIAL_TOKENS.slice(3),
    pad_token: '<pad>',
    bos_token: '<s>',
    eos_token: '</s>',
    clean_up_tokenization_spaces: false,
    model_max_length: maxLength,
    chat_template: CHAT_TEMPLATE,
  };
}

function specialToken(content: string) {
  return { content, single_word: false, lstrip: false, rstrip: false, normalized: false, special: true };
}
