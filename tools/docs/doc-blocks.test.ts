/** Every code block of README and docs is checked, and run where it can be; those for a page run in `e2e/docs.spec.ts`. */
import { spawnSync } from 'node:child_process';
import { existsSync, mkdirSync, mkdtempSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { pathToFileURL } from 'node:url';
import { afterAll, beforeAll, describe, expect, it, vi } from 'vitest';
import { COMMANDS } from '../../src/cli/commands.ts';
import { blocksOf, DOC_PAGES, docBlocks, readPage, root, writeCode } from './blocks.ts';
import { commandsOf, e2pArguments, faultOf, isPartial } from './commands.ts';
import { docFiles } from './doc-files.ts';

const CODE = join(root, '.cache/docs');
const blocks = docBlocks();
const code = writeCode(CODE);
const shell = blocks.filter(({ language }) => language === 'sh');
/** Steps of what is only shown to work. */
const FEW = { train: ['--steps', '2'], evaluate: ['--generated', '2', '--ranked', '2'] } as const;

const home = process.cwd();
const folder = mkdtempSync(join(tmpdir(), 'e2p-docs-'));
beforeAll(async () => {
  for (const [path, bytes] of await docFiles()) {
    mkdirSync(join(folder, dirname(path)), { recursive: true });
    writeFileSync(join(folder, path), bytes);
  }
  // As if it were installed.
  mkdirSync(join(folder, 'node_modules'));
  symlinkSync(root, join(folder, 'node_modules/e2p-web'));
  process.chdir(folder);
});
afterAll(() => process.chdir(home));

describe('the code of the documentation', () => {
  it('is in languages that are checked, or says why it is not', () => {
    const known = ['js', 'ts', 'sh', 'json'];
    const others = blocks.filter(({ language, notRun }) => !known.includes(language) && notRun === undefined);
    expect(others).toEqual([]);
    expect(code.length).toBeGreaterThan(15);
  });

  it('compiles against the types that are published', () => {
    const tsconfig = {
      extends: '../../tsconfig.json',
      // Stricter than an app's need be.
      compilerOptions: { allowJs: true, checkJs: true, noUncheckedIndexedAccess: false },
      exclude: [],
      include: ['*.js', '*.ts', '../../tools/docs/assumed.d.ts'],
    };
    writeFileSync(join(CODE, 'tsconfig.json'), JSON.stringify(tsconfig));
    const tsc = join(root, 'node_modules/typescript/bin/tsc');
    const { stdout } = spawnSync(process.execPath, [tsc, '-p', CODE], { encoding: 'utf8', cwd: CODE });
    // JavaScript has no types of parameters; the sources are checked by other rules.
    const errors = stdout
      .split('\n')
      .filter((line) => /^[\w-]+\.[jt]s\(/.test(line) && !/\.js\(.*TS7006/.test(line));
    expect(errors).toEqual([]);
  });

  const inNode = code.filter(({ where, notRun }) => where === 'node' && notRun === undefined);
  it.each(inNode)('runs: $page:$line', async ({ file }) => {
    await import(pathToFileURL(file).href);
  });

  it.each(blocks.filter(({ language }) => language === 'json'))('is JSON: $page:$line', ({ code }) => {
    JSON.parse(code);
  });
});

describe('the commands of the documentation', () => {
  it('exist, with these options, scripts and files', () => {
    const faults = shell.flatMap(({ page, line, code: text }) =>
      commandsOf(text).flatMap((words) => {
        const fault = faultOf(words);
        return fault === undefined ? [] : [`${page}:${line} ${words.join(' ')}: ${fault}`];
      }),
    );
    expect(faults).toEqual([]);
  });

  it('exist where a sentence names them', () => {
    const faults = DOC_PAGES.flatMap((page) => {
      const prose = readPage(page).replaceAll(/```[\s\S]*?```/g, '');
      const named = [...prose.matchAll(/`((?:npx|npm|e2p) [^`]+)`/g)].map(([, text]) => text!);
      return named.flatMap((text) => {
        const fault = faultOf(commandsOf(text)[0]!, true);
        return fault === undefined ? [] : [`${page}: ${text}: ${fault}`];
      });
    });
    expect(faults).toEqual([]);
  });

  const run = shell
    .filter(({ notRun }) => notRun === undefined)
    .flatMap(({ page, line, code: text }) => {
      const commands = commandsOf(text).filter((words) => !isPartial(words));
      const entered = commands.find(([program]) => program === 'cd')?.[1];
      return commands.flatMap((words) => {
        const args = e2pArguments(words);
        const inside = commands.indexOf(words) > commands.findIndex(([program]) => program === 'cd');
        return args === undefined
          ? []
          : [{ page, line, args, into: inside && entered, named: args.join(' ') }];
      });
    });
  it.each(run)('run: $page:$line e2p $named', async ({ args, into }) => {
    const [name = '', ...rest] = args;
    process.chdir(join(folder, into || '.'));
    // What another page made, and what `npm install` does.
    if (name === 'init') rmSync(rest[0]!, { recursive: true, force: true });
    if (into && !existsSync('node_modules')) symlinkSync(join(folder, 'node_modules'), 'node_modules');
    if (name === '--version' || name === 'help') return;
    const said: string[] = [];
    vi.spyOn(console, 'log').mockImplementation((text) => said.push(String(text)));
    vi.spyOn(process.stdout, 'write').mockImplementation((text) => said.push(String(text)) > 0);
    vi.spyOn(process.stderr, 'write').mockImplementation(() => true);
    await COMMANDS[name]!.run([...rest, ...(FEW[name as keyof typeof FEW] ?? [])]);
    vi.restoreAllMocks();
    expect(said.join('')).not.toBe('');
  });
});

it('few blocks are excused from running', () => {
  const excused = blocks.filter(({ notRun }) => notRun !== undefined);
  expect(excused.map(({ page, notRun }) => `${page}: ${notRun}`)).toEqual([
    'README.md: downloads SmolLM2 and a sentence encoder',
    'examples/pytorch/README.md: needs PyTorch',
    'examples/pytorch/README.md: needs PyTorch, SmolLM2 and its training data',
    "docs/development.md: a pipeline of GitHub's",
    'docs/embeddings.md: downloads a sentence encoder',
    "docs/generation.md: the default model's template has no variables",
    'docs/node.md: downloads SmolLM2',
  ]);
});

describe('these checks', () => {
  it.each([
    ['e2p train --modle x', /--modle/],
    ['npx e2p evaluate --model m … --nothing', /--nothing/],
    ['npx e2p frobnicate', /no command frobnicate/],
    ['npm run nothing', /no script nothing/],
    ['npm install left-pad', /left-pad/],
    ['npx playwright test e2e/nothing.spec.ts -g some', /e2e\/nothing\.spec\.ts is not there/],
    ['torchrun --nproc-per-node 2 train.py --nothing 1', /train\.py has no --nothing/],
    ['curl http://example.org', /curl is not known/],
  ])('refuse: %s', (line, why) => {
    expect(faultOf(commandsOf(line)[0]!)).toMatch(why);
  });

  it('find a block with its line, also where it is indented, and why it does not run', () => {
    const page =
      'One.\n\n<!-- not run: no network -->\n```sh\ne2p help \\\n  train # all\n```\n- a\n  ```js\n  f();\n  ```\n';
    const [first, second] = blocksOf('a.md', page);
    expect(first).toMatchObject({ line: 5, language: 'sh', notRun: 'no network' });
    expect(commandsOf(first!.code)).toEqual([['e2p', 'help', 'train']]);
    expect(second).toMatchObject({ line: 10, language: 'js', code: 'f();\n', notRun: undefined });
  });
});
