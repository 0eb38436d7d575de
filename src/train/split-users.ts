/** Who is trained on and who is held out. Users are split, not examples, and those of one group never: an unseen user shares nothing. */
import { E2PError } from '../error.ts';
import type { Example } from './training-data.ts';

export interface SplitOptions {
  readonly examples: readonly Example[];
  /** ms since 1970: only examples from then on are trained on. */
  readonly since?: number | undefined;
  /** Of users to hold out, instead of a share. */
  readonly validation?: readonly Example[] | undefined;
  /** Share of users. */
  readonly heldOut: number;
  readonly seed: number;
}

export interface Split {
  /** Those that are new enough to be trained on, and the others. */
  readonly fresh: readonly Example[];
  readonly older: readonly Example[];
  /** `fresh`, then those that validate. */
  readonly examples: readonly Example[];
  /** Every user of `examples`, in the order in which they come. */
  readonly ids: readonly string[];
  /** Of them those who are trained on. */
  readonly trained: readonly string[];
  /** The i-th user of `ids`. */
  isHeldOut(i: number): boolean;
}

/** @throws E2PError `invalid-data` */
export function splitUsers(options: SplitOptions): Split {
  const { validation, heldOut, seed } = options;
  const [fresh, older] = byTime(options.examples, options.since);
  const examples = [...fresh, ...(validation ?? [])];
  if (validation) checkApart(fresh, validation);
  const ids = [...new Set(examples.map((e) => e.user))];
  const groupOf = new Map(examples.map((e) => [e.user, e.group ?? e.user]));
  const validating = new Set(validation?.map((e) => e.user));
  const out = ids.map((id) =>
    validation ? validating.has(id) : unitHash(`${seed} ${groupOf.get(id)}`) < heldOut,
  );
  return {
    fresh,
    older,
    examples,
    ids,
    trained: ids.filter((_, i) => !out[i]),
    isHeldOut: (i) => out[i] === true,
  };
}

/** So many of the examples, the same ones however the file is sorted. */
export function pickLines<T extends { readonly line?: number }>(
  rows: readonly T[],
  count: number,
  seed: number,
): T[] {
  const place = ({ line }: T) => unitHash(`${seed} ${line}`);
  return rows.toSorted((a, b) => place(a) - place(b)).slice(0, count);
}

/** The first example of each user. */
export const oneOfEach = (examples: readonly Example[]): Example[] => [
  ...new Map(examples.toReversed().map((e) => [e.user, e])).values(),
];

function byTime(
  examples: readonly Example[],
  since: number | undefined,
): readonly [fresh: readonly Example[], older: readonly Example[]] {
  if (since === undefined) return [examples, []];
  const isFresh = ({ time, line }: Example): boolean => {
    if (time !== undefined) return time >= since;
    throw new E2PError('invalid-data', `line ${line}: field time is missing, expected a date for since`);
  };
  const [fresh, older] = [examples.filter(isFresh), examples.filter((e) => !isFresh(e))];
  if (fresh.length > 0) return [fresh, older];
  throw new E2PError('invalid-data', `no example is from ${new Date(since).toISOString()} or later`);
}

/** Whoever validates must share nothing with those who are trained on. */
function checkApart(trained: readonly Example[], validation: readonly Example[]): void {
  const known = new Set(trained.flatMap((e) => [`user ${e.user}`, `group ${e.group ?? e.user}`]));
  const shared = validation.find(
    (e) => known.has(`user ${e.user}`) || known.has(`group ${e.group ?? e.user}`),
  );
  if (shared) {
    throw new E2PError(
      'invalid-data',
      `validation line ${shared.line}: its user or group is trained on too, expected others`,
    );
  }
}

/** FNV-1a of a text, as a number in [0, 1): the same user is held out however the file is sorted. */
function unitHash(text: string): number {
  let hash = 0x811c9dc5;
  for (const byte of new TextEncoder().encode(text)) hash = Math.imul(hash ^ byte, 0x01000193) >>> 0;
  // The last bits are the best mixed.
  return ((Math.imul(hash ^ (hash >>> 15), 0x85ebca6b) >>> 0) % 2 ** 24) / 2 ** 24;
}
