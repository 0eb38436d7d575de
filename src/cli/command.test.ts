/** Help and arguments of every command there is. */
import { spawnSync } from 'node:child_process';
import { readdirSync, readFileSync } from 'node:fs';
import { describe, expect, it } from 'vitest';
import { builtCli } from '../testing/built-cli.ts';
import { type Command, defineCommand, expectOne } from './command.ts';
import { number } from './numbers.ts';

const folder = new URL('.', import.meta.url);
const files = readdirSync(folder).filter(
  (name) =>
    !name.endsWith('.test.ts') && /export const command =/.test(readFileSync(new URL(name, folder), 'utf8')),
);
const commands = await Promise.all(
  files.map(async (file) => {
    const { command } = (await import(new URL(file, folder).href)) as { command: Command };
    return [file.replace('.ts', ''), command] as const;
  }),
);
const e2p = (...args: string[]) => {
  const { status, stdout } = spawnSync(process.execPath, [builtCli(), ...args], {
    encoding: 'utf8',
  });
  return { status, out: stdout };
};

describe('the help', () => {
  it('of e2p lists every command', () => {
    const { status, out } = e2p('--help');
    expect(status).toBe(0);
    const listed = [...out.matchAll(/^ {2}(\w+) {2,}\S/gm)].map(([, name]) => name);
    expect(listed.toSorted()).toEqual(commands.map(([name]) => name).toSorted());
  });

  it.each(['train --help', 'help train', 'train --steps many -h'])('comes with e2p %s', (args) => {
    const { status, out } = e2p(...args.split(' '));
    expect(status).toBe(0);
    expect(out).toMatch(/^usage: e2p train --model <folder\|id> .*\n\nTrains a projector/);
  });

  it.each(
    commands,
  )('of %s has the options that it reads, a line each, with default and example', async (name, command) => {
    const lines = command.help(name).split('\n');
    const told = lines.flatMap((line) => {
      const [, option, rest = ''] = /^ {2}--([\w-]+) ?(.*)$/.exec(line) ?? [];
      return option === undefined ? [] : [{ option, rest }];
    });
    expect(told.map(({ option }) => option)).toEqual([...Object.keys(command.options), 'help']);
    for (const { option, rest } of told.slice(0, -1)) {
      const { value, default: read, without = read, required } = command.options[option]!;
      if (value !== undefined && required === undefined) expect(without, option).toBeDefined();
      if (without !== undefined) expect(rest).toContain(`(default: ${without})`);
      // Read by the command itself: the first option it does not know is the other one.
      const given = value === undefined ? [`--${option}`] : [`--${option}`, 'x'];
      await expect(command.run([...given, '--frobnicate'])).rejects.toThrow(/^--frobnicate is no option/);
    }
    for (const line of lines) expect(line.length).toBeLessThan(150);
    expect(lines.some((line) => line.startsWith(`  e2p ${name} `))).toBe(true);
  });
});

it.each(['--version', 'version'])('e2p %s tells the version of the package', (name) => {
  const { version } = JSON.parse(readFileSync(new URL('../../package.json', folder), 'utf8'));
  expect(e2p(name)).toEqual({ status: 0, out: `${version}\n` });
});

describe('arguments', () => {
  let found: unknown;
  const command = defineCommand({
    purpose: 'p',
    argument: '<folder>',
    options: {
      model: { value: '<m>', required: true, meaning: 'm' },
      size: { value: '<n>', read: number, default: '7', meaning: 's' },
      slot: { value: '<s>', many: true, meaning: 's' },
      seed: { value: '<n>', read: number, meaning: 's' },
      json: { meaning: 'j' },
    },
    examples: [],
    run: (values, argument) => {
      found = { ...values, argument };
    },
  });

  it('are read by their table: values, defaults, switches, several of one', async () => {
    await command.run(['--slot', 'a', '--model=m', 'folder', '--slot', 'b', '--seed', '2.5']);
    expect(found).toEqual({
      ...{ model: 'm', size: 7, slot: ['a', 'b'], seed: 2.5, json: false, argument: 'folder' },
    });
    await command.run(['--model', 'old', '--json', '--model=-new', '--', '--folder']);
    expect(found).toMatchObject({ model: '-new', json: true, slot: undefined, argument: '--folder' });
  });

  it.each([
    [['f'], '--model is missing'],
    [['--model', 'm'], 'found 0 arguments without an option name, expected one <folder>'],
    [['--model', 'm', 'f', 'secret'], 'found 2 arguments without an option name, expected one <folder>'],
    [['--model', '--json', 'f'], '--model has no value, expected --model <m> (--model=… where it begins'],
    [['f', '--model'], '--model has no value'],
    [['--json=secret', 'f'], '--json is followed by a value, expected none: it is a switch'],
    [['--modle=secret', 'f'], '--modle is no option, expected one of those that --help lists'],
    [['-m', 'secret'], '-m is no option'],
    [['--model', 'm', 'f', '--seed', ' '], '--seed is " ", expected a number'],
    [['--model', 'm', 'f', '--seed', '-1'], '--seed is "-1", expected a number from 0'],
    [['--model=', 'f'], '--model is empty, expected <m>'],
    [['--toString'], '--toString is no option'],
  ])('are refused by name, and no text is repeated: %j', async (args, message) => {
    const error: Error = await command.run(args).then(
      () => expect.fail('it ran'),
      (e) => e,
    );
    expect(error).toMatchObject({ name: 'E2PError', code: 'invalid-argument' });
    expect(error.message.startsWith(message), error.message).toBe(true);
    expect(error.message).not.toContain('secret');
  });

  it('that say the same thing twice are refused', () => {
    expect(() => expectOne({ steps: 1, epochs: undefined }, 'steps', 'epochs', 'how long')).not.toThrow();
    expect(() => expectOne({ steps: 1, epochs: 0 }, 'steps', 'epochs', 'how long')).toThrow(
      '--steps and --epochs both say how long, expected one of them',
    );
  });
});
