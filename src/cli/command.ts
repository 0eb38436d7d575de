/**
 * A command of `e2p`. One table of options is what the arguments are read by and what `--help` prints, so that neither has what
 * the other lacks. A message about arguments names the option and never quotes a text: it may be somebody's prompt.
 */
import { parseArgs } from 'node:util';
import { E2PError } from '../error.ts';

export interface Option {
  /** What stands behind it, as `<folder>`; absent: a switch. */
  readonly value?: string;
  /** In one line. */
  readonly meaning: string;
  /** Default: the text as it is. @throws E2PError `invalid-argument` naming the option */
  readonly read?: (text: string, name: string) => unknown;
  /** `unless`: not where that other option is given. */
  readonly required?: true | { readonly unless: string };
  /** May be given several times. */
  readonly many?: true;
  /** Read as if it were given. */
  readonly default?: string;
  /** Its default in words, where whoever is called knows the value. */
  readonly without?: string;
}

export type Options = Readonly<Record<string, Option>>;

type One<O extends Option> = O extends { readonly value: string }
  ? O extends { readonly read: (text: string, name: string) => infer R }
    ? R
    : string
  : boolean;
type Given<O extends Option> = O extends { readonly many: true } ? readonly One<O>[] : One<O>;

/** Options as read; a switch is true or false. */
export type Values<T extends Options> = {
  readonly [N in keyof T]: T[N] extends {
    readonly value: string;
    readonly required?: never | { readonly unless: string };
    readonly default?: never;
  }
    ? Given<T[N]> | undefined
    : Given<T[N]>;
};

export interface Command {
  /** In one line. */
  readonly purpose: string;
  readonly options: Options;
  help(name: string): string;
  /** Its arguments, unless they are wrong. @throws E2PError `invalid-argument` naming the option */
  read(args: readonly string[]): { readonly values: object; readonly argument: string };
  /** @throws E2PError */
  run(args: readonly string[]): Promise<void>;
}

export interface CommandParts<T extends Options> {
  readonly purpose: string;
  /** What its help says beside that. */
  readonly note?: string;
  /** The one argument that has no option name, as `<folder>`, or `[folder]` where it may be left out; absent: there is none. */
  readonly argument?: string;
  readonly options: T;
  /** Behind `e2p`. */
  readonly examples: readonly string[];
  readonly run: (values: Values<T>, argument: string) => Promise<void> | void;
}

export function defineCommand<const T extends Options>(parts: CommandParts<T>): Command {
  const { purpose, argument, options, run } = parts;
  return {
    ...{ purpose, options },
    help: (name) => helpText(name, parts),
    read: (args) => readArguments(args, options, argument),
    run: async (args) => {
      const found = readArguments(args, options, argument);
      await run(found.values as Values<T>, found.argument);
    },
  };
}

function readArguments(args: readonly string[], options: Options, argument: string | undefined) {
  const types = Object.entries(options).map(
    ([name, { value }]) => [name, { type: value === undefined ? 'boolean' : 'string' } as const] as const,
  );
  // Not strict: its messages quote what stands where an option was expected.
  const { tokens, positionals } = parseArgs({
    ...{ args: [...args], options: Object.fromEntries(types) },
    ...{ strict: false, allowPositionals: true, tokens: true },
  });
  const texts = new Map<string, string[]>();
  for (const token of tokens) {
    if (token.kind !== 'option') continue;
    const { name, rawName, value } = token;
    const option = Object.hasOwn(options, name) ? options[name]! : undefined;
    if (option === undefined || !rawName.startsWith('--'))
      throw refusal(`${rawName} is no option, expected one of those that --help lists`);
    if (option.value === undefined && value !== undefined)
      throw refusal(`--${name} is followed by a value, expected none: it is a switch`);
    // What begins with a dash is an option, and the one before it forgot its value; a number is told to be out of range.
    if (option.value !== undefined && (value === undefined || (!token.inlineValue && /^-[^\d.]/.test(value))))
      throw refusal(
        `--${name} has no value, expected --${name} ${option.value} (--${name}=… where it begins with a dash)`,
      );
    texts.set(name, [...(option.many ? (texts.get(name) ?? []) : []), value ?? '']);
  }
  const most = Number(argument !== undefined);
  const least = argument?.startsWith('[') ? 0 : most;
  const expected =
    argument === undefined
      ? 'options only; a text with spaces needs quotes'
      : `${least < most ? 'at most ' : ''}one ${argument}`;
  if (positionals.length < least || positionals.length > most)
    throw refusal(
      `found ${positionals.length} argument${positionals.length === 1 ? '' : 's'} without an option name, expected ${expected}`,
    );
  const values = Object.entries(options).map(([name, option]) => {
    const given = texts.get(name) ?? (option.default === undefined ? undefined : [option.default]);
    const { required } = option;
    const isNeeded = typeof required === 'object' ? !texts.has(required.unless) : required;
    if (given === undefined && isNeeded) {
      const instead = typeof required === 'object' ? `, expected it or --${required.unless}` : '';
      throw refusal(`--${name} is missing${instead}`);
    }
    if (option.value === undefined) return [name, given !== undefined] as const;
    if (given === undefined) return [name, undefined] as const;
    // An empty text may be meant, an empty name or path is a variable that was not set.
    if (option.value !== '<text>' && given.includes(''))
      throw refusal(`--${name} is empty, expected ${option.value}`);
    const { read = (text: string) => text } = option;
    const all = given.map((text) => read(text, name));
    return [name, option.many ? all : all[0]] as const;
  });
  return { values: Object.fromEntries(values), argument: positionals[0] ?? '' };
}

const refusal = (message: string): E2PError => new E2PError('invalid-argument', message);

function helpText(
  name: string,
  { purpose, note, argument, options, examples }: Omit<CommandParts<Options>, 'run'>,
): string {
  const named = Object.entries(options);
  const spelled = ([option, { value, many }]: (typeof named)[number]) =>
    `--${option}${value === undefined ? '' : ` ${value}`}${many ? '...' : ''}`;
  const required = named.filter(([, option]) => option.required).map(spelled);
  const more = named.length > required.length ? ['[options]'] : [];
  const width = Math.max(...named.map((entry) => spelled(entry).length), 6) + 2;
  const lines = named.map((entry) => {
    const { meaning, default: value, without = value } = entry[1];
    const fallback = without === undefined ? '' : ` (default: ${without})`;
    return `  ${spelled(entry).padEnd(width)}${meaning}${fallback}`;
  });
  return [
    `usage: ${['e2p', name, ...(argument === undefined ? [] : [argument]), ...required, ...more].join(' ')}`,
    `\n${purpose}${note === undefined ? '' : `\n${note}`}\n`,
    ...lines,
    `  ${'--help'.padEnd(width)}this text`,
    `\nexample${examples.length > 1 ? 's' : ''}:`,
    ...examples.map((example) => `  e2p ${example}`),
  ].join('\n');
}

/** @throws E2PError `invalid-argument` where both say the same thing. */
export function expectOne(
  values: Readonly<Record<string, unknown>>,
  one: string,
  other: string,
  what: string,
) {
  if ([values[one], values[other]].some((value) => value === undefined || value === false)) return;
  throw refusal(`--${one} and --${other} both say ${what}, expected one of them`);
}

/** @throws E2PError `invalid-argument` where one is given that only says something of the other. */
export function expectBoth(values: Readonly<Record<string, unknown>>, one: string, other: string) {
  const isGiven = (name: string) => values[name] !== undefined && values[name] !== false;
  if (!isGiven(one) || isGiven(other)) return;
  throw refusal(`--${one} is about --${other}, which is missing`);
}

type Defined<T> = { [N in keyof T as undefined extends T[N] ? never : N]: T[N] } & {
  [N in keyof T as undefined extends T[N] ? N : never]?: Exclude<T[N], undefined>;
};

/** Without what is undefined, so that whoever is called takes its own default. */
export function given<T extends object>(values: T): Defined<T> {
  return Object.fromEntries(Object.entries(values).filter(([, value]) => value !== undefined)) as Defined<T>;
}
