/**
 * What can be told of people from what stands for them (`views.ts`), by attackers who know as much of other people (`attackers.ts`). Every figure is of
 * users whom the attacker never saw, beside what is right of them without a look (the population) and with a look at somebody else (chance).
 */
import { checkWhole, E2PError } from '../../error.ts';
import { seededRandom } from '../../generate/sampling.ts';
import { shuffled } from '../../train/draw-batches.ts';
import type { Users } from '../../train/training-data.ts';
import { bootstrapMean, type Interval, pairedDifference } from '../bootstrap.ts';
import { ATTACKERS, type AttackerName } from './attackers.ts';
import { type Attribute, type Columns, columnsOf, RAREST } from './attributes.ts';
import { eventMembership, FEWEST } from './event-membership.ts';
import { type View, type ViewOptions, viewsOf } from './views.ts';

export interface AuditOptions extends Omit<ViewOptions, 'embeddings'> {
  readonly users: Users;
  readonly attributes: readonly Attribute[];
  /** What protects them, done to everybody's embedding before anybody sees it; the attacker learns from such embeddings too. */
  readonly protect?: ((embedding: Float32Array) => Float32Array) | undefined;
  /** Share of the users whom the attacker does not learn from; default 0.3. */
  readonly unseen?: number;
  readonly seed?: number;
}

/** What one attacker tells from one view: shares from 0 to 1, or R² of a number. */
export interface Recovery {
  readonly attribute: string;
  readonly kind: Attribute['kind'];
  readonly view: View;
  readonly attacker: AttackerName;
  readonly recovered: Interval;
  /** The likeliest class, the mean, the most frequent things: for everybody. */
  readonly population: number;
  /** What the attacker says of somebody else. */
  readonly chance: number;
  /** Recovered − population, paired within users. */
  readonly gain: Interval;
  /**
   * Of a set, membership of one thing (an event in a log, a word in a line): the probability that it is said more surely of somebody who has it than
   * of somebody who has not, for each person's things (AUC); what is said of everybody alike gives 0.5.
   */
  readonly event?: Interval | undefined;
}

export interface AuditReport {
  /** Whom the attackers learnt from, and whom they were tried on. */
  readonly users: { readonly seen: number; readonly unseen: number };
  readonly recoveries: readonly Recovery[];
  /** Attributes of which nothing is told, and why; absent: none. */
  readonly leftOut?: readonly { readonly attribute: string; readonly why: string }[];
}

/** @throws E2PError `invalid-data`, `invalid-argument`; the signal's reason on an abort */
export async function audit(options: AuditOptions): Promise<AuditReport> {
  const { users, attributes, seed = 1, unseen = 0.3, protect = (v) => v, signal } = options;
  checkWhole('seed', seed, 0, 2 ** 31);
  const ids = [...users.rows.keys()].filter((id) => attributes.some(({ answers }) => answers.has(id)));
  const random = seededRandom(seed);
  for (let i = 0; i < 4; i++) random();
  const drawn = shuffled(ids, random);
  const kept = Math.round(ids.length * (1 - unseen));
  const [train, test] = [drawn.slice(0, kept), drawn.slice(kept)];
  if (train.length < FEWEST || test.length < FEWEST) {
    throw new E2PError(
      'invalid-data',
      `${ids.length} users have attributes, of whom ${train.length} are learnt from and ${test.length} tried: expected at least ${FEWEST} each`,
    );
  }
  const all = attributes.map((attribute) => columnsOf(attribute, train, test));
  const leftOut = all.flatMap((each) => {
    const why = whyNot(each, train, test);
    return why === undefined ? [] : [{ attribute: each.attribute.name, why }];
  });
  const columns = all.filter((each) => whyNot(each, train, test) === undefined);
  if (columns.length === 0) {
    const [first] = leftOut;
    throw new E2PError(
      'invalid-data',
      `of no attribute anything can be told, the first of which is ${JSON.stringify(first?.attribute)}: ${first?.why}`,
    );
  }
  const views = await viewsOf({
    ...options,
    embeddings: drawn.map((id) => protect(users.rows.get(id)!)),
  });
  const recoveries: Recovery[] = [];
  for (const [view, rows] of views) {
    for (const attacker of Object.keys(ATTACKERS) as AttackerName[]) {
      // Each attribute by an attacker of its own: one with many columns would choose penalty and epoch for all.
      for (const each of columns) {
        const known = train.flatMap((id, i) =>
          each.attribute.answers.has(id) ? [{ id, row: rows[i]! }] : [],
        );
        const lesson = { rows: known.map(({ row }) => row), answers: known.map(({ id }) => each.of(id)) };
        const found = ATTACKERS[attacker]({ ...lesson, seed, signal })(rows.slice(kept));
        recoveries.push({ ...recoveryOf(found, each, test), view, attacker });
      }
    }
  }
  return {
    ...{ users: { seen: train.length, unseen: test.length }, recoveries },
    ...(leftOut.length > 0 && { leftOut }),
  };
}

/** Why nothing can be told of an attribute; undefined where it can. */
function whyNot(
  { attribute: { answers }, names, score, population }: Columns,
  train: readonly string[],
  test: readonly string[],
): string | undefined {
  const [learnt, tried] = [
    train.filter((id) => answers.has(id)).length,
    test.filter((id) => score(population, id) !== undefined).length,
  ];
  if (names.length === 0) return `no answer is that of ${RAREST} people or more of those learnt from`;
  return learnt < FEWEST || tried < FEWEST
    ? `it is known of ${learnt} people learnt from and ${tried} tried, expected at least ${FEWEST} each`
    : undefined;
}

function recoveryOf(
  found: readonly (readonly number[])[],
  { attribute, population, score, of }: Columns,
  test: readonly string[],
): Omit<Recovery, 'view' | 'attacker'> {
  const scored = test.flatMap((user, i) => {
    const own = score(found[i]!, user);
    if (own === undefined) return [];
    const other = score(found[(i + 1) % test.length]!, user)!;
    return [{ own, everybody: score(population, user)!, other }];
  });
  const [own, everybody, other] = (['own', 'everybody', 'other'] as const).map((key) =>
    scored.map((s) => s[key]),
  );
  return {
    ...{ attribute: attribute.name, kind: attribute.kind },
    recovered: bootstrapMean(own!),
    population: bootstrapMean(everybody!).mean,
    chance: bootstrapMean(other!).mean,
    gain: pairedDifference(own!, everybody!),
    ...(attribute.kind === 'set' && {
      event: eventMembership(
        test.flatMap((user, i) => (attribute.answers.has(user) ? [{ said: found[i]!, has: of(user) }] : [])),
      ),
    }),
  };
}
