/** `e2p generate` on the default model: what each option does, and what is refused, where nothing that somebody says of themselves is repeated. */
import { mkdtempSync, readFileSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { describe, expect, it, vi } from 'vitest';
import { E2PError } from '../error.ts';
import { loadDefaultModel } from '../generate/default-model.ts';
import { type GenerationResult, Personalizer } from '../node.ts';
import { readProjector, writeProjector } from '../projector/projector.ts';
import { hasShared, sharedNote, sharedPath } from '../testing/shared.ts';
import { ANSWER, STORY, THOUGHT, writeThinkingFolder } from '../testing/thinking-model.ts';
import { command } from './generate.ts';

const folder = mkdtempSync(join(tmpdir(), 'e2p-generate-'));
const save = (name: string, content: string | Uint8Array): string => {
  writeFileSync(join(folder, name), content);
  return join(folder, name);
};
/** The default model's projector as if it read up to two vectors that an encoder makes of words. */
const model = fileURLToPath(new URL('../../public/models/e2p-tiny', import.meta.url));
const shipped = readProjector(readFileSync(join(model, 'projector.safetensors')));
const { space } = shipped.contract;
const encoder = { id: 'nobody/nothing', pooling: 'mean', normalize: true, probe: space.mean } as const;
const contract = { ...shipped.contract, version: 2, vectors: 2, space: { ...space, encoder } } as const;
const projector = save('of-words.safetensors', writeProjector({ ...shipped, contract }));

const world = new URL('../../public/world/readers.json', import.meta.url);
const { readers, stories } = JSON.parse(readFileSync(world, 'utf8'));
const [ada, bruno] = readers;
const users = save(
  'users.jsonl',
  [
    { user: 'ada', embedding: ada.values },
    { user: 'secret', lines: ['I keep a secret.'] },
  ]
    .map((user) => JSON.stringify(user))
    .join('\n'),
);
const user = save('bruno.json', JSON.stringify({ space: bruno.space, values: bruno.values }));
const ownProjector = join(model, 'projector.safetensors');

async function answer(...args: string[]): Promise<GenerationResult> {
  const log = vi.spyOn(console, 'log').mockReturnValue();
  try {
    await command.run(['--model', model, '--json', ...args]);
    return JSON.parse(log.mock.calls.flat().join(''));
  } finally {
    log.mockRestore();
  }
}

const variable = (value: string) => ['--template-variable', `enable_thinking=${value}`];

async function refused(args: readonly string[], reason: RegExp): Promise<void> {
  const asked = ['--model', model, '--projector', projector, '--prompt', 'p', '--max-tokens', '1'];
  const error: Error = await command.run([...asked, ...args]).then(
    () => expect.fail('it ran'),
    (e) => e,
  );
  expect(error).toBeInstanceOf(E2PError);
  expect(error.message).toMatch(reason);
  expect(error.message).not.toMatch(/secret/);
}

describe('e2p generate', () => {
  const ask = ['--prompt', stories[0], '--max-tokens', '16'];
  const asBruno = ['--projector', ownProjector, '--user', user];

  it('takes every option of session.generate', async () => {
    const given = ['--temperature', '1.5', '--top-k', '9', '--top-p', '0.9', '--min-p', '0.01'];
    const more = ['--repetition-penalty', '1.2', '--seed', '7', '--stop', ' a', '--stop=-'];
    const { text, tokenIds, finishReason } = await answer(...ask, ...given, ...more);
    await using personalizer = await Personalizer.create({ model });
    const session = await personalizer.createSession();
    const same = await session.generate(stories[0], {
      ...{ temperature: 1.5, topK: 9, topP: 0.9, minP: 0.01, repetitionPenalty: 1.2 },
      ...{ seed: 7, stop: [' a', '-'], maxTokens: 16 },
    });
    expect({ text, tokenIds, finishReason }).toEqual({
      ...{ text: same.text, tokenIds: same.tokenIds, finishReason: same.finishReason },
    });
    expect((await answer(...ask, ...given, '--seed', '8')).text).not.toBe(text);
  });

  it('answers with the bare model although a user is given', async () => {
    const [bare, own] = [await answer(...ask), await answer(...ask, ...asBruno)];
    expect([bare.softTokens, own.softTokens]).toEqual([0, shipped.contract.tokens]);
    const { text, softTokens } = await answer(...ask, ...asBruno, '--no-personalise');
    expect({ text, softTokens }).toEqual({ text: bare.text, softTokens: 0 });
  });

  it('goes on with a conversation from a file', async () => {
    const chat = (name: string, ...messages: object[]) => save(name, JSON.stringify(messages));
    const asked = { role: 'user', content: stories[0] };
    const [one, two] = [chat('one.json', asked), chat('two.json', { ...asked, role: 'system' }, asked)];
    const [alone, behind] = [await answer('--chat', one), await answer('--chat', two, ...asBruno)];
    expect(alone.text).toBe((await answer('--prompt', stories[0])).text);
    expect(behind.promptTokens).toBeGreaterThan(1.8 * alone.promptTokens);
  });

  it('keeps what a model thinks apart, and tells its template not to', async () => {
    const path = join(folder, 'thinking');
    await writeThinkingFolder(path, (await loadDefaultModel()).model, 'switched');
    const asked = ['--model', path, '--prompt', STORY, '--temperature', '0'];
    const [on, off] = [await answer(...asked), await answer(...asked, ...variable('false'))];
    expect(on).toMatchObject({ text: ANSWER, reasoning: THOUGHT });
    expect(off).not.toHaveProperty('reasoning');
    expect((await answer(...asked, ...variable('no'))).text).toBe(ANSWER);
    const written = { stdout: '', stderr: '' };
    const spies = (['stdout', 'stderr'] as const).map((where) =>
      vi.spyOn(process[where], 'write').mockImplementation((text) => {
        written[where] += String(text);
        return true;
      }),
    );
    await command.run(asked).finally(() => spies.map((spy) => spy.mockRestore()));
    expect(written).toEqual({ stdout: `${ANSWER}\n`, stderr: `${THOUGHT}\n` });
  });

  it('finds a user in a file of users', async () => {
    const same = save('ada.json', JSON.stringify({ space: ada.space, values: ada.values }));
    const asAda = [...ask, '--projector', ownProjector, '--user'];
    expect((await answer(...asAda, 'ada', '--users', users)).text).toBe((await answer(...asAda, same)).text);
    const bytes = Buffer.from(Float32Array.from(ada.values).buffer).toString('base64');
    expect((await answer(...asAda, save('ada.b64', bytes))).text).toBe((await answer(...asAda, same)).text);
  });
});

describe('e2p generate --everyone', () => {
  const people = readers.slice(0, 3).map((reader: { name: string; values: number[] }) => reader);
  async function linesOf(file: string, ...args: string[]) {
    let written = '';
    const spy = vi.spyOn(process.stdout, 'write').mockImplementation((text) => {
      written += String(text);
      return true;
    });
    const asked = ['--model', model, '--projector', ownProjector, '--users', file, '--everyone'];
    await command.run([...asked, ...args]).finally(() => spy.mockRestore());
    return written
      .trim()
      .split('\n')
      .map((line) => JSON.parse(line));
  }

  it('writes what each gets alone, a line each', async () => {
    const file = save(
      'everyone.jsonl',
      people
        .map(({ name, values }: { name: string; values: number[] }) =>
          JSON.stringify({ user: name, embedding: values }),
        )
        .join('\n'),
    );
    const ask = ['--prompt', stories[0], '--temperature', '0', '--max-tokens', '12'];
    const lines = await linesOf(file, ...ask, '--batch-size', '2');
    expect(lines).toHaveLength(3);
    for (const { name } of people) {
      const args = ['--projector', ownProjector, '--users', file, '--user', name];
      const { text, finishReason } = await answer(...ask, ...args);
      expect(lines).toContainEqual({ user: name, text, finishReason });
    }
    const [whole] = await linesOf(file, ...ask, '--json');
    expect(whole).toHaveProperty('tokenIds');
  });

  it('says which user it can not answer, and answers the others', async () => {
    const file = save(
      'some.jsonl',
      [
        { user: 'ada', embedding: ada.values },
        { user: 'bo', embedding: ada.values },
      ]
        .map((user) => JSON.stringify(user))
        .join('\n'),
    );
    const long = 'Story '.repeat(600);
    const lines = await linesOf(file, '--prompt', long, '--max-tokens', '2');
    expect(lines.map(({ user, error }) => [user, error])).toEqual([
      ['ada', 'context-overflow'],
      ['bo', 'context-overflow'],
    ]);
    expect(process.exitCode).toBe(1);
    process.exitCode = 0;
  });
});

describe('e2p generate refuses', () => {
  const sayings = ['--describe', 'secret', '--describe', 'secret', '--describe', 'secret'];
  it.each([
    ['everyone of no file', ['--everyone'], /--everyone is about --users, which is missing/],
    ['a batch of one user', ['--batch-size', '2'], /--batch-size is about --everyone, which is missing/],
    [
      'everyone and one',
      ['--everyone', '--users', users, '--user', 'ada'],
      /--everyone and --user both say who the user is/,
    ],
    ['everyone with lines', ['--everyone', '--users', users], /1 users have lines of text/],
    ['a template variable without a name', ['--template-variable', '=secret'], /expected name=value/],
    [
      'one that the template lacks',
      variable('true'),
      /the chat template of the model has no enable_thinking/,
    ],
    ['a description without words', ['--describe', ' ', '--describe', ''], /the description has no words/],
    ['more lines than the projector reads', sayings, /has 3 lines, expected at most 2/],
    [
      'more sentences than the projector reads',
      ['--describe', 'I love secrets. I keep secrets. I tell no secret.'],
      /has 3 lines, expected at most 2/,
    ],
    [
      'words with a projector of numbers',
      ['--describe', 'secret', '--projector', join(model, 'projector.safetensors')],
      /names no sentence encoder/,
    ],
    [
      'an encoder that is not there',
      ['--describe', 'secret', '--encoder', join(folder, 'nowhere')],
      /the sentence encoder .*nowhere could not be loaded/,
    ],
    [
      'two ways to say who it is',
      ['--describe', 'secret', '--user', save('user.json', '{}')],
      /--user and --describe both say who the user is, expected one of them/,
    ],
    ['an encoder without words', ['--encoder', 'x'], /--encoder is about --describe, which is missing/],
    ['words without quotes', ['--describe', 'I', 'love', 'secret'], /found 2 arguments without an option/],
    ['a folder for a user', ['--user', folder], /e2p-generate-\w+ could not be read: it is a folder/],
    [
      'a user of another space',
      ['--user', save('other.json', '{"space": "other", "values": [1]}')],
      /other\.json: the embedding is of space "other", the projector reads/,
    ],
    [
      'texts for numbers',
      ['--user', save('text.json', '{"values": ["secret"]}')],
      /text\.json: the embedding: values\[0\] is a string, expected a number/,
    ],
    [
      'a user who is not in the file',
      ['--users', users, '--user', 'secretary'],
      /users\.jsonl: none of its 2 users has the id that --user says/,
    ],
    ['a file of users for nobody', ['--users', users], /--users is about --user, which is missing/],
    [
      'a user in words with a projector of numbers',
      ['--users', users, '--user', 'secret', '--projector', ownProjector],
      /names no sentence encoder/,
    ],
    ['two things to answer', ['--chat', users], /--prompt and --chat both say what to ask/],
    [
      'a number below its range that begins with a dash',
      ['--temperature', '-1'],
      /--temperature is "-1", expected a number from 0/,
    ],
    ['the same for the strength', ['--strength', '-0.5'], /--strength is "-0\.5", expected a number from 0/],
    ['the same for the seed', ['--seed', '-1'], /--seed is "-1", expected a whole number from 0/],
    ['no token at all', ['--max-tokens', '0'], /--max-tokens is "0", expected a whole number from 1/],
    ['part of a token', ['--top-k', '2.5'], /--top-k is "2\.5", expected a whole number from 0/],
    ['more than all', ['--top-p', '1.1'], /--top-p is "1\.1", expected a number above 0, up to 1/],
    ['more than the likeliest', ['--min-p', '2'], /--min-p is "2", expected a number from 0 to 1/],
    ['no penalty', ['--repetition-penalty', '0'], /--repetition-penalty is "0", expected a number above 0/],
    [
      'no projector there',
      ['--projector', join(folder, 'nowhere')],
      /nowhere could not be read: no such file/,
    ],
  ])('%s', async (_, args, reason) => refused(args, reason));

  it.skipIf(!hasShared).each([
    ['words', ['--describe', 'secret']],
    ['lines of a user in a file', ['--users', users, '--user', 'secret']],
  ])(`an encoder of %s that the projector was not trained for${sharedNote}`, (_, words) =>
    refused(
      ['--encoder', sharedPath('models/all-minilm-l6-v2'), ...words],
      /reads vectors of nobody\/nothing .*all-minilm-l6-v2 makes others \(384 numbers/,
    ),
  );
});
