/** Wherever a command asks for a model: a folder, a Hub id that was fetched before, or the URL of a folder. */
import {
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  statSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import { readProjector } from '../projector/projector.ts';
import { startHubServer } from '../testing/hub-server.ts';
import type { Command } from './command.ts';
import { command as evaluate } from './evaluate.ts';
import { command as generate } from './generate.ts';
import { command as inspect } from './inspect.ts';
import { command as rows } from './rows.ts';
import { command as train } from './train.ts';

const tiny = fileURLToPath(new URL('../../public/models/e2p-tiny', import.meta.url));
const folder = mkdtempSync(join(tmpdir(), 'e2p-load-model-'));
const path = (name: string) => join(folder, name);
const save = (name: string, lines: readonly object[]): string => {
  writeFileSync(path(name), lines.map((line) => JSON.stringify(line)).join('\n'));
  return path(name);
};
const projector = join(tiny, 'projector.safetensors');
const { dim } = readProjector(readFileSync(projector)).contract.space;
const people = Array.from({ length: 4 }, (_, i) => ({
  ...{ user: `u${i}`, embedding: Array.from({ length: dim }, (_, k) => Math.sin(i * 7 + k)) },
}));
const users = save('users.jsonl', people);
const data = save(
  'data.jsonl',
  people.map(({ user }) => ({ user, prompt: 'What do I like?', target: 'Dogs in the park' })),
);

/** As huggingface_hub leaves it. */
function cacheWith(id: string, model: string): string {
  const cache = mkdtempSync(join(tmpdir(), 'e2p-hub-cache-'));
  const repository = join(cache, `models--${id.replace('/', '--')}`);
  for (const part of ['refs', 'snapshots']) mkdirSync(join(repository, part), { recursive: true });
  writeFileSync(join(repository, 'refs/main'), 'c0ffee');
  symlinkSync(model, join(repository, 'snapshots/c0ffee'));
  return cache;
}

let said = '';
beforeEach(() => {
  said = '';
  vi.spyOn(console, 'log').mockImplementation((line) => {
    said += `${line}\n`;
  });
  vi.spyOn(process.stderr, 'write').mockReturnValue(true);
});
afterEach(() => {
  vi.restoreAllMocks();
  delete process.env.HF_HUB_CACHE;
});
const run = async (command: Command, ...args: string[]) => {
  await command.run(args);
  return said;
};

describe('a Hub id that hf download fetched before', () => {
  beforeEach(() => {
    process.env.HF_HUB_CACHE = cacheWith('tests/tiny', tiny);
  });

  it('is the model to generate with', async () => {
    expect(
      await run(generate, '--model', 'tests/tiny', '--prompt', 'p', '--max-tokens', '2', '--json'),
    ).toMatch(/"finishReason"/);
  });

  it('is trained through, under its own name, and then evaluated', async () => {
    const common = ['--model', 'tests/tiny', '--users', users, '--data', data];
    const few = ['--steps', '1', '--batch', '2', '--held-out', '0'];
    await run(train, ...common, '--out', path('p.safetensors'), ...few, '--dtype', 'q4');
    expect(readProjector(readFileSync(path('p.safetensors'))).contract.model.id).toBe('tests/tiny');
    await run(rows, ...common, '--out', path('rows.jsonl'), '--dtype', 'q4');
    expect(readFileSync(path('rows.jsonl'), 'utf8')).toContain('"id":"tests/tiny"');
    const counts = ['--ranked', '0', '--generated', '0', '--conditions', 'true,shuffled'];
    await run(evaluate, ...common, '--projector', path('p.safetensors'), '--out', path('report'), ...counts);
    expect(said).toContain('4 examples of 4 users');
  });

  it('is inspected in every variant', async () => {
    const reports = JSON.parse(await run(inspect, 'tests/tiny', '--json'));
    const files = [reports].flat().map((report: { file: string }) => report.file);
    expect(files).toContain('tests/tiny/onnx/model_q4.onnx');
    expect(files).toHaveLength(readdirSync(join(tiny, 'onnx')).length);
  });
});

describe('the URL of a folder', () => {
  it('is trained through and inspected: one variant, not all of them', async () => {
    const names = readdirSync(tiny, { recursive: true, encoding: 'utf8' });
    const files = new Map(
      names
        .filter((name) => statSync(join(tiny, name)).isFile() && name !== 'e2p-manifest.json')
        .map((name) => [name, new Uint8Array(readFileSync(join(tiny, name)))]),
    );
    // q4 is wanted first; asking for the other one would be a download of it.
    files.set('onnx/model.onnx', files.get('onnx/model_q4.onnx')!);
    await using hub = await startHubServer({ repositories: new Map([['tests/tiny/main', files]]) });
    const url = `${hub.url}/tests/tiny/resolve/main/`;
    const few = ['--steps', '1', '--batch', '2', '--held-out', '0'];
    await run(
      train,
      '--model',
      url,
      '--users',
      users,
      '--data',
      data,
      '--out',
      path('u.safetensors'),
      ...few,
    );
    expect(readProjector(readFileSync(path('u.safetensors'))).contract.model.id).toBe('main');
    said = '';
    const { file, training } = JSON.parse(await run(inspect, url, '--json'));
    expect({ file, training }).toEqual({ file: `${url}onnx/model_q4.onnx`, training: { possible: true } });
    expect(hub.requests.join()).not.toContain('model.onnx');
  });
});

describe('a model that is not there', () => {
  it.each([
    ['a folder', join(folder, 'nowhere'), /nowhere: no such folder/],
    ['a file', users, /users\.jsonl is a file, expected a folder/],
  ])('is refused: %s', async (_, model, reason) => {
    const args = ['--model', model, '--users', users, '--data', data];
    const out = ['--out', path('none')];
    await expect(run(train, ...args, ...out)).rejects.toThrow(reason);
    await expect(run(rows, ...args, ...out)).rejects.toThrow(reason);
    await expect(run(evaluate, ...args, '--projector', projector, '--out', path('report'))).rejects.toThrow(
      reason,
    );
    await expect(run(generate, '--model', model, '--prompt', 'p')).rejects.toThrow(reason);
  });
});
