/** Numbers among command-line options. */
import { E2PError } from '../error.ts';

function refuse(text: string, name: string, expected: string): never {
  throw new E2PError('invalid-argument', `--${name} is ${JSON.stringify(text)}, expected ${expected}`);
}

/** @throws E2PError `invalid-argument` naming the option. */
export function number(text: string, name: string): number {
  const value = Number(text);
  return text.trim() !== '' && Number.isFinite(value) ? value : refuse(text, name, 'a number');
}

/** Bytes, or with a unit: 800MB, 2GB. @throws E2PError `invalid-argument` */
export function size(text: string, name: string): number {
  const [, digits, unit = ''] = /^(\d+(?:\.\d+)?)\s*([KMG]?B)?$/i.exec(text.trim()) ?? [];
  const factor = { '': 1, B: 1, KB: 1e3, MB: 1e6, GB: 1e9 }[unit.toUpperCase()];
  if (digits === undefined || factor === undefined) return refuse(text, name, 'bytes, as 800MB');
  return Math.round(Number(digits) * factor);
}

/** ms since 1970. @throws E2PError `invalid-argument` */
export function date(text: string, name: string): number {
  const time = Date.parse(text);
  return Number.isNaN(time) ? refuse(text, name, 'an ISO 8601 date') : time;
}
