/**
 * Where soft tokens stand: right after BOS, at a placeholder, or at places *in the conversation*. A place has words around
 * the soft tokens ("The user loves{soft}."), in which they take the part of a word; where nobody is set, these words are
 * not there either. Places are found through the chat template, so that one slot fits any template.
 */
import * as v from 'valibot';
import { object } from '../storage/check-json.ts';

/** Stands in a place's text for the soft tokens. */
export const SOFT = '{soft}';

/** Where in a conversation soft tokens may stand. */
export const PLACES = ['system-start', 'user-start', 'user-end'] as const;

/** Soft tokens at one place of a conversation, with words around them. */
export interface Place {
  /**
   * `system-start`: the start of the system message, which is added where there is none; `user-start`, `user-end`: the
   * start or end of each of the user's turns, so that what was read of earlier turns stays as it was.
   */
  readonly at: (typeof PLACES)[number];
  /** With `{soft}` once. */
  readonly text: string;
}

/** Where soft tokens stand: behind BOS, at a placeholder of the prompt, or at places in the conversation. */
export type Slot = 'after-bos' | { readonly placeholder: string } | { readonly places: readonly Place[] };

/** Bounds on what a file may ask for (CWE-770). */
const LIMITS = { places: 16, characters: 1000 } as const;

const text = v.pipe(v.string(), v.maxLength(LIMITS.characters));
const PLACE = object({
  at: v.picklist(PLACES),
  text: v.pipe(
    text,
    v.check((each) => each.split(SOFT).length === 2),
  ),
});

/** The slot that untrusted JSON describes. */
export const SLOT = v.union(
  [
    v.literal('after-bos'),
    object({ placeholder: v.pipe(text, v.nonEmpty()) }),
    object({ places: v.pipe(v.array(PLACE), v.minLength(1), v.maxLength(LIMITS.places)) }),
  ],
  '"after-bos", {"placeholder": "…"} or {"places": [{"at", "text"}…]}',
);

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
    return asSlot(first === 'after-bos' ? first : { placeholder: first });
  }
  const places = options.map((option, i) => ({
    at: named[i],
    text: option.slice((named[i] ?? '').length + 1) || SOFT,
  }));
  return asSlot({ places });
}

function asSlot(value: unknown): Slot | undefined {
  const { success, output } = v.safeParse(SLOT, value);
  return success ? output : undefined;
}
