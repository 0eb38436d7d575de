/**
 * A subset of JSON Schema (2020-12) as an {@link Expression}. Every text of it is JSON that the schema validates; not every such JSON is
 * one of its texts: properties come in the order of the schema, with at most one space behind a comma or colon. A keyword outside of
 * the subset is refused by name, since an answer that ignores it would look checked.
 */
import { E2PError, readArgument } from '../../error.ts';
import { choice, type Expression, literal, optional, repeat, sequence } from './expression.ts';
import { digits, integerRange } from './integer-range.ts';
import { constant, stringOf, stringThatHas } from './json-text.ts';

type Schema = Readonly<Record<string, unknown>>;

/** Say nothing about what is valid. */
const ANNOTATIONS = [
  ...['title', 'description', 'default', 'examples', 'deprecated', 'readOnly', 'writeOnly'],
  ...['$schema', '$comment', '$defs', 'definitions'],
];

const KEYWORDS: Readonly<Record<string, readonly string[]>> = {
  string: ['minLength', 'maxLength', 'pattern'],
  integer: ['minimum', 'maximum', 'exclusiveMinimum', 'exclusiveMaximum'],
  number: ['minimum', 'maximum'],
  boolean: [],
  null: [],
  array: ['items', 'minItems', 'maxItems', 'uniqueItems'],
  object: ['properties', 'required', 'additionalProperties'],
};

/** Digits before and behind the point of a number: a double keeps 15. */
const DIGITS = 15;
const LARGEST = 10 ** DIGITS - 1;

const comma = sequence(literal(','), optional(literal(' ')));
const colon = sequence(literal(':'), optional(literal(' ')));

/** @throws E2PError `invalid-argument` naming the place and the keyword that is not supported */
export function parseJsonSchema(root: object): Expression {
  return readArgument('jsonSchema', () => expressionOf(root, { root, path: '', within: [] }));
}

interface Place {
  readonly root: object;
  /** JSON Pointer, for messages. */
  readonly path: string;
  /** References that lead here. */
  readonly within: readonly string[];
}

const below = (place: Place, ...keys: readonly (string | number)[]): Place => ({
  ...place,
  path: [place.path, ...keys].join('/'),
});

function refuse({ path }: Place, what: string): never {
  throw new E2PError('invalid-argument', `jsonSchema${path === '' ? '' : ` at ${path}`}: ${what}`);
}

function expressionOf(given: unknown, place: Place): Expression {
  if (typeof given !== 'object' || given === null || Array.isArray(given)) {
    return refuse(place, 'it must be a schema that is an object');
  }
  const schema = given as Schema;
  if (schema.$ref !== undefined) return referenceOf(schema, place);
  if (schema.anyOf !== undefined) {
    check(schema, ['anyOf'], place);
    if (!Array.isArray(schema.anyOf)) return refuse(place, 'anyOf must be a list of schemas');
    return choice(...schema.anyOf.map((each, i) => expressionOf(each, below(place, 'anyOf', i))));
  }
  if (schema.const !== undefined) {
    check(schema, ['const', 'type'], place);
    return constants([schema.const], schema, place);
  }
  if (schema.enum !== undefined) {
    check(schema, ['enum', 'type'], place);
    if (!Array.isArray(schema.enum)) return refuse(place, 'enum must be a list');
    return constants(schema.enum, schema, place);
  }
  const types = typesOf(schema, place);
  if (types === undefined) return refuse(place, 'it must have one of type, const, enum, anyOf and $ref');
  check(schema, ['type', ...types.flatMap((type) => KEYWORDS[type]!)], place);
  return choice(...types.map((type) => typed(type, schema, place)));
}

function check(schema: Schema, known: readonly string[], place: Place): void {
  for (const keyword of Object.keys(schema)) {
    if (ANNOTATIONS.includes(keyword) || known.includes(keyword)) continue;
    refuse(place, `the keyword ${keyword} is not supported here, expected none but ${known.join(', ')}`);
  }
}

function typesOf({ type }: Schema, place: Place): readonly string[] | undefined {
  if (type === undefined) return undefined;
  const types: readonly unknown[] = Array.isArray(type) ? type : [type];
  for (const each of types) {
    if (typeof each === 'string' && Object.hasOwn(KEYWORDS, each)) continue;
    refuse(place, `type must be of ${Object.keys(KEYWORDS).join(', ')}`);
  }
  return types as readonly string[];
}

function referenceOf(schema: Schema, place: Place): Expression {
  check(schema, ['$ref'], place);
  const { $ref: reference } = schema;
  if (typeof reference !== 'string' || !/^#(\/|$)/.test(reference)) {
    return refuse(place, '$ref must be a JSON Pointer into this schema, as in #/$defs/name');
  }
  if (place.within.includes(reference)) {
    return refuse(place, '$ref leads back to itself, and JSON without a bound on its depth is not supported');
  }
  let target: unknown = place.root;
  for (const key of decodeURIComponent(reference).split('/').slice(1)) {
    const name = key.replaceAll('~1', '/').replaceAll('~0', '~');
    const isThere = typeof target === 'object' && target !== null && Object.hasOwn(target, name);
    target = isThere ? (target as Schema)[name] : undefined;
  }
  return expressionOf(target, { ...place, within: [...place.within, reference] });
}

function constants(values: readonly unknown[], schema: Schema, place: Place): Expression {
  const types = typesOf(schema, place);
  const fitting = values.filter((value) => types === undefined || types.some((type) => isOf(type, value)));
  return choice(...fitting.map(constant));
}

function isOf(type: string, value: unknown): boolean {
  if (type === 'null') return value === null;
  if (type === 'array') return Array.isArray(value);
  if (type === 'integer') return Number.isInteger(value);
  return typeof value === type && value !== null && !Array.isArray(value);
}

function typed(type: string, schema: Schema, place: Place): Expression {
  switch (type) {
    case 'string':
      return stringFrom(schema, place);
    case 'integer': {
      const { exclusiveMinimum: above, exclusiveMaximum: under } = schema;
      const least = Math.max(
        bound(schema, 'minimum', -LARGEST, place),
        above === undefined ? -LARGEST : bound(schema, 'exclusiveMinimum', 0, place) + 1,
      );
      const most = Math.min(
        bound(schema, 'maximum', LARGEST, place),
        under === undefined ? LARGEST : bound(schema, 'exclusiveMaximum', 0, place) - 1,
      );
      return integerRange(least, most);
    }
    case 'number':
      return numberOf(bound(schema, 'minimum', -LARGEST, place), bound(schema, 'maximum', LARGEST, place));
    case 'boolean':
      return choice(literal('true'), literal('false'));
    case 'null':
      return literal('null');
    case 'array':
      return arrayOf(schema, place);
    default:
      return objectOf(schema, place);
  }
}

function bound(schema: Schema, keyword: string, otherwise: number, place: Place): number {
  const value = schema[keyword] ?? otherwise;
  // zod bounds whole numbers by ±(2^53 − 1), which no number that is written reaches.
  const isBeyond = typeof value === 'number' && Math.abs(value) > LARGEST;
  if (isBeyond && keyword === (value < 0 ? 'minimum' : 'maximum')) return Math.sign(value) * LARGEST;
  if (Number.isInteger(value) && Math.abs(value as number) <= LARGEST) return value as number;
  return refuse(place, `${keyword} must be a whole number of at most ${DIGITS} digits`);
}

function count(schema: Schema, keyword: string, otherwise: number, place: Place): number {
  const value = schema[keyword] ?? otherwise;
  if (value === otherwise || (Number.isInteger(value) && (value as number) >= 0)) return value as number;
  return refuse(place, `${keyword} must be a whole number from 0`);
}

/** Between whole bounds: a whole number, or one towards zero from there with a fraction. No exponents. */
function numberOf(least: number, most: number): Expression {
  const fraction = sequence(literal('.'), digits(1, DIGITS));
  const negative = sequence(literal('-'), integerRange(Math.max(0, -most), -least - 1), fraction);
  const positive = sequence(integerRange(Math.max(0, least), most - 1), fraction);
  return choice(integerRange(least, most), negative, positive);
}

function stringFrom(schema: Schema, place: Place): Expression {
  const { pattern, minLength, maxLength } = schema;
  if (pattern === undefined) {
    const least = count(schema, 'minLength', 0, place);
    return stringOf(least, count(schema, 'maxLength', Number.POSITIVE_INFINITY, place));
  }
  if (minLength !== undefined || maxLength !== undefined) {
    return refuse(place, 'pattern together with minLength or maxLength is not supported');
  }
  if (typeof pattern !== 'string') return refuse(place, 'pattern must be a text');
  return stringThatHas(pattern);
}

function arrayOf(schema: Schema, place: Place): Expression {
  if (schema.uniqueItems !== undefined && schema.uniqueItems !== false) {
    return refuse(place, 'uniqueItems is not supported, expected none or false');
  }
  if (schema.items === undefined) return refuse(place, 'an array must have items, the schema of its items');
  const item = expressionOf(schema.items, below(place, 'items'));
  const least = count(schema, 'minItems', 0, place);
  const most = count(schema, 'maxItems', Number.POSITIVE_INFINITY, place);
  const options = least === 0 ? [sequence()] : [];
  if (most > 0 && most >= least) {
    options.push(sequence(item, repeat(sequence(comma, item), Math.max(0, least - 1), most - 1)));
  }
  return sequence(literal('['), choice(...options), literal(']'));
}

function objectOf(schema: Schema, place: Place): Expression {
  const { properties = {}, required = [], additionalProperties = false } = schema;
  if (typeof properties !== 'object' || properties === null || Array.isArray(properties)) {
    return refuse(place, 'properties must be an object');
  }
  if (typeof additionalProperties !== 'boolean') {
    return refuse(
      place,
      'additionalProperties must be true or false; in both cases none but the properties are written',
    );
  }
  const names = Object.keys(properties);
  if (!Array.isArray(required) || !required.every((name) => names.includes(name))) {
    return refuse(place, 'required must be a list of names of properties');
  }
  const members = names.map((name) => {
    const value = expressionOf((properties as Schema)[name], below(place, 'properties', name));
    return { member: sequence(constant(name), colon, value), isRequired: required.includes(name) };
  });
  /** Each option begins with another member: the ones before it are left out. */
  const options: Expression[] = members.some(({ isRequired }) => isRequired) ? [] : [sequence()];
  for (const [i, { member, isRequired }] of members.entries()) {
    const others = members.slice(i + 1).map((other) => {
      const following = sequence(comma, other.member);
      return other.isRequired ? following : optional(following);
    });
    options.push(sequence(member, ...others));
    if (isRequired) break;
  }
  return sequence(literal('{'), choice(...options), literal('}'));
}
