/** An attribute of users as classes, for those of them who are trained on. */
import { E2PError } from '../error.ts';
import type { HiddenClasses } from './adversary.ts';
import { type HiddenAttribute, TRAIN_DEFAULTS } from './train-options.ts';

/** @param ids every user, as rows number them @throws E2PError `invalid-data` */
export function hiddenClasses(
  { name, answers, weight = TRAIN_DEFAULTS.hideWeight }: HiddenAttribute,
  trained: readonly string[],
  ids: readonly string[],
): HiddenClasses {
  const inside = new Set(trained);
  const told = ids.map((id) => (inside.has(id) ? answers.get(id) : undefined));
  const names = [...new Set(told.filter((answer) => answer !== undefined))].sort();
  if (names.length < 2) {
    const found = `${names.length} answers of it are among the users to train on`;
    throw new E2PError(
      'invalid-data',
      `the attribute to hide, ${JSON.stringify(name)}: ${found}, expected two at least`,
    );
  }
  return {
    weight,
    classOf: told.map((answer) => (answer === undefined ? undefined : names.indexOf(answer))),
  };
}
