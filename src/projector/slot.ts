/**
 * Where soft tokens stand: right after BOS, at a placeholder, or at places *in the conversation*. A place has words around
 * the soft tokens ("The user loves{soft}."), in which they take the part of a word; where nobody is set, these words are
 * not there either. Places are found through the chat template, so that one slot fits any template.
 */

/** Stands in a place's text for the soft tokens. */
export const SOFT = '{soft}';

export const PLACES = ['system-start', 'user-start', 'user-end'] as const;

export interface Place {
  /**
   * `system-start`: the start of the system message, which is added where there is none; `user-start`, `user-end`: the
   * start or end of each of the user's turns, so that what was read of earlier turns stays as it was.
   */
  readonly at: (typeof PLACES)[number];
  /** With `{soft}` once. */
  readonly text: string;
}

export type Slot = 'after-bos' | { readonly placeholder: string } | { readonly places: readonly Place[] };

/** Bounds on what a file may ask for (CWE-770). */
const LIMITS = { places: 16, characters: 1000 } as const;

/** The slot that untrusted JSON describes; undefined where it describes none. */
export function parseSlot(value: unknown): Slot | undefined {
  if (value === 'after-bos') return value;
  const { placeholder, places } = (value ?? {}) as { placeholder?: unknown; places?: unknown };
  if (isText(placeholder) && placeholder !== '') return { placeholder };
  if (!Array.isArray(places) || places.length < 1 || places.length > LIMITS.places) return undefined;
  return places.every(isPlace) ? { places: places.map(({ at, text }) => ({ at, text })) } : undefined;
}

/**
 * As the command line writes it: `after-bos`; one or more of `system-start`, `user-start`, `user-end`, each with an
 * optional text behind a colon (`user-end: I want something for fans of{soft}.`); else a placeholder.
 * @returns undefined where the texts are not right
 */
export function readSlotOption(options: readonly string[]): Slot | undefined {
  const [first = 'after-bos'] = options;
  const named = options.map((option) => PLACES.find((at) => option === at || option.startsWith(`${at}:`)));
  if (options.length <= 1 && named[0] === undefined) {
    // A place that is misspelt is no placeholder.
    if (/^[a-z]+-(start|end)\b/.test(first) || first.includes(SOFT)) return undefined;
    return parseSlot(first === 'after-bos' ? first : { placeholder: first });
  }
  const places = options.map((option, i) => ({
    at: named[i],
    text: option.slice((named[i] ?? '').length + 1) || SOFT,
  }));
  return parseSlot({ places });
}

function isPlace(value: unknown): value is Place {
  const { at, text } = (value ?? {}) as { at?: unknown; text?: unknown };
  return PLACES.some((place) => place === at) && isText(text) && text.split(SOFT).length === 2;
}

function isText(value: unknown): value is string {
  return typeof value === 'string' && value.length <= LIMITS.characters;
}
