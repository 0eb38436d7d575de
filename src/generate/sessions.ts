/**
 * The one owner of all sessions of an engine, whichever personalizer asked for them: it creates, clones, runs, ends and wipes them. Whoever revokes comes here; the ending
 * waits for what runs, overwrites what it held, and only then counts.
 */
import { E2PError } from '../error.ts';
import type { ChatMessage } from '../model/text-codec.ts';
import { DEFAULT_MAX_TOKENS, type GenerationResult } from './answer.ts';
import { Batches } from './batches.ts';
import { type Conversation, exchanged, isPersonalised, nextTurn, overwrite } from './conversation.ts';
import type { TokenRun } from './decoder.ts';
import { type EndReason, endingError } from './ending.ts';
import type { Engine } from './engine.ts';
import { softFor, withQuestion } from './for-question.ts';
import type { BatchRow, RunBatchOptions } from './generate-batch.ts';
import { generateText, type ReadState } from './generate-text.ts';
import { Prefixes } from './prefixes.ts';
import { buildInput, encodeText, type PromptOptions, type SoftTokens } from './prompt.ts';
import type { Said } from './prompt-input.ts';
import { type RankedCandidate, rankTexts } from './rank.ts';
import { newerOf, takeRenewed } from './renewal.ts';
import type { AnswerOptions, OpenedSession, ReadOptions, SessionPort, SessionStatus } from './session.ts';
import { Turns } from './turns.ts';

export interface EndedSessions {
  readonly sessions: number;
  /** KV caches that were overwritten, those of runs that were cut short included. */
  readonly caches: number;
}

export class Sessions implements SessionPort {
  readonly #engine: Engine;
  readonly #open = new Map<number, Conversation>();
  /** Why those that are wiped have ended; until their handles are gone. */
  readonly #ended = new Map<number, E2PError>();
  readonly #prefixes = new Prefixes();
  readonly #turns = new Turns();
  readonly #batches = new Batches(this.#turns);
  #next = 1;

  constructor(engine: Engine) {
    this.#engine = engine;
  }

  create(
    soft: SoftTokens | undefined,
    messages: readonly ChatMessage[],
    {
      owner,
      overflow = 'fail',
      atOnce = false,
      variables,
      strength,
    }: Pick<Conversation, 'owner'> & Partial<Conversation>,
  ): OpenedSession {
    return this.#add({
      ...{ owner, soft, strength, messages, overflow, atOnce, variables },
      ...{ initial: messages.length, state: undefined },
    });
  }

  /** @throws E2PError why the session has ended */
  async clone(id: number): Promise<OpenedSession> {
    const { owner, renewed, strength, messages, overflow, atOnce, variables, initial, state, ...now } =
      this.#get(id);
    const soft = renewed ?? now.soft;
    const own = soft && { ...soft, vectors: soft.vectors.map((vector) => vector.slice()) };
    return this.#add({
      ...{ owner, soft: own, strength, messages, overflow, atOnce, variables, initial },
      // What an answer under way still has of the version before is not handed on.
      state:
        renewed || state === undefined
          ? undefined
          : {
              ...state,
              cache: state.cache.retain(),
              read: { ...state.read, soft: exchanged(state.read.soft, soft, own) },
            },
    });
  }

  /** One at a time in a session. After an abort or an ending no text leaves. */
  generate(id: number, said: Said, options: AnswerOptions): ReturnType<SessionPort['generate']> {
    return this.#alone(id, options.signal, said.messages, async (conversation, ended) => {
      const result = await this.#run(conversation, ended, said, options);
      return { result, status: this.#statusOf(conversation) };
    });
  }

  append(id: number, { messages, prefix }: Said, options: ReadOptions): Promise<SessionStatus> {
    const begun = prefix === undefined ? [] : [{ role: 'assistant', content: prefix } as const];
    const said = { messages: [...messages, ...begun], prefix: undefined };
    return this.#alone(id, options.signal, said.messages, async (conversation, ended) => {
      if (said.messages.length > 0) await this.#run(conversation, ended, said, { ...options, maxTokens: 0 });
      return this.#statusOf(conversation);
    });
  }

  /** As {@link generate}; the session goes on as if it had not been asked. */
  rank(
    id: number,
    { messages: asked, prefix }: Said,
    candidates: readonly string[],
    options: ReadOptions,
  ): Promise<readonly RankedCandidate[]> {
    return this.#alone(id, options.signal, undefined, async (conversation, ended) => {
      const { messages, state, variables } = conversation;
      const onWipe = () => conversation.wipedCaches++;
      const signal = options.signal ? AbortSignal.any([options.signal, ended]) : ended;
      const soft = await softFor(conversation, asked, signal);
      const prompt = buildInput(this.#engine.model, [...messages, ...asked], soft, { prefix, variables });
      const how = { signal, before: state, onWipe };
      const ranked = await rankTexts(this.#engine, prompt, candidates, how).finally(() => {
        if (soft !== conversation.soft) overwrite(soft);
      });
      ended.throwIfAborted();
      return ranked;
    });
  }

  async measure(id: number, { messages, prefix }: Said): Promise<number> {
    const conversation = this.#get(id);
    const all = [...conversation.messages, ...messages];
    const later = this.#count(conversation, all, { prefix, opens: prefix !== undefined });
    return later - this.#statusOf(conversation).contextUsage;
  }

  async destroy(id: number): Promise<void> {
    const conversation = this.#open.get(id);
    if (conversation !== undefined) await this.#end(id, conversation, destroyedError());
    this.#ended.delete(id);
  }

  runBatch(owner: object, rows: readonly BatchRow[], options: RunBatchOptions): Promise<void> {
    return this.#batches.run(this.#engine, owner, rows, options);
  }

  /**
   * The owner's person has a newer embedding: their sessions go on with it from their next turn on, or at once. Of the version before nothing stays but
   * what an answer under way needs, until it has ended.
   * @param make the soft tokens at a λ; where it throws, nothing has changed
   */
  renew(owner: object, make: (strength: number) => SoftTokens | undefined): void {
    const theirs = [...this.#open.values()].filter(
      (each) => each.owner === owner && each.strength !== undefined && each.gone === undefined,
    );
    const made = theirs.map(({ strength }) => make(strength!));
    for (const [i, conversation] of theirs.entries()) {
      overwrite(conversation.renewed);
      conversation.renewed = made[i];
      if (conversation.running === undefined) takeRenewed(conversation);
    }
    this.#prefixes.wipe((reader) => reader.owner === owner && isPersonalised(reader));
  }

  /**
   * Ends an owner's sessions, those that are their person's or, where all that was said is the person's, all; resolves when nothing of them
   * runs or is held any more. Batches are of no user that is set, and end with their owner.
   * @throws the first failure, after all have ended
   */
  async end(owner: object, reason: EndReason): Promise<EndedSessions> {
    const isEverybody = reason === 'forgotten' || reason === 'destroyed';
    const isEnding = (reader: { readonly owner: object }, isPersons: boolean) =>
      reader.owner === owner && (isEverybody || isPersons);
    const ending = [...this.#open].filter(([, session]) => isEnding(session, session.strength !== undefined));
    if (reason === 'destroyed') await this.#batches.end(owner, endingError(reason, 'the batch has ended'));
    const ends = await Promise.allSettled(
      ending.map(([id, conversation]) => this.#end(id, conversation, endingError(reason))),
    );
    const prefixes = this.#prefixes.wipe((reader) => isEnding(reader, isPersonalised(reader)));
    const failed = ends.find((end) => end.status === 'rejected');
    if (failed !== undefined) throw failed.reason;
    const caches = ending.reduce((sum, [, { wipedCaches }]) => sum + wipedCaches, prefixes);
    return { sessions: ending.length, caches };
  }

  #add(begun: Omit<Conversation, 'renewed' | 'running' | 'wipedCaches' | 'gone'>): OpenedSession {
    const id = this.#next++;
    const none = { renewed: undefined, running: undefined, gone: undefined };
    const conversation: Conversation = { ...begun, ...none, wipedCaches: 0 };
    const status = this.#statusOf(conversation);
    this.#open.set(id, conversation);
    return { id, status };
  }

  #statusOf(conversation: Conversation): SessionStatus {
    const { messages } = conversation;
    return {
      personalised: isPersonalised(conversation),
      strength: isPersonalised(conversation) ? conversation.soft?.strength : undefined,
      contextUsage: messages.length === 0 ? 0 : this.#count(conversation, messages),
      contextWindow: this.#engine.model.config.contextLength,
    };
  }

  #get(id: number): Conversation {
    const conversation = this.#open.get(id);
    const error = conversation?.gone?.error ?? this.#ended.get(id);
    if (conversation === undefined || error !== undefined) throw error ?? destroyedError();
    return conversation;
  }

  /** One at a time in a session; it waits for one that its caller has given up. */
  async #alone<T>(
    id: number,
    signal: AbortSignal | undefined,
    said: readonly ChatMessage[] | undefined,
    work: (conversation: Conversation, ended: AbortSignal) => Promise<T>,
  ): Promise<T> {
    while (this.#get(id).running?.signal?.aborted) await this.#get(id).running?.settled;
    const conversation = this.#get(id);
    if (conversation.running !== undefined) {
      throw new E2PError('invalid-argument', 'the session is still answering; wait, or clone it first');
    }
    const controller = new AbortController();
    const { signal: ended } = controller;
    const either = signal ? AbortSignal.any([signal, ended]) : ended;
    const run = this.#turns
      .take(conversation.owner, either, () => {
        takeRenewed(conversation);
        return withQuestion(conversation, said, either, () => work(conversation, ended));
      })
      .finally(() => {
        conversation.running = undefined;
        takeRenewed(conversation);
      });
    conversation.running = { controller, signal, settled: run.catch(() => undefined) };
    return run;
  }

  /** What is said is read and answered; with `maxTokens` 0 only read. */
  async #run(
    conversation: Conversation,
    ended: AbortSignal,
    said: Said,
    { onOverflow, ...options }: AnswerOptions,
  ): Promise<GenerationResult> {
    const isSilent = options.maxTokens === 0;
    const signal = options.signal ? AbortSignal.any([options.signal, ended]) : ended;
    const onText = (text: string) => {
      if (!signal.aborted) options.onText?.(text);
    };
    const onReasoning = (text: string) => {
      if (!signal.aborted) options.onReasoning?.(text);
    };
    const onWipe = () => conversation.wipedCaches++;
    const { prefix = '' } = said;
    const { maxTokens = DEFAULT_MAX_TOKENS } = options;
    const form = { prefix: said.prefix, opens: !isSilent, variables: conversation.variables };
    const { prompt, messages } = this.#fit(conversation, said, form, maxTokens, onOverflow);
    const isFirst = conversation.state === undefined;
    let before = conversation.state ?? this.#prefixes.find(conversation.owner, this.#engine.decoder, prompt);
    const keep = (read: ReadState) => {
      conversation.state?.cache.release();
      conversation.state = read;
    };
    const letGo = () => {
      // Of a prefix that was given up meanwhile.
      if (isFirst && before?.cache.wipe()) onWipe();
      before = undefined;
    };
    const newer = (slots: TokenRun['soft']) => newerOf(conversation, slots, letGo);
    const { result, state } = await generateText(
      this.#engine,
      prompt,
      { ...options, maxTokens: isSilent ? DEFAULT_MAX_TOKENS : maxTokens, signal, onText, onReasoning },
      { before, onWipe, isSilent, isBegun: prefix !== '', onAborted: keep, ended, newer },
    ).finally(letGo);
    if (ended.aborted) {
      if (state.cache.wipe()) onWipe();
      throw ended.reason;
    }
    // With a newer embedding nobody begins like that any more.
    if (isFirst && conversation.renewed === undefined) {
      const build = (others: readonly ChatMessage[]) =>
        buildInput(this.#engine.model, others, conversation.soft, form);
      this.#prefixes.keep(conversation, messages, build, state);
    }
    keep(state);
    // Of a conversation that begins here.
    if (conversation.messages.length === 0) conversation.initial = Number(messages[0]?.role === 'system');
    const { text, reasoning } = result;
    const answer = { role: 'assistant', content: prefix + text, ...(reasoning && { reasoning }) } as const;
    conversation.messages = isSilent ? messages : [...messages, answer];
    return result;
  }

  /** The conversation with what is said, without its oldest turns where it has grown too long and may lose them. */
  #fit(
    conversation: Conversation,
    said: Said,
    form: PromptOptions,
    maxTokens: number,
    onOverflow: (() => void) | undefined,
  ) {
    const { soft, overflow, initial } = conversation;
    const { contextLength } = this.#engine.model.config;
    const room = Math.min(maxTokens, Math.floor(contextLength / 4));
    for (let from = initial; ; from = nextTurn(conversation.messages, from)) {
      const kept = [...conversation.messages.slice(0, initial), ...conversation.messages.slice(from)];
      const messages = [...kept, ...said.messages];
      const prompt = buildInput(this.#engine.model, messages, soft, form);
      const isLast = from >= conversation.messages.length;
      if (overflow === 'fail' || isLast || prompt.ids.length + room <= contextLength) {
        if (from > initial && prompt.ids.length < contextLength) onOverflow?.();
        return { prompt, messages };
      }
    }
  }

  /** Tokens of a conversation in which nobody speaks next. */
  #count(
    { soft, variables }: Pick<Conversation, 'soft' | 'variables'>,
    messages: readonly ChatMessage[],
    form: PromptOptions = { opens: false },
  ): number {
    const { model } = this.#engine;
    try {
      return buildInput(model, messages, soft, { ...form, variables }).ids.length;
    } catch {
      // A template, or a slot, may want more than has been said so far.
      return messages.reduce((sum, { content }) => sum + encodeText(model, content).length, 0);
    }
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
      if (state?.cache.wipe()) conversation.wipedCaches++;
    } finally {
      // Also where a runtime that has failed can't overwrite any more.
      conversation.state = undefined;
      conversation.messages = [];
      for (const each of [soft, conversation.renewed]) overwrite(each);
      this.#open.delete(id);
      this.#ended.set(id, error);
      if (this.#open.size === 0) conversation.wipedCaches += this.#prefixes.wipe(() => true);
    }
  }
}

const destroyedError = () => new E2PError('destroyed', 'the session was destroyed');
