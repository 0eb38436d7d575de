/** Numbers of a report as text. */
import { type Interval, isTold } from './bootstrap.ts';

export const signed = (v: number): string => `${v < 0 ? '−' : '+'}${Math.abs(v).toFixed(4)}`;

/** `+0.1234 [+0.1000, +0.1500]`, or what there is where no interval can be told. */
export function intervalText({ mean, low, high }: Interval, number: (v: number) => string = signed): string {
  return `${number(mean)} [${isTold({ mean, low, high }) ? `${number(low)}, ${number(high)}` : 'cannot be told'}]`;
}
