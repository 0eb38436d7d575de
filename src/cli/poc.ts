/**
 * `e2p poc`: what an experiment has shown, from the summaries that devices sent; or, with --plan, how many people one needs. Exit code 3: there
 * is an alarm (a sample ratio mismatch, a guardrail that is breached), for whoever runs it every night.
 */
import { E2PError } from '../error.ts';
import { sampleSize } from '../evaluate/compare-arms.ts';
import { experimentMarkdown, type Guardrail, reportExperiment } from '../evaluate/experiment-report.ts';
import { readSummaries } from '../evaluate/experiment-summaries.ts';
import { defineCommand, expectBoth, expectOne, type Options, type Values } from './command.ts';
import { readInput } from './files.ts';
import { count, number, positive, positiveShare, share } from './numbers.ts';

const OPTIONS = {
  summaries: {
    ...{ value: '<file>', required: { unless: 'plan' } },
    meaning: 'JSON Lines, what user.experiments.summary() gave on each device',
  },
  experiment: { value: '<id>', meaning: 'which one, where the file has several', without: 'the only one' },
  share: {
    ...{
      value: '<n>',
      read: share,
      meaning: 'share of treatment: whose people are counted, where it was changed',
    },
    without: 'the only one; 0.5 for --plan',
  },
  metric: { value: '<name>', many: true, meaning: 'to be told of, guardrails too', without: 'all' },
  guardrail: {
    ...{ value: '<name=n>', many: true, read: guardrail },
    meaning: 'how far it may rise, as slow=0.05 for 5 %, or fall, as kept=-0.02',
    without: 'none',
  },
  sequential: { meaning: 'intervals that hold at every look, for whoever looks before the end' },
  horizon: {
    ...{ value: '<n>', read: count, without: '10000' },
    meaning: 'with --sequential: people at which these are narrowest, chosen before the first look',
  },
  everyone: { meaning: 'counts people too who were given an arm and never met it' },
  alpha: {
    ...{ value: '<n>', read: positiveShare, default: '0.05' },
    meaning: 'share of intervals that may be wrong',
  },
  plan: { meaning: 'tells how many people are needed, from the four below' },
  baseline: {
    ...{ value: '<n>', read: positive, meaning: "mean of a person's number without treatment" },
    without: 'none; needed by --plan',
  },
  deviation: {
    ...{ value: '<n>', read: positive, meaning: 'its standard deviation' },
    without: 'yes or no: baseline is a share of people',
  },
  lift: {
    ...{ value: '<n>', read: positive, without: '0.05' },
    meaning: 'smallest that is worth seeing: 5 % is 0.05',
  },
  power: { ...{ value: '<n>', read: number, without: '0.8' }, meaning: 'chance to see it' },
  json: { meaning: 'the same as data' },
} as const satisfies Options;

function poc(values: Values<typeof OPTIONS>): void {
  const { alpha, json, sequential, horizon = 10_000, everyone, metric, experiment } = values;
  expectOne(values, 'plan', 'summaries', 'what is told');
  for (const name of ['baseline', 'deviation', 'lift', 'power']) expectBoth(values, name, 'plan');
  for (const name of ['experiment', 'metric', 'guardrail', 'sequential', 'everyone'])
    expectBoth(values, name, 'summaries');
  expectBoth(values, 'horizon', 'sequential');
  if (values.plan) {
    plan(values);
    return;
  }
  const guarded = values.guardrail?.map((each) => each.metric) ?? [];
  const twice = guarded.find((name, i) => guarded.indexOf(name) < i);
  if (twice !== undefined)
    throw refusal(`--guardrail names ${twice} twice, expected one margin of each metric`);
  const file = values.summaries!;
  const report = reportExperiment({
    ...readSummaries(readInput(file), file),
    ...{ alpha, everyone, experiment, share: values.share, metrics: metric, guardrails: values.guardrail },
    horizon: sequential ? horizon : undefined,
  });
  console.log(json ? JSON.stringify(report, null, 2) : experimentMarkdown(report));
  if (report.alarms.length > 0) process.exitCode = 3;
}

function plan({
  alpha,
  json,
  baseline,
  deviation,
  lift = 0.05,
  power = 0.8,
  share: treated = 0.5,
}: Values<typeof OPTIONS>) {
  if (baseline === undefined) throw refusal('--baseline is missing, expected it with --plan');
  if (deviation === undefined && baseline * (1 + lift) >= 1)
    throw refusal(
      '--baseline and --lift make a share of 1 or more, expected --deviation for what is no share',
    );
  if (!(power > alpha && power < 1))
    throw refusal(`--power is ${power}, expected a number above --alpha and below 1`);
  if (!(treated > 0 && treated < 1))
    throw refusal(`--share is ${treated}, expected a number between 0 and 1`);
  const size = sampleSize({ alpha, power, share: treated, mean: baseline, deviation, lift });
  if (json)
    console.log(
      JSON.stringify({ ...size, alpha, power, share: treated, baseline, deviation, lift }, null, 2),
    );
  else {
    console.log(
      `${size.once} people in both arms together, looked at once, when all of them are there\n` +
        `${size.sequential} at most with --sequential --horizon ${size.sequential}, which may end sooner`,
    );
  }
}

function guardrail(text: string, name: string): Guardrail {
  const [, metric, margin] = /^([\w.-]{1,64})=([+-]?\d*\.?\d+)$/.exec(text) ?? [];
  if (metric === undefined || Math.abs(Number(margin)) >= 1)
    throw refusal(`--${name} is ${JSON.stringify(text)}, expected a metric and a share, as slow=0.05`);
  return { metric, margin: Number(margin) };
}

const refusal = (message: string) => new E2PError('invalid-argument', message);

export const command = defineCommand({
  purpose:
    'Tells what an experiment has changed, from the summaries of devices; or how many people it needs.',
  note: 'Exit code 3: an alarm, that is a sample ratio mismatch or a guardrail that is breached. docs/poc.md says how to read it.',
  options: OPTIONS,
  examples: [
    'poc --plan --baseline 0.2 --lift 0.05',
    'poc --summaries summaries.jsonl --metric opened --guardrail slow=0.05 --sequential',
  ],
  run: poc,
});
