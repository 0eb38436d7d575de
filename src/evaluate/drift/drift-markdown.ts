/** A report on drift for people: the verdict first, then what each test saw, then what it costs. */
import { intervalText } from '../interval-text.ts';
import type { DriftReport, DriftTest } from './detect-drift.ts';

const MEANING: Readonly<Record<DriftTest, readonly [string, string]>> = {
  axis: ['means along each axis', 'largest difference, in σ'],
  means: ['means along all axes', 'difference, in σ'],
  classifier: ['classifier on means and covariances', 'AUC on unseen users, 0.5 = no difference'],
  discrepancy: ['kernel mean discrepancy', 'MMD², about 0 = no difference'],
  components: ['stability of the leading components', 'largest PSI'],
  numbers: ['stability of each number', 'largest PSI'],
  canary: ['canary', 'nats per token that are lost'],
};

const row = (cells: readonly string[]) => `| ${cells.join(' | ')} |`;
const small = (p: number) => (p < 0.001 ? p.toExponential(0) : p.toFixed(3));
/** Three digits that say something. */
const digits = (v: number) =>
  (v !== 0 && Math.abs(v) < 0.001 ? v.toExponential(2) : v.toFixed(4)).replace('-', '−');

export function driftMarkdown(report: DriftReport): string {
  const { drift, level, permutations, dim, users, tests, components, means, numbers, canary, seed } = report;
  const side = (name: 'reference' | 'current') => {
    const { given, compared } = users[name];
    return compared === given ? `${given}` : `${compared} of ${given}`;
  };
  const seen = Object.entries(tests).filter(([, { adjustedP }]) => adjustedP <= level);
  return [
    `# ${drift ? 'Drift' : 'No drift seen'}`,
    '',
    drift
      ? `Seen by: ${seen.map(([name]) => MEANING[name as DriftTest][0]).join(', ')}. Where nothing has drifted, at most ${100 * level} % of all reports say so.`
      : `No test is significant at ${100 * level} % for all of them together. That is no proof that nothing changed.`,
    '',
    `Reference: ${side('reference')} users, current: ${side('current')}; ${dim} numbers each. ${permutations} permutations, the same for all tests (Westfall and Young, most weight on means), seed ${seed}.`,
    '',
    row(['test', 'statistic', 'found', 'p', 'p of all tests together']),
    row(['---', '---', '---', '---', '---']),
    ...Object.entries(tests).map(([name, { statistic, p, adjustedP }]) =>
      row([...MEANING[name as DriftTest], digits(statistic), small(p), small(adjustedP)]),
    ),
    '',
    row(['leading component', 'share of variance', 'PSI']),
    row(['---', '---', '---']),
    ...components.map(({ share, stability }, c) =>
      row([`${c + 1}`, `${(100 * share).toFixed(1)} %`, stability.toFixed(3)]),
    ),
    '',
    `Means along the ${means.along === 'projector' ? 'axes of the projector' : 'leading components'}, now minus reference, in σ: ${means.shifts.map((shift) => shift.toFixed(2).replace('-', '−')).join(', ')}.`,
    '',
    `Numbers of the embedding with the largest PSI: ${numbers.map(({ index, stability }) => `${index} (${stability.toFixed(3)})`).join(', ')}.`,
    ...(canary
      ? [
          '',
          `Canary: ${canary.examples} examples of ${canary.users} users. Nats per token ${canary.nll.reference.toFixed(4)} with the reference's embeddings, ${canary.nll.current.toFixed(4)} with those of now, ${canary.nll.mean.toFixed(4)} with the mean user for everybody. Now minus reference: ${intervalText(canary.loss)}.`,
        ]
      : []),
    '',
  ].join('\n');
}
