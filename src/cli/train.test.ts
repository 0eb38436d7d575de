/** `e2p train` as a team runs it, on the default model: killed and resumed, interrupted, on bad data. */
import { spawn, spawnSync } from 'node:child_process';
import { once } from 'node:events';
import { existsSync, mkdirSync, mkdtempSync, readFileSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { describe, expect, it } from 'vitest';
import { E2PError } from '../error.ts';
import { project, readProjector, writeProjector } from '../projector/projector.ts';
import { readSafetensors } from '../projector/safetensors.ts';
import { builtCli } from '../testing/built-cli.ts';
import { hasShared, sharedNote, sharedPath } from '../testing/shared.ts';
import { CHAT_PLACES } from '../train/default-slot.ts';
import { flatten, parameterLayout } from '../train/parameters.ts';
import { shapeOf } from '../train/planned-projector.ts';
import { command as train } from './train.ts';

const main = builtCli();
const model = fileURLToPath(new URL('../../public/models/e2p-tiny', import.meta.url));
const folder = mkdtempSync(join(tmpdir(), 'e2p-train-'));
const path = (name: string) => join(folder, name);
const save = (name: string, values: readonly unknown[]): string => {
  writeFileSync(path(name), values.map((v) => `${JSON.stringify(v)}\n`).join(''));
  return path(name);
};

// Whether somebody likes dogs stands in the first number.
const people = Array.from({ length: 24 }, (_, i) => ({
  user: `u${i}`,
  embedding: [i % 2 ? 1 : -1, Math.sin(i), 0, Math.cos(3 * i)],
}));
const users = save('users.jsonl', people);
const data = save(
  'train.jsonl',
  people.flatMap(({ user }, i) =>
    ['What do I like?', 'A headline for me:'].map((prompt) => ({
      ...{ user, prompt },
      target: i % 2 ? 'Dogs in the park' : 'The sea at night',
    })),
  ),
);

const command = (out: string, ...more: string[]) => [
  ...[main, 'train', '--model', model, '--users', users, '--data', data],
  ...['--out', path(out), '--batch', '4', '--lr', '0.01', '--held-out', '0.3', ...more],
];
const e2p = (...args: string[]) => {
  const { status, stdout, stderr } = spawnSync(process.execPath, args, { encoding: 'utf8' });
  return { status, out: stdout, error: stderr.trim() };
};
const embedding = (i: number) => Float32Array.from(people[i]!.embedding);
const softOf = (file: string, user: number) =>
  project(readProjector(readFileSync(path(file))), embedding(user));

const shipped = readProjector(readFileSync(join(model, 'projector.safetensors')));
const foreign = path('foreign.safetensors');
const other = { ...shipped.contract, model: { ...shipped.contract.model, vocabularySize: 9 } };
writeFileSync(foreign, writeProjector({ ...shipped, contract: other }));

describe('e2p train', () => {
  const whole = e2p(...command('whole.safetensors', '--steps', '40'));

  it('writes a projector with its contract, and says what unseen users think of it', () => {
    expect(whole.status, whole.error).toBe(0);
    expect(whole.out).toMatch(/40 steps on \d+ examples of \d+ users\n\d+ held-out users: \d\.\d{4} nats/);
    const { contract, hidden } = readProjector(readFileSync(path('whole.safetensors')));
    expect(contract).toMatchObject({
      model: { id: 'e2p-tiny', dtype: 'q4' },
      space: { id: 'users', dim: 4 },
      ...{ tokens: 1, slot: { places: CHAT_PLACES }, training: { steps: 40, batch: 4, seed: 1 } },
    });
    expect(hidden).toBe(128);
    // A coordinate that is the same for everybody.
    expect(contract.space.scale[2]).toBe(1);
    const [first] = whole.error.match(/held-out (\d+\.\d+)/)?.slice(1) ?? [];
    expect(contract.training?.heldOutLoss).toBeLessThan(0.9 * Number(first));
    expect(existsSync(path('whole.safetensors.checkpoint'))).toBe(false);
  });

  it('killed and resumed, ends with the very same file', async () => {
    const args = command('killed.safetensors', '--steps', '40', '--checkpoint-every', '5');
    const child = spawn(process.execPath, args, { stdio: 'ignore' });
    while (!existsSync(path('killed.safetensors.checkpoint'))) await new Promise((r) => setTimeout(r, 5));
    child.kill('SIGKILL');
    await once(child, 'exit');
    expect(existsSync(path('killed.safetensors'))).toBe(false);
    const other = e2p(...args, '--resume', '--seed', '2');
    expect(other.status).toBe(2);
    expect(other.error).toMatch(/checkpoint: it was made with seed = 1, found 2/);
    for (const [option, value, field] of [
      ['--space', 'dogs', 'space.id = users, found dogs'],
      ['--model-id', 'a/b', 'model.id = e2p-tiny, found a/b'],
      ['--vectors', '3', 'vectors = 1, found 3'],
    ] as const) {
      const refused = e2p(...args, '--resume', option, value);
      expect(refused.error).toContain(`checkpoint: it was made with contract field ${field}; begin anew`);
      expect(refused.status).toBe(2);
    }
    expect(e2p(...args, '--resume').status).toBe(0);
    expect(readFileSync(path('killed.safetensors'))).toEqual(readFileSync(path('whole.safetensors')));
  });

  describe('interrupted', async () => {
    const args = command('new/folder/stopped.safetensors', '--steps', '400');
    const checkpoint = path('new/folder/stopped.safetensors.checkpoint');
    const child = spawn(process.execPath, args, { stdio: ['ignore', 'ignore', 'pipe'] });
    let said = '';
    child.stderr.on('data', (text) => {
      said += text;
      // Held-out users are looked at before the first step and after every twentieth.
      if (!child.killed && said.split('held-out').length > 3) child.kill('SIGINT');
    });
    const [code] = await once(child, 'exit');

    it('saves first, into a folder that was not there', () => {
      expect(code).toBe(130);
      expect(said).toMatch(/stopped; step \d+ is saved in .*checkpoint, go on with --resume/);
      expect(existsSync(checkpoint)).toBe(true);
    });

    it('can be taken from as it is, without model and data: the best weights, and how many steps they had', () => {
      const before = readFileSync(checkpoint);
      const take = ['--out', path('taken.safetensors'), '--take', checkpoint];
      const taken = e2p(...args.slice(0, 4), ...take);
      expect(taken.status, taken.error).toBe(0);
      const { tensors, metadata } = readSafetensors(before, 'c');
      const { step, best } = JSON.parse(metadata.checkpoint!);
      expect(taken.out).toContain(`${step} steps on `);
      expect(taken.out).toContain(`at step ${best.step}, whose weights were kept`);
      const { contract, hidden, weights } = readProjector(readFileSync(path('taken.safetensors')));
      expect(contract.training).toMatchObject({ steps: step, bestStep: best.step, heldOutLoss: best.loss });
      expect(weights.fc2Weight).toEqual(tensors.get('fc2.weight')!.data);
      const layout = parameterLayout(shapeOf({ contract, hidden, residual: false }));
      expect(flatten(weights, layout)).toHaveLength(tensors.get('training.parameters')!.data.length);
      expect(best.step).toBeGreaterThan(0);
      // The whole contract is there: apps can use it.
      const whole = readProjector(readFileSync(path('whole.safetensors'))).contract;
      expect({ ...contract, training: {} }).toEqual({ ...whole, training: {} });
      // It can be gone on from all the same.
      expect(readFileSync(checkpoint).equals(before)).toBe(true);
      const other = e2p(...args, '--resume', '--lr', '0.5');
      expect(other.error).toMatch(/checkpoint: it was made with learningRate = 0.01, found 0.5/);
      const none = e2p(...args.slice(0, 4), '--out', path('no'), '--take', path('taken.safetensors'));
      expect(none.error).toMatch(/taken\.safetensors: it is no checkpoint, expected/);
    });
  });

  it.skipIf(!hasShared)(`stopped while texts are encoded, ends at once${sharedNote}`, async () => {
    const lines = (i: number) =>
      Array.from({ length: 16 }, (_, n) => `I have read ${n} books, ${i} of them twice.`);
    const many = Array.from({ length: 500 }, (_, i) => ({ user: `u${i}`, lines: lines(i) }));
    const words = ['--encoder', sharedPath('models/all-minilm-l6-v2'), '--users', save('lines.jsonl', many)];
    const child = spawn(process.execPath, command('words.safetensors', '--steps', '9', ...words));
    let [said, killed] = ['', 0];
    child.stderr.on('data', (text) => {
      said += text;
      if (child.killed) return;
      killed = performance.now();
      child.kill('SIGINT');
    });
    const [code] = await once(child, 'exit');
    // Encoding all of them takes minutes.
    expect(performance.now() - killed).toBeLessThan(15_000);
    expect(code).toBe(130);
    expect(said).toMatch(/^(encoding texts \d+\/8000\n)+stopped; nothing was written\n$/);
    expect(existsSync(path('words.safetensors.checkpoint'))).toBe(false);
  });

  it('goes on from a projector, and says how far it moved; or knows nobody', () => {
    const more = e2p(...command('more.safetensors', '--steps', '5', '--init', path('whole.safetensors')));
    expect(more.out).toMatch(/soft tokens moved by \d+\.\d % against the projector it began with/);
    expect(e2p(...command('constant.safetensors', '--steps', '5', '--constant')).status).toBe(0);
    expect(softOf('constant.safetensors', 0)).toEqual(softOf('constant.safetensors', 1));
    expect(softOf('whole.safetensors', 0)).not.toEqual(softOf('whole.safetensors', 1));
  });

  it('refuses a checkpoint that it could not save, before any work', async () => {
    mkdirSync(path('taken.checkpoint'));
    const args = command('taken', '--data', path('nowhere.jsonl')).slice(2);
    await expect(train.run(args)).rejects.toThrow(/taken\.checkpoint could not be written: it is a folder/);
  });

  it.each([
    ['no data', ['--data', path('nowhere.jsonl')], /nowhere\.jsonl could not be read/],
    ['a batch larger than the data', ['--batch', '4000'], /examples, expected at least a batch of 4000/],
    ['a folder for --out', ['--out', folder], /e2p-train-\w+ could not be written: it is a folder/],
    [
      'an --out below a file',
      ['--out', join(data, 'p')],
      /could not be written: a part of its path is a file/,
    ],
    [
      'two lengths',
      ['--epochs', '2'],
      /--steps and --epochs both say how long to train, expected one of them/,
    ],
    ['no checkpoint to take from', ['--take', path('nowhere')], /nowhere could not be read: no such file/],
    [
      'a checkpoint that is none',
      ['--take', data],
      /train\.jsonl: found text, expected a safetensors header/,
    ],
    [
      'canaries and nothing to compare with',
      ['--canaries', data],
      /--canaries is about --init, which is missing/,
    ],
    [
      'more anchors than a file may have',
      ['--anchors', '70000'],
      /anchors is 70000, expected a whole number from 0/,
    ],
    ['a projector of another model', ['--init', foreign], /with vocabulary size 9; .* has 2048/],
    ['text for a number', ['--steps', 'many'], /--steps is "many", expected a whole number from 0/],
    ['half a step', ['--steps', '0.5'], /--steps is "0\.5", expected a whole number from 0/],
    ['no patience at all', ['--patience', '0'], /patience is 0, expected a whole number from 1/],
    [
      'a share above one',
      ['--prefix-dropout', '1.5'],
      /--prefix-dropout is "1\.5", expected a number from 0 to 1/,
    ],
    ['an unknown device', ['--device', 'abacus'], /--device is "abacus", expected one of cpu, cuda, webgpu/],
    ['everybody held out', ['--held-out', '1'], /every user is held out/],
    ['a slot that no prompt has', ['--slot', '<|me|>'], /has no <\|me\|>/],
    ['no fusion', ['--fusion', path('nowhere.json')], /nowhere\.json could not be read/],
    [
      'a fusion that is no JSON',
      ['--fusion', data],
      /train\.jsonl is not JSON, expected what fitFusion gives/,
    ],
    ['one of another shape', ['--fusion', save('list.json', [[1]])], /list\.json: it must be an object/],
    [
      'one of other users',
      [
        '--fusion',
        save('one.json', [{ version: 1, space: 'p', sources: [{ space: 'a', mean: [0], scale: [1] }] }]),
      ],
      /the fusion makes 2/,
    ],
    ['dropout above one', ['--fusion', data, '--source-dropout', '2'], /--source-dropout is "2"/],
    ['dropout of no sources', ['--source-dropout', '0.1'], /--source-dropout is about --fusion, which/],
    ['no gates of no sources', ['--no-gate'], /--no-gate is about --fusion, which is missing/],
    ['no reader of questions', ['--by-question', '0.1'], /--by-question is about --encoder, which/],
    ['a temperature of 0', ['--by-question', '0', '--encoder', 'x'], /"0", expected a number above 0/],
    [
      'an attribute that nobody has',
      ['--hide', 'x', '--attributes', save('who.jsonl', [{ user: 'u1', attributes: { pet: 'dog' } }])],
      /who\.jsonl: attribute "x" is not there/,
    ],
    [
      'an attribute of one user',
      ['--hide', 'pet', '--attributes', save('one.jsonl', [{ user: 'u1', attributes: { pet: 'dog' } }])],
      /"pet": \d+ of \d+ users to train on have no answer, expected one of each/,
    ],
    ...['0', '-1', 'abc'].map((epsilon): [string, string[], RegExp] => [
      `a privacy of ${epsilon}`,
      ['--dp-delta', '0.001', '--dp-epsilon', epsilon],
      RegExp(`--dp-epsilon is "${epsilon}", expected a number above 0`),
    ]),
    ['a line of data that is wrong', ['--data', save('bad.jsonl', [{ user: 'u1' }])], /line 1: field target/],
  ])('refuses with one line: %s', async (_, more, reason) => {
    const args = command('bad.safetensors', '--steps', '2', ...more).slice(2);
    const error: Error = await train.run(args).then(
      () => expect.fail('it trained'),
      (e) => e,
    );
    expect(error).toBeInstanceOf(E2PError);
    expect(error.message.split('\n')).toHaveLength(1);
    expect(error.message).toMatch(reason);
    for (const file of ['bad.safetensors', 'bad.safetensors.checkpoint'])
      expect(existsSync(path(file))).toBe(false);
  });
});
