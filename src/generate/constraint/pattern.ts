/**
 * An answer out of a set of texts that an automaton accepts: at each step the vocabulary, as a trie of bytes, is walked together with the
 * automaton. A token is allowed where tokens of this vocabulary lead from there to the end of a text.
 */
import { E2PError } from '../../error.ts';
import type { BaseModel } from '../../model/base-model.ts';
import type { TokenBytes } from '../../model/token-bytes.ts';
import { type Automaton, backwards, buildAutomaton, stepBy } from './automaton.ts';
import type { Expression } from './expression.ts';
import type { ConstraintWalk } from './open-constraint.ts';
import { buildTrie, childrenOf, type Trie } from './trie.ts';

interface Vocabulary {
  readonly tokens: TokenBytes;
  /** Sequence of a trie → token id. */
  readonly ids: readonly number[];
  readonly trie: Trie;
  /** For the first token of an answer, where the tokenizer leaves a space of it out. */
  readonly firstTrie: Trie;
}

interface Pattern {
  readonly automaton: Automaton;
  readonly vocabulary: Vocabulary;
  allowedAt(state: number, isFirst: boolean): Int32Array;
}

/** Patterns that are kept with what they allow, for each model: an app has few. */
const KEPT_PATTERNS = 4;
/** Ids that a pattern keeps of what its states allow: 16 MB. */
const KEPT_IDS = 2 ** 22;

const vocabularies = new WeakMap<BaseModel, Vocabulary>();
const patterns = new WeakMap<BaseModel, Map<string, Pattern>>();

/**
 * @param key tells patterns apart
 * @throws E2PError `invalid-argument` where the pattern is too large, or this tokenizer can't write any such text
 */
export function openPattern(model: BaseModel, key: string, parse: () => Expression): ConstraintWalk {
  const kept = patterns.get(model) ?? new Map<string, Pattern>();
  patterns.set(model, kept);
  const pattern = kept.get(key) ?? createPattern(model, buildAutomaton(parse()));
  kept.delete(key);
  kept.set(key, pattern);
  for (const oldest of [...kept.keys()].slice(0, -KEPT_PATTERNS)) kept.delete(oldest);

  const { automaton, vocabulary } = pattern;
  const { bytes, dropsFirstSpace } = vocabulary.tokens;
  let state = 0;
  let isFirst = true;
  return {
    get allowed() {
      return pattern.allowedAt(state, isFirst);
    },
    get isComplete() {
      return automaton.accepting[state] === 1;
    },
    advance: (id) => {
      const token = bytes[id]!;
      const written = isFirst && dropsFirstSpace ? withoutSpace(token) : token;
      for (const byte of written) state = stepBy(automaton, state, byte);
      isFirst = false;
    },
  };
}

function createPattern(model: BaseModel, automaton: Automaton): Pattern {
  const vocabulary = vocabularies.get(model) ?? readVocabulary(model);
  vocabularies.set(model, vocabulary);
  const isWritable = writableStates(automaton, vocabulary.trie);
  const allowed = new Map<string, Int32Array>();
  let kept = 0;
  const pattern: Pattern = {
    automaton,
    vocabulary,
    allowedAt: (state, isFirst) => {
      const key = `${state} ${isFirst}`;
      const known = allowed.get(key);
      if (known !== undefined) return known;
      const ids: number[] = [];
      const trie = isFirst ? vocabulary.firstTrie : vocabulary.trie;
      eachToken(automaton, trie, state, (index, target) => {
        if (isWritable[target] === 1) ids.push(vocabulary.ids[index]!);
        return false;
      });
      kept += ids.length;
      if (kept > KEPT_IDS) {
        allowed.clear();
        kept = ids.length;
      }
      const found = Int32Array.from(ids).sort();
      allowed.set(key, found);
      return found;
    },
  };
  if (pattern.allowedAt(0, true).length === 0) {
    throw new E2PError(
      'invalid-argument',
      `the constraint: the tokenizer of ${model.name} can write no text that satisfies it, expected one that is not empty`,
    );
  }
  return pattern;
}

function readVocabulary(model: BaseModel): Vocabulary {
  const tokens = model.codec.tokenBytes();
  if (tokens === undefined) {
    throw new E2PError(
      'invalid-argument',
      `${model.name}: regexp and jsonSchema need a byte-level or SentencePiece tokenizer, and its decoder is another`,
    );
  }
  const { head, vocabularySize } = model.facts;
  const limit = Math.min(head.columns, vocabularySize);
  const ids: number[] = [];
  const sequences: Uint8Array[] = [];
  for (const [id, bytes] of tokens.bytes.entries()) {
    if (bytes === undefined || bytes.length === 0 || id >= limit) continue;
    if (model.config.eosTokenIds.includes(id)) continue;
    ids.push(id);
    sequences.push(bytes);
  }
  const trie = buildTrie(sequences);
  return {
    tokens,
    ids,
    trie,
    firstTrie: tokens.dropsFirstSpace ? buildTrie(sequences.map(withoutSpace)) : trie,
  };
}

const withoutSpace = (bytes: Uint8Array): Uint8Array => (bytes[0] === 0x20 ? bytes.subarray(1) : bytes);

/**
 * Calls `found` for each token that the automaton can read from a state on, until it returns true.
 * @returns whether it did
 */
function eachToken(
  automaton: Automaton,
  { label, firstChild, nextSibling, firstEnd, nextEnd }: Trie,
  state: number,
  found: (index: number, target: number) => boolean,
): boolean {
  const nodes = [0];
  const states = [state];
  for (;;) {
    const node = nodes.pop();
    if (node === undefined) return false;
    const at = states.pop()!;
    for (let end = firstEnd[node]!; end >= 0; end = nextEnd[end]!) if (found(end, at)) return true;
    for (let child = firstChild[node]!; child !== 0; child = nextSibling[child]!) {
      const target = stepBy(automaton, at, label[child]!);
      if (target < 0) continue;
      nodes.push(child);
      states.push(target);
    }
  }
}

/**
 * By state: whether tokens lead from it to the end of a text. Where each byte is a token, that is all of them; for the others, tokens of
 * several bytes are tried until no state is added.
 */
function writableStates(automaton: Automaton, trie: Trie): Uint8Array {
  const { rows, classOf, accepting } = automaton;
  const single = childrenOf(trie, 0).filter((child) => trie.firstEnd[child]! >= 0);
  const classes = [...new Set(single.map((child) => classOf[trie.label[child]!]!))];
  const table = rows.map((row) => classes.map((c) => row[c]!));
  const writable = backwards(table, accepting);
  for (let added = true; added; ) {
    added = false;
    for (let state = rows.length - 1; state >= 0; state--) {
      if (writable[state] === 1) continue;
      if (!eachToken(automaton, trie, state, (_, target) => writable[target] === 1)) continue;
      writable[state] = 1;
      added = true;
    }
  }
  return writable;
}
