/** What `e2p generate` refuses, on the default model: nothing that somebody says of themselves is repeated. */
import { mkdtempSync, readFileSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { describe, expect, it } from 'vitest';
import { E2PError } from '../error.ts';
import { readProjector, writeProjector } from '../projector/projector.ts';
import { hasShared, sharedNote, sharedPath } from '../testing/shared.ts';
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

describe('e2p generate refuses', () => {
  const sayings = ['--describe', 'secret', '--describe', 'secret', '--describe', 'secret'];
  it.each([
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
      /is of space "other", the projector reads/,
    ],
    [
      'texts for numbers',
      ['--user', save('text.json', '{"values": ["secret"]}')],
      /text\.json: expected \{"space"/,
    ],
    [
      'no projector there',
      ['--projector', join(folder, 'nowhere')],
      /nowhere could not be read: no such file/,
    ],
  ])('%s', async (_, args, reason) => refused(args, reason));

  it.skipIf(!hasShared)(`an encoder that the projector was not trained for${sharedNote}`, () =>
    refused(
      ['--encoder', sharedPath('models/all-minilm-l6-v2'), '--describe', 'secret'],
      /reads vectors of nobody\/nothing .*all-minilm-l6-v2 makes others \(384 numbers/,
    ),
  );
});
