/** `e2p drift` and `e2p align` as somebody runs them, in this process. */
import { existsSync, mkdtempSync, readFileSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { afterEach, describe, expect, it, vi } from 'vitest';
import { seededRandom } from '../generate/sampling.ts';
import { readProjector } from '../projector/projector.ts';
import { writeSafetensors } from '../projector/safetensors.ts';
import { mapEmbedding, readSpaceMap } from '../user/space-map.ts';
import { command as align } from './align.ts';
import { command as drift } from './drift.ts';

const model = fileURLToPath(new URL('../../public/models/e2p-tiny', import.meta.url));
const projector = join(model, 'projector.safetensors');
const { dim } = readProjector(readFileSync(projector)).contract.space;
const folder = mkdtempSync(join(tmpdir(), 'e2p-drift-'));
const path = (name: string) => join(folder, name);
const save = (name: string, values: readonly unknown[]): string => {
  writeFileSync(path(name), values.map((v) => `${JSON.stringify(v)}\n`).join(''));
  return path(name);
};
const vectors = Array.from({ length: 80 }, (_, i) =>
  Array.from({ length: dim }, (__, k) => Math.sin(i * i * 1.7 + k * 2.3) / (1 + k / 4)),
);
const users = (name: string, of: (vector: readonly number[], i: number) => readonly number[]) =>
  save(
    name,
    vectors.map((vector, i) => ({ user: `secret${i}`, embedding: of(vector, i) })),
  );
const reference = users('reference.jsonl', (v) => v);
const same = users('same.jsonl', (_, i) => vectors[(i + 1) % 80]!);
const turned = users('turned.jsonl', (v) => v.map((_, k) => 0.5 - 2 * v.at(-1 - k)!));

afterEach(() => {
  process.exitCode = undefined;
  vi.restoreAllMocks();
});
async function run(command: typeof drift, ...args: string[]) {
  const said = vi.spyOn(console, 'log').mockReturnValue();
  vi.spyOn(process.stderr, 'write').mockReturnValue(true);
  await command.run(args);
  const out = String(said.mock.calls.at(-1)?.[0]);
  expect(out).not.toContain('secret');
  return { out, code: process.exitCode };
}

describe('e2p drift', () => {
  it('ends with 0 where the same people come again, with 3 where their space is another', async () => {
    const quiet = await run(drift, '--reference', reference, '--current', same);
    expect([quiet.code, quiet.out.split('\n')[0]]).toEqual([undefined, '# No drift seen']);
    const { code, out } = await run(drift, '--reference', reference, '--current', turned, '--json');
    expect(code).toBe(3);
    expect(JSON.parse(out)).toMatchObject({ drift: true, dim, level: 0.05 });
  });

  it('compares means along the axes of a projector', async () => {
    const { out } = await run(
      drift,
      '--reference',
      reference,
      '--current',
      same,
      '--projector',
      projector,
      '--json',
    );
    expect(JSON.parse(out).means).toMatchObject({ along: 'projector', shifts: expect.arrayContaining([]) });
    const [short, other] = ['then', 'now'].map((name) => users(`short-${name}.jsonl`, (v) => v.slice(1)));
    await expect(
      drift.run(['--reference', short!, '--current', other!, '--projector', projector]),
    ).rejects.toThrow(`the projector is for embeddings of ${dim} numbers, those of current have ${dim - 1}`);
  });

  it('takes the points of training that a projector carries', async () => {
    const points = { shape: [80, dim], data: Float32Array.from(vectors.flat()) };
    const file = path('p.safetensors');
    writeFileSync(file, writeSafetensors({ tensors: new Map([['reference.points', points]]), metadata: {} }));
    const { code } = await run(drift, '--reference', file, '--current', same);
    expect(code).toBeUndefined();
    await expect(drift.run(['--reference', projector, '--current', same])).rejects.toThrow(
      /projector\.safetensors: the projector has no tensor reference\.points, expected it, or users/,
    );
  });

  it('asks the model what it costs: embeddings that changed hands, which no test of distributions sees', async () => {
    const data = save(
      'data.jsonl',
      vectors
        .slice(0, 24)
        .map((_, i) => ({ user: `secret${i}`, prompt: 'A headline:', target: 'The sea at night' })),
    );
    const files = ['--reference', reference, '--current', same];
    const canary = ['--model', model, '--projector', projector, '--data', data];
    const { out } = await run(drift, ...files, ...canary, '--json');
    const report = JSON.parse(out);
    expect(report.tests.canary).toBeDefined();
    expect(report.canary).toMatchObject({ users: 24, examples: 24 });
    const { nll, loss } = report.canary;
    expect(loss.mean).toBeCloseTo(nll.current - nll.reference, 6);
    expect(nll.current).not.toBe(nll.reference);
  });

  it('refuses vectors of another length, a canary without its model, and too few people for it', async () => {
    const short = users('short.jsonl', (v) => v.slice(1));
    const files = ['--reference', reference, '--current'];
    await expect(drift.run([...files, short])).rejects.toThrow(
      `short.jsonl: the embeddings have ${dim - 1} numbers, those of the reference ${dim}; another space is mapped by e2p align`,
    );
    await expect(drift.run([...files, same, '--data', 'd'])).rejects.toThrow('--data is about --model');
    const few = save('few.jsonl', [{ user: 'secret1', prompt: 'p', target: 't' }]);
    const canary = ['--model', model, '--projector', projector, '--data', few];
    await expect(drift.run([...files, same, ...canary])).rejects.toThrow(
      'the canary has examples of 1 users (or groups) who have both embeddings, expected at least 20',
    );
  });
});

describe('e2p align', () => {
  const spaces = ['--old-space', 'v3', '--new-space', 'v4'];

  it('writes a map that brings the new space back', async () => {
    const out = path('map.safetensors');
    const said = await run(align, '--old', reference, '--new', turned, ...spaces, '--out', out);
    expect(said.out).toMatch(/v4 \(32 numbers\) → v3 \(32\), fitted on 64 anchors; it misses 0\.0 %/);
    const map = readSpaceMap(readFileSync(out));
    const values = vectors[3]!.map((_, k) => 0.5 - 2 * vectors[3]!.at(-1 - k)!);
    for (const [k, v] of mapEmbedding(map, { space: 'v4', values }).values.entries())
      expect(v).toBeCloseTo(vectors[3]![k]!, 4);
  });

  it('writes nothing where the map misses too much, and fits on the anchors that are named', async () => {
    const out = path('none.safetensors');
    const files = ['--old', reference, '--new', same, ...spaces, '--out', out];
    await expect(align.run(files)).rejects.toThrow(
      /the map misses [\d.]+ % of the variance of held-out anchors/,
    );
    expect(existsSync(out)).toBe(false);
    writeFileSync(path('anchors.txt'), 'secret1\nsecret2\n');
    await expect(align.run([...files, '--anchors', path('anchors.txt')])).rejects.toThrow(
      '2 of 2 anchors are in both files, expected at least 50',
    );
    await expect(align.run([...files, '--new-space', 'v3'])).rejects.toThrow(/a name of its own/);
  });

  it('weighs what is missed by what a projector reads of it', async () => {
    const { space } = readProjector(readFileSync(projector)).contract;
    const own = ['--old-space', space.id, '--new-space', 'v4'];
    const random = seededRandom(2);
    const noisy = users('read.jsonl', (v) => v.map((x) => x + 0.5 * (random() - 0.5)));
    const out = path('read.safetensors');
    const files = ['--old', reference, '--new', noisy, ...own, '--projector', projector];
    const told = JSON.parse((await run(align, ...files, '--out', out, '--max-residual', '1', '--json')).out);
    expect(told.read).toBeGreaterThan(0);
    expect(told.read).not.toBeCloseTo(told.residual, 2);
    expect(readSpaceMap(readFileSync(out)).residual).toBe(told.residual);
    await run(align, ...files, '--out', out, '--max-residual', `${told.read}`);
    await expect(
      align.run([...files, '--out', path('not.safetensors'), '--max-residual', '0.01']),
    ).rejects.toThrow(
      /misses [\d.]+ % of the variance of the soft tokens of held-out anchors, expected at most 1\.0 %/,
    );
    await expect(align.run([...files, '--out', out, '--old-space', 'v3'])).rejects.toThrow(
      `expected --old-space "v3" (${dim})`,
    );
  });

  it('lets texts decide where there are some, of people whom the map is not fitted on', async () => {
    const sample = (name: string) =>
      readFileSync(join(model, '../../world', name), 'utf8')
        .trim()
        .split('\n')
        .map((line) => JSON.parse(line));
    const people = sample('sample-users.jsonl');
    const asked = new Set(people.slice(0, 24).map(({ user }) => user));
    const data = save(
      'asked.jsonl',
      sample('sample-train.jsonl')
        .slice(0, 240)
        .filter(({ user }) => asked.has(user)),
    );
    const side = (name: string, change: (vector: readonly number[]) => readonly number[]) =>
      save(
        name,
        people.map(({ user, embedding }) => ({ user, embedding: change(embedding) })),
      );
    const old = side('asked-old.jsonl', (v) => v);
    const out = path('asked.safetensors');
    const { space } = readProjector(readFileSync(projector)).contract;
    const files = ['--old', old, '--old-space', space.id, '--new-space', 'v4', '--out', out];
    const canary = ['--projector', projector, '--model', model, '--data', data];
    const exact = side('asked-turned.jsonl', (v) => v.map((_, k) => 0.5 - 2 * v.at(-1 - k)!));
    const told = JSON.parse((await run(align, ...files, '--new', exact, ...canary, '--json')).out);
    expect(told).toMatchObject({ anchors: 77, canary: { users: 24 } });
    expect(told.canary.nll.mean).toBeGreaterThan(told.canary.nll.reference);
    expect(Math.abs(told.canary.lost)).toBeLessThan(0.001);
    const random = seededRandom(3);
    const noisy = side('asked-noisy.jsonl', (v) => v.map((x) => x + 0.6 * (random() - 0.5)));
    await expect(align.run([...files, '--new', noisy, ...canary])).rejects.toThrow(
      /asked\.jsonl: with the map [\d.]+ % of the gain over the mean user is lost, and what is lost beyond the 20\.0 % that may be \(--max-loss\) is \+0\.\d+ \[\S+, \+0\.\d+\] nats per token/,
    );
    // Of somebody else each: nothing is gained that could be lost.
    const others = save(
      'others.jsonl',
      people.map(({ user }, i) => ({ user, embedding: people[(i + 60) % 120]!.embedding })),
    );
    const theirs = ['--old', others, ...files.slice(2)];
    await expect(align.run([...theirs, '--new', others, ...canary])).rejects.toThrow(
      /asked\.jsonl: what the old vectors gain over the mean user, −0\.\d+ \[[^\]]+\] nats per token, is not significant/,
    );
    // What was written before is still there.
    expect(readSpaceMap(readFileSync(out)).anchors).toBe(77);
    await expect(align.run([...files, '--new', exact, '--data', data])).rejects.toThrow(
      '--data is about --model',
    );
    await expect(align.run([...files, '--new', exact, '--max-loss', '0.1'])).rejects.toThrow(
      '--max-loss is about --data',
    );
    writeFileSync(path('asked.txt'), [...asked].join('\n'));
    await expect(
      align.run([...files, '--new', exact, ...canary, '--anchors', path('asked.txt')]),
    ).rejects.toThrow('0 anchors have no examples in --data, expected at least 50');
  });

  it('refuses by default what may lose more than a fifth of the gain, and writes it where that is asked for', async () => {
    const random = seededRandom(1);
    const fresh = users('noisy.jsonl', (v) => v.map((x) => x + 1.1 * (random() - 0.5)));
    const out = path('noisy.safetensors');
    const files = ['--old', reference, '--new', fresh, ...spaces, '--out', out];
    const found: unknown = await align.run(files).catch((error: unknown) => error);
    expect(found).toMatchObject({ code: 'invalid-data' });
    const [, missed] = /misses ([\d.]+) %.*expected at most 20\.0 %/.exec(String(found))!;
    expect(Number(missed)).toBeLessThan(45);
    expect(existsSync(out)).toBe(false);
    await run(align, ...files, '--max-residual', '0.45');
    expect(readSpaceMap(readFileSync(out)).residual).toBeCloseTo(Number(missed) / 100, 3);
  });
});
