/** Which people are trained on and which are tested, where a benchmark can be made on several such splits (`--split 2`). */

/** The one on which the recipes were chosen. */
export const FIRST_SPLIT = '1';

/** @throws Error where `--split` is no whole number from 1 on. */
export function splitSeed(split: string): number {
  if (!/^[1-9]\d*$/.test(split)) throw new Error(`--split is ${split}, expected a whole number from 1 on`);
  return Number(split);
}

export const headingOf = (split: string): string => (split === FIRST_SPLIT ? '' : `, split ${split}`);

/** What a reader must know of how the recipe was found. @param older What an earlier recipe had shown */
export const chosenOn = (split: string, older: string): string =>
  split === FIRST_SPLIT
    ? `The recipe was chosen on the validation people, but after the table of an earlier one had been seen for these test people (${older}); for people on whom nothing was chosen see split 2.`
    : 'Split, trained and measured anew, with the settings that were chosen on the first split: nothing was chosen on these tables, though some of these test people were among the people there.';
