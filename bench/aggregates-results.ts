/** What a simulation says of private reports, as `docs/results/aggregates.json` keeps it, and the page that is made from it. */
import { table } from './results-table.ts';

/** Of some fleets of the same size, over all answers. */
export interface Estimated {
  readonly devices: number;
  /** Fleets. */
  readonly repeats: number;
  readonly epsilon: number;
  /** Root mean square of estimate less truth: found, and by theory. */
  readonly error: number;
  readonly theory: number;
  readonly worst: number;
  /** The largest mean error of an answer, in standard errors of that mean. */
  readonly bias: number;
  /** Root mean square error of the estimates as a distribution. */
  readonly distribution: number;
  /** Share of the 95 % intervals that hold the truth, and how many there are. */
  readonly held: number;
  readonly told: number;
}

export interface AggregateResults {
  readonly node: string;
  readonly processor: string;
  readonly answers: readonly string[];
  readonly truth: readonly number[];
  /** ε of all reports of a vault. */
  readonly budget: number;
  readonly million: readonly Estimated[];
  readonly thousands: readonly Estimated[];
  readonly attack: readonly {
    readonly epsilon: number;
    readonly reports: number;
    readonly devices: number;
    readonly right: number;
  }[];
  /** Largest and smallest of the ε that is really spent, less the one that is said. */
  readonly exact: { readonly above: number; readonly below: number };
  readonly seconds: number;
}

const whole = (value: number) => value.toLocaleString('en');
const points = (share: number) => `${(100 * share).toFixed(3)}`;
const percent = (share: number, digits = 1) => `${(100 * share).toFixed(digits)} %`;

export function aggregatesPage(results: AggregateResults): string {
  const { answers, truth, budget, million, thousands, attack, exact, seconds } = results;
  const rows = [...million, ...thousands].map((fleet) => [
    ...[whole(fleet.devices), whole(fleet.repeats), String(fleet.epsilon)],
    ...[points(fleet.error), points(fleet.theory), (fleet.error / fleet.theory).toFixed(3)],
    ...[points(fleet.worst), fleet.bias.toFixed(1), points(fleet.distribution)],
    `${percent(fleet.held)} of ${whole(fleet.told)}`,
  ]);
  return `# Private reports of a million devices

Made by \`npm run bench aggregates\` in Node ${results.node}, ${results.processor}, ${seconds} s of one core. The function that devices answer by (\`src/user/randomised-response.ts\`) and the system's random numbers; vault and consent are left out of it. ${answers.length} answers, of which devices have: ${answers.map((answer, i) => `${answer} ${percent(truth[i]!)}`).join(', ')}.

Errors are root mean squares over answers and fleets, in percentage points. *Theory* is √(r (1 − r) / n) / γ for an answer that is reported with probability r, less what the drawing of people would add: the truth is the same in every fleet. *Bias* is the largest mean error of an answer, in its own standard errors (the largest of ${answers.length} is beyond 2.6 by chance in one case of twenty).

${table(
  [
    'devices',
    'fleets',
    'ε',
    'error',
    'theory',
    'found / theory',
    'largest error',
    'bias',
    'error as a distribution',
    '95 % intervals that hold the truth',
  ],
  rows,
)}

The intervals are meant for people of whom these devices are a sample, so that they are wider than needed here, where the fleet is fixed; at a large ε that is seen.

## What one device gives away

An attacker with every report of one device, whose true answer never changes, guesses it. By chance: ${percent(1 / answers.length)}. A vault gives out ε = ${budget} in its whole life, however often it is asked.

${table(
  ['ε of a report', 'reports', 'ε in all', 'right', 'devices'],
  attack.map(({ epsilon, reports, devices, right }) => [
    ...[String(epsilon), String(reports), String(epsilon * reports), percent(right), whole(devices)],
  ]),
)}

So the budget is no promise that nothing is learnt: at ε = ${budget} in all, whoever can put all reports of one device beside each other knows the answer with the probability above. Reports carry nothing that puts them beside each other; the app's server must not either.

## The ε that is said and the ε that is

Over every number of answers from 2 to 64 and every ε from 0.1 to 4 in thousandths, from the thresholds in whole numbers: the ε of a report is below what is said by at most ${(-exact.below).toExponential(1)}, by at least ${(-exact.above).toExponential(1)}, and never above.
`;
}
