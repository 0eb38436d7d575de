/** Answers by a regular expression or a JSON Schema, on the default model, hot, and checked by the engine's own RegExp and JSON.parse. */
import { beforeAll, describe, expect, it } from 'vitest';
import { E2PError } from '../../error.ts';
import { type BaseModel, loadBaseModel } from '../../model/base-model.ts';
import { Personalizer } from '../../node.ts';
import { createNodeRuntime } from '../../runtime/node-runtime.ts';
import type { Runtime } from '../../runtime/runtime.ts';
import { createFolderSource } from '../../storage/folder-source.ts';
import { hasShared, sharedNote, sharedPath } from '../../testing/shared.ts';
import { TINY_MODEL } from '../../testing/tiny-encoder.ts';
import { Engine } from '../engine.ts';
import { generateText } from '../generate-text.ts';
import { buildInput } from '../prompt.ts';
import type { Session } from '../session.ts';
import type { Constraint } from './constraint.ts';
import { openConstraint } from './open-constraint.ts';

const prompt = 'Story: pocket drone, Quillon, Rook, calmer nerves';

interface Asking {
  readonly session: Session;
  readonly constraint: Constraint;
  readonly seeds: number;
  readonly maxTokens?: number;
}

/** Answers of many seeds at temperature 1.5 that came to their end, and how many were cut. */
async function answersOf({ session, constraint, seeds, maxTokens = 120 }: Asking) {
  const ended: string[] = [];
  for (let seed = 0; seed < seeds; seed++) {
    const own = await session.clone();
    const options = { seed, temperature: 1.5, topK: 0, topP: 1, maxTokens, constraint };
    const { text, finishReason } = await own.generate(prompt, options);
    await own.destroy();
    if (finishReason === 'end') ended.push(text);
  }
  return { ended, cut: seeds - ended.length };
}

const SCHEMA = {
  $schema: 'https://json-schema.org/draft/2020-12/schema',
  type: 'object',
  properties: {
    title: { type: 'string', minLength: 2, maxLength: 12, description: 'said to nobody' },
    kind: { enum: ['story', 'poem "x"', null, 7, { deep: [true] }] },
    year: { type: ['integer', 'null'], minimum: 1995, exclusiveMaximum: 2027 },
    score: { type: 'number', minimum: -1, maximum: 1 },
    code: { type: 'string', pattern: '^[A-Z]{2}"?\\d$' },
    tags: { type: 'array', items: { $ref: '#/$defs/tag' }, minItems: 1, maxItems: 3 },
    author: {
      type: 'object',
      properties: { name: { $ref: '#/$defs/tag' }, isKnown: { type: 'boolean' } },
      additionalProperties: false,
    },
  },
  required: ['title', 'year', 'tags'],
  $defs: { tag: { anyOf: [{ const: 'new' }, { type: 'string', maxLength: 4 }] } },
};

interface Answer {
  readonly title: string;
  readonly kind?: unknown;
  readonly year: number | null;
  readonly score?: number;
  readonly code?: string;
  readonly tags: readonly string[];
  readonly author?: { readonly name?: string; readonly isKnown?: boolean };
}

/** By hand, what SCHEMA says. */
function expectValid(text: string): void {
  const answer = JSON.parse(text) as Answer;
  const { title, year, tags, author = {} } = answer;
  const isOneOf = (value: unknown, values: readonly unknown[]) =>
    values.some((each) => JSON.stringify(each) === JSON.stringify(value));
  const length = (value: string) => [...value].length;
  const others = Object.keys(answer).filter((key) => !Object.hasOwn(SCHEMA.properties, key));
  expect({
    others,
    title: typeof title === 'string' && length(title) >= 2 && length(title) <= 12,
    kind: !('kind' in answer) || isOneOf(answer.kind, SCHEMA.properties.kind.enum),
    year: year === null || (Number.isInteger(year) && year >= 1995 && year < 2027),
    score: !('score' in answer) || Math.abs(answer.score!) <= 1,
    code: !('code' in answer) || /^[A-Z]{2}"?\d$/.test(answer.code!),
    tags: tags.length >= 1 && tags.length <= 3 && tags.every((tag) => tag === 'new' || length(tag) <= 4),
    author: Object.entries(author).every(([key, value]) =>
      key === 'name' ? length(value as string) <= 4 : key === 'isKnown' && typeof value === 'boolean',
    ),
  }).toEqual({
    ...{ others: [], title: true, kind: true, year: true, score: true, code: true, tags: true, author: true },
  });
}

describe('an answer by a pattern', () => {
  let session: Session;
  let model: BaseModel;
  beforeAll(async () => {
    const personalizer = await Personalizer.create({ model: TINY_MODEL, dtype: 'q4' });
    session = await personalizer.createSession();
    model = await loadBaseModel({ source: createFolderSource(TINY_MODEL), dtypes: ['q4'] });
  });

  it.each([
    [/(19|20)\d{2}-(0[1-9]|1[0-2])-(0[1-9]|[12]\d|3[01])/],
    [/[A-Z][a-z]{1,8}( [A-Z][a-z]{1,8})?/],
    [/[^\p{ASCII}]{3,5}/u],
    [/(?:🚀|東京|é|\n){1,6}/u],
    [/(yes|no), .{1,20}\./i],
  ])('always matches %s', async (regexp) => {
    const { ended, cut } = await answersOf({ session, constraint: { regexp }, seeds: 40 });
    const whole = new RegExp(`^(?:${regexp.source})$`, regexp.flags);
    for (const text of ended) expect([text, whole.test(text)]).toEqual([text, true]);
    expect(cut).toBe(0);
    expect(new Set(ended).size).toBeGreaterThan(5);
  });

  it('takes a text for a regular expression with the flag u', async () => {
    const { ended } = await answersOf({ session, constraint: { regexp: '\\u{1F680}' }, seeds: 2 });
    expect(ended).toEqual(['🚀', '🚀']);
  });

  it('ends where the model ends, if it may and need not', async () => {
    const { ended } = await answersOf({ session, constraint: { regexp: /(?:[a-z]+ ?){1,4}/ }, seeds: 30 });
    for (const text of ended) expect(text).toMatch(/^(?:[a-z]+ ?){1,4}$/);
  });

  it('is JSON of its schema, always', async () => {
    const { ended, cut } = await answersOf({
      session,
      constraint: { jsonSchema: SCHEMA },
      seeds: 80,
      maxTokens: 300,
    });
    for (const text of ended) expectValid(text);
    expect(cut).toBe(0);
    const answers = ended.map((text) => JSON.parse(text) as Answer);
    for (const name of ['kind', 'score', 'code', 'author']) {
      const having = answers.filter((answer) => name in answer).length;
      expect([name, having > 0, having < 80]).toEqual([name, true, true]);
    }
  });

  it('allows at each step the tokens that begin a rest, and no others', async () => {
    const texts = ['Yes', 'Yes, sir', 'No', 'Not now', 'é', 'éa', '東'];
    const bytes = texts.map((text) => [...new TextEncoder().encode(text)]);
    const tokens = model.codec.tokenBytes()!.bytes;
    const begins = (start: readonly number[]) =>
      bytes.some((text) => start.length <= text.length && start.every((byte, i) => byte === text[i]));
    const visit = async (path: readonly number[]): Promise<number> => {
      const walk = await openConstraint(model, { regexp: new RegExp(texts.join('|'), 'u') });
      for (const id of path) walk.advance(id);
      const written = path.flatMap((id) => [...tokens[id]!]);
      const expected = [...tokens.entries()]
        .filter(([, own]) => own !== undefined && own.length > 0 && begins([...written, ...own]))
        .map(([id]) => id);
      expect(Array.from(walk.allowed).sort((a, b) => a - b)).toEqual(expected);
      expect(walk.isComplete).toBe(bytes.some((text) => text.join() === written.join()));
      let steps = 1;
      for (const id of expected) steps += await visit([...path, id]);
      return steps;
    };
    expect(await visit([])).toBeGreaterThan(20);
  });

  it('has no dead end where the vocabulary lacks bytes', async () => {
    const tokens = ['ab', 'a', 'c', ' c', 'zz', '</s>', ' '];
    const bytes = tokens.map((token) => (token === '</s>' ? undefined : new TextEncoder().encode(token)));
    const lacking = (dropsFirstSpace: boolean) =>
      ({
        ...{
          name: 'lacking',
          config: { eosTokenIds: [5] },
          facts: { head: { columns: 7 }, vocabularySize: 7 },
        },
        codec: { tokenBytes: () => ({ bytes, dropsFirstSpace }) },
      }) as unknown as BaseModel;
    const firstOf = async (regexp: RegExp, drops = false) => {
      const walk = await openConstraint(lacking(drops), { regexp });
      return Array.from(walk.allowed, (id) => tokens[id]);
    };
    // After `a` alone neither `b` nor `x` could come.
    expect(await firstOf(/abc|ax|c/)).toEqual(['ab', 'c']);
    expect(await firstOf(/z{4}|z{3}/)).toEqual(['zz']);
    expect(await firstOf(/z{8,9}|a{5}b?/)).toEqual(['a', 'zz']);
    expect(await firstOf(/ ?c/)).toEqual(['c', ' c', ' ']);
    expect(await firstOf(/c/, true)).toEqual(['c', ' c', ' ']);
    expect(await firstOf(/ c/, true)).toEqual([' ']);
    await expect(firstOf(/z{3}|x/)).rejects.toThrow('can write no text that satisfies it');
  });

  it.each<[string, Constraint | object, string]>([
    [
      'two kinds',
      { regexp: /a/, choices: ['a'] },
      'must be an object with one of choices, regexp, jsonSchema',
    ],
    ['a look-ahead', { regexp: /(?=a)a/ }, 'a look-around'],
    ['a regular expression that is none', { regexp: '(' }, 'expected a valid one'],
    ['a number', { regexp: 7 }, 'regexp must be a RegExp or a text'],
    ['nothing to write', { regexp: /x{0}/ }, 'can write no text that satisfies it'],
    ['a schema without a type', { jsonSchema: {} }, 'it must have one of type, const, enum'],
    ['oneOf', { jsonSchema: { oneOf: [] } }, 'it must have one of type, const, enum'],
    ['allOf', { jsonSchema: { type: 'object', allOf: [] } }, 'the keyword allOf is not supported here'],
    ['a format', { jsonSchema: { type: 'string', format: 'date' } }, 'the keyword format is not supported'],
    ['a multiple', { jsonSchema: { type: 'integer', multipleOf: 2 } }, 'the keyword multipleOf is not'],
    ['a broken bound', { jsonSchema: { type: 'number', minimum: 0.5 } }, 'minimum must be a whole number'],
    [
      'unique items',
      { jsonSchema: { type: 'array', items: { type: 'null' }, uniqueItems: true } },
      'uniqueItems',
    ],
    ['items of any kind', { jsonSchema: { type: 'array' } }, 'an array must have items'],
    [
      'a map',
      { jsonSchema: { type: 'object', additionalProperties: { type: 'null' } } },
      'additionalProperties must',
    ],
    [
      'a stranger required',
      { jsonSchema: { type: 'object', required: ['a'] } },
      'required must be a list of names',
    ],
    ['recursion', { jsonSchema: { $ref: '#' } }, '$ref leads back to itself'],
    ['a reference elsewhere', { jsonSchema: { $ref: 'https://a/b' } }, '$ref must be a JSON Pointer'],
    [
      'a reference to nothing',
      { jsonSchema: { $ref: '#/$defs/a' } },
      'it must be a schema that is an object',
    ],
    ["a reference that can't be read", { jsonSchema: { $ref: '#/%' } }, 'jsonSchema could not be read'],
    [
      'nothing that is valid',
      { jsonSchema: { type: 'integer', minimum: 2, maximum: 1 } },
      'satisfied by no text',
    ],
    [
      'a pattern of a length',
      { jsonSchema: { type: 'object', properties: { a: { type: 'string', pattern: 'a', maxLength: 2 } } } },
      'jsonSchema at /properties/a: pattern together with',
    ],
  ])('is refused for %s', async (_, constraint, message) => {
    const refused = session.generate(prompt, { constraint: constraint as Constraint });
    await expect(refused).rejects.toMatchObject({ code: 'invalid-argument' });
    await expect(refused).rejects.toThrow(message);
  });

  it('is cut by maxTokens as the beginning of a match, and ends by an abort', async () => {
    const own = await session.clone();
    const constraint = { regexp: /[a-z ]{200}/ };
    const { text, finishReason } = await own.generate(prompt, { maxTokens: 5, constraint });
    expect(finishReason).toBe('length');
    expect(text).toMatch(/^[a-z ]{1,199}$/);
    const controller = new AbortController();
    const onText = () => controller.abort();
    const options = { signal: controller.signal, onText, constraint };
    await expect(own.generate(prompt, options)).rejects.toMatchObject({ name: 'AbortError' });
  });
});

describe('a constraint and what may happen meanwhile', () => {
  const jsonSchema = {
    type: 'object',
    properties: { a: { type: 'string', minLength: 20, maxLength: 40 } },
    required: ['a'],
  };
  const options = { seed: 3, temperature: 1, constraint: { jsonSchema } };
  const message = [{ role: 'user', content: prompt }] as const;

  it.each([1, 4, 7])('the device is lost at run %i and there is another: the same answer', async (last) => {
    const model = await loadBaseModel({ source: createFolderSource(TINY_MODEL), dtypes: ['q4'] });
    const runtime = createNodeRuntime();
    let runs = 0;
    const lossy: Runtime = {
      ...runtime,
      get lost() {
        return runs > last;
      },
      createSession: async (...args) => {
        const inner = await runtime.createSession(...args);
        const run: typeof inner.run = (feeds) => {
          if (++runs > last) throw new E2PError('device-lost', 'lost');
          return inner.run(feeds);
        };
        return { ...inner, run };
      },
    };
    const input = buildInput(model, message);
    const fallback = async () => createNodeRuntime();
    const plain = await generateText(await Engine.create({ model, runtime }), input, options);
    const lost = await generateText(await Engine.create({ model, runtime: lossy, fallback }), input, options);
    expect(runs).toBe(last + 1);
    expect(lost.result.text).toBe(plain.result.text);
    expect(JSON.parse(lost.result.text)).toHaveProperty('a');
  });

  it('a session that ends: no text comes any more', async () => {
    const personalizer = await Personalizer.create({ model: TINY_MODEL, dtype: 'q4' });
    const session = await personalizer.createSession();
    const pieces: string[] = [];
    const onText = (text: string) => {
      if (pieces.push(text) === 2) void session.destroy();
    };
    await expect(session.prompt(prompt, { ...options, onText })).rejects.toMatchObject({ code: 'destroyed' });
    expect(pieces.length).toBe(2);
  });
});

describe.skipIf(!hasShared)(`an answer of a model with SentencePiece${sharedNote}`, () => {
  it('matches by its first character too, which the tokenizer puts a space before', async () => {
    const personalizer = await Personalizer.create({ model: sharedPath('models/stories260k') });
    const session = await personalizer.createSession();
    for (const regexp of [/[A-Z][a-z]{2,9}/, / [a-z]{3}/, /é{2}[東京🚀]/u]) {
      const { ended, cut } = await answersOf({ session, constraint: { regexp }, seeds: 20 });
      const whole = new RegExp(`^(?:${regexp.source})$`, regexp.flags);
      for (const text of ended) expect([text, whole.test(text)]).toEqual([text, true]);
      expect(cut).toBe(0);
    }
    const own = await session.clone();
    const choices = ['Once upon a time', 'The end'];
    expect(choices).toContain(await own.prompt(prompt, { constraint: { choices } }));
  });
});
