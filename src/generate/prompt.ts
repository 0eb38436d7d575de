/**
 * A conversation becomes a token sequence with slots: the words around the soft tokens are written into the messages, the
 * chat template is rendered and tokenised, and soft tokens take their places. What a message says is text: special
 * tokens that it spells are not read as such.
 */
import { E2PError } from '../error.ts';
import type { BaseModel } from '../model/base-model.ts';
import type { TemplateVariables } from '../model/chat-template.ts';
import type { ChatMessage } from '../model/text-codec.ts';
import { type Place, type Slot, SOFT } from '../projector/slot.ts';
import type { TokenRun } from './decoder.ts';
import { mapTexts } from './template-variables.ts';

export interface SoftTokens {
  /** Vectors [H], K for each of the user's; none closes the slots. */
  readonly vectors: readonly Float32Array[];
  readonly slot: Slot;
  /** λ that the vectors were made with. */
  readonly strength?: number;
  /**
   * Where they depend on what is asked: those for a question. @throws E2PError why the user is gone; the signal's reason on an abort
   */
  readonly forQuestion?: ((question: string, signal?: AbortSignal) => Promise<SoftTokens>) | undefined;
}

/** Where soft tokens stand, and where a text is cut so that it spells no special token: code points that no text holds. */
const MARK = '\uFDD0';
const CUT = '\uFDD1';

export interface PromptOptions {
  /** First words of the answer. */
  readonly prefix?: string | undefined;
  /** Default true: the assistant speaks next. */
  readonly opens?: boolean;
  /** Of the chat template. Texts in them spell no special tokens either. */
  readonly variables?: TemplateVariables | undefined;
}

/**
 * @throws E2PError `invalid-argument` where a placeholder slot has no placeholder in the messages, or a prefix would stand in a thought
 */
export function buildPrompt(
  model: BaseModel,
  messages: readonly ChatMessage[],
  soft?: SoftTokens,
  { prefix = '', opens, variables = {} }: PromptOptions = {},
): TokenRun {
  const cut = mapTexts(variables, (text) => withCuts(model, text));
  const chat = model.codec.renderChat(withSlot(model, messages, soft), opens, cut);
  const opening = model.codec.thoughts?.open.text;
  if (prefix !== '' && opening !== undefined && chat.trimEnd().endsWith(opening)) {
    throw new E2PError(
      'invalid-argument',
      `a prefix is the answer's first words, but the chat template begins a thought with ${opening}; a template variable may turn that off`,
    );
  }
  return place(model, chat + withCuts(model, prefix), soft, false);
}

/** The messages through the model's template; their bare texts where it has none. */
export function buildInput(
  model: BaseModel,
  messages: readonly ChatMessage[],
  soft?: SoftTokens,
  options: PromptOptions = {},
): TokenRun {
  if (model.codec.hasTemplate) return buildPrompt(model, messages, soft, options);
  const texts = withSlot(model, messages, soft).map((m) => m.content);
  if (options.prefix !== undefined) texts.push(withCuts(model, options.prefix));
  return place(model, texts.join('\n'), soft, true);
}

/** A text without any template, as a base model continues it; BOS comes from the tokenizer. */
export function buildCompletion(model: BaseModel, text: string, soft?: SoftTokens): TokenRun {
  const texts = withSlot(model, [{ role: 'user', content: text }], soft).map((m) => m.content);
  return place(model, texts.join('\n'), soft, true);
}

/** Ids of what somebody says, as `buildPrompt` has it: a special token that it spells is text. */
export function encodeText({ codec }: BaseModel, text: string): number[] {
  const parts = codec.cutSpecialTokens(text.replaceAll(CUT, ''), CUT).split(CUT);
  return parts.flatMap((part) => codec.encode(part));
}

/** The messages with marks where soft tokens go, and cuts in what spells a special token. */
function withSlot(
  model: BaseModel,
  messages: readonly ChatMessage[],
  soft: SoftTokens | undefined,
): readonly ChatMessage[] {
  const placeholder = placeholderOf(soft);
  const plain = messages.map(({ role, content, reasoning }) => ({
    role,
    content: withCuts(model, content, placeholder),
    ...(reasoning !== undefined && { reasoning: withCuts(model, reasoning) }),
  }));
  if (soft === undefined || typeof soft.slot === 'string' || 'placeholder' in soft.slot) return plain;
  // Words around soft tokens that are not there would be about nobody.
  return soft.vectors.length === 0 ? plain : soft.slot.places.reduce(withPlace, plain);
}

function withCuts({ codec }: BaseModel, text: string, placeholder?: string): string {
  const clean = text.replaceAll(MARK, '').replaceAll(CUT, '');
  const marked = placeholder === undefined ? clean : clean.replaceAll(placeholder, MARK);
  return codec.cutSpecialTokens(marked, CUT);
}

function withPlace(messages: readonly ChatMessage[], { at, text }: Place): readonly ChatMessage[] {
  const marked = text.replace(SOFT, MARK);
  if (at === 'system-start') {
    const [first, ...rest] = messages;
    if (first?.role !== 'system') return [{ role: 'system', content: marked }, ...messages];
    const content = first.content === '' ? marked : `${marked}\n${first.content}`;
    return [{ ...first, content }, ...rest];
  }
  return messages.map((message) => {
    if (message.role !== 'user') return message;
    const { content } = message;
    return { ...message, content: at === 'user-start' ? marked + content : content + marked };
  });
}

function placeholderOf(soft: SoftTokens | undefined): string | undefined {
  return typeof soft?.slot === 'object' && 'placeholder' in soft.slot ? soft.slot.placeholder : undefined;
}

/**
 * Ids of a text, with the soft tokens where it is marked, or after BOS.
 * @param bare no template has set BOS
 */
function place(model: BaseModel, text: string, soft: SoftTokens | undefined, bare: boolean): TokenRun {
  const { codec } = model;
  const bos = bosId(model);
  const placeholder = placeholderOf(soft);
  // A template may hold the placeholder itself.
  const marked = placeholder === undefined ? text : text.replaceAll(placeholder, MARK);
  const parts = marked.split(MARK);
  if (placeholder !== undefined && parts.length === 1 && soft!.vectors.length > 0) {
    throw new E2PError(
      'invalid-argument',
      `the prompt has no ${placeholder}, the slot that the projector was trained for`,
    );
  }
  const ids: number[] = [];
  const vectors = new Map<number, Float32Array>();
  const addSoft = () => {
    for (const vector of soft?.vectors ?? []) {
      vectors.set(ids.length, vector);
      ids.push(0);
    }
  };
  parts.forEach((part, i) => {
    if (i > 0) addSoft();
    for (const [k, piece] of part.split(CUT).entries()) {
      const isFirst = bare && i === 0 && k === 0;
      // One by one: a call takes so many arguments only.
      for (const id of isFirst ? startOf(codec.encodePlain(piece), bos) : codec.encode(piece)) ids.push(id);
    }
  });
  if (soft?.slot !== 'after-bos') return soft === undefined ? { ids } : { ids, soft: vectors };
  const rest = ids.splice(bos !== undefined && ids[0] === bos ? 1 : 0);
  addSoft();
  return { ids: [...ids, ...rest], soft: vectors };
}

const startOf = (ids: readonly number[], bos: number | undefined): readonly number[] =>
  bos === undefined || ids[0] === bos ? ids : [bos, ...ids];

function bosId(model: BaseModel): number | undefined {
  const token = model.codec.bosToken;
  return (token === undefined ? undefined : model.codec.tokenId(token)) ?? model.config.bosTokenId;
}
