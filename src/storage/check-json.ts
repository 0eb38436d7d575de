/**
 * JSON of files from outside, checked once against a schema (valibot). The first thing that is wrong becomes one error, which names file and
 * field, what was found and what was expected; a schema's own messages are the words behind "expected".
 */
import * as v from 'valibot';
import { E2PError, type E2PErrorCode } from '../error.ts';

/** Where JSON comes from, as its errors say it. */
export interface JsonOrigin {
  readonly code: E2PErrorCode;
  /** The file, or the folder that it lies in. */
  readonly file: string;
  /** What the JSON is: contract, manifest, config.json. */
  readonly what: string;
}

/** @throws E2PError of the origin's code, naming the field. */
export function checkJson<T>(schema: v.GenericSchema<unknown, T>, json: unknown, origin: JsonOrigin): T {
  const result = v.safeParse(schema, json, { abortEarly: true });
  if (result.success) return result.output;
  const [{ path, input, message }] = result.issues;
  const { what } = origin;
  throw refusal(origin, path === undefined ? `the ${what}` : `${what} field ${draw(path)}`, input, message);
}

/** For what a schema can't say. @param found shown cut to 60 characters */
export function refusal(
  { code, file }: JsonOrigin,
  field: string,
  found: unknown,
  expected: string,
): E2PError {
  const shown = typeof found === 'number' ? String(found) : JSON.stringify(found)?.slice(0, 60);
  return new E2PError(code, `${file}: ${field} is ${shown ?? 'nothing'}, expected ${expected}`);
}

/** Any object, no list. */
export const ANY_OBJECT = v.custom<Record<string, unknown>>(
  (value) => typeof value === 'object' && value !== null && !Array.isArray(value),
  'an object',
);

/** An object with these fields; others are left out. */
// Else bundlers keep valibot for schemas that a page has no use of.
/* @__NO_SIDE_EFFECTS__ */
export const object = <const T extends v.ObjectEntries>(entries: T) =>
  v.pipe(
    ANY_OBJECT,
    // valibot puts a missing field down to the object; expected is what the field itself expects.
    v.object(entries, ({ path }) => expectation(entries[path?.[0].key as string]!)),
  );

const expectation = (schema: v.GenericSchema): string =>
  v.safeParse(schema, undefined).issues?.[0].message ?? '';

/** Both ends are in it. */
/* @__NO_SIDE_EFFECTS__ */
export const whole = (min: number, max: number, expected = `a whole number from ${min} to ${max}`) =>
  v.pipe(v.number(expected), v.integer(expected), v.minValue(min, expected), v.maxValue(max, expected));

/** As `files["a.json"].chunks[1]`: what any name may stand for is in brackets. */
function draw(path: readonly v.IssuePathItem[]): string {
  const parts = path.map(({ type, key }) => (type === 'object' ? `.${key}` : `[${JSON.stringify(key)}]`));
  return parts.join('').replace(/^\./, '');
}
