/** Numbers among command-line options. */
import { E2PError } from '../error.ts';

function refuse(text: string, name: string, expected: string): never {
  throw new E2PError('invalid-argument', `--${name} is ${JSON.stringify(text)}, expected ${expected}`);
}

/** From 0. @throws E2PError `invalid-argument` naming the option */
export function number(text: string, name: string): number {
  return isNumber(text) && Number(text) >= 0 ? Number(text) : refuse(text, name, 'a number from 0');
}

/** From 0. @throws E2PError `invalid-argument` */
export function whole(text: string, name: string): number {
  const found = isNumber(text) && Number(text) >= 0 && Number.isSafeInteger(Number(text));
  return found ? Number(text) : refuse(text, name, 'a whole number from 0');
}

/** From 1. @throws E2PError `invalid-argument` */
export function count(text: string, name: string): number {
  const found = isNumber(text) && Number(text) >= 1 && Number.isSafeInteger(Number(text));
  return found ? Number(text) : refuse(text, name, 'a whole number from 1');
}

/** Above 0. @throws E2PError `invalid-argument` */
export function positive(text: string, name: string): number {
  return isNumber(text) && Number(text) > 0 ? Number(text) : refuse(text, name, 'a number above 0');
}

/** Above 0, up to 1. @throws E2PError `invalid-argument` */
export function positiveShare(text: string, name: string): number {
  const found = isNumber(text) && Number(text) > 0 && Number(text) <= 1;
  return found ? Number(text) : refuse(text, name, 'a number above 0, up to 1');
}

/** 0…1. @throws E2PError `invalid-argument` */
export function share(text: string, name: string): number {
  const found = isNumber(text) && Number(text) >= 0 && Number(text) <= 1;
  return found ? Number(text) : refuse(text, name, 'a number from 0 to 1');
}

const isNumber = (text: string): boolean => text.trim() !== '' && Number.isFinite(Number(text));

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
