/**
 * A phrase is a template: `[a|b|c]` is a choice of synonyms, `{name}` a gap, `~` the place of an adverb. Choices
 * don't nest. The judges rely on `expansions`, which lists every wording of a template.
 */
import type { Random } from './random.ts';

const CHOICE = /\[([^\]]*)\]/;
const CHOICES = /\[([^\]]*)\]/g;

/** One wording, gaps filled. A gap that has no filling stays visible as `{name}`, which the tests look for. */
export function word(template: string, gaps: Readonly<Record<string, string>>, random: Random): string {
  return template
    .replace(CHOICES, (_, options: string) => random.pick(options.split('|')))
    .replace(/\{(\w+)\}/g, (gap, name: string) => gaps[name] ?? gap)
    .replace(/ ~/, gaps.adverb ? ` ${gaps.adverb}` : '');
}

/** Every wording, gaps left open. */
export function expansions(template: string): string[] {
  const choice = CHOICE.exec(template);
  if (choice === null) return [template];
  const [before, after] = [template.slice(0, choice.index), template.slice(choice.index + choice[0].length)];
  return choice[1]!.split('|').flatMap((option) => expansions(before + option + after));
}

export function capitalise(text: string): string {
  return text.charAt(0).toUpperCase() + text.slice(1);
}
