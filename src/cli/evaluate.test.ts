/** `e2p evaluate` as a team runs it, on the default model: killed, interrupted and gone on with, on bad input. */
import { spawn, spawnSync } from 'node:child_process';
import { once } from 'node:events';
import { existsSync, mkdirSync, mkdtempSync, readFileSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { describe, expect, it } from 'vitest';
import { readProjector } from '../projector/projector.ts';
import { builtCli } from '../testing/built-cli.ts';

const main = builtCli();
const model = fileURLToPath(new URL('../../public/models/e2p-tiny', import.meta.url));
const projector = join(model, 'projector.safetensors');
const folder = mkdtempSync(join(tmpdir(), 'e2p-evaluate-'));
const path = (...names: string[]) => join(folder, ...names);
const save = (name: string, values: readonly unknown[]): string => {
  writeFileSync(path(name), values.map((v) => `${JSON.stringify(v)}\n`).join(''));
  return path(name);
};

const { dim } = readProjector(readFileSync(projector)).contract.space;
const people = Array.from({ length: 24 }, (_, i) => ({
  user: `u${i}`,
  embedding: Array.from({ length: dim }, (_, k) => Math.sin(i * 7 + k)),
}));
const users = save('users.jsonl', people);
const examples = people.flatMap(({ user }, i) =>
  ['What do I like?', 'A headline for me:'].map((prompt) => ({
    ...{ user, prompt, target: `${i % 2 ? 'Dogs in the park' : 'The sea at night'}, number ${i}` },
  })),
);
const data = save('test.jsonl', examples);

const command = (out: string, ...more: string[]) => [
  ...[main, 'evaluate', '--model', model, '--projector', projector, '--users', users],
  ...['--data', data, '--out', path(out), '--batch', '4', '--ranked', '6', '--generated', '4'],
  ...['--max-tokens', '8', ...more],
];
const e2p = (...args: string[]) => {
  const { status, stdout, stderr } = spawnSync(process.execPath, args, { encoding: 'utf8' });
  return { status, out: stdout, error: stderr.trim() };
};
/** But for times. */
const reportOf = (out: string, file = 'report.json') =>
  readFileSync(path(out, file), 'utf8').replaceAll(/"timeToFirstTokenMs": [\d.]+|[\d.]+ ms/g, '(time)');
const scoresOf = (out: string) =>
  existsSync(path(out, 'scores.jsonl'))
    ? readFileSync(path(out, 'scores.jsonl'), 'utf8').split('\n').length - 1
    : 0;

/** Runs it, and stops it as soon as so many lines of scores are there. */
async function stopped(out: string, lines: number, signal: NodeJS.Signals, ...more: string[]) {
  const child = spawn(process.execPath, command(out, ...more), { stdio: ['ignore', 'ignore', 'pipe'] });
  let said = '';
  child.stderr.on('data', (text) => {
    said += text;
  });
  while (scoresOf(out) < lines && child.exitCode === null) await new Promise((r) => setTimeout(r, 2));
  child.kill(signal);
  const [code] = await once(child, 'exit');
  return { code, said };
}

describe('e2p evaluate', () => {
  const whole = e2p(...command('whole'));

  it('writes a report, tells progress off a terminal too, and leaves nothing else', () => {
    expect(whole.status, whole.error).toBe(0);
    expect(whole.out).toContain('48 examples of 24 users');
    expect(whole.error).toMatch(/^scoring (\d+)\/\1\nranking (\d+)\/\2\ngenerating (\d+)\/\3$/);
    expect(readFileSync(path('whole', 'report.md'), 'utf8')).toBe(whole.out.slice(0, -1));
    expect(existsSync(path('whole', 'scores.jsonl'))).toBe(false);
  });

  it('killed at any time and gone on with, ends with the same report', async () => {
    const { error } = e2p(...command('killed', '--resume', '--seed', 'x'));
    expect(error).toContain('--seed is "x"');
    for (const lines of [3, 20, 75]) await stopped('killed', lines, 'SIGKILL', '--resume');
    const kept = scoresOf('killed');
    expect(kept).toBeGreaterThanOrEqual(75);
    const other = e2p(...command('killed', '--resume', '--seed', '2'));
    expect(other.status).toBe(2);
    expect(other.error).toMatch(/scores\.jsonl: it was made with seed = 1, found 2; begin anew/);
    const rest = e2p(...command('killed', '--resume'));
    expect(rest.status, rest.error).toBe(0);
    for (const file of ['report.json', 'report.md', 'report.html']) {
      expect(reportOf('killed', file)).toBe(reportOf('whole', file));
    }
  });

  it.each(['SIGINT', 'SIGTERM'] as const)('stopped by %s, says how to go on', async (signal) => {
    // Enough work that it can't be done before the signal comes.
    const { code, said } = await stopped(signal, 5, signal, '--shuffles', '120');
    expect(code).toBe(130);
    expect(said).toMatch(/stopped; what was measured is in .*scores\.jsonl, go on with --resume/);
    expect(scoresOf(signal)).toBeGreaterThanOrEqual(5);
    expect(existsSync(path(signal, 'report.json'))).toBe(false);
  });

  const [first, ...others] = examples;
  const changed = (name: string, more: object) => save(name, [{ ...first, ...more }, ...others]);
  it.each([
    ['an unknown condition', ['--conditions', 'true,magic'], /--conditions is "magic", expected one of/],
    [
      'a folder that is a file',
      ['--out', data],
      /test\.jsonl.report\.json could not be written: a part of its path is a file/,
    ],
    [
      'a folder below a file',
      ['--out', join(data, 'x')],
      /could not be written: a part of its path is a file/,
    ],
    ['no projector there', ['--projector', path('nowhere')], /nowhere could not be read/],
    [
      'a text condition without texts',
      ['--conditions', 'text,true'],
      /line 1: field persona is missing, expected for text conditions/,
    ],
    [
      'a prompt that the assistant ends',
      ['--data', changed('ends.jsonl', { prompt: [{ role: 'assistant', content: 'secret' }] })],
      /ends\.jsonl line 1: field prompt is a conversation that ends with the assistant, expected a user message/,
    ],
    [
      'somebody in two groups',
      ['--data', changed('groups.jsonl', { group: 'g' })],
      /line 2: field group is another one than in line 1, expected one group for each user/,
    ],
  ])('refuses with one line, before any work: %s', (_, more, reason) => {
    const { status, out, error } = e2p(...command('bad', ...more));
    expect(status).toBe(2);
    expect(out).toBe('');
    expect(error.split('\n')).toHaveLength(1);
    expect(error).toMatch(reason);
    expect(error).not.toContain('secret');
    expect(existsSync(path('bad', 'scores.jsonl'))).toBe(false);
  });

  it('a folder where nothing can be written is refused too', () => {
    for (const file of ['scores.jsonl', 'report.html']) {
      mkdirSync(path(`no-${file}`, file), { recursive: true });
      const { status, error } = e2p(...command(`no-${file}`));
      expect(status).toBe(2);
      expect(error).toMatch(/(scores\.jsonl|report\.html) could not be written: it is a folder/);
    }
  });
});
