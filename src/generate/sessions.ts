/**
 * The one owner of all sessions of an engine: it creates, clones, runs, ends and wipes them. Whoever revokes comes here; the ending
 * waits for what runs, overwrites what it held, and only then counts.
 */
import { E2PError, readArgument } from '../error.ts';
import type { ChatMessage } from '../model/text-codec.ts';
import { createReader } from '../user/read-untrusted.ts';
import { type EndReason, endingError } from './ending.ts';
import type { Engine } from './engine.ts';
import {
  type GenerateOptions,
  type GenerationResult,
  generateText,
  type ReadState,
} from './generate-text.ts';
import { buildInput, type SoftTokens } from './prompt.ts';
import type { SessionPort } from './session.ts';

export interface EndedSessions {
  readonly sessions: number;
  /** KV caches that were overwritten, those of runs that were cut short included. */
  readonly caches: number;
}

interface Conversation {
  readonly soft: SoftTokens | undefined;
  messages: readonly ChatMessage[];
  state: ReadState | undefined;
  running: { readonly controller: AbortController; readonly settled: Promise<unknown> } | undefined;
  /** Of its runs that failed or were ended. */
  wipedCaches: number;
  gone: { readonly error: E2PError; readonly wiped: Promise<unknown> } | undefined;
}

export const isPersonalised = ({ soft }: Pick<Conversation, 'soft'>): boolean =>
  soft !== undefined && soft.vectors.length > 0;

export class Sessions implements SessionPort {
  readonly #engine: Engine;
  readonly #open = new Map<number, Conversation>();
  /** Why those that are wiped have ended; until their handles are gone. */
  readonly #ended = new Map<number, E2PError>();
  #next = 1;

  constructor(engine: Engine) {
    this.#engine = engine;
  }

  /** @returns its number. @throws E2PError `invalid-argument` naming the message that is none */
  create(soft: SoftTokens | undefined, messages: readonly ChatMessage[]): number {
    return this.#add({ soft, messages: checkMessages(messages), state: undefined });
  }

  /** @throws E2PError why the session has ended */
  async clone(id: number): Promise<number> {
    const { soft, messages, state } = this.#get(id);
    const own = soft && { ...soft, vectors: soft.vectors.map((vector) => vector.slice()) };
    return this.#add({
      soft: own,
      messages,
      state: state && {
        ...state,
        cache: state.cache.retain(),
        read: { ...state.read, soft: exchanged(state.read.soft, soft, own) },
      },
    });
  }

  /** One at a time in a session. After an abort or an ending no text leaves. */
  async generate(id: number, input: string, options: GenerateOptions): Promise<GenerationResult> {
    const conversation = this.#get(id);
    if (conversation.running !== undefined) {
      throw new E2PError('invalid-argument', 'the session is still answering; wait, or clone it first');
    }
    const controller = new AbortController();
    const run = this.#run(conversation, controller.signal, input, options);
    conversation.running = { controller, settled: run.catch(() => undefined) };
    try {
      return await run;
    } finally {
      conversation.running = undefined;
    }
  }

  async destroy(id: number): Promise<void> {
    const conversation = this.#open.get(id);
    if (conversation !== undefined) await this.#end(id, conversation, destroyedError());
    this.#ended.delete(id);
  }

  /** Ends all, or some, and resolves when nothing of them runs or is held any more. @throws the first failure, after all have ended */
  async end(
    reason: EndReason,
    which: (session: Conversation) => boolean = () => true,
  ): Promise<EndedSessions> {
    const ending = [...this.#open].filter(([, conversation]) => which(conversation));
    const ends = await Promise.allSettled(
      ending.map(([id, conversation]) => this.#end(id, conversation, endingError(reason))),
    );
    const failed = ends.find((end) => end.status === 'rejected');
    if (failed !== undefined) throw failed.reason;
    const caches = ending.reduce((sum, [, { wipedCaches }]) => sum + wipedCaches, 0);
    return { sessions: ending.length, caches };
  }

  #add(begun: Pick<Conversation, 'soft' | 'messages' | 'state'>): number {
    const id = this.#next++;
    this.#open.set(id, { ...begun, running: undefined, wipedCaches: 0, gone: undefined });
    return id;
  }

  #get(id: number): Conversation {
    const conversation = this.#open.get(id);
    const error = conversation?.gone?.error ?? this.#ended.get(id);
    if (conversation === undefined || error !== undefined) throw error ?? destroyedError();
    return conversation;
  }

  async #run(
    conversation: Conversation,
    ended: AbortSignal,
    input: string,
    options: GenerateOptions,
  ): Promise<GenerationResult> {
    const signal = options.signal ? AbortSignal.any([options.signal, ended]) : ended;
    const onText = (text: string) => {
      if (!signal.aborted) options.onText?.(text);
    };
    const onWipe = () => conversation.wipedCaches++;
    const messages = [...conversation.messages, { role: 'user', content: input } as const];
    const prompt = buildInput(this.#engine.model, messages, conversation.soft);
    const { result, state } = await generateText(
      this.#engine,
      prompt,
      { ...options, signal, onText },
      { before: conversation.state, onWipe },
    );
    if (ended.aborted) {
      if (state.cache.wipe(state.decoder.runtime)) onWipe();
      throw ended.reason;
    }
    conversation.state?.cache.release();
    conversation.state = state;
    conversation.messages = [...messages, { role: 'assistant', content: result.text }];
    return result;
  }

  async #end(id: number, conversation: Conversation, error: E2PError): Promise<void> {
    conversation.gone ??= { error, wiped: this.#wipe(id, conversation, error) };
    await conversation.gone.wiped;
  }

  async #wipe(id: number, conversation: Conversation, error: E2PError): Promise<void> {
    conversation.running?.controller.abort(error);
    await conversation.running?.settled;
    const { state, soft } = conversation;
    try {
      if (state?.cache.wipe(state.decoder.runtime)) conversation.wipedCaches++;
    } finally {
      // Also where a runtime that has failed can't overwrite any more.
      conversation.state = undefined;
      conversation.messages = [];
      for (const vector of soft?.vectors ?? []) vector.fill(0);
      this.#open.delete(id);
      this.#ended.set(id, error);
    }
  }
}

const ROLES = ['system', 'user', 'assistant'] as const;

function checkMessages(messages: readonly ChatMessage[]): readonly ChatMessage[] {
  const reader = createReader('invalid-argument', 'initialPrompts');
  return readArgument('initialPrompts', () =>
    reader.list(messages, '', Number.MAX_SAFE_INTEGER).map((message, i) => {
      const { role, content } = (message ?? {}) as ChatMessage;
      return {
        role: reader.oneOf(role, `the role of message ${i + 1}`, ROLES),
        content: reader.text(content, `the content of message ${i + 1}`, Number.MAX_SAFE_INTEGER, 0),
      };
    }),
  );
}

const destroyedError = () => new E2PError('destroyed', 'the session was destroyed');

/** The slots of a read run with the vectors of a clone in place of those of its original. */
function exchanged(
  slots: ReadState['read']['soft'],
  from: SoftTokens | undefined,
  to: SoftTokens | undefined,
): ReadState['read']['soft'] {
  if (slots === undefined || from === undefined || to === undefined) return slots;
  return new Map([...slots].map(([at, vector]) => [at, to.vectors[from.vectors.indexOf(vector)]!]));
}
