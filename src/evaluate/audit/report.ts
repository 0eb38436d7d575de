/** An audit as a page: what was recovered, beside what needs no look at the person. */
import { type Interval, isTold } from '../bootstrap.ts';
import { intervalText } from '../interval-text.ts';
import type { AuditReport } from './audit.ts';
import type { InversionReport } from './invert.ts';
import type { MembershipReport } from './membership.ts';
import type { View } from './views.ts';

/** What `e2p audit` found. */
export interface WholeAudit extends AuditReport {
  readonly inversions?: Readonly<Partial<Record<View, InversionReport>>>;
  readonly membership?: MembershipReport;
}

const share = (value: number): string => value.toFixed(3);
const level = (value: Interval): string => intervalText(value, share);
const table = (head: readonly string[], rows: readonly (readonly string[])[]): string =>
  [head, head.map(() => '---'), ...rows].map((cells) => `| ${cells.join(' | ')} |`).join('\n');

/** The tables alone, for a page with more on it. */
export function auditTables({
  users,
  recoveries,
  leftOut = [],
  inversions = {},
  membership,
}: WholeAudit): string {
  const rows = recoveries.map(({ attribute, kind, view, attacker, recovered, population, chance, gain }) => [
    ...[attribute, { class: 'share right', number: 'R²', set: 'share of the set' }[kind], view, attacker],
    ...[level(recovered), share(population), share(chance), level(gain)],
    isTold(gain) && gain.low > 0 ? 'yes' : 'not significant',
  ]);
  const head = [
    'attribute',
    'measure',
    'seen',
    'attacker',
    'recovered',
    'population',
    "somebody else's",
    'recovered − population',
    'leaks',
  ];
  const parts = [
    `${users.unseen} people whom the attackers never saw; they learnt from ${users.seen} others.\n\n${table(head, rows)}`,
  ];
  const events = recoveries.flatMap(({ attribute, view, attacker, event }) =>
    event === undefined ? [] : [[attribute, view, attacker, level(event)]],
  );
  if (events.length > 0) {
    parts.push(
      `Membership of one event: how probable it is that one of a set is said more surely of somebody who has it than of somebody who has not (AUC, chance 0.5):\n\n${table(['one of', 'seen', 'attacker', 'AUC'], events)}`,
    );
  }
  if (leftOut.length > 0)
    parts.push(`Left out: ${leftOut.map(({ attribute, why }) => `${attribute}, since ${why}`).join('; ')}.`);
  const views = Object.entries(inversions);
  if (views.length > 0) {
    const said = views.map(([view, { sentences, overShuffled, overMean, hitsAt1, rouge1 }]) => [
      ...[
        view,
        String(sentences),
        overShuffled ? intervalText(overShuffled) : '–',
        overMean ? intervalText(overMean) : '–',
      ],
      ...[hitsAt1.own, hitsAt1.mean].map((v) => (v === undefined ? '–' : share(v))),
      ...[rouge1.own, rouge1.shuffled, rouge1.mean].map(share),
    ]);
    const head = [
      'seen',
      'sentences',
      "nats per token below somebody else's",
      'below the mean user',
      'own of 20',
      'the mean user',
      'ROUGE-1 own',
      "somebody else's",
      'the mean user',
    ];
    parts.push(
      `What the frozen model, taught to say people's sentences from what stands for them, says of unseen people:\n\n${table(head, said)}`,
    );
  }
  if (membership) {
    const { members, others } = membership;
    parts.push(
      `Who was trained on (membership inference, ${members} members against ${others} others; it tells of membership only where they differ in nothing else):\n\n${membershipTable(membership)}`,
    );
  }
  return parts.join('\n\n');
}

/** A row for each score. */
export function membershipTable(report: MembershipReport): string {
  const scores = [
    ['own soft token against the mean user', report],
    ['own soft token against the reference model', report.byReference],
    ['the first on the reference model, trained on neither', report.control],
  ] as const;
  const rows = scores.flatMap(([name, score]) =>
    score ? [[name, ...[score.auc, score.atOnePercent, score.atFivePercent].map(level)]] : [],
  );
  return table(['score', 'AUC (chance 0.5)', 'TPR at 1 % FPR', 'TPR at 5 % FPR'], rows);
}

export function auditMarkdown(report: WholeAudit): string {
  return `# What can be told of people

${auditTables(report)}

An attacker that finds nothing does not show that there is nothing: another may. "Leaks" says that the interval of recovered − population is above zero, one attribute at a time.
`;
}
