/**
 * The code blocks of README and docs, as data. A block of code runs as it stands: what it takes for granted (`personalizer`, `embedding`,
 * `show` …) are globals of the test that runs it, declared in `assumed.d.ts`. `<!-- not run: why -->` above a block excuses it from running,
 * never from being checked. Pages that a program rendered (docs/results, docs/api) are checked by that.
 */
import { mkdirSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { join, relative } from 'node:path';
import { fileURLToPath } from 'node:url';
// @ts-expect-error A script of plain JavaScript.
import { TYPED_ENTRIES as entries } from '../../scripts/build.mjs';

export const root = fileURLToPath(new URL('../..', import.meta.url));

const TYPED_ENTRIES: Readonly<Record<string, string>> = entries;

export interface DocBlock {
  /** From the root of the repository. */
  readonly page: string;
  /** Of its first line. */
  readonly line: number;
  readonly language: string;
  readonly code: string;
  /** Why it does not run. */
  readonly notRun: string | undefined;
}

/** A block of JavaScript or TypeScript that lies in a file. */
export interface CodeFile extends DocBlock {
  readonly file: string;
  /** `browser` unless it imports what only Node has. */
  readonly where: 'browser' | 'node';
}

const BLOCK =
  /(?:<!-- not run: (?<why>.*?) -->\n)?^(?<indent> *)```(?<language>\w*)\n(?<code>[\s\S]*?)^ *```$/gm;

export const DOC_PAGES = [
  ...['README.md', 'CONTRIBUTING.md', 'SECURITY.md', 'examples/pytorch/README.md'],
  ...readdirSync(join(root, 'docs'))
    .filter((name) => name.endsWith('.md'))
    .map((name) => `docs/${name}`),
];

export function blocksOf(page: string, text: string): DocBlock[] {
  return [...text.matchAll(BLOCK)].map(({ index, groups }) => {
    const { why, indent, language, code } = groups as Record<string, string>;
    const fence = text.indexOf('```', index);
    const line = text.slice(0, fence).split('\n').length + 1;
    const lines = code!.replaceAll(new RegExp(`^${indent}`, 'gm'), '');
    return { page, line, language: language!, code: lines, notRun: why };
  });
}

export const readPage = (page: string): string => readFileSync(join(root, page), 'utf8');

export const docBlocks = (): DocBlock[] => DOC_PAGES.flatMap((page) => blocksOf(page, readPage(page)));

/** `e2p-web/train` → its source. */
const sourceOf = (entry: string): string | undefined =>
  TYPED_ENTRIES[entry.replace(/^e2p-web\/?/, '') || 'index'];

/** Each as a module whose imports of this package are its sources, in a folder of the repository; a training has two steps. */
export function writeCode(folder: string): CodeFile[] {
  rmSync(folder, { recursive: true, force: true });
  mkdirSync(folder, { recursive: true });
  return docBlocks()
    .filter(({ language }) => language === 'js' || language === 'ts')
    .map((block) => {
      const { page, line, language, code } = block;
      const file = join(folder, `${page.replaceAll(/\W/g, '-')}-${line}.${language}`);
      const imports = code.replaceAll(/(from )'(e2p-web[\w/-]*)'/g, (_, from: string, entry: string) => {
        const source = sourceOf(entry);
        if (source === undefined) throw new Error(`${page}:${line} imports ${entry}, which is no entry`);
        return `${from}'${relative(folder, join(root, source))}'`;
      });
      writeFileSync(file, `${imports.replace(/steps: \d+/, 'steps: 2')}export {};\n`);
      const where = /from '(node:|e2p-web\/node)/.test(code) ? 'node' : 'browser';
      return { ...block, file, where } as const;
    });
}
