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
import { type Attribute, type Columns, columnsOf } from './attributes.ts';
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
}

export interface AuditReport {
  /** Whom the attackers learnt from, and whom they were tried on. */
  readonly users: { readonly seen: number; readonly unseen: number };
  readonly recoveries: readonly Recovery[];
}

/** Fewer say nothing: an interval over them is as wide as the scale. */
const FEWEST = 20;

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
  const columns = attributes.map((attribute) => columnsOf(attribute, train, test));
  const views = await viewsOf({
    ...options,
    embeddings: drawn.map((id) => protect(users.rows.get(id)!)),
  });
  const answersOf = (id: string) => columns.flatMap((c) => c.of(id));
  const recoveries: Recovery[] = [];
  for (const [view, rows] of views) {
    for (const attacker of Object.keys(ATTACKERS) as AttackerName[]) {
      const lesson = { rows: rows.slice(0, kept), answers: train.map(answersOf), seed, signal };
      const found = ATTACKERS[attacker](lesson)(rows.slice(kept));
      recoveries.push(...recoveriesOf(found, { columns, test, view, attacker }));
    }
  }
  return { users: { seen: train.length, unseen: test.length }, recoveries };
}

function recoveriesOf(
  found: readonly (readonly number[])[],
  {
    columns,
    test,
    view,
    attacker,
  }: { readonly columns: readonly Columns[]; readonly test: readonly string[] } & Pick<
    Recovery,
    'view' | 'attacker'
  >,
): Recovery[] {
  let from = 0;
  return columns.flatMap(({ attribute, names, population, score }) => {
    const at = from;
    from += names.length;
    const of = (i: number) => found[i]!.slice(at, at + names.length);
    const scored = test.flatMap((user, i) => {
      const own = score(of(i), user);
      if (own === undefined) return [];
      return [{ own, everybody: score(population, user)!, other: score(of((i + 1) % test.length), user)! }];
    });
    if (scored.length < FEWEST) return [];
    const [own, everybody, other] = (['own', 'everybody', 'other'] as const).map((key) =>
      scored.map((s) => s[key]),
    );
    return [
      {
        ...{ attribute: attribute.name, kind: attribute.kind, view, attacker },
        recovered: bootstrapMean(own!),
        population: bootstrapMean(everybody!).mean,
        chance: bootstrapMean(other!).mean,
        gain: pairedDifference(own!, everybody!),
      },
    ];
  });
}
