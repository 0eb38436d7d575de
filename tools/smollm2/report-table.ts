/** Tables of the result page. */
import type { Interval } from '../../src/evaluate/index.ts';

/** Without spread there is no interval to be had. */
export const interval = ({ mean, low, high }: Interval, digits = 2): string =>
  Number.isFinite(low)
    ? `${mean.toFixed(digits)} [${low.toFixed(digits)}, ${high.toFixed(digits)}]`
    : `${mean.toFixed(digits)} (no spread)`;

export const optional = (value: Interval | undefined, digits = 2): string =>
  value === undefined ? '' : interval(value, digits);

/** A difference with its sign. */
export const signed = (value: number, digits = 1): string =>
  `${value < 0 ? '−' : '+'}${Math.abs(value).toFixed(digits)}`;

const line = (cells: readonly string[]): string => `| ${cells.join(' | ')} |`;

export const table = (head: readonly string[], rows: readonly (readonly string[])[]): string =>
  [line(head), line(head.map(() => '---')), ...rows.map(line)].join('\n');

/** Text that keeps to its cell. */
export const inCell = (text: string): string => text.replaceAll(/\s+/g, ' ').replaceAll('|', '\\|').trim();

export const count = (value: number): string => value.toLocaleString('en-US');
