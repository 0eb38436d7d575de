/**
 * The chat template of a model's files, rendered by Hugging Face's own engine for JavaScript. What a template makes of a message is tried
 * with a word of ours, so that one which wants a message in parts gets parts, and one that can't be used says so instead of leaving out what is said.
 */
import { Template } from '@huggingface/jinja';
import { E2PError } from '../error.ts';
import type { ChatMessage } from './text-codec.ts';

/** Whatever JSON can say. */
export type JsonValue =
  | null
  | boolean
  | number
  | string
  | readonly JsonValue[]
  | { readonly [name: string]: JsonValue };

/** What an app gives a chat template by name, e.g. `enable_thinking`. */
export type TemplateVariables = Readonly<Record<string, JsonValue>>;

/** Special tokens that a template has a name for. */
export const SPECIAL_TOKENS = ['bos_token', 'eos_token', 'pad_token', 'unk_token'] as const;

export interface ChatTemplate {
  /**
   * The messages as one text; where it `opens`, it ends where the assistant begins to speak.
   * @param variables of the app
   * @throws E2PError `invalid-argument`, `invalid-tokenizer`
   */
  render(messages: readonly ChatMessage[], opens: boolean, variables?: TemplateVariables): string;
  /** Whether it has a variable, or anything else, of this name. */
  reads(name: string): boolean;
}

/** How a message's content is handed over: as a text, or as a list of parts, as templates of multimodal models want it. */
type Form = 'text' | 'parts';

const WORD = 'marginalia';

/**
 * @param value a template, or a list of named ones of which `default` is taken; undefined or null: there is none
 * @param tokens special tokens by the names that templates have for them
 * @throws E2PError `invalid-tokenizer`
 */
export function createChatTemplate(
  value: unknown,
  tokens: Readonly<Record<string, string>>,
  name: string,
): ChatTemplate | undefined {
  const source = sourceOf(value, name);
  if (source === undefined) return undefined;
  let parsed: Template;
  try {
    parsed = new Template(source);
  } catch (cause) {
    const why = (cause as Error).message;
    throw new E2PError('invalid-tokenizer', `${name}: the chat_template does not parse: ${why}`, { cause });
  }
  const renderAs = (
    form: Form,
    messages: readonly ChatMessage[],
    opens = true,
    variables: TemplateVariables = {},
  ): string =>
    parsed.render({
      ...variables,
      ...tokens,
      add_generation_prompt: opens,
      messages: messages.map(({ role, content, reasoning }) => ({
        role,
        content: form === 'text' ? content : [{ type: 'text', text: content }],
        // Transformers' name for it; a template that has no place for thoughts leaves it out.
        ...(reasoning !== undefined && { reasoning_content: reasoning }),
      })),
    });
  let tried: { readonly form: Form; readonly problem?: string } | undefined;
  return {
    reads: (variable) => new RegExp(`\\b${variable}\\b`).test(source),
    render: (messages, opens, variables) => {
      tried ??= tryForms(renderAs);
      const { form, problem } = tried;
      const last = messages.at(-1)?.content ?? '';
      try {
        const text = renderAs(form, messages, opens, variables);
        // One that refuses a user alone may be right about more.
        if (problem === undefined || text.includes(last)) return text;
      } catch (error) {
        if (problem === undefined) throw refusal((error as Error).message, messages, source, name);
      }
      throw new E2PError('invalid-tokenizer', `${name}: the chat template can't be used: ${problem}`);
    },
  };
}

/** The form in which a message arrives in the text, or why in none. */
function tryForms(renderAs: (form: Form, messages: readonly ChatMessage[]) => string) {
  const problems: string[] = [];
  for (const form of ['text', 'parts'] as const) {
    try {
      const text = renderAs(form, [{ role: 'user', content: WORD }]);
      if (text.toLowerCase().includes(WORD)) return { form };
      problems.push('it leaves out what a user says');
    } catch (error) {
      problems.push((error as Error).message);
    }
  }
  return { form: 'text' as const, problem: problems[0]! };
}

/** A template may raise the conversation's own words, in any case; what stands in its file, and is not said here, it may say. */
function refusal(message: string, messages: readonly ChatMessage[], source: string, name: string): E2PError {
  const isSaid = messages.some((m) => m.content.toLowerCase().includes(message.toLowerCase()));
  const isItsOwn = source.includes(message) && !isSaid;
  const roles = messages.map(({ role }) => role).join(', ');
  return new E2PError(
    'invalid-argument',
    `${name}: the chat template refuses messages of ${roles}${isItsOwn ? `: ${message}` : ''}`,
  );
}

function sourceOf(value: unknown, name: string): string | undefined {
  if (value === undefined || value === null || typeof value === 'string') return value ?? undefined;
  const named = Array.isArray(value) ? (value as ({ name?: unknown; template?: unknown } | null)[]) : [];
  const template = named.find((each) => each?.name === 'default')?.template;
  if (typeof template === 'string') return template;
  const found =
    named.length === 0 ? typeof value : `templates named ${named.map((e) => String(e?.name)).join(', ')}`;
  throw new E2PError(
    'invalid-tokenizer',
    `${name}: chat_template is ${found}, expected a text, or a list with one named default`,
  );
}
