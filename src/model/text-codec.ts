/**
 * Text ↔ token ids of one base model: Hugging Face's own tokenizer for JavaScript (which Transformers.js wraps too), and the chat template of
 * the model's files.
 */
import { Tokenizer } from '@huggingface/tokenizers';
import { E2PError } from '../error.ts';
import { createChatTemplate, SPECIAL_TOKENS, type TemplateVariables } from './chat-template.ts';
import { findThoughtTokens, type ThoughtTokens } from './thought-tokens.ts';
import { readTokenBytes, type TokenBytes } from './token-bytes.ts';

/** A message as chat templates take it. */
export interface ChatMessage {
  readonly role: 'system' | 'user' | 'assistant';
  readonly content: string;
  /** What an assistant thought before it said that. Most templates leave it out of what is read again. */
  readonly reasoning?: string;
}

export type Json = Readonly<Record<string, unknown>>;

export interface TextCodec {
  /** Ids of a text as it stands; special tokens only where the text spells them. */
  encode(text: string): number[];
  /** Ids with what the tokenizer itself adds around a text (BOS). */
  encodePlain(text: string): number[];
  /** Text of ids, special tokens left out. */
  decode(ids: readonly number[]): string;
  /** The messages as one text; where it `opens`, which is the default, it ends where the assistant begins to speak. */
  renderChat(messages: readonly ChatMessage[], opens?: boolean, variables?: TemplateVariables): string;
  /** Whether the chat template has a variable of this name. */
  templateReads(name: string): boolean;
  /** The text with `cut` inside each special token that it spells, so that the parts encode as text. */
  cutSpecialTokens(text: string, cut: string): string;
  readonly hasTemplate: boolean;
  readonly bosToken: string | undefined;
  readonly eosToken: string | undefined;
  readonly tokenId: (token: string) => number | undefined;
  /** Of a model that thinks before it answers. */
  readonly thoughts: ThoughtTokens | undefined;
  /** Bytes of all tokens; undefined where the tokenizer is of no known family. */
  tokenBytes(): TokenBytes | undefined;
}

/** @throws E2PError `invalid-tokenizer` */
export function createTextCodec(
  tokenizerJson: Json,
  tokenizerConfig: Json,
  name: string,
  templateFile?: unknown,
): TextCodec {
  let tokenizer: Tokenizer;
  try {
    tokenizer = new Tokenizer(withAllDigits(tokenizerJson), tokenizerConfig);
    tokenizer.encode('test');
  } catch (cause) {
    throw new E2PError(
      'invalid-tokenizer',
      `${name}: tokenizer.json is not a usable tokenizer: ${(cause as Error).message}`,
      { cause },
    );
  }
  const special = (key: string): string | undefined => {
    const value = tokenizerConfig[key];
    if (typeof value === 'string') return value;
    const content = (value as Json | null | undefined)?.content;
    return typeof content === 'string' ? content : undefined;
  };
  const specialTokens = specialTokensOf(tokenizerJson);
  const { decoder } = tokenizerJson;
  const variables = Object.fromEntries(SPECIAL_TOKENS.map((key) => [key, special(key) ?? '']));
  const template = createChatTemplate(templateFile ?? tokenizerConfig.chat_template, variables, name);
  /** A tokenizer's own message may repeat the text. */
  const tokenize = <T>(work: () => T): T => {
    try {
      return work();
    } catch {
      throw new E2PError('invalid-tokenizer', `${name}: tokenizer.json can't be used on a text`);
    }
  };
  return {
    encode: (text) => tokenize(() => tokenizer.encode(text, { add_special_tokens: false }).ids),
    encodePlain: (text) => tokenize(() => tokenizer.encode(text).ids),
    decode: (ids) =>
      // The tokenizer refuses an empty list.
      ids.length === 0
        ? ''
        : tokenize(() =>
            tokenizer.decode([...ids], { skip_special_tokens: true, clean_up_tokenization_spaces: false }),
          ),
    renderChat: (messages, opens = true, given) => {
      if (template === undefined) {
        throw new E2PError('invalid-tokenizer', `${name}: tokenizer_config.json has no chat_template`);
      }
      return template.render(messages, opens, given);
    },
    templateReads: (variable) => template?.reads(variable) ?? false,
    cutSpecialTokens: (text, cut) =>
      specialTokens.reduce((cutText, token) => {
        const at = [...token][0]!.length;
        return cutText.replaceAll(token, () => token.slice(0, at) + cut + token.slice(at));
      }, text),
    hasTemplate: template !== undefined,
    bosToken: special('bos_token'),
    eosToken: special('eos_token'),
    tokenId: (token) => tokenizer.token_to_id(token),
    thoughts: findThoughtTokens(tokenizer.get_added_tokens_decoder()),
    tokenBytes: () => {
      const added = tokenizer.get_added_tokens_decoder();
      const tokens = [...tokenizer.get_vocab(true)].map(([content, id]) => {
        const isSpecial = added.get(id)?.special === true;
        return { id, content, isAdded: added.has(id), isSpecial };
      });
      return readTokenBytes(decoder, tokens);
    },
  };
}

/**
 * `Digits` parts a text at every numeric character (Rust's `char::is_numeric`, Unicode's N), at `\d` alone in the library for JavaScript; so it becomes
 * the split that says so.
 */
function withAllDigits(tokenizerJson: Json): Json {
  const replaced = (step: unknown): unknown => {
    if (typeof step !== 'object' || step === null) return step;
    const { type, individual_digits: isEach, pretokenizers } = step as Json;
    if (type === 'Digits') {
      const pattern = { Regex: isEach === true ? '\\p{N}' : '\\p{N}+' };
      return { type: 'Split', pattern, behavior: 'Isolated', invert: false };
    }
    return Array.isArray(pretokenizers) ? { ...step, pretokenizers: pretokenizers.map(replaced) } : step;
  };
  return { ...tokenizerJson, pre_tokenizer: replaced(tokenizerJson.pre_tokenizer) };
}

/** Texts of more than one character that the tokenizer takes for a special token. */
function specialTokensOf({ added_tokens: added }: Json): string[] {
  if (!Array.isArray(added)) return [];
  return added.flatMap((token: Json) =>
    token.special === true && typeof token.content === 'string' && [...token.content].length > 1
      ? [token.content]
      : [],
  );
}
