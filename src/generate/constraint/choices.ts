/**
 * One of N texts: a walk down the trie of their token ids. A step costs as much as the node has children, whatever N is. A text is written
 * by the tokens that the tokenizer makes of it, so that each text has one path.
 */
import type { BaseModel } from '../../model/base-model.ts';
import { encodeTexts } from './encode-texts.ts';
import type { ConstraintWalk } from './open-constraint.ts';
import { buildTrie, childrenOf, type Trie } from './trie.ts';

/** A list of this many texts is a catalogue. Shorter ones, which may be about a person, are prepared anew each time and not kept. */
const CATALOGUE = 1000;
const KEPT_CATALOGUES = 2;

interface Catalogue {
  readonly texts: readonly string[];
  readonly trie: Trie;
}

/** The last used first. Compared by their texts: a page sends a copy with each call. */
const catalogues = new WeakMap<BaseModel, readonly Catalogue[]>();

export async function openChoices(
  model: BaseModel,
  choices: readonly string[],
  signal: AbortSignal | undefined,
): Promise<ConstraintWalk> {
  const trie = await trieOf(model, choices, signal);
  let node = 0;
  let children = childrenOf(trie, node);
  return {
    get allowed() {
      return children.map((child) => trie.label[child]!);
    },
    get isComplete() {
      return trie.firstEnd[node]! >= 0;
    },
    advance: (id) => {
      node = children.find((child) => trie.label[child] === id)!;
      children = childrenOf(trie, node);
    },
  };
}

async function trieOf(
  model: BaseModel,
  choices: readonly string[],
  signal: AbortSignal | undefined,
): Promise<Trie> {
  const find = () => catalogues.get(model)?.find(({ texts }) => isSame(texts, choices));
  const isCatalogue = choices.length >= CATALOGUE;
  const known = isCatalogue ? find() : undefined;
  const trie = known?.trie ?? buildTrie(await encodeTexts(model, choices, 'choices', signal));
  if (isCatalogue) {
    const others = (catalogues.get(model) ?? []).filter((other) => other.trie !== trie);
    const latest = known ?? { texts: [...choices], trie };
    catalogues.set(model, [latest, ...others].slice(0, KEPT_CATALOGUES));
  }
  return trie;
}

const isSame = (a: readonly string[], b: readonly string[]): boolean =>
  a.length === b.length && a.every((text, i) => text === b[i]);
