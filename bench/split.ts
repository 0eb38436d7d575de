/** Which people are trained on and which are tested, where a benchmark can be made on several such splits (`--split 2`). */

/** @throws Error where `--split` is no whole number from 1 on. */
export function splitSeed(split: string): number {
  if (!/^[1-9]\d*$/.test(split)) throw new Error(`--split is ${split}, expected a whole number from 1 on`);
  return Number(split);
}
