/**
 * What conversations begin with before anybody says anything: system prompt, soft tokens and the words around them. It is read once and kept for
 * other sessions of the same person, cut out of a cache of keys and values that the first of them has. A cache gives back what was read
 * (arXiv 2508.09442), so nothing of the first question is in it, it is found by equal ids and equal vectors alone, and by the sessions of one
 * personalizer: how soon an answer begins tells nobody what another person's begin with. It lives in memory, and no longer than a session is open.
 */
import type { ChatMessage } from '../model/text-codec.ts';
import type { Decoder, TokenRun } from './decoder.ts';
import { type ReadState, sharedLength } from './generate-text.ts';
import type { SoftTokens } from './prompt.ts';

/** Whose session has read it. */
interface Reader {
  readonly owner: object;
  readonly soft: SoftTokens | undefined;
}

interface Prefix extends Reader {
  readonly state: ReadState;
}

/** So many people, strengths and system prompts in turn. */
const MOST = 4;
/** Shorter ones are read as fast as they are copied. */
const LEAST_TOKENS = 8;

export class Prefixes {
  /** The latest first. */
  #kept: readonly Prefix[] = [];

  /** The longest of its owner's that a prompt begins with. It is retained: the caller wipes it. */
  find(owner: object, decoder: Decoder, prompt: TokenRun): ReadState | undefined {
    let [best, longest] = [undefined as ReadState | undefined, LEAST_TOKENS - 1];
    for (const { owner: whose, state } of this.#kept) {
      const isOwn = whose === owner && state.decoder === decoder;
      const shared = isOwn ? sharedLength(state.read, prompt) : 0;
      if (shared > longest) [best, longest] = [state, shared];
    }
    best?.cache.retain();
    return best;
  }

  /**
   * Keeps what a conversation's first run has read ahead of the question.
   * @param build the prompt of messages with the same soft tokens
   */
  keep(
    { owner, soft }: Reader,
    messages: readonly ChatMessage[],
    build: (messages: readonly ChatMessage[]) => TokenRun,
    { decoder, cache, read }: ReadState,
  ): void {
    const question = messages.at(-1);
    if (question?.role !== 'user') return;
    // Another question that has not even its first letter in common.
    const other = question.content.startsWith('0') ? '1' : '0';
    const alike = sharedLength(read, build([...messages.slice(0, -1), { role: 'user', content: other }]));
    // Soft tokens that follow what is asked tell of it.
    const length = soft?.forQuestion === undefined ? alike : Math.min(alike, ...(read.soft?.keys() ?? []));
    const isKept = this.#kept.some(
      ({ owner: whose, state }) =>
        whose === owner &&
        state.decoder === decoder &&
        state.cache.length >= length &&
        sharedLength(state.read, read) >= length,
    );
    if (length < LEAST_TOKENS || isKept) return;
    const beginning = cache.copyOfBeginning(length);
    if (beginning === undefined) return;
    const own = new Map(
      [...(read.soft ?? [])].filter(([at]) => at < length).map(([at, vector]) => [at, vector.slice()]),
    );
    const state = { decoder, cache: beginning, read: { ids: read.ids.slice(0, length), soft: own } };
    const all = [{ owner, soft, state }, ...this.#kept];
    this.#kept = all.slice(0, MOST);
    for (const prefix of all.slice(MOST)) wipe(prefix);
  }

  /** @returns how many caches were overwritten */
  wipe(which: (reader: Reader) => boolean): number {
    const gone = this.#kept.filter(which);
    this.#kept = this.#kept.filter((prefix) => !gone.includes(prefix));
    return gone.filter(wipe).length;
  }
}

function wipe({ state: { cache, read } }: Prefix): boolean {
  for (const vector of read.soft?.values() ?? []) vector.fill(0);
  return cache.wipe();
}
