/** Pages of `docs/results` that several benchmarks write: each replaces its own section. */
import { existsSync, readFileSync, writeFileSync } from 'node:fs';

/** Replaces what stands between the section's two comments, or adds it at the end. */
export function writeResults(page: string, section: string, text: string): void {
  const file = `docs/results/${page}.md`;
  const [begin, end] = [`<!-- ${section} -->`, `<!-- /${section} -->`];
  const old = existsSync(file) ? readFileSync(file, 'utf8') : '';
  const [from, to] = [old.indexOf(begin), old.indexOf(end)];
  const block = `${begin}\n${text.trim()}\n${end}\n`;
  const now = from < 0 ? `${old}\n${block}` : old.slice(0, from) + block + old.slice(to + end.length + 1);
  writeFileSync(file, now.trimStart());
  console.log(text);
}

/** How the page says that it was made. */
export const commandOf = (name: string, args: readonly string[]): string =>
  [`npm run bench ${name}`, ...(args.length > 0 ? ['--'] : []), ...args].join(' ');
