import { mkdtempSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, describe, expect, it, vi } from 'vitest';
import { seededRandom } from '../generate/sampling.ts';
import { command as aggregate } from './aggregate.ts';
import type { Command } from './command.ts';
import { command as poc } from './poc.ts';

const folder = mkdtempSync(join(tmpdir(), 'e2p-poc-'));
afterEach(() => {
  vi.restoreAllMocks();
  process.exitCode = undefined;
});

async function output(command: Command, ...args: string[]): Promise<string> {
  const log = vi.spyOn(console, 'log').mockImplementation(() => {});
  await command.run(args);
  const said = log.mock.calls.flat().join('\n');
  log.mockRestore();
  return said;
}

function file(name: string, values: readonly object[]): string {
  writeFileSync(join(folder, name), values.map((value) => JSON.stringify(value)).join('\n'));
  return join(folder, name);
}

type Change = (person: { i: number; arm: string; random: () => number }) => object;
/** People of an experiment, every other one treated. */
function summaries(name: string, people: number, outcomes: Change, more: Change = () => ({})): string {
  const random = seededRandom(4);
  return file(
    name,
    Array.from({ length: people }, (_, i) => {
      const arm = i % 2 ? 'treatment' : 'control';
      return {
        ...{ format: 'e2p-summary', version: 1, id: String(i).padStart(32, '0'), experiment: 'tone-1', arm },
        ...{ share: 0.5, exposed: true, moved: false, days: 14, outcomes: outcomes({ i, arm, random }) },
        ...more({ i, arm, random }),
      };
    }),
  );
}

const opened: Change = ({ arm, random }) => ({
  opened: random() < (arm === 'treatment' ? 0.3 : 0.2) ? 1 : 0,
  slow: random() < 0.1 ? 1 : 0,
});

describe('e2p poc', () => {
  it('tells the lift of each metric, and which guardrail holds', async () => {
    const path = summaries('lift.jsonl', 4000, opened);
    const report = JSON.parse(await output(poc, '--summaries', path, '--guardrail', 'slow=0.5', '--json'));
    const [first, second] = report.metrics;
    expect(first).toMatchObject({ name: 'opened', treatment: { count: 2000 }, control: { count: 2000 } });
    expect(first.difference.low).toBeLessThan(0.1);
    expect(first.difference.low).toBeGreaterThan(0.05);
    expect(first.difference.high).toBeGreaterThan(0.1);
    expect(first.lift.mean).toBeCloseTo(first.treatment.mean / first.control.mean - 1, 12);
    expect(second.guardrail).toEqual({ margin: 0.5, verdict: 'held' });
    expect([report.alarms, process.exitCode]).toEqual([[], undefined]);
    const page = await output(poc, '--summaries', path, '--metric', 'opened', '--sequential');
    expect(page).toMatch(
      /^# tone-1\n\n4000 people: 2000 treated, 2000 control, 14 days each\. 95 % intervals that hold at every look/,
    );
    expect(page).toMatch(
      /\| opened \| 0\.\d+ \| 0\.\d+ \| \+0\.\d+ \[\+0\.\d+, \+0\.\d+\] \| \+\d+\.\d % \[/,
    );
    expect(page).not.toContain('slow');
  });

  it('a guardrail that is breached, and a sample ratio mismatch, are alarms: exit code 3', async () => {
    const path = summaries('worse.jsonl', 4000, opened, ({ i }) => ({ exposed: i % 20 !== 1 }));
    const page = await output(poc, '--summaries', path, '--guardrail', 'opened=0.1', '--alpha', '0.01');
    expect(page).toContain('**guardrail opened is breached**');
    expect(page).not.toContain('mismatch');
    expect(process.exitCode).toBe(3);
    const lost = summaries('lost.jsonl', 4000, opened, ({ i }) => ({ exposed: i % 8 !== 1 }));
    expect(await output(poc, '--summaries', lost)).toContain('**sample ratio mismatch');
    const everyone = await output(poc, '--summaries', lost, '--everyone', '--json');
    expect(JSON.parse(everyone)).toMatchObject({ alarms: [], unexposed: 500, people: { treatment: 2000 } });
  });

  it('a guardrail is breached too where one arm has none of it, and no ratio can be told', async () => {
    const path = summaries('none.jsonl', 400, ({ arm, random }) => ({
      crashes: arm === 'treatment' && random() < 0.3 ? 1 : 0,
      kept: arm === 'control' && random() < 0.3 ? 1 : 0,
    }));
    const guardrails = ['--guardrail', 'crashes=0.05', '--guardrail', 'kept=-0.02'];
    const { metrics, alarms } = JSON.parse(await output(poc, '--summaries', path, ...guardrails, '--json'));
    expect(metrics[0].guardrail).toEqual({ margin: 0.05, verdict: 'breached' });
    expect(metrics[1].guardrail).toEqual({ margin: -0.02, verdict: 'breached' });
    expect([alarms.length, process.exitCode]).toEqual([2, 3]);
    const page = await output(poc, '--summaries', path);
    expect(page).toContain('| – [cannot be told] |');
    expect(page).not.toMatch(/Infinity|NaN/);
  });

  it('everybody in one arm is no mismatch, and a made-up name no metric of the others', async () => {
    const path = summaries(
      'all.jsonl',
      300,
      ({ i }) => (i === 0 ? { constructor: 1 } : { opened: 1 }),
      () => ({ arm: 'treatment', share: 1 }),
    );
    const { sampleRatio, metrics } = JSON.parse(await output(poc, '--summaries', path, '--json'));
    expect(sampleRatio).toEqual({ expected: 1, found: 1, pValue: 1, isMismatch: false });
    expect(metrics[0]).toMatchObject({ name: 'constructor', treatment: { count: 1, mean: 1 } });
  });

  it('counts nobody twice, and nobody of another share or experiment', async () => {
    const twice = summaries('twice.jsonl', 400, opened, ({ i }) => ({
      ...{ id: String(i % 390).padStart(32, '0'), share: i < 100 ? 0.1 : 0.5, moved: i > 380 },
    }));
    await expect(poc.run(['--summaries', twice])).rejects.toThrow(
      /--share: the summaries have 2 of them, expected one of 0.1, 0.5/,
    );
    const report = JSON.parse(await output(poc, '--summaries', twice, '--share', '0.5', '--json'));
    expect(report).toMatchObject({ people: { control: 145, treatment: 145 }, repeated: 10, moved: 9 });
    expect(report.cautions).toEqual([expect.stringMatching(/^Fewer than 1000 people/)]);
    const other = ['--summaries', twice, '--experiment', 'tone-2'];
    await expect(poc.run(other)).rejects.toThrow(
      /--experiment: the summaries have no such one, expected one of tone-1/,
    );
  });

  it('says how many people are needed', async () => {
    const plan = ['--plan', '--baseline', '0.2', '--lift', '0.1'];
    expect(await output(poc, ...plan)).toMatch(
      /^13014 people in both arms .*\n24919 at most with --sequential/,
    );
    expect(JSON.parse(await output(poc, ...plan, '--deviation', '2', '--json'))).toMatchObject({
      once: 313_956,
    });
  });

  it.each([
    [[], /--summaries is missing, expected it or --plan/],
    [['--plan'], /--baseline is missing/],
    // What says nothing where it stands is not passed over.
    [['--summaries', 'x', '--horizon', '500'], /--horizon is about --sequential, which is missing/],
    ...['baseline', 'deviation', 'lift', 'power'].map((name): [string[], RegExp] => [
      ['--summaries', 'x', `--${name}`, '0.1'],
      RegExp(`--${name} is about --plan, which`),
    ]),
    ...['experiment', 'metric', 'guardrail', 'sequential', 'everyone'].map((name): [string[], RegExp] => [
      [
        '--plan',
        '--baseline',
        '0.1',
        `--${name}`,
        ...({ experiment: ['a'], metric: ['a'], guardrail: ['a=0.1'] }[name] ?? []),
      ],
      RegExp(`--${name} is about --summaries, which`),
    ]),
    [['--plan', '--summaries', 'x'], /--plan and --summaries both say what is told/],
    [['--plan', '--baseline', '1', '--lift', '0.1'], /a share of 1 or more, expected --deviation/],
    [
      ['--plan', '--baseline', '0.1', '--power', '1'],
      /--power is 1, expected a number above --alpha and below 1/,
    ],
    [['--plan', '--baseline', '0.1', '--power', '0.01'], /--power is 0.01, expected a number above --alpha/],
    [
      ['--summaries', 'x', '--guardrail', 'slow=0.1', '--guardrail', 'slow=0.5'],
      /--guardrail names slow twice, expected one margin of each metric/,
    ],
    [['--summaries', 'x', '--guardrail', 'slow'], /--guardrail is "slow", expected a metric and a share/],
    [['--summaries', join(folder, 'nowhere.jsonl')], /nowhere.jsonl could not be read/],
    [
      ['--summaries', file('bad.jsonl', [{ format: 'x' }])],
      /bad.jsonl line 1: field format is something else/,
    ],
    [
      ['--summaries', summaries('text.jsonl', 4, () => ({ opened: 'Clara' }))],
      /line 1: field outcomes is something else, expected numbers from 0 by name$/,
    ],
    [
      ['--summaries', summaries('list.jsonl', 4, () => [1, 2])],
      /line 1: field outcomes is something else, expected numbers from 0 by name$/,
    ],
    [
      ['--summaries', summaries('steers.jsonl', 4, opened, () => ({ experiment: '\u001b[2J' }))],
      /line 1: field experiment is something else, expected 1 to 64 letters/,
    ],
    [['--summaries', summaries('few.jsonl', 4, opened), '--metric', 'x'], /no summary has the metric x/],
  ])('refuses %j', async (args, message) => {
    await expect(poc.run(args)).rejects.toThrow(message);
  });
});

it('says for how many people a metric is missing', async () => {
  const path = summaries('gaps.jsonl', 400, (person) => (person.i % 10 === 1 ? {} : opened(person)));
  expect(await output(poc, '--summaries', path, '--metric', 'opened')).toContain(
    '- opened: missing for 0 people in control and 40 treated, who are excluded from its row.',
  );
});

describe('e2p aggregate', () => {
  it('estimates the share of each answer', async () => {
    const path = file(
      'reports.jsonl',
      Array.from({ length: 1000 }, (_, i) => ({
        ...{ format: 'e2p-report', version: 1, id: String(i).padStart(32, '0'), question: 'e2p-drift-1' },
        ...{ answers: 2, epsilon: 1, answer: i < 700 ? 'fine' : 'alien' },
      })),
    );
    // (r − 1 / (e + 1)) · (e + 1) / (e − 1) of 0.7, and of the ends of scipy.stats.binomtest(700, 1000).proportion_ci(0.95, 'wilson')
    expect(await output(aggregate, '--reports', path)).toContain(
      '| fine | 70.00 % | 93.28 % | 86.98 % to 99.25 % | 93.28 % |',
    );
    const [question] = JSON.parse(await output(aggregate, '--reports', path, '--json'));
    expect(question).toMatchObject({ question: 'e2p-drift-1', epsilon: 1, repeated: 0 });
    expect(question.estimates[0]).toMatchObject({ answer: 'alien', reported: 0.3 });
    expect(process.exitCode).toBeUndefined();
    await expect(aggregate.run([])).rejects.toThrow(/--reports is missing/);
  });

  it('gives an alarm for reports that were made up', async () => {
    const path = file(
      'made-up.jsonl',
      Array.from({ length: 1000 }, (_, i) => ({
        ...{ format: 'e2p-report', version: 1, id: String(i).padStart(32, '0'), question: 'e2p-drift-1' },
        ...{ answers: 6, epsilon: 1, answer: i % 2 ? 'fine' : 'alien' },
      })),
    );
    expect(await output(aggregate, '--reports', path)).toContain('**6 of 6 answers have more or fewer');
    expect(process.exitCode).toBe(3);
    expect(JSON.parse(await output(aggregate, '--reports', path, '--json'))[0].impossible).toBe(6);
  });
});
