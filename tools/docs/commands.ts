/**
 * The commands of the documentation, as data, and what is wrong with them: a script, package, file or option that does not exist. Options of
 * `e2p` are read by the table that the command itself is read by. Where a line leaves something out (`…`, `[ ]`, `< >`) the names of its
 * options are looked at, nothing else.
 */
import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { COMMANDS } from '../../src/cli/commands.ts';
import { root } from './blocks.ts';

const { scripts, dependencies, devDependencies, peerDependencies } = JSON.parse(
  readFileSync(join(root, 'package.json'), 'utf8'),
);
const PACKAGES = ['e2p-web', ...Object.keys({ ...dependencies, ...devDependencies, ...peerDependencies })];
const PYTHON = join(root, 'examples/pytorch');

/** Words of each command line, without quotes, comments and what a shell sets. */
export function commandsOf(code: string): string[][] {
  const lines = code.replaceAll(/\\\n\s*/g, ' ').split('\n');
  return lines.map(wordsOf).filter((words) => words.length > 0);
}

function wordsOf(line: string): string[] {
  const words = [...line.matchAll(/#.*$|"([^"]*)"|'([^']*)'|<[^>]*>|[^\s"']+/g)];
  return words
    .map(([all, double, single]) => double ?? single ?? all)
    .filter((word) => !word.startsWith('#') && word !== '|' && !/^[A-Z][A-Z\d_]*=/.test(word));
}

export const isPartial = (words: readonly string[]) =>
  words.some((word) => word === '…' || /^[<[]/.test(word));

/** The arguments of `e2p` where that is what is called. */
export function e2pArguments(words: readonly string[]): readonly string[] | undefined {
  if (words[0] === 'e2p') return words.slice(1);
  if (words.slice(0, 3).join(' ') === 'npm run e2p') return words.slice(4);
  if (words[0] !== 'npx') return undefined;
  const rest = words.slice(1);
  while (rest[0] === '-p') rest.splice(0, 2);
  return rest[0] === 'e2p' ? rest.slice(1) : undefined;
}

/** What does not exist, or undefined. @param partial whether it leaves something out */
export function faultOf(words: readonly string[], partial = isPartial(words)): string | undefined {
  const args = e2pArguments(words);
  if (args !== undefined) return faultOfE2p(args, partial);
  const [program, verb = '', ...rest] = words;
  const missing = (paths: readonly string[], folder = root) => {
    const found = paths.filter((path) => !path.startsWith('-') && !existsSync(join(folder, path)));
    return found.length > 0 ? `${found.join(', ')} is not there` : undefined;
  };
  switch (program === 'npx' ? `npx ${verb}` : program) {
    case 'npm':
      if (['start', 'test', 'ci', 'version', 'view', 'publish'].includes(verb)) return undefined;
      if (verb === 'run') return rest[0]! in scripts ? undefined : `there is no script ${rest[0]}`;
      if (verb !== 'install') return `npm ${verb} is not known here`;
      return rest.every((name) => name.startsWith('-') || PACKAGES.includes(name.replace(/(.)@.*/, '$1')))
        ? undefined
        : `expected packages that are tried here, found ${rest.join(' ')}`;
    case 'npx playwright':
      return missing(rest.slice(1, rest.includes('-g') ? rest.indexOf('-g') : undefined));
    case 'npx vitest':
      return missing(rest.slice(1));
    case 'npx tsx':
      return missing(rest.slice(0, 1));
    case 'npx vite':
    case 'cd':
      return undefined;
    case 'node':
      return missing([verb]);
    case 'torchrun': {
      const [script, ...options] = words.slice(words.findIndex((word) => word.endsWith('.py')));
      const source = readFileSync(join(PYTHON, script!), 'utf8');
      const unknown = options.filter(
        (word) => /^--/.test(word) && !new RegExp(`"(--)?${word.slice(2)}"`).test(source),
      );
      return unknown.length > 0 ? `${script} has no ${unknown.join(', ')}` : undefined;
    }
    default:
      return `${program} is not known here`;
  }
}

function faultOfE2p(args: readonly string[], partial: boolean): string | undefined {
  const [name = '', ...rest] = args;
  if (['', '--version', 'help'].includes(name)) return undefined;
  const command = COMMANDS[name];
  if (command === undefined) return `e2p has no command ${name}`;
  try {
    if (!partial) command.read(rest);
  } catch (error) {
    return `e2p ${name}: ${(error as Error).message}`;
  }
  const options = rest.flatMap((word) => /^\[?--([\w-]+)/.exec(word)?.[1] ?? []);
  const unknown = options.filter((option) => !(option in command.options));
  return unknown.length > 0 ? `e2p ${name} has no --${unknown.join(', --')}` : undefined;
}
